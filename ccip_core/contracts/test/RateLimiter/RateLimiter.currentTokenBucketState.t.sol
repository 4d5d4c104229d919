// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {RateLimiterBase} from "./RateLimiterBase.t.sol";

contract RateLimiter_currentTokenBucketState is RateLimiterBase {
    function test_currentTokenBucketState() external {
        uint256 start = block.timestamp;
        s_bucket.consume(CAPACITY, TOKEN);
        vm.warp(start + 2);

        RateLimiter.TokenBucket memory bucket = s_bucket.current();
        checkEq(bucket.tokens, 2 * RATE, "refilled");
        checkEq(bucket.lastUpdated, start + 2, "now");
        check(bucket.isEnabled, "enabled");
        checkEq(bucket.capacity, CAPACITY, "capacity");
        checkEq(bucket.rate, RATE, "rate");
        checkEq(s_bucket.stored().lastUpdated, start, "only looked at");
    }

    function test_currentTokenBucketState_capped() external {
        s_bucket.consume(1, TOKEN);
        vm.warp(block.timestamp + 1);
        checkEq(s_bucket.current().tokens, CAPACITY, "full");
    }
}
