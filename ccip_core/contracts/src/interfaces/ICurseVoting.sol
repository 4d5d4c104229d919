// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title ICurseVoting
/// @notice The owner of a chain's RMNRemote: registered RMN nodes vote to curse, their weights add up subject by
/// subject, and the vote that reaches the threshold curses. Only the council, the owner of this contract, lifts.
///
/// The life of a subject:
///
///     voteToCurse ──▶ weight grows ──▶ weight >= threshold ──▶ cursed on RMNRemote ──▶ liftCurse ──▶ weight 0
///           ▲               │              closed to unvotes                            (council)
///           └─ unvoteToCurse┘
///
/// Modelled on the curse votes of RMN 1.5. What differs: an unvote names subjects (there is no hash chain of curses),
/// each vote carries the hash of its evidence, and the curses themselves live in RMNRemote 1.6, so they survive a new
/// config, an unvote and the replacement of this contract.
interface ICurseVoting {
    /// @notice One RMN node's account and the weight of its vote.
    struct Voter {
        address voter;
        uint8 weight;
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Errors
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Thrown when RMNRemote's address is zero.
    error RMNRemoteCannotBeZero();

    /// @notice Thrown when a config has no voters or more than 16.
    error InvalidVotersCount(uint256 count);

    /// @notice Thrown when a config names the zero address as a voter.
    error VoterCannotBeZero();

    /// @notice Thrown when a config names a voter twice.
    error DuplicateVoter(address voter);

    /// @notice Thrown when a config gives a voter no weight.
    error WeightCannotBeZero(address voter);

    /// @notice Thrown when a config's threshold is zero or more than all weights together.
    error InvalidWeightThreshold(uint16 weightThreshold, uint256 totalWeight);

    /// @notice Thrown when the caller is no voter of the present config.
    error UnauthorizedVoter(address voter);

    /// @notice Thrown when a voter uses a curse id for a second time.
    error ReusedCurseId(address voter, bytes16 curseId);

    /// @notice Thrown when the list of subjects is empty.
    error NoSubjects();

    /// @notice Thrown when the subjects are not strictly ascending; this also rules out repeats.
    error SubjectsMustBeStrictlyIncreasing();

    /// @notice Thrown when a voter takes back a vote that does not stand.
    error NotVoted(address voter, bytes16 subject);

    /// @notice Thrown when a voter takes back a vote although the decision has fallen: from here on only the council acts.
    error ThresholdReached(bytes16 subject);

    /// @notice Thrown when `enact` names a subject whose votes don't reach the threshold.
    error ThresholdNotReached(bytes16 subject);

    /// @notice Thrown when RMNRemote ran out of gas. Without it, gas estimation would settle for a vote that counts and
    /// a curse that never lands.
    error InsufficientGas();

    /// @notice Thrown when RMNRemote refuses what a caller asked for; `reason` is its revert data.
    error RMNRemoteFailed(bytes reason);

    /// @notice Thrown when the council tries to curse or lift through `callRMNRemote`.
    error ForbiddenSelector(bytes4 selector);

    // ---------------------------------------------------------------------------------------------------------------
    // Events
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Emitted for every vote, also if its voter's weight counted for some of the subjects already.
    event VotedToCurse(address indexed voter, bytes16 curseId, bytes16[] subjects, bytes32 evidenceHash);

    /// @notice Emitted when a voter took back its votes for these subjects.
    event UnvotedToCurse(address indexed voter, bytes16[] subjects);

    /// @notice Emitted when the votes for a subject reach the threshold and RMNRemote refused the curse, for instance
    /// because this contract doesn't own it. The votes stand; `enact` tries again.
    event CurseNotEnacted(bytes16 indexed subject, bytes reason);

    /// @notice Emitted when the council cursed by itself.
    event CouncilCursed(bytes16[] subjects, bytes32 evidenceHash);

    /// @notice Emitted when the council lifted a subject; its votes are gone. `wasCursed` tells whether RMNRemote held
    /// the curse or only votes were cleared.
    event CurseLifted(bytes16 indexed subject, bool wasCursed);

    /// @notice Emitted when a config is set; all votes given before it are void.
    event ConfigSet(uint32 indexed version, Voter[] voters, uint16 weightThreshold);

    /// @notice Emitted when the council acts on RMNRemote as its owner; `data` is the call.
    event RMNRemoteCalled(bytes data);

    // ---------------------------------------------------------------------------------------------------------------
    // Voting
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Votes to curse subjects, and curses those whose votes reach the threshold.
    /// @dev A voter's weight counts once per subject until the subject is lifted or the config changes. A vote is never
    /// lost to RMNRemote: if that refuses, the vote counts and `CurseNotEnacted` says so. Cost grows with the number of
    /// subjects of this call alone.
    /// @param curseId Names this vote; single use per voter, for good.
    /// @param subjects Strictly ascending, not empty.
    /// @param evidenceHash Hash of what the voter has seen. Not interpreted here.
    function voteToCurse(bytes16 curseId, bytes16[] calldata subjects, bytes32 evidenceHash) external;

    /// @notice Takes back the caller's votes for subjects whose votes have not reached the threshold. Never lifts.
    function unvoteToCurse(bytes16[] calldata subjects) external;

    /// @notice Curses subjects whose votes reach the threshold and that RMNRemote refused before. Anyone may call.
    function enact(bytes16[] calldata subjects) external;

    // ---------------------------------------------------------------------------------------------------------------
    // Council
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Curses without votes. Subjects that are cursed already stay so.
    function councilCurse(bytes16[] calldata subjects, bytes32 evidenceHash) external;

    /// @notice Lifts subjects and clears their votes, so that old votes don't curse again. A subject that is not cursed
    /// only loses its votes. Curse ids stay used.
    function liftCurse(bytes16[] calldata subjects) external;

    /// @notice Replaces voters and threshold. All votes become void; curses stay.
    /// @param voters 1 to 16, distinct, not zero, each with a weight.
    /// @param weightThreshold At least 1, at most all weights together.
    function setConfig(Voter[] calldata voters, uint16 weightThreshold) external;

    /// @notice Calls RMNRemote as its owner: `setConfig`, `transferOwnership`. Cursing and lifting are refused here, since
    /// they would pass by the votes: use `councilCurse` and `liftCurse`.
    function callRMNRemote(bytes calldata data) external;

    /// @notice Accepts the ownership of RMNRemote after its owner offered it. Anyone may call: only that owner decides.
    function acceptRMNRemoteOwnership() external;

    // ---------------------------------------------------------------------------------------------------------------
    // Views
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice The RMNRemote that is cursed.
    function getRMNRemote() external view returns (address);

    /// @notice The present config; `version` counts from 1.
    function getConfig() external view returns (uint32 version, Voter[] memory voters, uint16 weightThreshold);

    /// @notice The votes that stand for a subject: their weight and whose they are.
    function getVote(bytes16 subject) external view returns (uint16 weight, address[] memory voters);

    /// @notice Whether the voter's vote for a subject stands.
    function hasVoted(address voter, bytes16 subject) external view returns (bool);

    /// @notice Whether the voter has used a curse id.
    function isCurseIdUsed(address voter, bytes16 curseId) external view returns (bool);
}
