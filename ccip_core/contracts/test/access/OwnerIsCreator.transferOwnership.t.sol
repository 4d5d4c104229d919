// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {OwnerIsCreator} from "../../src/access/OwnerIsCreator.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract OwnerIsCreator_transferOwnership is CCIPBase {
    function test_transferOwnership_isAnOffer() external {
        vm.expectEmit(address(s_router));
        emit OwnerIsCreator.OwnershipTransferRequested(address(this), s_user);
        s_router.transferOwnership(s_user);

        checkEq(s_router.owner(), address(this), "still the owner");
    }

    function test_RevertWhen_transferOwnership_toOneself() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Cannot transfer to self"));
        s_router.transferOwnership(address(this));
    }

    function test_RevertWhen_transferOwnership_calledByNonOwner() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "Only callable by owner"));
        vm.prank(s_user);
        s_router.transferOwnership(s_user);
    }
}
