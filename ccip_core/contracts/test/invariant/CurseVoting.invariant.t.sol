// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {CurseVotingBase} from "../CurseVoting/CurseVotingBase.t.sol";
import {CurseVotingHandler} from "./CurseVotingHandler.sol";

/// @dev What holds between any two transactions, whoever sent them.
contract CurseVoting_invariant is CurseVotingBase {
    CurseVotingHandler internal s_handler;

    function setUp() public override {
        super.setUp();
        s_handler = new CurseVotingHandler(s_voting, s_council);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(s_handler);
    }

    /// @dev No vote is lost and none counts twice: the weight is the sum over the voters whose votes stand.
    /// INV-CURSE-1 INV-CURSE-2
    function invariant_weightIsSumOfStandingVotes() external view {
        for (uint256 s = 0; s < s_handler.SUBJECTS(); ++s) {
            bytes16 subject = s_handler.subjectAt(s);
            (uint16 weight, address[] memory standing) = s_voting.getVote(subject);
            checkEq(weight, s_handler.standingWeight(s), "weight");
            uint256 voted = 0;
            for (uint256 p = 0; p < s_handler.PEOPLE(); ++p) {
                bool has = s_handler.hasVoted(p, s);
                check(s_voting.hasVoted(s_handler.account(p), subject) == has, "has voted");
                if (has) ++voted;
            }
            checkEq(standing.length, voted, "voters");
        }
    }

    /// @dev A subject is cursed for votes that reached the threshold, or by the council; never for less. INV-CURSE-1
    function invariant_neverCursedBelowThreshold() external view {
        for (uint256 s = 0; s < s_handler.SUBJECTS(); ++s) {
            if (isReallyCursed(s_handler.subjectAt(s))) check(s_handler.isJustified(s), "cursed for no reason");
        }
    }

    /// @dev What was cursed stays cursed, through unvotes, new configs and other owners, until the council lifts it.
    /// INV-CURSE-3
    function invariant_onlyCouncilLifts() external view {
        for (uint256 s = 0; s < s_handler.SUBJECTS(); ++s) {
            if (s_handler.isJustified(s)) check(isReallyCursed(s_handler.subjectAt(s)), "lifted by no one");
        }
    }

    /// @dev Votes at the threshold mean a curse, unless RMNRemote refused it then and nobody has called `enact` since.
    /// INV-CURSE-2
    function invariant_decisionsAreEnacted() external view {
        for (uint256 s = 0; s < s_handler.SUBJECTS(); ++s) {
            if (s_handler.standingWeight(s) < s_handler.threshold() || s_handler.wasRefused(s)) continue;
            check(isReallyCursed(s_handler.subjectAt(s)), "decided and not cursed");
        }
    }
}
