// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {RateLimiterBase} from "./RateLimiterBase.t.sol";

contract RateLimiter_validateTokenBucketConfig is RateLimiterBase {
    function test_validateTokenBucketConfig() external view {
        s_bucket.validate(RateLimiter.Config(true, 100, 100));
        s_bucket.validate(RateLimiter.Config(true, 100, 0)); // stops a lane once it is empty
        s_bucket.validate(RateLimiter.Config(false, 0, 0));
    }

    function test_RevertWhen_validateTokenBucketConfig_rateAboveCapacity() external {
        RateLimiter.Config memory config = RateLimiter.Config(true, 100, 101);
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.InvalidRateLimitRate.selector, config));
        s_bucket.validate(config);
    }

    function test_RevertWhen_validateTokenBucketConfig_disabledAndNotZero() external {
        RateLimiter.Config memory config = RateLimiter.Config(false, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.DisabledNonZeroRateLimit.selector, config));
        s_bucket.validate(config);
        config = RateLimiter.Config(false, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.DisabledNonZeroRateLimit.selector, config));
        s_bucket.validate(config);
    }
}
