// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../access/Ownable2StepMsgSender.sol";
import {IRMN} from "../interfaces/IRMN.sol";
import {IRMNRemote} from "../interfaces/IRMNRemote.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {EnumerableSet} from "../libraries/EnumerableSet.sol";
import {Internal} from "../libraries/Internal.sol";

/// @dev The subject that stands for every lane of this chain.
bytes16 constant GLOBAL_CURSE_SUBJECT = 0x01000000000000000000000000000001;

/// @title RMNRemote
/// @notice See IRMNRemote.
contract RMNRemote is IRMN, IRMNRemote, ITypeAndVersion, Ownable2StepMsgSender {
    using EnumerableSet for EnumerableSet.Bytes16Set;

    /// @dev What is signed. The chain, this contract and the OffRamp are part of it, so that a signature counts nowhere
    /// else; all roots of a report are signed at once.
    struct Report {
        uint256 destChainId;
        uint64 destChainSelector;
        address rmnRemoteContractAddress;
        address offrampAddress;
        bytes32 rmnHomeContractConfigDigest;
        Internal.MerkleRoot[] merkleRoots;
    }

    string public constant override typeAndVersion = "RMNRemote 1.6.0";

    bytes32 internal constant RMN_V1_6_ANY2EVM_REPORT = keccak256("RMN_V1_6_ANY2EVM_REPORT");

    /// @dev Signatures come without a recovery id; this is the one.
    uint8 internal constant ECDSA_RECOVERY_V = 27;

    uint64 internal immutable i_localChainSelector;
    IRMN internal immutable i_legacyRMN;

    Config internal s_config;
    uint32 internal s_configVersion;
    mapping(address onchainPublicKey => bool) internal s_isSigner;
    EnumerableSet.Bytes16Set internal s_cursedSubjects;

    /// @param legacyRMN The chain's RMN 1.5, which `isBlessed` is passed on to; zero if there is none.
    constructor(uint64 localChainSelector, IRMN legacyRMN) {
        if (localChainSelector == 0) revert ZeroValueNotAllowed();

        i_localChainSelector = localChainSelector;
        i_legacyRMN = legacyRMN;
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Blessing
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IRMNRemote
    function verify(address offRampAddress, Internal.MerkleRoot[] calldata merkleRoots, Signature[] calldata signatures)
        external
        view
        override
    {
        if (s_configVersion == 0) revert ConfigNotSet();
        if (signatures.length < s_config.fSign + 1) revert ThresholdNotMet();

        bytes32 digest = _digest(offRampAddress, merkleRoots);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ecrecover(digest, ECDSA_RECOVERY_V, signatures[i].r, signatures[i].s);
            if (signer == address(0)) revert InvalidSignature();
            if (signer <= previous) revert OutOfOrderSignatures(); // also if one signs twice
            if (!s_isSigner[signer]) revert UnexpectedSigner();
            previous = signer;
        }
    }

    function _digest(address offRampAddress, Internal.MerkleRoot[] calldata merkleRoots)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                RMN_V1_6_ANY2EVM_REPORT,
                Report({
                    destChainId: block.chainid,
                    destChainSelector: i_localChainSelector,
                    rmnRemoteContractAddress: address(this),
                    offrampAddress: offRampAddress,
                    rmnHomeContractConfigDigest: s_config.rmnHomeContractConfigDigest,
                    merkleRoots: merkleRoots
                })
            )
        );
    }

    /// @inheritdoc IRMN
    function isBlessed(TaggedRoot calldata taggedRoot) external view override returns (bool) {
        if (i_legacyRMN == IRMN(address(0))) revert IsBlessedNotAvailable();

        return i_legacyRMN.isBlessed(taggedRoot);
    }

    /// @notice Replaces the signers. Signatures under another digest count no more. Owner only.
    function setConfig(Config calldata newConfig) external onlyOwner {
        if (newConfig.rmnHomeContractConfigDigest == bytes32(0)) revert ZeroValueNotAllowed();
        Signer[] calldata signers = newConfig.signers;
        for (uint256 i = 1; i < signers.length; ++i) {
            if (signers[i - 1].nodeIndex >= signers[i].nodeIndex) revert InvalidSignerOrder();
        }
        if (signers.length < 2 * newConfig.fSign + 1) revert NotEnoughSigners();

        for (uint256 i = s_config.signers.length; i > 0; --i) {
            delete s_isSigner[s_config.signers[i - 1].onchainPublicKey];
            s_config.signers.pop();
        }
        for (uint256 i = 0; i < signers.length; ++i) {
            if (s_isSigner[signers[i].onchainPublicKey]) revert DuplicateOnchainPublicKey();
            s_isSigner[signers[i].onchainPublicKey] = true;
            s_config.signers.push(signers[i]);
        }
        s_config.rmnHomeContractConfigDigest = newConfig.rmnHomeContractConfigDigest;
        s_config.fSign = newConfig.fSign;

        emit ConfigSet(++s_configVersion, newConfig);
    }

    /// @inheritdoc IRMNRemote
    function getVersionedConfig() external view override returns (uint32 version, Config memory config) {
        return (s_configVersion, s_config);
    }

    /// @notice The chain selector that goes into what is signed.
    function getLocalChainSelector() external view returns (uint64) {
        return i_localChainSelector;
    }

    /// @notice What opens the text that is signed.
    function getReportDigestHeader() external pure returns (bytes32) {
        return RMN_V1_6_ANY2EVM_REPORT;
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Cursing
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IRMNRemote
    function curse(bytes16 subject) external override {
        curse(_listOf(subject));
    }

    /// @notice Curses all of these subjects or none: reverts if one is cursed already or named twice. Owner only.
    function curse(bytes16[] memory subjects) public onlyOwner {
        for (uint256 i = 0; i < subjects.length; ++i) {
            if (!s_cursedSubjects.add(subjects[i])) revert AlreadyCursed(subjects[i]);
        }

        emit Cursed(subjects);
    }

    /// @inheritdoc IRMNRemote
    function uncurse(bytes16 subject) external override {
        uncurse(_listOf(subject));
    }

    /// @notice Lifts all of these curses or none: reverts if one is not there. Owner only.
    function uncurse(bytes16[] memory subjects) public onlyOwner {
        for (uint256 i = 0; i < subjects.length; ++i) {
            if (!s_cursedSubjects.remove(subjects[i])) revert NotCursed(subjects[i]);
        }

        emit Uncursed(subjects);
    }

    function _listOf(bytes16 subject) internal pure returns (bytes16[] memory subjects) {
        subjects = new bytes16[](1);
        subjects[0] = subject;
    }

    /// @inheritdoc IRMNRemote
    function getCursedSubjects() external view override returns (bytes16[] memory subjects) {
        return s_cursedSubjects.values();
    }

    /// @inheritdoc IRMNRemote
    function isCursed() external view override(IRMN, IRMNRemote) returns (bool) {
        return s_cursedSubjects.length() != 0 && s_cursedSubjects.contains(GLOBAL_CURSE_SUBJECT);
    }

    /// @inheritdoc IRMNRemote
    function isCursed(bytes16 subject) external view override(IRMN, IRMNRemote) returns (bool) {
        if (s_cursedSubjects.length() == 0) return false; // so on all but the worst days
        return s_cursedSubjects.contains(subject) || s_cursedSubjects.contains(GLOBAL_CURSE_SUBJECT);
    }
}
