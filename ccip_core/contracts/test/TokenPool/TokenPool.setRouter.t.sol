// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {TokenPool} from "../../src/pools/TokenPool.sol";
import {Router} from "../../src/Router.sol";
import {TokenPoolBase} from "./TokenPoolBase.t.sol";

contract TokenPool_setRouter is TokenPoolBase {
    /// @dev Whose ramps may call is the new Router's to say from then on.
    function test_setRouter() external {
        address next = deployed("Router", abi.encode(s_weth, s_rmnProxy));
        vm.expectEmit(address(s_tokenPool));
        emit TokenPool.RouterUpdated(address(s_router), next);
        s_tokenPool.setRouter(next);

        checkEq(s_tokenPool.getRouter(), next, "Router");
        vm.expectRevert(abi.encodeWithSelector(TokenPool.CallerIsNotARampOnRouter.selector, address(this)));
        s_tokenPool.lockOrBurn(lockInput(1));
    }

    function test_RevertWhen_setRouter_zero() external {
        vm.expectRevert(abi.encodePacked(TokenPool.ZeroAddressNotAllowed.selector));
        s_tokenPool.setRouter(address(0));
    }

    function test_RevertWhen_setRouter_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_stranger);
        s_tokenPool.setRouter(s_stranger);
    }
}
