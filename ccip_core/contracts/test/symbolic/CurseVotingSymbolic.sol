// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ICurseVoting} from "../../src/interfaces/ICurseVoting.sol";
import {CurseVoting} from "../../src/rmn/CurseVoting.sol";
import {Symbolic} from "./Symbolic.sol";

/// @dev Remembers what it was asked to curse.
contract CurseRecorder {
    mapping(bytes16 subject => bool) public isCursed;

    function curse(bytes16 subject) external {
        isCursed[subject] = true;
    }

    function uncurse(bytes16 subject) external {
        isCursed[subject] = false;
    }
}

/// @dev CurseVoting whose ballots can be anything.
contract OpenCurseVoting is CurseVoting {
    constructor(address rmnRemote, Voter[] memory voters, uint16 weightThreshold)
        CurseVoting(rmnRemote, voters, weightThreshold, msg.sender)
    {}

    function setBallot(bytes16 subject, uint32 configVersion, uint16 votedBitmap, uint16 weight) external {
        s_ballots[subject] = Ballot(configVersion, votedBitmap, weight);
    }
}

/// @dev By induction over the calls: a ballot weighs as much as the voters that are in it, each once, before and so after
/// each call; and RMNRemote is asked to curse only a subject whose voters weigh the threshold.
contract CurseVotingSymbolic is Symbolic {
    uint256 internal constant VOTERS = 3;

    CurseRecorder internal s_recorder;
    OpenCurseVoting internal s_voting;
    address[VOTERS] internal s_voters = [address(0xA1), address(0xA2), address(0xA3)];
    uint8[VOTERS] internal s_weights;
    uint16 internal s_threshold;

    /// @dev Any weights and any threshold that a config may have.
    function setUp() external {
        ICurseVoting.Voter[] memory voters = new ICurseVoting.Voter[](VOTERS);
        for (uint256 i = 0; i < VOTERS; ++i) {
            s_weights[i] = uint8(svm.createUint256("weight"));
            vm.assume(s_weights[i] != 0);
            voters[i] = ICurseVoting.Voter(s_voters[i], s_weights[i]);
        }
        s_threshold = uint16(svm.createUint256("threshold"));
        vm.assume(s_threshold != 0 && s_threshold <= uint256(s_weights[0]) + s_weights[1] + s_weights[2]);
        s_recorder = new CurseRecorder();
        s_voting = new OpenCurseVoting(address(s_recorder), voters, s_threshold);
    }

    /// @dev Any ballot, of the present config or of an older one, in which each voter counts once.
    function ballot(bytes16 subject, bool isOld, uint8 votedBitmap, uint16 weight) private {
        vm.assume(votedBitmap < 2 ** VOTERS);
        if (!isOld) {
            uint256 sum = 0;
            for (uint256 i = 0; i < VOTERS; ++i) {
                if (votedBitmap & (1 << i) != 0) sum += s_weights[i];
            }
            vm.assume(weight == sum);
        }
        s_voting.setBallot(subject, isOld ? 0 : 1, votedBitmap, weight);
    }

    function weightOfVoters(bytes16 subject) private view returns (uint256 sum) {
        for (uint256 i = 0; i < VOTERS; ++i) {
            if (s_voting.hasVoted(s_voters[i], subject)) sum += s_weights[i];
        }
    }

    function weightOf(bytes16 subject) private view returns (uint256 weight) {
        (weight,) = s_voting.getVote(subject);
    }

    function one(bytes16 subject) private pure returns (bytes16[] memory subjects) {
        subjects = new bytes16[](1);
        subjects[0] = subject;
    }

    // ---- never under the threshold ----------------------------------------------------------------------------------

    function check_voteToCurse_neverCursesUnderTheThreshold(
        address caller,
        bytes16 subject,
        bytes16 other,
        bool isOld,
        uint8 votedBitmap,
        uint16 weight
    ) external {
        ballot(subject, isOld, votedBitmap, weight);

        vm.prank(caller);
        s_voting.voteToCurse("id", one(subject), 0);

        assert(s_recorder.isCursed(subject) == (weightOfVoters(subject) >= s_threshold));
        assert(other == subject || !s_recorder.isCursed(other));
    }

    function check_enact_neverCursesUnderTheThreshold(
        address caller,
        bytes16 subject,
        bytes16 other,
        bool isOld,
        uint8 votedBitmap,
        uint16 weight
    ) external {
        ballot(subject, isOld, votedBitmap, weight);

        vm.prank(caller);
        s_voting.enact(one(subject));

        assert(weightOfVoters(subject) >= s_threshold);
        assert(other == subject || !s_recorder.isCursed(other));
    }

    // ---- never twice ------------------------------------------------------------------------------------------------

    function check_voteToCurse_countsOnce(address caller, bytes16 subject, bool isOld, uint8 votedBitmap, uint16 weight)
        external
    {
        ballot(subject, isOld, votedBitmap, weight);

        vm.prank(caller);
        s_voting.voteToCurse("id", one(subject), 0);

        assert(weightOf(subject) == weightOfVoters(subject));
        assert(s_voting.hasVoted(caller, subject));
    }

    function check_voteToCurse_refusesASubjectTwice(address caller, bytes16 subject) external {
        bytes16[] memory subjects = new bytes16[](2);
        (subjects[0], subjects[1]) = (subject, subject);

        vm.prank(caller);
        try s_voting.voteToCurse("id", subjects, 0) {
            assert(false);
        } catch {}
    }

    function check_unvoteToCurse_takesBackOnce(
        address caller,
        bytes16 subject,
        bool isOld,
        uint8 votedBitmap,
        uint16 weight
    ) external {
        ballot(subject, isOld, votedBitmap, weight);

        vm.prank(caller);
        s_voting.unvoteToCurse(one(subject));

        assert(weightOf(subject) == weightOfVoters(subject));
        assert(!s_voting.hasVoted(caller, subject));
    }

    function check_liftCurse_clears(bytes16 subject, bool isOld, uint8 votedBitmap, uint16 weight) external {
        ballot(subject, isOld, votedBitmap, weight);

        s_voting.liftCurse(one(subject));

        assert(weightOf(subject) == 0);
        assert(weightOfVoters(subject) == 0);
    }

    function check_setConfig_voidsVotes(bytes16 subject, bool isOld, uint8 votedBitmap, uint16 weight) external {
        ballot(subject, isOld, votedBitmap, weight);
        ICurseVoting.Voter[] memory voters = new ICurseVoting.Voter[](VOTERS);
        for (uint256 i = 0; i < VOTERS; ++i) {
            voters[i] = ICurseVoting.Voter(s_voters[VOTERS - 1 - i], s_weights[i]);
        }

        s_voting.setConfig(voters, s_threshold);

        assert(weightOf(subject) == 0);
        assert(weightOfVoters(subject) == 0);
    }
}
