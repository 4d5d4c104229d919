// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {Test} from "../Test.sol";
import {BucketCaller} from "../props/BucketCaller.sol";

/// @dev A bucket of 100 that fills with 7 a second.
abstract contract RateLimiterBase is Test {
    uint128 internal constant CAPACITY = 100;
    uint128 internal constant RATE = 7;
    address internal constant TOKEN = address(0x70CE);

    BucketCaller internal s_bucket;

    function setUp() external {
        s_bucket = BucketCaller(deployed("BucketCaller", abi.encode(RateLimiter.Config(true, CAPACITY, RATE))));
    }

    function checkStored(uint256 tokens, string memory what) internal view {
        RateLimiter.TokenBucket memory bucket = s_bucket.stored();
        checkEq(bucket.tokens, tokens, what);
        checkEq(bucket.lastUpdated, block.timestamp, what);
    }

    function expectNotYet(uint256 waitS, uint256 available) internal {
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.TokenRateLimitReached.selector, waitS, available, TOKEN));
    }
}
