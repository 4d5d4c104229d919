// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {CurseVotingBase, IRealRMNRemote} from "./CurseVotingBase.t.sol";

contract CurseVoting_voteToCurse is CurseVotingBase {
    uint256 internal constant MAX_FUZZED_VOTES = 24;

    function test_voteToCurse_belowThreshold() external {
        vm.expectEmit(address(s_voting));
        emit ICurseVoting.VotedToCurse(voter(3), bytes16(uint128(1)), two(LANE_A, LANE_B), EVIDENCE);
        vote(3, two(LANE_A, LANE_B));

        checkWeight(LANE_A, 4, "weight of A");
        checkWeight(LANE_B, 4, "weight of B");
        check(s_voting.hasVoted(voter(3), LANE_A), "has voted");
        check(!s_voting.hasVoted(voter(2), LANE_A), "has not voted");
        check(s_voting.isCurseIdUsed(voter(3), bytes16(uint128(1))), "curse id used");
        check(!s_rmnRemote.isCursed(LANE_A), "not cursed");
    }

    function test_voteToCurse_reachesThreshold() external {
        vote(3, LANE_A);

        vm.expectEmit(address(s_rmnRemote));
        emit IRealRMNRemote.Cursed(one(LANE_A));
        vote(0, LANE_A);

        checkWeight(LANE_A, 5, "weight");
        check(s_rmnRemote.isCursed(LANE_A), "cursed");
        check(!s_rmnRemote.isCursed(LANE_B), "nothing else is");
    }

    function test_voteToCurse_reachesThresholdForSomeSubjects() external {
        vote(3, LANE_B);

        vote(0, three(LANE_A, LANE_B, GLOBAL));

        check(isReallyCursed(LANE_B), "B has 5");
        check(!isReallyCursed(LANE_A) && !isReallyCursed(GLOBAL), "A and global have 1");
    }

    function test_voteToCurse_countsOncePerSubject() external {
        vote(3, LANE_A);
        vote(3, LANE_A);
        vote(3, two(LANE_A, LANE_B));

        checkWeight(LANE_A, 4, "weight");
        check(!s_rmnRemote.isCursed(LANE_A), "one voter alone");
    }

    function test_voteToCurse_afterCurse() external {
        vote(3, LANE_A);
        vote(0, LANE_A);

        vote(1, LANE_A);

        checkWeight(LANE_A, 7, "a late vote counts");
        checkEq(s_rmnRemote.getCursedSubjects().length, 1, "cursed once");
    }

    /// @dev RMNRemote.curse reverts AlreadyCursed: a curse by others must cost no vote, nor the curse of its neighbour.
    /// INV-CURSE-2
    function test_voteToCurse_subjectAlreadyCursed() external {
        vote(3, two(LANE_A, LANE_B));
        councilCurse(LANE_A);

        vote(0, two(LANE_A, LANE_B));

        checkWeight(LANE_A, 5, "weight of A");
        check(isReallyCursed(LANE_A) && isReallyCursed(LANE_B), "both cursed");
    }

    /// @dev While the global subject is cursed, isCursed(subject) is true for all; the subject must be cursed for itself.
    function test_voteToCurse_underGlobalCurse() external {
        councilCurse(GLOBAL);
        vote(3, LANE_A);
        check(s_rmnRemote.isCursed(LANE_A) && !isReallyCursed(LANE_A), "only through the global curse");

        vote(0, LANE_A);
        lift(GLOBAL);

        check(s_rmnRemote.isCursed(LANE_A), "stays cursed after the global curse");
        check(!s_rmnRemote.isCursed(LANE_B), "others are free");
    }

    function test_voteToCurse_globalSubject() external {
        vote(3, GLOBAL);
        vote(2, GLOBAL);

        check(s_rmnRemote.isCursed(), "globally cursed");
    }

    function test_voteToCurse_rmnRemoteNotOurs() external {
        giveRMNRemoteAway();
        vote(3, LANE_A);

        vm.expectEmit(address(s_voting));
        emit ICurseVoting.CurseNotEnacted(LANE_A, abi.encodePacked(IRealRMNRemote.OnlyCallableByOwner.selector));
        vote(0, LANE_A);

        checkWeight(LANE_A, 5, "the vote is recorded");
        check(!s_rmnRemote.isCursed(LANE_A), "not cursed");
    }

    function test_voteToCurse_triesAgainWhatWasRefused() external {
        giveRMNRemoteAway();
        vote(3, LANE_A);
        vote(0, LANE_A);
        offerRMNRemote();
        s_voting.acceptRMNRemoteOwnership();

        vote(1, LANE_A);

        check(s_rmnRemote.isCursed(LANE_A), "the next vote curses");
    }

    /// @dev What a gas estimator does: the least gas with which the call succeeds must be enough for the curse.
    function test_voteToCurse_leastGasThatSucceedsAlsoCurses() external {
        vote(3, two(LANE_A, LANE_B));
        bytes memory data = abi.encodeCall(ICurseVoting.voteToCurse, (nextCurseId(), two(LANE_A, LANE_B), EVIDENCE));

        bool success = false;
        for (uint256 gasLimit = 30_000; !success; gasLimit += 250) {
            vm.prank(voter(0));
            (success,) = address(s_voting).call{gas: gasLimit}(data);
        }

        check(isReallyCursed(LANE_A) && isReallyCursed(LANE_B), "cursed");
    }

    function test_voteToCurse_curseIdsArePerVoter() external {
        bytes16 curseId = nextCurseId();
        vm.prank(voter(0));
        s_voting.voteToCurse(curseId, one(LANE_A), EVIDENCE);

        vm.prank(voter(3));
        s_voting.voteToCurse(curseId, one(LANE_A), EVIDENCE);

        checkWeight(LANE_A, 5, "both count");
    }

    function test_RevertWhen_voteToCurse_reusedCurseId() external {
        vote(0, LANE_A);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ReusedCurseId.selector, voter(0), bytes16(uint128(1))));
        vm.prank(voter(0));
        s_voting.voteToCurse(bytes16(uint128(1)), one(LANE_B), EVIDENCE);
    }

    function test_RevertWhen_voteToCurse_reusedCurseIdAfterNewConfig() external {
        vote(0, LANE_A);
        vm.prank(s_council);
        s_voting.setConfig(voters(), THRESHOLD);

        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.ReusedCurseId.selector, voter(0), bytes16(uint128(1))));
        vm.prank(voter(0));
        s_voting.voteToCurse(bytes16(uint128(1)), one(LANE_A), EVIDENCE);
    }

    function test_RevertWhen_voteToCurse_calledByStranger() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.UnauthorizedVoter.selector, s_stranger));
        vm.prank(s_stranger);
        s_voting.voteToCurse(bytes16(0), one(LANE_A), EVIDENCE);
    }

    function test_RevertWhen_voteToCurse_calledByCouncil() external {
        vm.expectRevert(abi.encodeWithSelector(ICurseVoting.UnauthorizedVoter.selector, s_council));
        vm.prank(s_council);
        s_voting.voteToCurse(bytes16(0), one(LANE_A), EVIDENCE);
    }

    function test_RevertWhen_voteToCurse_noSubjects() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.NoSubjects.selector));
        vm.prank(voter(0));
        s_voting.voteToCurse(bytes16(0), new bytes16[](0), EVIDENCE);
    }

    function test_RevertWhen_voteToCurse_subjectRepeated() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.SubjectsMustBeStrictlyIncreasing.selector));
        vm.prank(voter(0));
        s_voting.voteToCurse(bytes16(0), two(LANE_A, LANE_A), EVIDENCE);
    }

    function test_RevertWhen_voteToCurse_subjectsDescend() external {
        vm.expectRevert(abi.encodePacked(ICurseVoting.SubjectsMustBeStrictlyIncreasing.selector));
        vm.prank(voter(0));
        s_voting.voteToCurse(bytes16(0), three(LANE_A, GLOBAL, LANE_B), EVIDENCE);
    }

    /// @dev Any votes in any order: the weight is that of the distinct voters, and the curse follows from it alone.
    function testFuzz_voteToCurse(bytes16 subject, uint256 ballots, uint256 count) external {
        bool[VOTERS] memory voted;
        uint256 weight = 0;
        for (uint256 i = 0; i < bound(count, 1, MAX_FUZZED_VOTES); ++i) {
            uint256 index = (ballots >> (2 * i)) % VOTERS;
            if (!voted[index]) weight += weightOf(index);
            voted[index] = true;

            vote(index, subject);

            checkWeight(subject, weight, "weight");
            check(isReallyCursed(subject) == (weight >= THRESHOLD), "cursed from the threshold on, not before");
        }
    }

    /// @dev A vote for many subjects equals one vote for each.
    function testFuzz_voteToCurse_manySubjects(uint128 first, uint128[7] calldata steps) external {
        bytes16[] memory subjects = new bytes16[](steps.length);
        uint256 subject = first / 2;
        for (uint256 i = 0; i < steps.length; ++i) {
            subjects[i] = bytes16(uint128(subject));
            subject += steps[i] / 32 + 1;
        }

        vote(3, subjects);
        vote(0, subjects);

        checkEq(s_rmnRemote.getCursedSubjects().length, steps.length, "cursed subjects");
        for (uint256 i = 0; i < steps.length; ++i) {
            checkWeight(subjects[i], 5, "weight");
            check(isReallyCursed(subjects[i]), "cursed");
        }
    }
}
