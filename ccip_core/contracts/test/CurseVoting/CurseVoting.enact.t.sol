// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {CurseVotingBase, IRealRMNRemote} from "./CurseVotingBase.t.sol";

contract CurseVoting_enact is CurseVotingBase {
    function test_enact_afterOwnershipIsBack() external {
        giveRMNRemoteAway();
        vote(3, two(LANE_A, LANE_B));
        vote(0, two(LANE_A, LANE_B));
        offerRMNRemote();
        s_voting.acceptRMNRemoteOwnership();

        vm.prank(s_stranger);
        s_voting.enact(two(LANE_A, LANE_B));

        check(isReallyCursed(LANE_A) && isReallyCursed(LANE_B), "anyone may call");
    }

    function test_enact_alreadyCursed() external {
        vote(3, LANE_A);
        vote(0, LANE_A);

        s_voting.enact(one(LANE_A));

        checkEq(s_rmnRemote.getCursedSubjects().length, 1, "harmless");
    }

    function test_RevertWhen_enact_thresholdNotReached() external {
        vote(3, LANE_A);
        vote(0, LANE_A);
        vote(3, LANE_B);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ThresholdNotReached.selector, LANE_B));
        s_voting.enact(two(LANE_A, LANE_B));
    }

    function test_RevertWhen_enact_votesOfOlderConfig() external {
        giveRMNRemoteAway();
        vote(3, LANE_A);
        vote(0, LANE_A);
        vm.prank(s_council);
        s_voting.setConfig(voters(), THRESHOLD);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ThresholdNotReached.selector, LANE_A));
        s_voting.enact(one(LANE_A));
    }

    function test_RevertWhen_enact_liftedBefore() external {
        vote(3, LANE_A);
        vote(0, LANE_A);
        lift(LANE_A);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ThresholdNotReached.selector, LANE_A));
        s_voting.enact(one(LANE_A));
    }

    function test_RevertWhen_enact_rmnRemoteNotOurs() external {
        giveRMNRemoteAway();
        vote(3, LANE_A);
        vote(0, LANE_A);

        bytes memory reason = abi.encodePacked(IRealRMNRemote.OnlyCallableByOwner.selector);
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.RMNRemoteFailed.selector, reason));
        s_voting.enact(one(LANE_A));
    }

    function test_RevertWhen_enact_noSubjects() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.NoSubjects.selector));
        s_voting.enact(new bytes16[](0));
    }
}
