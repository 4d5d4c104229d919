// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Internal} from "../libraries/Internal.sol";

/// @title IRMNRemote
/// @notice The Risk Management Network on one chain: whose signatures bless, and what is cursed.
interface IRMNRemote {
    /// @notice A signature without its recovery id, which is 27 always: a signer whose signature has 28 gives n - s
    /// instead of s. So s may be high.
    struct Signature {
        bytes32 r;
        bytes32 s;
    }

    /// @notice An RMN node that signs.
    struct Signer {
        address onchainPublicKey;
        uint64 nodeIndex; // in RMNHome's list; ascending in a config
    }

    /// @notice Who blesses.
    struct Config {
        bytes32 rmnHomeContractConfigDigest; // RMNHome's config that this one follows from; part of what is signed
        Signer[] signers; // at least 2 * fSign + 1
        uint64 fSign; // fSign + 1 signatures are needed
    }

    /// @notice Thrown by `curse` when the subject is cursed already or named twice.
    error AlreadyCursed(bytes16 subject);

    /// @notice Thrown by `uncurse` when the subject is not cursed.
    error NotCursed(bytes16 subject);

    /// @notice Thrown by `verify` before the first config.
    error ConfigNotSet();

    /// @notice Thrown when a config names a signer's key twice.
    error DuplicateOnchainPublicKey();

    /// @notice Thrown by `verify` when a signature recovers to nobody.
    error InvalidSignature();

    /// @notice Thrown when a config's node indices don't ascend strictly.
    error InvalidSignerOrder();

    /// @notice Thrown by `isBlessed` when there is no RMN 1.5 to ask.
    error IsBlessedNotAvailable();

    /// @notice Thrown when a config has fewer than 2 * fSign + 1 signers.
    error NotEnoughSigners();

    /// @notice Thrown by `verify` when the signers' addresses don't ascend strictly.
    error OutOfOrderSignatures();

    /// @notice Thrown by `verify` when there are fewer than fSign + 1 signatures.
    error ThresholdNotMet();

    /// @notice Thrown by `verify` when a signature is of nobody in the config.
    error UnexpectedSigner();

    /// @notice Thrown when a chain selector or digest is zero.
    error ZeroValueNotAllowed();

    /// @notice Emitted when a config is set; `version` counts from 1.
    event ConfigSet(uint32 indexed version, Config config);

    /// @notice Emitted when subjects are cursed.
    event Cursed(bytes16[] subjects);

    /// @notice Emitted when curses are lifted.
    event Uncursed(bytes16[] subjects);

    /// @notice Curses one subject. Owner only.
    function curse(bytes16 subject) external;

    /// @notice Lifts the curse of one subject. Owner only.
    function uncurse(bytes16 subject) external;

    /// @notice Returns if enough RMN nodes have signed exactly these roots for this OffRamp, and reverts if not.
    /// @param signatures At least fSign + 1, ascending by the signer's address; each must be a signer's.
    function verify(address offRampAddress, Internal.MerkleRoot[] calldata merkleRoots, Signature[] calldata signatures)
        external
        view;

    /// @notice The present config; version 0: none was set yet.
    function getVersionedConfig() external view returns (uint32 version, Config memory config);

    /// @notice Everything that is cursed. The order changes when a curse is lifted.
    function getCursedSubjects() external view returns (bytes16[] memory subjects);

    /// @notice Whether the global subject is cursed.
    function isCursed() external view returns (bool);

    /// @notice Whether the subject or the global subject is cursed.
    function isCursed(bytes16 subject) external view returns (bool);
}
