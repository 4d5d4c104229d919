// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title RateLimiter
/// @notice A token bucket: holds at most `capacity`, fills with `rate` a second, and each transfer takes its amount out
/// of it or fails. Over any dt seconds no more than capacity + rate * dt can pass.
library RateLimiter {
    /// @notice Thrown when a bucket holds more than its capacity; no call of this library leads there.
    error BucketOverfilled();

    /// @notice Thrown when a limit is enabled whose rate exceeds its capacity.
    error InvalidRateLimitRate(Config rateLimiterConfig);

    /// @notice Thrown when a limit is disabled and yet has a rate or a capacity.
    error DisabledNonZeroRateLimit(Config config);

    /// @notice Thrown when an amount can never pass, however long one waits.
    error TokenMaxCapacityExceeded(uint256 capacity, uint256 requested, address tokenAddress);

    /// @notice Thrown when an amount can't pass yet. It may after `minWaitInSeconds`, if nobody else takes from the bucket.
    error TokenRateLimitReached(uint256 minWaitInSeconds, uint256 available, address tokenAddress);

    /// @notice Emitted when a bucket has a new config.
    event ConfigChanged(Config config);

    struct TokenBucket {
        uint128 tokens; // at `lastUpdated`, in the token's smallest units
        uint32 lastUpdated; // block time, s
        bool isEnabled;
        uint128 capacity;
        uint128 rate; // a second
    }

    struct Config {
        bool isEnabled;
        uint128 capacity;
        uint128 rate; // a second
    }

    /// @notice A bucket that has never been drawn from: full.
    function _newBucket(Config memory config) internal view returns (TokenBucket memory) {
        return TokenBucket({
            tokens: config.capacity,
            lastUpdated: uint32(block.timestamp),
            isEnabled: config.isEnabled,
            capacity: config.capacity,
            rate: config.rate
        });
    }

    /// @notice Takes an amount out of the bucket. A disabled bucket lets everything through and counts nothing.
    function _consume(TokenBucket storage s_bucket, uint256 requestTokens, address tokenAddress) internal {
        if (!s_bucket.isEnabled || requestTokens == 0) return;

        uint256 tokens = s_bucket.tokens;
        uint256 capacity = s_bucket.capacity;
        uint256 elapsed = block.timestamp - s_bucket.lastUpdated;
        if (elapsed != 0) {
            if (tokens > capacity) revert BucketOverfilled();

            tokens = _refilled(capacity, tokens, elapsed, s_bucket.rate);
            s_bucket.lastUpdated = uint32(block.timestamp);
        }
        if (requestTokens > capacity) revert TokenMaxCapacityExceeded(capacity, requestTokens, tokenAddress);
        if (requestTokens > tokens) {
            uint256 rate = s_bucket.rate;
            revert TokenRateLimitReached((requestTokens - tokens + (rate - 1)) / rate, tokens, tokenAddress);
        }

        s_bucket.tokens = uint128(tokens - requestTokens);
    }

    /// @notice The bucket as it stands now, refilled.
    function _currentTokenBucketState(TokenBucket memory bucket) internal view returns (TokenBucket memory) {
        bucket.tokens =
            uint128(_refilled(bucket.capacity, bucket.tokens, block.timestamp - bucket.lastUpdated, bucket.rate));
        bucket.lastUpdated = uint32(block.timestamp);
        return bucket;
    }

    /// @notice Gives a bucket another config. What it holds now stays in it, cut to the new capacity: so one that was
    /// created disabled, with capacity 0, starts empty.
    function _setTokenBucketConfig(TokenBucket storage s_bucket, Config memory config) internal {
        uint256 tokens =
            _refilled(s_bucket.capacity, s_bucket.tokens, block.timestamp - s_bucket.lastUpdated, s_bucket.rate);

        s_bucket.tokens = uint128(_min(config.capacity, tokens));
        s_bucket.lastUpdated = uint32(block.timestamp);
        s_bucket.isEnabled = config.isEnabled;
        s_bucket.capacity = config.capacity;
        s_bucket.rate = config.rate;

        emit ConfigChanged(config);
    }

    /// @notice Reverts unless a config makes sense. Rate 0 is allowed: a bucket that never refills, which stops a lane.
    function _validateTokenBucketConfig(Config memory config) internal pure {
        if (config.isEnabled) {
            if (config.rate > config.capacity) revert InvalidRateLimitRate(config);
        } else if (config.rate != 0 || config.capacity != 0) {
            revert DisabledNonZeroRateLimit(config);
        }
    }

    function _refilled(uint256 capacity, uint256 tokens, uint256 elapsed, uint256 rate) private pure returns (uint256) {
        return _min(capacity, tokens + elapsed * rate);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
