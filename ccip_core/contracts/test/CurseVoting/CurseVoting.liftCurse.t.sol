// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVotingBase, IRealRMNRemote} from "./CurseVotingBase.t.sol";

contract CurseVoting_liftCurse is CurseVotingBase {
    function test_liftCurse() external {
        vote(3, two(LANE_A, LANE_B));
        vote(0, two(LANE_A, LANE_B));

        vm.expectEmit(address(s_rmnRemote));
        emit IRealRMNRemote.Uncursed(one(LANE_A));
        vm.expectEmit(address(s_voting));
        emit ICurseVoting.CurseLifted(LANE_A, true);
        lift(LANE_A);

        check(!s_rmnRemote.isCursed(LANE_A), "A lifted");
        checkWeight(LANE_A, 0, "A's votes are gone");
        check(s_rmnRemote.isCursed(LANE_B), "B stays");
        checkWeight(LANE_B, 5, "B's votes stand");
    }

    function test_liftCurse_oldVotesDontCurseAgain() external {
        vote(3, LANE_A);
        vote(0, LANE_A);
        lift(LANE_A);

        vote(1, LANE_A);
        check(!s_rmnRemote.isCursed(LANE_A), "2 alone");
        checkWeight(LANE_A, 2, "counted from nothing");

        vote(3, LANE_A);
        check(s_rmnRemote.isCursed(LANE_A), "a voter of the first time may vote anew: 2 + 4");
    }

    function test_liftCurse_notCursedClearsVotes() external {
        vote(3, LANE_A);

        vm.expectEmit(address(s_voting));
        emit ICurseVoting.CurseLifted(LANE_A, false);
        lift(LANE_A);

        checkWeight(LANE_A, 0, "votes are gone");
    }

    function test_liftCurse_cursedByOthersBefore() external {
        giveRMNRemoteAway();
        vm.prank(s_deployer);
        s_rmnRemote.curse(one(LANE_A));
        offerRMNRemote();
        s_voting.acceptRMNRemoteOwnership();

        lift(LANE_A);

        check(!s_rmnRemote.isCursed(LANE_A), "lifted");
    }

    function test_liftCurse_underGlobalCurse() external {
        councilCurse(GLOBAL);
        councilCurse(LANE_A);

        lift(LANE_A);

        check(!isReallyCursed(LANE_A), "A itself is lifted");
        check(s_rmnRemote.isCursed(LANE_A), "but the global curse holds");
    }

    function test_RevertWhen_liftCurse_rmnRemoteNotOurs() external {
        councilCurse(LANE_A);
        giveRMNRemoteAway();

        bytes memory reason = abi.encodePacked(IRealRMNRemote.OnlyCallableByOwner.selector);
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.RMNRemoteFailed.selector, reason));
        lift(LANE_A);
    }

    function testFuzz_RevertWhen_liftCurse_notCalledByCouncil(address caller) external {
        vm.assume(caller != s_council);
        councilCurse(LANE_A);

        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(caller);
        s_voting.liftCurse(one(LANE_A));
    }

    function test_RevertWhen_liftCurse_calledByVoter() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(voter(3));
        s_voting.liftCurse(one(LANE_A));
    }

    function test_RevertWhen_liftCurse_noSubjects() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.NoSubjects.selector));
        vm.prank(s_council);
        s_voting.liftCurse(new bytes16[](0));
    }
}
