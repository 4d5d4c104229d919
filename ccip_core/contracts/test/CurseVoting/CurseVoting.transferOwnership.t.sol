// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVotingBase} from "./CurseVotingBase.t.sol";

contract CurseVoting_transferOwnership is CurseVotingBase {
    address internal s_timelock = address(0x71);

    function test_transferOwnership() external {
        vm.expectEmit(address(s_voting));
        emit IOwnable.OwnershipTransferRequested(s_council, s_timelock);
        vm.prank(s_council);
        s_voting.transferOwnership(s_timelock);
        checkEq(s_voting.owner(), s_council, "not before it is accepted");

        vm.expectEmit(address(s_voting));
        emit IOwnable.OwnershipTransferred(s_council, s_timelock);
        vm.prank(s_timelock);
        s_voting.acceptOwnership();
        checkEq(s_voting.owner(), s_timelock, "owner");

        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        lift(LANE_A);
    }

    function test_RevertWhen_acceptOwnership_offerWithdrawn() external {
        vm.prank(s_council);
        s_voting.transferOwnership(s_timelock);
        vm.prank(s_council);
        s_voting.transferOwnership(address(0));

        vm.expectRevert(abi.encodePacked(IOwnable.MustBeProposedOwner.selector));
        vm.prank(s_timelock);
        s_voting.acceptOwnership();
    }

    function test_RevertWhen_acceptOwnership_twice() external {
        vm.prank(s_council);
        s_voting.transferOwnership(s_timelock);
        vm.prank(s_timelock);
        s_voting.acceptOwnership();

        vm.expectRevert(abi.encodePacked(IOwnable.MustBeProposedOwner.selector));
        vm.prank(s_timelock);
        s_voting.acceptOwnership();
    }

    function test_RevertWhen_transferOwnership_toSelf() external {
        vm.expectRevert(abi.encodePacked(IOwnable.CannotTransferToSelf.selector));
        vm.prank(s_council);
        s_voting.transferOwnership(s_council);
    }

    function test_RevertWhen_transferOwnership_calledByVoter() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(voter(3));
        s_voting.transferOwnership(voter(3));
    }
}
