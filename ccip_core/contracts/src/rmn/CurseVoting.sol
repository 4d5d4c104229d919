// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2Step} from "../access/Ownable2Step.sol";
import {ICurseVoting} from "../interfaces/ICurseVoting.sol";
import {IOwnable} from "../interfaces/IOwnable.sol";
import {IRMNRemote} from "../interfaces/IRMNRemote.sol";

/// @title CurseVoting
/// @notice See ICurseVoting.
contract CurseVoting is ICurseVoting, Ownable2Step {
    /// @dev One slot holds all that is known about a subject. A ballot of an older config counts as empty, so a new config
    /// needs no loop over subjects.
    struct Ballot {
        uint32 configVersion; // ─╮ the config that the two below belong to
        uint16 votedBitmap; //    │ bit i: the voter with index i has voted
        uint16 weight; // ────────╯ sum of the weights of those voters; 16 * 255 at most
    }

    /// @dev A voter under one config. Weight 0 means that there is no such voter.
    struct Seat {
        uint8 index; // ──╮ position in the list of voters
        uint8 weight; // ─╯
    }

    string public constant typeAndVersion = "CurseVoting 1.0.0";

    uint256 internal constant MAX_VOTERS = 16;

    IRMNRemote internal immutable i_rmnRemote;

    uint32 internal s_configVersion;
    uint16 internal s_weightThreshold;
    Voter[] internal s_voters;
    mapping(uint32 configVersion => mapping(address voter => Seat)) internal s_seats;

    mapping(bytes16 subject => Ballot) internal s_ballots;
    mapping(address voter => mapping(bytes16 curseId => bool)) internal s_usedCurseIds;

    constructor(address rmnRemote, Voter[] memory voters, uint16 weightThreshold, address council)
        Ownable2Step(council)
    {
        if (rmnRemote == address(0)) revert RMNRemoteCannotBeZero();

        i_rmnRemote = IRMNRemote(rmnRemote);
        _setConfig(voters, weightThreshold);
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Voting
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc ICurseVoting
    function voteToCurse(bytes16 curseId, bytes16[] calldata subjects, bytes32 evidenceHash) external override {
        Seat memory seat = _seatOf(msg.sender);
        _checkSubjects(subjects);
        if (s_usedCurseIds[msg.sender][curseId]) revert ReusedCurseId(msg.sender, curseId);

        s_usedCurseIds[msg.sender][curseId] = true;
        for (uint256 i = 0; i < subjects.length; ++i) {
            Ballot memory ballot = _ballotOf(subjects[i]);
            if (_isIn(ballot, seat)) continue;
            ballot.votedBitmap |= _bitOf(seat);
            ballot.weight += seat.weight;
            s_ballots[subjects[i]] = ballot;
        }

        emit VotedToCurse(msg.sender, curseId, subjects, evidenceHash);

        // Also for a subject that had reached the threshold before this vote: if its curse was refused then, this is
        // the next try.
        for (uint256 i = 0; i < subjects.length; ++i) {
            if (_ballotOf(subjects[i]).weight < s_weightThreshold) continue;
            bytes memory refusal = _curse(subjects[i]);
            if (refusal.length != 0) emit CurseNotEnacted(subjects[i], refusal);
        }
    }

    /// @inheritdoc ICurseVoting
    function unvoteToCurse(bytes16[] calldata subjects) external override {
        Seat memory seat = _seatOf(msg.sender);
        _checkSubjects(subjects);

        for (uint256 i = 0; i < subjects.length; ++i) {
            Ballot memory ballot = _ballotOf(subjects[i]);
            if (!_isIn(ballot, seat)) revert NotVoted(msg.sender, subjects[i]);
            if (ballot.weight >= s_weightThreshold) revert ThresholdReached(subjects[i]);
            ballot.votedBitmap &= ~_bitOf(seat);
            ballot.weight -= seat.weight;
            s_ballots[subjects[i]] = ballot;
        }

        emit UnvotedToCurse(msg.sender, subjects);
    }

    /// @inheritdoc ICurseVoting
    function enact(bytes16[] calldata subjects) external override {
        _checkSubjects(subjects);

        for (uint256 i = 0; i < subjects.length; ++i) {
            if (_ballotOf(subjects[i]).weight < s_weightThreshold) revert ThresholdNotReached(subjects[i]);
            _curseOrRevert(subjects[i]);
        }
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Council
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc ICurseVoting
    function councilCurse(bytes16[] calldata subjects, bytes32 evidenceHash) external override onlyOwner {
        _checkSubjects(subjects);

        emit CouncilCursed(subjects, evidenceHash);

        for (uint256 i = 0; i < subjects.length; ++i) {
            _curseOrRevert(subjects[i]);
        }
    }

    /// @inheritdoc ICurseVoting
    function liftCurse(bytes16[] calldata subjects) external override onlyOwner {
        _checkSubjects(subjects);

        for (uint256 i = 0; i < subjects.length; ++i) {
            delete s_ballots[subjects[i]];

            emit CurseLifted(subjects[i], _uncurse(subjects[i]));
        }
    }

    /// @inheritdoc ICurseVoting
    function setConfig(Voter[] calldata voters, uint16 weightThreshold) external override onlyOwner {
        _setConfig(voters, weightThreshold);
    }

    /// @inheritdoc ICurseVoting
    function callRMNRemote(bytes calldata data) external override onlyOwner {
        bytes4 selector = bytes4(data);
        if (_isCurseOrUncurse(selector)) revert ForbiddenSelector(selector);

        emit RMNRemoteCalled(data);

        (bool success, bytes memory reason) = address(i_rmnRemote).call(data);
        if (!success) revert RMNRemoteFailed(reason);
    }

    /// @inheritdoc ICurseVoting
    function acceptRMNRemoteOwnership() external override {
        IOwnable(address(i_rmnRemote)).acceptOwnership();
    }

    // ---------------------------------------------------------------------------------------------------------------
    // RMNRemote
    // ---------------------------------------------------------------------------------------------------------------

    /// @dev Makes sure that the subject itself is cursed. `isCursed(subject)` can't be asked first: it is also true while
    /// the global subject is cursed, and the subject would be free again when that is lifted.
    /// @return refusal RMNRemote's revert data, empty if the subject is cursed now.
    function _curse(bytes16 subject) internal returns (bytes memory refusal) {
        try i_rmnRemote.curse(subject) {}
        catch (bytes memory reason) {
            // RMNRemote always gives a reason: without one it ran out of gas.
            if (reason.length == 0) revert InsufficientGas();
            if (bytes4(reason) != IRMNRemote.AlreadyCursed.selector) return reason;
        }
    }

    function _curseOrRevert(bytes16 subject) internal {
        bytes memory refusal = _curse(subject);
        if (refusal.length != 0) revert RMNRemoteFailed(refusal);
    }

    /// @return wasCursed False if there was no curse to lift.
    function _uncurse(bytes16 subject) internal returns (bool wasCursed) {
        try i_rmnRemote.uncurse(subject) {
            return true;
        } catch (bytes memory reason) {
            if (bytes4(reason) != IRMNRemote.NotCursed.selector) revert RMNRemoteFailed(reason);
        }
    }

    function _isCurseOrUncurse(bytes4 selector) internal pure returns (bool) {
        return selector == IRMNRemote.curse.selector || selector == bytes4(keccak256("curse(bytes16[])"))
            || selector == IRMNRemote.uncurse.selector || selector == bytes4(keccak256("uncurse(bytes16[])"));
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Ballots and seats
    // ---------------------------------------------------------------------------------------------------------------

    function _ballotOf(bytes16 subject) internal view returns (Ballot memory) {
        Ballot memory ballot = s_ballots[subject];
        uint32 configVersion = s_configVersion;
        return ballot.configVersion == configVersion ? ballot : Ballot(configVersion, 0, 0);
    }

    function _seatOf(address voter) internal view returns (Seat memory) {
        Seat memory seat = s_seats[s_configVersion][voter];
        if (seat.weight == 0) revert UnauthorizedVoter(voter);
        return seat;
    }

    function _isIn(Ballot memory ballot, Seat memory seat) internal pure returns (bool) {
        return ballot.votedBitmap & _bitOf(seat) != 0;
    }

    function _bitOf(Seat memory seat) internal pure returns (uint16) {
        return uint16(1) << seat.index;
    }

    function _checkSubjects(bytes16[] calldata subjects) internal pure {
        if (subjects.length == 0) revert NoSubjects();
        for (uint256 i = 1; i < subjects.length; ++i) {
            if (subjects[i] <= subjects[i - 1]) revert SubjectsMustBeStrictlyIncreasing();
        }
    }

    function _setConfig(Voter[] memory voters, uint16 weightThreshold) internal {
        if (voters.length == 0 || voters.length > MAX_VOTERS) revert InvalidVotersCount(voters.length);

        uint32 configVersion = ++s_configVersion;
        uint256 totalWeight = 0;
        delete s_voters;
        for (uint256 i = 0; i < voters.length; ++i) {
            Voter memory entry = voters[i];
            if (entry.voter == address(0)) revert VoterCannotBeZero();
            if (entry.weight == 0) revert WeightCannotBeZero(entry.voter);
            Seat storage seat = s_seats[configVersion][entry.voter];
            if (seat.weight != 0) revert DuplicateVoter(entry.voter);

            (seat.index, seat.weight) = (uint8(i), entry.weight);
            totalWeight += entry.weight;
            s_voters.push(entry);
        }
        if (weightThreshold == 0 || weightThreshold > totalWeight) {
            revert InvalidWeightThreshold(weightThreshold, totalWeight);
        }
        s_weightThreshold = weightThreshold;

        emit ConfigSet(configVersion, voters, weightThreshold);
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Views
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc ICurseVoting
    function getRMNRemote() external view override returns (address) {
        return address(i_rmnRemote);
    }

    /// @inheritdoc ICurseVoting
    function getConfig() external view override returns (uint32, Voter[] memory, uint16) {
        return (s_configVersion, s_voters, s_weightThreshold);
    }

    /// @inheritdoc ICurseVoting
    function getVote(bytes16 subject) external view override returns (uint16 weight, address[] memory voters) {
        Ballot memory ballot = _ballotOf(subject);
        uint256 count = 0;
        voters = new address[](s_voters.length);
        for (uint256 i = 0; i < voters.length; ++i) {
            if (ballot.votedBitmap & (1 << i) != 0) voters[count++] = s_voters[i].voter;
        }
        assembly ("memory-safe") {
            mstore(voters, count) // shorten
        }
        return (ballot.weight, voters);
    }

    /// @inheritdoc ICurseVoting
    function hasVoted(address voter, bytes16 subject) external view override returns (bool) {
        Seat memory seat = s_seats[s_configVersion][voter];
        return seat.weight != 0 && _isIn(_ballotOf(subject), seat);
    }

    /// @inheritdoc ICurseVoting
    function isCurseIdUsed(address voter, bytes16 curseId) external view override returns (bool) {
        return s_usedCurseIds[voter][curseId];
    }
}
