// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Router} from "../../src/Router.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract Router_recoverTokens is CCIPBase {
    function test_recoverTokens_tokenAndNative() external {
        vm.prank(s_user);
        s_token.transfer(address(s_router), 5);
        vm.deal(address(s_router), 7);
        s_router.recoverTokens(address(s_token), s_someone, 5);
        s_router.recoverTokens(address(0), s_someone, 7);

        checkEq(s_token.balanceOf(s_someone), 5, "tokens");
        checkEq(s_someone.balance, 7, "native");
    }

    function test_RevertWhen_recoverTokens_toNobody() external {
        vm.expectRevert(abi.encodeWithSelector(Router.InvalidRecipientAddress.selector, address(0)));
        s_router.recoverTokens(address(s_token), address(0), 0);
    }

    /// @dev The token is a contract that takes no native.
    function test_RevertWhen_recoverTokens_recipientTakesNoNative() external {
        vm.deal(address(s_router), 7);

        vm.expectRevert(abi.encodePacked(Router.FailedToSendValue.selector));
        s_router.recoverTokens(address(0), address(s_token), 7);
    }

    function test_RevertWhen_recoverTokens_calledByNonOwner() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        vm.prank(s_stranger);
        s_router.recoverTokens(address(s_token), s_stranger, 0);
    }
}
