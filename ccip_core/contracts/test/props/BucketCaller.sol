// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";

/// @dev The library as a contract with one bucket, so that its tests can be run on a mutant of it.
contract BucketCaller {
    using RateLimiter for RateLimiter.TokenBucket;

    RateLimiter.TokenBucket internal s_bucket;

    constructor(RateLimiter.Config memory config) {
        s_bucket = RateLimiter._newBucket(config);
    }

    function consume(uint256 amount, address token) external {
        s_bucket._consume(amount, token);
    }

    function setConfig(RateLimiter.Config memory config) external {
        s_bucket._setTokenBucketConfig(config);
    }

    /// @dev As no call of the library would leave it.
    function setStored(RateLimiter.TokenBucket memory bucket) external {
        s_bucket = bucket;
    }

    function stored() external view returns (RateLimiter.TokenBucket memory) {
        return s_bucket;
    }

    function current() external view returns (RateLimiter.TokenBucket memory) {
        return s_bucket._currentTokenBucketState();
    }

    function validate(RateLimiter.Config memory config) external pure {
        RateLimiter._validateTokenBucketConfig(config);
    }
}
