// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {RateLimiterBase} from "./RateLimiterBase.t.sol";

contract RateLimiter_consume is RateLimiterBase {
    uint256 internal constant ELAPSED_S_MAX = 40; // it is full again after 15

    function test_consume_newBucketIsFull() external {
        checkStored(CAPACITY, "full");
        s_bucket.consume(CAPACITY, TOKEN);
        checkStored(0, "all of it");
    }

    function test_consume_again_inTheSameBlock() external {
        s_bucket.consume(60, TOKEN);
        s_bucket.consume(40, TOKEN);
        checkStored(0, "both counted");
        expectNotYet(1, 0);
        s_bucket.consume(1, TOKEN);
    }

    function test_consume_refills() external {
        s_bucket.consume(CAPACITY, TOKEN);
        vm.warp(block.timestamp + 3);
        s_bucket.consume(20, TOKEN);
        checkStored(1, "3 * 7 - 20");
        vm.warp(block.timestamp + 3);
        s_bucket.consume(22, TOKEN);
        checkStored(0, "time counts once");
    }

    function test_consume_refillsToCapacityAtMost() external {
        s_bucket.consume(50, TOKEN);
        vm.warp(block.timestamp + 365 days);
        s_bucket.consume(1, TOKEN);
        checkStored(CAPACITY - 1, "capped");
    }

    function test_consume_zeroChangesNothing() external {
        uint256 start = block.timestamp;
        s_bucket.consume(50, TOKEN);
        vm.warp(start + 1);
        s_bucket.consume(0, TOKEN);
        checkEq(s_bucket.stored().lastUpdated, start, "not even the time");
        checkEq(s_bucket.stored().tokens, 50, "nor the tokens");
    }

    function test_consume_disabledLetsEverythingThrough() external {
        s_bucket.setConfig(RateLimiter.Config(false, 0, 0));
        s_bucket.consume(type(uint256).max, TOKEN);
        checkStored(0, "and counts nothing");
    }

    /// @dev Conformance 73: rounded up, and no more than that.
    function test_RevertWhen_consume_notYet() external {
        s_bucket.consume(CAPACITY, TOKEN);
        expectNotYet(1, 0);
        s_bucket.consume(7, TOKEN);
        expectNotYet(2, 0);
        s_bucket.consume(8, TOKEN);
        vm.warp(block.timestamp + 1);
        expectNotYet(1, 7);
        s_bucket.consume(8, TOKEN);
        s_bucket.consume(7, TOKEN);
    }

    function test_RevertWhen_consume_moreThanCapacity() external {
        s_bucket.consume(CAPACITY, TOKEN);
        vm.expectRevert(
            abi.encodeWithSelector(
                RateLimiter.TokenMaxCapacityExceeded.selector, CAPACITY, uint256(CAPACITY) + 1, TOKEN
            )
        );
        s_bucket.consume(CAPACITY + 1, TOKEN);
    }

    /// @dev No call leads to such a bucket; were there one, it would not pay out.
    function test_RevertWhen_consume_overfilled() external {
        RateLimiter.TokenBucket memory bucket = s_bucket.stored();
        bucket.tokens = CAPACITY + 1;
        s_bucket.setStored(bucket);
        vm.warp(block.timestamp + 1);

        vm.expectRevert(abi.encodePacked(RateLimiter.BucketOverfilled.selector));
        s_bucket.consume(1, TOKEN);

        bucket.tokens = CAPACITY; // full is not too full
        s_bucket.setStored(bucket);
        s_bucket.consume(1, TOKEN);
    }

    /// @dev What passed since a moment is at most what was there then and the rate times the time.
    function testFuzz_consume_neverMoreThanCapacityAndRate(uint128[20] calldata amounts, uint32[20] calldata elapsedS)
        external
    {
        uint256 start = block.timestamp;
        uint256 passed = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.warp(block.timestamp + bound(elapsedS[i], 0, ELAPSED_S_MAX));
            uint256 amount = bound(amounts[i], 0, CAPACITY);
            if (amount > s_bucket.current().tokens) continue;
            s_bucket.consume(amount, TOKEN);
            passed += amount;
            check(passed <= CAPACITY + RATE * (block.timestamp - start), "more than allowed");
        }
    }
}
