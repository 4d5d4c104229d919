// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_setRateLimitAdmin is TokenPoolBase {
    function test_setRateLimitAdmin_maySetLimits() external {
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.RateLimitAdminSet(s_user);
        s_tokenPool.setRateLimitAdmin(s_user);

        checkEq(s_tokenPool.getRateLimitAdmin(), s_user, "admin");
        vm.prank(s_user);
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(5, 1), limit(5, 1));
        checkEq(s_tokenPool.getCurrentOutboundRateLimiterState(REMOTE).capacity, 5, "set");
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(6, 1), limit(6, 1)); // the owner still may
    }

    function test_setRateLimitAdmin_aFormerOneMayNot() external {
        s_tokenPool.setRateLimitAdmin(s_user);
        s_tokenPool.setRateLimitAdmin(address(0));

        vm.expectRevert(abi.encodeWithSelector(TokenPool.Unauthorized.selector, s_user));
        vm.prank(s_user);
        s_tokenPool.setChainRateLimiterConfig(REMOTE, limit(5, 1), limit(5, 1));
    }

    function test_RevertWhen_setRateLimitAdmin_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_tokenPool.setRateLimitAdmin(s_stranger);
    }
}
