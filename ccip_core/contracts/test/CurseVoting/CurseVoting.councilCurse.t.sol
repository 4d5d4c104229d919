// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVotingBase, IRealRMNRemote} from "./CurseVotingBase.t.sol";

contract CurseVoting_councilCurse is CurseVotingBase {
    function test_councilCurse() external {
        vm.expectEmit(address(s_voting));
        emit ICurseVoting.CouncilCursed(two(LANE_A, GLOBAL), EVIDENCE);
        vm.prank(s_council);
        s_voting.councilCurse(two(LANE_A, GLOBAL), EVIDENCE);

        check(isReallyCursed(GLOBAL) && isReallyCursed(LANE_A), "cursed");
        checkWeight(LANE_A, 0, "no vote is invented");
    }

    function test_councilCurse_alreadyCursed() external {
        councilCurse(LANE_A);

        vm.prank(s_council);
        s_voting.councilCurse(two(LANE_A, LANE_B), EVIDENCE);

        check(isReallyCursed(LANE_A) && isReallyCursed(LANE_B), "the new one is cursed too");
    }

    function test_RevertWhen_councilCurse_rmnRemoteNotOurs() external {
        giveRMNRemoteAway();

        bytes memory reason = abi.encodePacked(IRealRMNRemote.OnlyCallableByOwner.selector);
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.RMNRemoteFailed.selector, reason));
        councilCurse(LANE_A);
    }

    function test_RevertWhen_councilCurse_calledByVoter() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(voter(3));
        s_voting.councilCurse(one(LANE_A), EVIDENCE);
    }

    function test_RevertWhen_councilCurse_noSubjects() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.NoSubjects.selector));
        vm.prank(s_council);
        s_voting.councilCurse(new bytes16[](0), EVIDENCE);
    }

    function test_RevertWhen_councilCurse_subjectRepeated() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.SubjectsMustBeStrictlyIncreasing.selector));
        vm.prank(s_council);
        s_voting.councilCurse(two(LANE_A, LANE_A), EVIDENCE);
    }
}
