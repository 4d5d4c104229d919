// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Pool} from "../../src/libraries/Pool.sol";
import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_lockOrBurn is TokenPoolBase {
    function test_lockOrBurn() external {
        uint256 supply = s_token.totalSupply();
        lock(5);

        checkEq(s_token.totalSupply(), supply - 5, "burnt");
    }

    /// @dev Conformance 69: the pool's curse has no argument, unlike the ramps'.
    function test_RevertWhen_lockOrBurn_cursed() external {
        s_rmnRemote.curse(subject(REMOTE));

        vm.expectRevert(abi.encodePacked(TokenPool.CursedByRMN.selector));
        s_tokenPool.lockOrBurn(lockInput(5));
    }

    /// @dev Conformance 70: who called the Router is asked for, not who calls the pool.
    function test_RevertWhen_lockOrBurn_originalSenderIsNotAllowed() external {
        address[] memory allowed = new address[](1);
        allowed[0] = s_someone;
        s_tokenPool = TokenPool(
            deployed("BurnMintTokenPool", abi.encode(s_token, uint8(18), allowed, s_rmnProxy, address(s_router)))
        );
        s_token.grantMintAndBurnRoles(address(s_tokenPool));
        RateLimiter.Config memory off;
        s_tokenPool.applyChainUpdates(new uint64[](0), chain(REMOTE, off));
        Pool.LockOrBurnInV1 memory input = lockInput(5);

        vm.expectRevert(abi.encodeWithSelector(TokenPool.SenderNotAllowed.selector, s_user));
        s_tokenPool.lockOrBurn(input);
        input.originalSender = s_someone;
        vm.prank(s_user);
        s_token.transfer(address(s_tokenPool), 5);
        s_tokenPool.lockOrBurn(input);
    }

    /// @dev Conformance 73: how long to wait is rounded up; what can never pass says so, even when the bucket is empty.
    function test_RevertWhen_lockOrBurn_limit() external {
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(100, 7), limit(100, 7));
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.TokenRateLimitReached.selector, 2, 0, address(s_token)));
        s_tokenPool.lockOrBurn(lockInput(8));
        vm.expectRevert(
            abi.encodeWithSelector(RateLimiter.TokenMaxCapacityExceeded.selector, 100, 101, address(s_token))
        );
        s_tokenPool.lockOrBurn(lockInput(101));
        vm.warp(block.timestamp + 2);
        lock(8);
    }

    /// @dev Conformance 74: the limiter's event comes even when there is no limit.
    function test_lockOrBurn_eventWithoutLimit() external {
        vm.prank(s_user);
        s_token.transfer(address(s_tokenPool), 5);
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.OutboundRateLimitConsumed(REMOTE, address(s_token), 5);
        s_tokenPool.lockOrBurn(lockInput(5));
    }
}
