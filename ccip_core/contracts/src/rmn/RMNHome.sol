// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../access/Ownable2StepMsgSender.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";

/// @title RMNHome
/// @notice The configuration of the Risk Management Network, on one chain for all: its nodes, and who observes which
/// source. A new configuration begins as the candidate and becomes the active one when it is promoted:
///
///     setCandidate ──▶ candidate ──▶ promoteCandidateAndRevokeActive ──▶ active
///                          └──▶ revokeCandidate, or overwritten
contract RMNHome is Ownable2StepMsgSender, ITypeAndVersion {
    struct Node {
        bytes32 peerId;
        bytes32 offchainPublicKey; // with which the node signs its observations
    }

    struct SourceChain {
        uint64 chainSelector;
        uint64 fObserve; // fObserve + 1 equal observations are needed
        uint256 observerNodesBitmap; // bit i: node i observes this chain; at least 2 * fObserve + 1 of them
    }

    /// @dev The digest covers it: a change is a new configuration.
    struct StaticConfig {
        Node[] nodes;
        bytes offchainConfig;
    }

    /// @dev May change under the same digest.
    struct DynamicConfig {
        SourceChain[] sourceChains;
        bytes offchainConfig;
    }

    struct VersionedConfig {
        uint32 version; // counts configurations from 1
        bytes32 configDigest;
        StaticConfig staticConfig;
        DynamicConfig dynamicConfig;
    }

    error ConfigDigestMismatch(bytes32 expectedConfigDigest, bytes32 gotConfigDigest);
    error DigestNotFound(bytes32 configDigest);
    error DuplicateOffchainPublicKey();
    error DuplicatePeerId();
    error DuplicateSourceChain();
    error NoOpStateTransitionNotAllowed();
    error NotEnoughObservers();
    error OutOfBoundsNodesLength();
    error OutOfBoundsObserverNodeIndex();
    error RevokingZeroDigestNotAllowed();

    event ActiveConfigRevoked(bytes32 indexed configDigest);
    event CandidateConfigRevoked(bytes32 indexed configDigest);
    event ConfigPromoted(bytes32 indexed configDigest);
    event ConfigSet(
        bytes32 indexed configDigest, uint32 version, StaticConfig staticConfig, DynamicConfig dynamicConfig
    );
    event DynamicConfigSet(bytes32 indexed configDigest, DynamicConfig dynamicConfig);

    string public constant override typeAndVersion = "RMNHome 1.6.0";

    uint256 internal constant MAX_NODES = 256;
    uint256 internal constant MAX_CONCURRENT_CONFIGS = 2;

    /// @dev The two highest bytes of a digest tell what it is a digest of.
    uint256 internal constant PREFIX = 0x000b << (256 - 16);
    uint256 internal constant PREFIX_MASK = type(uint256).max << (256 - 16);

    uint32 internal s_configVersion;
    uint32 internal s_activeIndex; // the other one is the candidate's
    VersionedConfig[MAX_CONCURRENT_CONFIGS] internal s_configs; // one without a digest is not there

    // ---------------------------------------------------------------------------------------------------------------
    // Views
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Digests of the active configuration and the candidate; zero: there is none.
    function getConfigDigests() external view returns (bytes32 activeConfigDigest, bytes32 candidateConfigDigest) {
        return (getActiveDigest(), getCandidateDigest());
    }

    function getActiveDigest() public view returns (bytes32) {
        return s_configs[s_activeIndex].configDigest;
    }

    function getCandidateDigest() public view returns (bytes32) {
        return s_configs[s_activeIndex ^ 1].configDigest;
    }

    /// @notice The configuration with this digest; `ok` false: neither the active one nor the candidate has it.
    function getConfig(bytes32 configDigest) external view returns (VersionedConfig memory versionedConfig, bool ok) {
        for (uint256 i = 0; i < MAX_CONCURRENT_CONFIGS; ++i) {
            if (configDigest != bytes32(0) && s_configs[i].configDigest == configDigest) return (s_configs[i], true);
        }
        return (versionedConfig, false);
    }

    /// @notice Both configurations; one with digest zero is not there.
    function getAllConfigs()
        external
        view
        returns (VersionedConfig memory activeConfig, VersionedConfig memory candidateConfig)
    {
        if (getActiveDigest() != bytes32(0)) activeConfig = s_configs[s_activeIndex];
        if (getCandidateDigest() != bytes32(0)) candidateConfig = s_configs[s_activeIndex ^ 1];
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Changes
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Sets the candidate. Owner only.
    /// @param digestToOverwrite The candidate's present digest, zero if there is none: so that two who act at once don't
    /// overwrite each other.
    function setCandidate(
        StaticConfig calldata staticConfig,
        DynamicConfig calldata dynamicConfig,
        bytes32 digestToOverwrite
    ) external onlyOwner returns (bytes32 newConfigDigest) {
        _validateStatic(staticConfig);
        _validateDynamic(dynamicConfig, staticConfig.nodes.length);
        _checkDigest(getCandidateDigest(), digestToOverwrite);

        if (digestToOverwrite != bytes32(0)) emit CandidateConfigRevoked(digestToOverwrite);
        uint32 version = ++s_configVersion;
        newConfigDigest = _digestOf(abi.encode(staticConfig), version);

        VersionedConfig storage candidate = s_configs[s_activeIndex ^ 1];
        candidate.version = version;
        candidate.configDigest = newConfigDigest;
        delete candidate.staticConfig.nodes;
        for (uint256 i = 0; i < staticConfig.nodes.length; ++i) {
            candidate.staticConfig.nodes.push(staticConfig.nodes[i]);
        }
        candidate.staticConfig.offchainConfig = staticConfig.offchainConfig;
        _storeDynamic(candidate.dynamicConfig, dynamicConfig);

        emit ConfigSet(newConfigDigest, version, staticConfig, dynamicConfig);
    }

    /// @notice Drops the candidate. Owner only.
    function revokeCandidate(bytes32 configDigest) external onlyOwner {
        if (configDigest == bytes32(0)) revert RevokingZeroDigestNotAllowed();
        _checkDigest(getCandidateDigest(), configDigest);

        delete s_configs[s_activeIndex ^ 1].configDigest;

        emit CandidateConfigRevoked(configDigest);
    }

    /// @notice Makes the candidate the active configuration. Owner only. With a zero digest to promote, there is no active
    /// configuration afterwards.
    function promoteCandidateAndRevokeActive(bytes32 digestToPromote, bytes32 digestToRevoke) external onlyOwner {
        if (digestToPromote == bytes32(0) && digestToRevoke == bytes32(0)) revert NoOpStateTransitionNotAllowed();
        _checkDigest(getCandidateDigest(), digestToPromote);
        _checkDigest(getActiveDigest(), digestToRevoke);

        delete s_configs[s_activeIndex].configDigest;
        s_activeIndex ^= 1;

        if (digestToRevoke != bytes32(0)) emit ActiveConfigRevoked(digestToRevoke);
        emit ConfigPromoted(digestToPromote);
    }

    /// @notice Replaces the dynamic part of the active configuration or the candidate. Owner only.
    function setDynamicConfig(DynamicConfig calldata newDynamicConfig, bytes32 currentDigest) external onlyOwner {
        for (uint256 i = 0; i < MAX_CONCURRENT_CONFIGS; ++i) {
            VersionedConfig storage config = s_configs[i];
            if (currentDigest == bytes32(0) || config.configDigest != currentDigest) continue;
            _validateDynamic(newDynamicConfig, config.staticConfig.nodes.length);

            _storeDynamic(config.dynamicConfig, newDynamicConfig);

            emit DynamicConfigSet(currentDigest, newDynamicConfig);
            return;
        }
        revert DigestNotFound(currentDigest);
    }

    function _storeDynamic(DynamicConfig storage stored, DynamicConfig calldata given) internal {
        delete stored.sourceChains;
        for (uint256 i = 0; i < given.sourceChains.length; ++i) {
            stored.sourceChains.push(given.sourceChains[i]);
        }
        stored.offchainConfig = given.offchainConfig;
    }

    function _digestOf(bytes memory staticConfig, uint32 version) internal view returns (bytes32) {
        bytes memory place = abi.encode(bytes32("EVM"), block.chainid, address(this), version);
        uint256 digest = uint256(keccak256(bytes.concat(place, staticConfig)));
        return bytes32(PREFIX | (digest & ~PREFIX_MASK));
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Checks
    // ---------------------------------------------------------------------------------------------------------------

    function _checkDigest(bytes32 expected, bytes32 got) internal pure {
        if (expected != got) revert ConfigDigestMismatch(expected, got);
    }

    function _validateStatic(StaticConfig calldata staticConfig) internal pure {
        Node[] calldata nodes = staticConfig.nodes;
        if (nodes.length > MAX_NODES) revert OutOfBoundsNodesLength();
        for (uint256 i = 0; i < nodes.length; ++i) {
            for (uint256 j = i + 1; j < nodes.length; ++j) {
                if (nodes[i].peerId == nodes[j].peerId) revert DuplicatePeerId();
                if (nodes[i].offchainPublicKey == nodes[j].offchainPublicKey) revert DuplicateOffchainPublicKey();
            }
        }
    }

    function _validateDynamic(DynamicConfig calldata dynamicConfig, uint256 nodes) internal pure {
        SourceChain[] calldata chains = dynamicConfig.sourceChains;
        for (uint256 i = 0; i < chains.length; ++i) {
            for (uint256 j = i + 1; j < chains.length; ++j) {
                if (chains[i].chainSelector == chains[j].chainSelector) revert DuplicateSourceChain();
            }
            uint256 bitmap = chains[i].observerNodesBitmap;
            if (bitmap >> nodes != 0) revert OutOfBoundsObserverNodeIndex();
            uint256 observers = 0;
            for (; bitmap != 0; bitmap &= bitmap - 1) {
                ++observers;
            }
            if (observers < 2 * chains[i].fObserve + 1) revert NotEnoughObservers();
        }
    }
}
