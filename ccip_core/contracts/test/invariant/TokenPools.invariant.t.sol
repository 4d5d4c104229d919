// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {Test} from "../Test.sol";
import {TokenPoolsHandler} from "./TokenPoolsHandler.sol";

/// @dev What holds between any two transfers of a token between two chains.
contract TokenPools_invariant is Test {
    TokenPoolsHandler internal s_handler;

    function setUp() public {
        s_handler = new TokenPoolsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(s_handler);
    }

    /// @dev All that exists abroad or is on its way is locked at home; what rounding takes stays locked as well.
    function invariant_whatExistsAbroadIsLockedAtHome() external view {
        uint256 owed = (s_handler.s_abroad().totalSupply() + s_handler.inFlightFromAbroad()) * s_handler.SCALE()
            + s_handler.inFlightFromHome();
        check(s_handler.locked() >= owed, "unbacked");
        checkEq(s_handler.s_home().totalSupply(), 1e30, "nothing is minted or burnt at home");
    }

    /// @dev No bucket holds more than its capacity, and none is negative.
    function invariant_noBucketIsOverfilled() external view {
        RateLimiter.TokenBucket memory bucket = s_handler.bucketOut();
        check(bucket.tokens <= bucket.capacity, "outbound");
        bucket = s_handler.bucketIn();
        check(bucket.tokens <= bucket.capacity, "inbound");
    }

    /// @dev Since a limit was set, no more than what the bucket held then and rate * dt has passed.
    function invariant_limitHolds() external view {
        RateLimiter.TokenBucket memory bucket = s_handler.bucketOut();
        uint256 elapsed = block.timestamp - s_handler.limitSetAt();
        check(s_handler.passed() <= s_handler.heldThen() + uint256(bucket.rate) * elapsed, "more than allowed");
    }
}
