// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OwnerIsCreator} from "../../src/access/OwnerIsCreator.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OwnerIsCreator_acceptOwnership is CCIPBase {
    function test_acceptOwnership() external {
        s_router.transferOwnership(s_user);

        vm.expectEmit(address(s_router));
        emit OwnerIsCreator.OwnershipTransferred(address(this), s_user);
        vm.prank(s_user);
        s_router.acceptOwnership();

        checkEq(s_router.owner(), s_user, "owner");
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        s_router.setWrappedNative(s_user);
    }

    function test_RevertWhen_acceptOwnership_calledByAnother() external {
        s_router.transferOwnership(s_user);

        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Must be proposed owner"));
        vm.prank(s_stranger);
        s_router.acceptOwnership();
        vm.prank(s_user);
        s_router.acceptOwnership();
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Must be proposed owner"));
        vm.prank(s_user);
        s_router.acceptOwnership();
    }
}
