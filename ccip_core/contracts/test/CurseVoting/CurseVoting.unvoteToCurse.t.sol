// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {CurseVotingBase} from "./CurseVotingBase.t.sol";

contract CurseVoting_unvoteToCurse is CurseVotingBase {
    function test_unvoteToCurse() external {
        vote(3, three(LANE_A, LANE_B, GLOBAL));

        vm.expectEmit(address(s_voting));
        emit ICurseVoting.UnvotedToCurse(voter(3), two(LANE_B, GLOBAL));
        vm.prank(voter(3));
        s_voting.unvoteToCurse(two(LANE_B, GLOBAL));

        checkWeight(GLOBAL, 0, "global");
        checkWeight(LANE_A, 4, "A stands");
        checkWeight(LANE_B, 0, "B");
        check(!s_voting.hasVoted(voter(3), LANE_B), "vote taken back");
    }

    function test_unvoteToCurse_othersStand() external {
        vote(1, LANE_A);
        vote(0, LANE_A);

        vm.prank(voter(1));
        s_voting.unvoteToCurse(one(LANE_A));

        checkWeight(LANE_A, 1, "weight");
        vote(3, LANE_A);
        check(s_rmnRemote.isCursed(LANE_A), "1 + 4");
    }

    function test_unvoteToCurse_thenVoteAgain() external {
        vote(3, LANE_A);
        vm.prank(voter(3));
        s_voting.unvoteToCurse(one(LANE_A));

        vote(3, LANE_A);

        checkWeight(LANE_A, 4, "weight");
    }

    function test_unvoteToCurse_neverLifts() external {
        vote(0, LANE_A);
        councilCurse(LANE_A);

        vm.prank(voter(0));
        s_voting.unvoteToCurse(one(LANE_A));

        check(s_rmnRemote.isCursed(LANE_A), "cursed by the council");
    }

    function test_RevertWhen_unvoteToCurse_thresholdReached() external {
        vote(3, two(LANE_A, LANE_B));
        vote(0, LANE_B);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ThresholdReached.selector, LANE_B));
        vm.prank(voter(3));
        s_voting.unvoteToCurse(two(LANE_A, LANE_B));
    }

    function test_RevertWhen_unvoteToCurse_thresholdReachedButNotEnacted() external {
        giveRMNRemoteAway();
        vote(3, LANE_A);
        vote(0, LANE_A);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ThresholdReached.selector, LANE_A));
        vm.prank(voter(0));
        s_voting.unvoteToCurse(one(LANE_A));
    }

    function test_RevertWhen_unvoteToCurse_notVoted() external {
        vote(3, LANE_A);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.NotVoted.selector, voter(2), LANE_A));
        vm.prank(voter(2));
        s_voting.unvoteToCurse(one(LANE_A));
    }

    function test_RevertWhen_unvoteToCurse_voteOfOlderConfig() external {
        vote(3, LANE_A);
        vm.prank(s_council);
        s_voting.setConfig(voters(), THRESHOLD);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.NotVoted.selector, voter(3), LANE_A));
        vm.prank(voter(3));
        s_voting.unvoteToCurse(one(LANE_A));
    }

    function test_RevertWhen_unvoteToCurse_calledByStranger() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.UnauthorizedVoter.selector, s_stranger));
        vm.prank(s_stranger);
        s_voting.unvoteToCurse(one(LANE_A));
    }

    function test_RevertWhen_unvoteToCurse_noSubjects() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.NoSubjects.selector));
        vm.prank(voter(0));
        s_voting.unvoteToCurse(new bytes16[](0));
    }

    /// @dev Voting and unvoting in any order below the threshold leaves exactly the votes that stand.
    function testFuzz_unvoteToCurse(uint256 toggles, uint8 count) external {
        vm.prank(s_council);
        s_voting.setConfig(voters(), 10);
        bool[VOTERS] memory voted;
        uint256 weight = 0;
        for (uint256 i = 0; i < bound(count, 1, 32); ++i) {
            uint256 index = (toggles >> (2 * i)) % VOTERS;
            if (!voted[index] && weight + weightOf(index) == 10) continue;
            if (voted[index]) {
                vm.prank(voter(index));
                s_voting.unvoteToCurse(one(LANE_A));
                weight -= weightOf(index);
            } else {
                vote(index, LANE_A);
                weight += weightOf(index);
            }
            voted[index] = !voted[index];

            checkWeight(LANE_A, weight, "weight");
            check(s_voting.hasVoted(voter(index), LANE_A) == voted[index], "has voted");
        }
        check(!s_rmnRemote.isCursed(LANE_A), "never reached");
    }
}
