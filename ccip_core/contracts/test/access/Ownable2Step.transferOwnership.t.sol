// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract Ownable2Step_transferOwnership is CCIPBase {
    function test_transferOwnership_isAnOffer() external {
        vm.expectEmit(address(s_registry));
        emit IOwnable.OwnershipTransferRequested(address(this), s_user);
        s_registry.transferOwnership(s_user);

        checkEq(s_registry.owner(), address(this), "still the owner");
    }

    /// @dev Zero takes an offer back.
    function test_transferOwnership_theLastOfferCounts() external {
        s_registry.transferOwnership(s_user);
        s_registry.transferOwnership(address(0));

        vm.expectRevert(abi.encodePacked(IOwnable.MustBeProposedOwner.selector));
        vm.prank(s_user);
        s_registry.acceptOwnership();
    }

    function test_RevertWhen_transferOwnership_toOneself() external {
        vm.expectRevert(abi.encodePacked(IOwnable.CannotTransferToSelf.selector));
        s_registry.transferOwnership(address(this));
    }

    function test_RevertWhen_transferOwnership_calledByNonOwner() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(s_user);
        s_registry.transferOwnership(s_user);
    }
}
