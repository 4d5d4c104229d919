// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CCIPBase} from "../CCIPBase.t.sol";

contract Ownable2Step_acceptOwnership is CCIPBase {
    function test_acceptOwnership() external {
        s_registry.transferOwnership(s_user);

        vm.expectEmit(address(s_registry));
        emit IOwnable.OwnershipTransferred(address(this), s_user);
        vm.prank(s_user);
        s_registry.acceptOwnership();

        checkEq(s_registry.owner(), s_user, "owner");
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        s_registry.addRegistryModule(s_user);
    }

    function test_RevertWhen_acceptOwnership_twice() external {
        s_registry.transferOwnership(s_user);
        vm.prank(s_user);
        s_registry.acceptOwnership();

        vm.expectRevert(abi.encodePacked(IOwnable.MustBeProposedOwner.selector));
        vm.prank(s_user);
        s_registry.acceptOwnership();
    }

    function test_RevertWhen_acceptOwnership_calledByAnother() external {
        s_registry.transferOwnership(s_user);

        vm.expectRevert(abi.encodePacked(IOwnable.MustBeProposedOwner.selector));
        vm.prank(s_stranger);
        s_registry.acceptOwnership();
    }
}
