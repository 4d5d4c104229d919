// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../access/Ownable2StepMsgSender.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";

/// @title MultiOCR3Base
/// @notice Checks that a report comes from an oracle network: from one of its transmitters, and, where the plugin asks for
/// it, signed by F + 1 of its signers. Several plugins, each with oracles of its own, share one contract.
abstract contract MultiOCR3Base is ITypeAndVersion, Ownable2StepMsgSender {
    enum InvalidConfigErrorType {
        F_MUST_BE_POSITIVE,
        TOO_MANY_TRANSMITTERS,
        TOO_MANY_SIGNERS,
        F_TOO_HIGH,
        REPEATED_ORACLE_ADDRESS,
        NO_TRANSMITTERS
    }

    enum Role {
        Unset,
        Signer,
        Transmitter
    }

    struct ConfigInfo {
        bytes32 configDigest; // any, set by who configures; reports name it
        uint8 F; // ───────────────────────────╮ how many oracles may be faulty
        uint8 n; //                            │ number of signers
        bool isSignatureVerificationEnabled; //╯ fixed by a plugin's first config
    }

    struct OCRConfig {
        ConfigInfo configInfo;
        address[] signers;
        address[] transmitters;
    }

    struct OCRConfigArgs {
        bytes32 configDigest;
        uint8 ocrPluginType;
        uint8 F;
        bool isSignatureVerificationEnabled;
        address[] signers; // ignored without signature verification
        address[] transmitters;
    }

    struct Oracle {
        uint8 index; // ─╮ in the list of its role
        Role role; // ───╯ one account can't have both
    }

    error ConfigDigestMismatch(bytes32 expected, bytes32 actual);
    error ForkedChain(uint256 expected, uint256 actual);
    error InvalidConfig(InvalidConfigErrorType errorType);
    error NonUniqueSignatures();
    error OracleCannotBeZeroAddress();
    error SignaturesOutOfRegistration();
    error StaticConfigCannotBeChanged(uint8 ocrPluginType);
    error UnauthorizedSigner();
    error UnauthorizedTransmitter();
    error WrongMessageLength(uint256 expected, uint256 actual);
    error WrongNumberOfSignatures();

    event ConfigSet(uint8 ocrPluginType, bytes32 configDigest, address[] signers, address[] transmitters, uint8 F);
    event Transmitted(uint8 indexed ocrPluginType, bytes32 configDigest, uint64 sequenceNumber);

    uint256 internal constant MAX_NUM_ORACLES = 256;

    /// @dev Calldata of a function (bytes32[2] reportContext, bytes report), without the report's own bytes: selector,
    /// context, offset, length.
    uint256 internal constant LENGTH_WITHOUT_SIGNATURES = 4 + 64 + 32 + 32;

    /// @dev What (bytes32[] rs, bytes32[] ss, bytes32 rawVs) add to it, without the signatures: offsets, rawVs, lengths.
    uint256 internal constant LENGTH_OF_SIGNATURES = 64 + 32 + 64;

    /// @dev Nobody has its key: nodes estimate gas as this account, which needs not be a transmitter.
    address internal constant GAS_ESTIMATION_SENDER = address(0x00c11c11c11C11c11C11c11c11C11C11c11C11c1);

    uint256 internal immutable i_chainID = block.chainid;

    mapping(uint8 ocrPluginType => OCRConfig) internal s_ocrConfigs;
    mapping(uint8 ocrPluginType => mapping(address oracle => Oracle)) internal s_oracles;

    // ---------------------------------------------------------------------------------------------------------------
    // Configuration
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Replaces the oracles of these plugins. Owner only.
    function setOCR3Configs(OCRConfigArgs[] memory ocrConfigArgs) external onlyOwner {
        for (uint256 i = 0; i < ocrConfigArgs.length; ++i) {
            _setOCR3Config(ocrConfigArgs[i]);
        }
    }

    function _setOCR3Config(OCRConfigArgs memory args) private {
        if (args.F == 0) revert InvalidConfig(InvalidConfigErrorType.F_MUST_BE_POSITIVE);
        OCRConfig storage config = s_ocrConfigs[args.ocrPluginType];
        ConfigInfo storage info = config.configInfo;
        if (info.F == 0) {
            info.isSignatureVerificationEnabled = args.isSignatureVerificationEnabled;
        } else if (info.isSignatureVerificationEnabled != args.isSignatureVerificationEnabled) {
            revert StaticConfigCannotBeChanged(args.ocrPluginType);
        }
        if (args.transmitters.length > MAX_NUM_ORACLES) {
            revert InvalidConfig(InvalidConfigErrorType.TOO_MANY_TRANSMITTERS);
        }
        if (args.transmitters.length == 0) revert InvalidConfig(InvalidConfigErrorType.NO_TRANSMITTERS);

        _forget(args.ocrPluginType, config.transmitters);
        if (args.isSignatureVerificationEnabled) {
            uint256 n = args.signers.length;
            if (n > MAX_NUM_ORACLES) revert InvalidConfig(InvalidConfigErrorType.TOO_MANY_SIGNERS);
            if (n <= 3 * args.F) revert InvalidConfig(InvalidConfigErrorType.F_TOO_HIGH);
            if (n < args.transmitters.length) revert InvalidConfig(InvalidConfigErrorType.TOO_MANY_TRANSMITTERS);

            _forget(args.ocrPluginType, config.signers);
            _register(args.ocrPluginType, args.signers, Role.Signer);
            config.signers = args.signers;
            info.n = uint8(n);
        }
        _register(args.ocrPluginType, args.transmitters, Role.Transmitter);
        config.transmitters = args.transmitters;
        info.F = args.F;
        info.configDigest = args.configDigest;

        emit ConfigSet(args.ocrPluginType, args.configDigest, config.signers, args.transmitters, args.F);

        _afterOCR3ConfigSet(args.ocrPluginType);
    }

    function _forget(uint8 ocrPluginType, address[] memory oracles) private {
        for (uint256 i = 0; i < oracles.length; ++i) {
            delete s_oracles[ocrPluginType][oracles[i]];
        }
    }

    function _register(uint8 ocrPluginType, address[] memory oracles, Role role) private {
        for (uint256 i = 0; i < oracles.length; ++i) {
            if (s_oracles[ocrPluginType][oracles[i]].role != Role.Unset) {
                revert InvalidConfig(InvalidConfigErrorType.REPEATED_ORACLE_ADDRESS);
            }
            if (oracles[i] == address(0)) revert OracleCannotBeZeroAddress();
            s_oracles[ocrPluginType][oracles[i]] = Oracle(uint8(i), role);
        }
    }

    /// @dev The last word on a new config: it may revert.
    function _afterOCR3ConfigSet(uint8 ocrPluginType) internal virtual;

    /// @notice A plugin's oracles.
    function latestConfigDetails(uint8 ocrPluginType) external view returns (OCRConfig memory ocrConfig) {
        return s_ocrConfigs[ocrPluginType];
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Transmission
    // ---------------------------------------------------------------------------------------------------------------

    /// @dev To be called last, when the report has been acted on: so that what is wrong with it shows first.
    /// @param reportContext The config's digest and the report's sequence number.
    /// @param rs Signatures, in any order; byte i of `rawVs` is the recovery id of the i-th.
    function _transmit(
        uint8 ocrPluginType,
        bytes32[2] calldata reportContext,
        bytes calldata report,
        bytes32[] memory rs,
        bytes32[] memory ss,
        bytes32 rawVs
    ) internal {
        ConfigInfo memory info = s_ocrConfigs[ocrPluginType].configInfo;

        // The signers saw the report; bytes between its end and the end of the calldata would be nobody's.
        uint256 expectedLength = LENGTH_WITHOUT_SIGNATURES + report.length;
        if (info.isSignatureVerificationEnabled) {
            expectedLength += LENGTH_OF_SIGNATURES + 32 * (rs.length + ss.length);
        }
        if (msg.data.length != expectedLength) revert WrongMessageLength(expectedLength, msg.data.length);

        bytes32 configDigest = reportContext[0];
        if (configDigest != info.configDigest) revert ConfigDigestMismatch(info.configDigest, configDigest);
        _whenChainNotForked();
        if (s_oracles[ocrPluginType][msg.sender].role != Role.Transmitter && msg.sender != GAS_ESTIMATION_SENDER) {
            revert UnauthorizedTransmitter();
        }
        if (info.isSignatureVerificationEnabled) {
            if (rs.length != info.F + 1) revert WrongNumberOfSignatures();
            if (rs.length != ss.length) revert SignaturesOutOfRegistration();

            bytes32 digest = keccak256(abi.encodePacked(keccak256(report), reportContext[0], reportContext[1]));
            _verifySignatures(ocrPluginType, digest, rs, ss, rawVs);
        }

        emit Transmitted(ocrPluginType, configDigest, uint64(uint256(reportContext[1])));
    }

    function _verifySignatures(
        uint8 ocrPluginType,
        bytes32 digest,
        bytes32[] memory rs,
        bytes32[] memory ss,
        bytes32 rawVs
    ) private view {
        uint256 signed = 0; // bit i: signer i
        for (uint256 i = 0; i < rs.length; ++i) {
            address signer = ecrecover(digest, uint8(rawVs[i]) + 27, rs[i], ss[i]);
            Oracle memory oracle = s_oracles[ocrPluginType][signer];
            if (oracle.role != Role.Signer) revert UnauthorizedSigner(); // nobody's too: zero is no signer
            if (signed & (1 << oracle.index) != 0) revert NonUniqueSignatures();
            signed |= 1 << oracle.index;
        }
    }

    /// @dev On the other side of a fork of the chain, signatures and roots would count twice.
    function _whenChainNotForked() internal view {
        if (i_chainID != block.chainid) revert ForkedChain(i_chainID, block.chainid);
    }
}
