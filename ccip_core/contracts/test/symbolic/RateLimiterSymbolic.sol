// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {BucketCaller} from "../props/BucketCaller.sol";
import {Symbolic} from "./Symbolic.sol";

/// @dev Over any dt seconds no more than capacity + rate * dt passes. By induction over the calls: what a bucket holds and
/// what has passed together grow by rate * dt at most, and it holds its capacity at most.
contract RateLimiterSymbolic is Symbolic {
    BucketCaller internal s_caller;

    function setUp() external {
        RateLimiter.Config memory none;
        s_caller = new BucketCaller(none);
    }

    /// @dev Any bucket that is not overfilled, at any time since it was last updated.
    function stored(uint128 capacity, uint128 rate, uint128 tokens, uint32 lastUpdated, uint32 blockTime) private {
        vm.assume(tokens <= capacity && lastUpdated <= blockTime);
        s_caller.setStored(RateLimiter.TokenBucket(tokens, lastUpdated, true, capacity, rate));
        vm.warp(blockTime);
    }

    function check_consume_neverMoreThanCapacityAndRate(
        uint128 capacity,
        uint128 rate,
        uint128 tokens,
        uint32 lastUpdated,
        uint32 blockTime,
        uint256 amount
    ) external {
        stored(capacity, rate, tokens, lastUpdated, blockTime);

        s_caller.consume(amount, address(0));

        RateLimiter.TokenBucket memory bucket = s_caller.stored();
        assert(bucket.tokens <= capacity);
        assert(bucket.capacity == capacity && bucket.rate == rate && bucket.isEnabled);
        if (amount == 0) {
            assert(bucket.tokens == tokens && bucket.lastUpdated == lastUpdated);
        } else {
            assert(bucket.lastUpdated == blockTime);
            assert(amount + bucket.tokens <= tokens + (uint256(blockTime) - lastUpdated) * rate);
        }
    }

    /// @dev A new limit lets nothing through that the old one and the time would not have, nor more than its own capacity.
    function check_setConfig_createsNothing(
        uint128 capacity,
        uint128 rate,
        uint128 tokens,
        uint32 lastUpdated,
        uint32 blockTime,
        RateLimiter.Config calldata config
    ) external {
        stored(capacity, rate, tokens, lastUpdated, blockTime);

        s_caller.setConfig(config);

        RateLimiter.TokenBucket memory bucket = s_caller.stored();
        assert(bucket.tokens <= config.capacity);
        assert(bucket.tokens <= capacity);
        assert(bucket.tokens <= tokens + (uint256(blockTime) - lastUpdated) * rate);
        assert(bucket.lastUpdated == blockTime);
    }
}
