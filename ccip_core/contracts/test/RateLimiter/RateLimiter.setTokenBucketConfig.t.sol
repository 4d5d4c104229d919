// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {RateLimiterBase} from "./RateLimiterBase.t.sol";

contract RateLimiter_setTokenBucketConfig is RateLimiterBase {
    function test_setTokenBucketConfig() external {
        RateLimiter.Config memory config = RateLimiter.Config(true, 500, 11);
        vm.expectEmit(address(s_bucket));
        emit RateLimiter.ConfigChanged(config);
        s_bucket.setConfig(config);

        RateLimiter.TokenBucket memory bucket = s_bucket.stored();
        check(bucket.isEnabled, "enabled");
        checkEq(bucket.capacity, 500, "capacity");
        checkEq(bucket.rate, 11, "rate");
        checkStored(CAPACITY, "what it held");
    }

    /// @dev By the old rate and into the old capacity, since the time passed under them.
    function test_setTokenBucketConfig_refillsFirst() external {
        s_bucket.consume(CAPACITY, TOKEN);
        vm.warp(block.timestamp + 2);
        s_bucket.setConfig(RateLimiter.Config(true, 500, 11));
        checkStored(2 * RATE, "two seconds of the old rate");
        vm.warp(block.timestamp + 365 days);
        s_bucket.setConfig(RateLimiter.Config(true, 1000, 11));
        checkStored(500, "the old capacity");
    }

    function test_setTokenBucketConfig_cutsToTheNewCapacity() external {
        s_bucket.setConfig(RateLimiter.Config(true, 30, 1));
        checkStored(30, "cut");
    }

    function test_setTokenBucketConfig_disables() external {
        s_bucket.setConfig(RateLimiter.Config(false, 0, 0));
        check(!s_bucket.stored().isEnabled, "disabled");
        s_bucket.setConfig(RateLimiter.Config(true, 30, 1));
        checkStored(0, "and enabled again, it starts empty");
    }
}
