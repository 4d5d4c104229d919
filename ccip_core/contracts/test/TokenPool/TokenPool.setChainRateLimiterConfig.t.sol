// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {RateLimiter} from "../../src/libraries/RateLimiter.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_setChainRateLimiterConfig is TokenPoolBase {
    /// @dev Conformance 72: enabled later, a bucket starts empty.
    function test_setChainRateLimiterConfig_startsEmpty() external {
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(100, 1), limit(100, 1));

        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).tokens, 0, "empty");
        vm.warp(block.timestamp + 60);
        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).tokens, 60, "filling");
        vm.warp(block.timestamp + 60);
        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).tokens, 100, "full");
    }

    /// @dev Each way has its own bucket.
    function test_setChainRateLimiterConfig_bothWays() external {
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.ChainConfigured(REMOTE, limit(100, 1), limit(200, 2));
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(100, 1), limit(200, 2));

        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).capacity, 100, "out");
        checkEq(s_tokenPool.getCurrentInboundRateLimiterState(REMOTE).capacity, 200, "in");
    }

    function test_RevertWhen_setChainRateLimiterConfig_unknownChain() external {
        vm.expectRevert(abi.encodeWithSelector(TokenPool.NonExistentChain.selector, uint64(7)));
        s_tokenPool.setChainRateLimiterConfig(7, limit(1, 1), limit(1, 1));
    }

    function test_RevertWhen_setChainRateLimiterConfig_invalid() external {
        RateLimiter.Config memory off = RateLimiter.Config(false, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.InvalidRateLimitRate.selector, limit(1, 2)));
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(1, 2), limit(1, 1));
        vm.expectRevert(abi.encodeWithSelector(RateLimiter.DisabledNonZeroRateLimit.selector, off));
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(1, 1), off);
    }

    function test_RevertWhen_setChainRateLimiterConfig_calledByAnother() external {
        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, s_stranger));
        vm.prank(s_stranger);
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(1, 1), limit(1, 1));
    }
}
