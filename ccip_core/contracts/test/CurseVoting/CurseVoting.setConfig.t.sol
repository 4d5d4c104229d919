// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {CurseVotingBase} from "./CurseVotingBase.t.sol";

contract CurseVoting_setConfig is CurseVotingBase {
    uint256 internal constant MAX_VOTERS = 16;

    function test_setConfig() external {
        vm.expectEmit(address(s_voting));
        emit ICurseVoting.ConfigSet(2, many(2, 7), 14);
        set(many(2, 7), 14);

        (uint32 version, ICurseVoting.Voter[] memory list, uint16 threshold) = s_voting.getConfig();
        checkEq(version, 2, "version");
        checkEq(list.length, 2, "the old voters are gone");
        checkEq(list[1].voter, voter(1), "voter");
        checkEq(list[1].weight, 7, "weight");
        checkEq(threshold, 14, "threshold");
    }

    function test_setConfig_voidsVotes() external {
        vote(3, LANE_A);

        set(voters(), THRESHOLD);

        checkWeight(LANE_A, 0, "votes are void");
        check(!s_voting.hasVoted(voter(3), LANE_A), "has not voted");
        vote(0, LANE_A);
        check(!s_rmnRemote.isCursed(LANE_A), "an old vote doesn't add up with a new one");
        vote(3, LANE_A);
        check(s_rmnRemote.isCursed(LANE_A), "voted anew");
    }

    function test_setConfig_cursesSurvive() external {
        vote(3, LANE_A);
        vote(0, LANE_A);

        set(voters(), THRESHOLD);

        check(s_rmnRemote.isCursed(LANE_A), "cursed");
    }

    function test_setConfig_removedVoter() external {
        set(many(3, 1), 1);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.UnauthorizedVoter.selector, voter(3)));
        vm.prank(voter(3));
        s_voting.voteToCurse(bytes16(0), one(LANE_A), EVIDENCE);
        check(!s_voting.hasVoted(voter(3), LANE_A), "has not voted");
    }

    function test_setConfig_sixteenVotersReachTheSum() external {
        set(many(MAX_VOTERS, 255), 16 * 255);

        for (uint256 i = 0; i < MAX_VOTERS; ++i) {
            check(!s_rmnRemote.isCursed(LANE_A), "all are needed");
            vote(i, LANE_A);
        }

        (uint16 weight, address[] memory standing) = s_voting.getVote(LANE_A);
        checkEq(weight, 16 * 255, "weight");
        checkEq(standing.length, MAX_VOTERS, "voters");
        check(s_rmnRemote.isCursed(LANE_A), "cursed");
    }

    function test_RevertWhen_setConfig_noVoters() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.InvalidVotersCount.selector, 0));
        set(many(0, 1), 1);
    }

    function test_RevertWhen_setConfig_seventeenVoters() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.InvalidVotersCount.selector, 17));
        set(many(MAX_VOTERS + 1, 1), 1);
    }

    function test_RevertWhen_setConfig_voterIsZero() external {
        ICurseVoting.Voter[] memory list = voters();
        list[2].voter = address(0);

        vm.expectRevert(abi.encodePacked(ICurseVoting.VoterCannotBeZero.selector));
        set(list, THRESHOLD);
    }

    function testFuzz_RevertWhen_setConfig_duplicateVoter(uint256 first, uint256 second) external {
        ICurseVoting.Voter[] memory list = many(MAX_VOTERS, 1);
        (first, second) = (bound(first, 0, MAX_VOTERS - 1), bound(second, 0, MAX_VOTERS - 1));
        vm.assume(first != second);
        list[first].voter = list[second].voter;

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.DuplicateVoter.selector, list[second].voter));
        set(list, 1);
    }

    function test_RevertWhen_setConfig_weightIsZero() external {
        ICurseVoting.Voter[] memory list = voters();
        list[2].weight = 0;

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.WeightCannotBeZero.selector, voter(2)));
        set(list, THRESHOLD);
    }

    function test_RevertWhen_setConfig_thresholdIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.InvalidWeightThreshold.selector, 0, 10));
        set(voters(), 0);
    }

    function test_RevertWhen_setConfig_thresholdIsOutOfReach() external {
        set(voters(), 10);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.InvalidWeightThreshold.selector, 11, 10));
        set(voters(), 11);
    }

    function test_RevertWhen_setConfig_calledByVoter() external {
        vm.expectRevert(abi.encodePacked(IOwnable.OnlyCallableByOwner.selector));
        vm.prank(voter(0));
        s_voting.setConfig(voters(), THRESHOLD);
    }

    function set(ICurseVoting.Voter[] memory list, uint16 threshold) internal {
        vm.prank(s_council);
        s_voting.setConfig(list, threshold);
    }

    function many(uint256 count, uint8 weight) internal pure returns (ICurseVoting.Voter[] memory list) {
        list = new ICurseVoting.Voter[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = ICurseVoting.Voter(voter(i), weight);
        }
    }
}
