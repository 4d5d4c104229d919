// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Router} from "../../src/Router.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract Router_applyRampUpdates is CCIPBase {
    function one(uint64 source, address offRamp) internal pure returns (Router.OffRamp[] memory list) {
        list = new Router.OffRamp[](1);
        list[0] = Router.OffRamp(source, offRamp);
    }

    function update(Router.OffRamp[] memory removes, Router.OffRamp[] memory adds) internal {
        s_router.applyRampUpdates(new Router.OnRamp[](0), removes, adds);
    }

    /// @dev Conformance 5: once more is silent; what is not there can't be removed.
    function test_applyRampUpdates_offRamps() external {
        Router.OffRamp[] memory none = new Router.OffRamp[](0);
        vm.recordLogs();
        update(none, one(REMOTE, address(s_offRamp)));
        checkEq(vm.getRecordedLogs().length, 0, "no event");

        update(none, one(REMOTE, s_someone)); // a second one for the same source
        checkEq(s_router.getOffRamps().length, 3, "OffRamps");
        update(one(REMOTE, s_someone), none);
        vm.expectRevert(abi.encodeWithSelector(Router.OffRampMismatch.selector, REMOTE, s_someone));
        s_router.applyRampUpdates(new Router.OnRamp[](0), one(REMOTE, s_someone), none);
    }

    function test_applyRampUpdates_onRampOfZeroEndsTheLane() external {
        Router.OnRamp[] memory onRamps = new Router.OnRamp[](1);
        onRamps[0] = Router.OnRamp(REMOTE, address(0));

        s_router.applyRampUpdates(onRamps, new Router.OffRamp[](0), new Router.OffRamp[](0));

        check(!s_router.isChainSupported(REMOTE), "no lane");
        checkEq(s_router.getSupportedTokens(REMOTE).length, 0, "no tokens");
    }

    /// @dev Conformance 10: the old contracts revert with words.
    function test_RevertWhen_applyRampUpdates_calledByNonOwner() external {
        Router.OffRamp[] memory none = new Router.OffRamp[](0);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        vm.prank(s_stranger);
        s_router.applyRampUpdates(new Router.OnRamp[](0), none, none);
    }

    function test_transferOwnership() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Cannot transfer to self"));
        s_router.transferOwnership(address(this));
        s_router.transferOwnership(s_user);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Must be proposed owner"));
        s_router.acceptOwnership();
        checkEq(s_router.owner(), address(this), "not yet");
        vm.prank(s_user);
        s_router.acceptOwnership();
        checkEq(s_router.owner(), s_user, "owner");
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Must be proposed owner"));
        vm.prank(s_user);
        s_router.acceptOwnership();
    }

    function test_recoverTokens() external {
        vm.prank(s_user);
        s_link.transfer(address(s_router), 3);
        vm.deal(address(s_router), 4);

        s_router.recoverTokens(address(s_link), s_someone, 3);
        s_router.recoverTokens(address(0), s_someone, 4);

        checkEq(s_link.balanceOf(s_someone), 3, "tokens");
        checkEq(s_someone.balance, 4, "native");
        vm.expectRevert(abi.encodeWithSelector(Router.InvalidRecipientAddress.selector, address(0)));
        s_router.recoverTokens(address(0), address(0), 4);
        vm.expectRevert(abi.encodePacked(Router.FailedToSendValue.selector));
        s_router.recoverTokens(address(0), s_someone, 4);
    }
}
