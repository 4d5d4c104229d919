// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {MerkleMultiProof} from "./MerkleMultiProof.sol";

/// @title Internal
/// @notice What the contracts of CCIP tell each other: messages between ramps, prices, reports; and how messages are
/// hashed.
///
///     OnRamp: EVM2AnyRampMessage, hashed to its messageId      OffRamp: Any2EVMRampMessage, hashed to a Merkle leaf
///                              └───────────── converted by the nodes, off-chain ─────────────┘
library Internal {
    error InvalidEVMAddress(bytes encodedAddress);
    error Invalid32ByteAddress(bytes encodedAddress);

    // ---- prices -----------------------------------------------------------------------------------------------------

    struct TokenPriceUpdate {
        address sourceToken; // on this chain
        uint224 usdPerToken; // USD with 18 decimals for 1e18 of the token's smallest units
    }

    struct GasPriceUpdate {
        uint64 destChainSelector;
        uint224 usdPerUnitGas; // low 112 bits: execution, high 112 bits: data availability; USD with 18 decimals
    }

    struct PriceUpdates {
        TokenPriceUpdate[] tokenPriceUpdates;
        GasPriceUpdate[] gasPriceUpdates;
    }

    struct TimestampedPackedUint224 {
        uint224 value; // ────╮
        uint32 timestamp; // ─╯ of the block; 0: never set
    }

    /// @dev Width of one of the two gas prices in a `GasPriceUpdate`.
    uint8 internal constant GAS_PRICE_BITS = 112;

    /// @dev What a message takes beside its data and tokens, for the data availability fee: 15 words.
    uint256 internal constant MESSAGE_FIXED_BYTES = 32 * 15;

    /// @dev What a token takes beside its pool's data: 9 words.
    uint256 internal constant MESSAGE_FIXED_BYTES_PER_TOKEN = 32 * 9;

    // ---- chain families ---------------------------------------------------------------------------------------------

    /// @dev bytes4(keccak256("CCIP ChainFamilySelector EVM")), and so on.
    bytes4 internal constant CHAIN_FAMILY_SELECTOR_EVM = 0x2812d52c;
    bytes4 internal constant CHAIN_FAMILY_SELECTOR_SVM = 0x1e10bdc4;
    bytes4 internal constant CHAIN_FAMILY_SELECTOR_APTOS = 0xac77ffec;
    bytes4 internal constant CHAIN_FAMILY_SELECTOR_SUI = 0xc4e05953;
    bytes4 internal constant CHAIN_FAMILY_SELECTOR_TVM = 0x647e2ba9;

    /// @dev Addresses below are precompiles or reserved for them, on any EVM chain.
    uint256 internal constant EVM_PRECOMPILE_SPACE = 1024;

    /// @dev Addresses below are the system's own on Aptos.
    uint256 internal constant APTOS_PRECOMPILE_SPACE = 0x0b;

    /// @dev Reverts unless these are the 32 bytes of abi.encode(address), outside the precompiles.
    function _validateEVMAddress(bytes memory encodedAddress) internal pure {
        if (encodedAddress.length != 32) revert InvalidEVMAddress(encodedAddress);
        uint256 word = abi.decode(encodedAddress, (uint256));
        if (word > type(uint160).max || word < EVM_PRECOMPILE_SPACE) revert InvalidEVMAddress(encodedAddress);
    }

    /// @dev Reverts unless these are 32 bytes that make a number of at least `minValue`.
    function _validate32ByteAddress(bytes memory encodedAddress, uint256 minValue) internal pure {
        if (encodedAddress.length != 32) revert Invalid32ByteAddress(encodedAddress);
        if (abi.decode(encodedAddress, (uint256)) < minValue) revert Invalid32ByteAddress(encodedAddress);
    }

    // ---- messages ---------------------------------------------------------------------------------------------------

    struct RampMessageHeader {
        bytes32 messageId; // given by the OnRamp
        uint64 sourceChainSelector;
        uint64 destChainSelector;
        uint64 sequenceNumber; // dense from 1, per lane
        uint64 nonce; // from 1 per lane and sender; 0: executed in any order
    }

    struct EVM2AnyTokenTransfer {
        address sourcePoolAddress;
        bytes destTokenAddress; // as the pool said
        bytes extraData; // as the pool said
        uint256 amount;
        bytes destExecData; // abi.encode(uint32 gas for the destination's pool) for EVM destinations
    }

    struct EVM2AnyRampMessage {
        RampMessageHeader header;
        address sender;
        bytes data;
        bytes receiver;
        bytes extraArgs; // V2 for EVM destinations, whatever the sender wrote
        address feeToken;
        uint256 feeTokenAmount;
        uint256 feeValueJuels; // not part of the messageId
        EVM2AnyTokenTransfer[] tokenAmounts;
    }

    struct Any2EVMTokenTransfer {
        bytes sourcePoolAddress; // abi.encode(address) for EVM sources
        address destTokenAddress;
        uint32 destGasAmount; // for the pool and for reading the receiver's balance before and after
        bytes extraData;
        uint256 amount; // in the source's decimals
    }

    struct Any2EVMRampMessage {
        RampMessageHeader header;
        bytes sender; // abi.encode(address) for EVM sources
        bytes data;
        address receiver;
        uint256 gasLimit;
        Any2EVMTokenTransfer[] tokenAmounts;
    }

    enum MessageExecutionState {
        UNTOUCHED,
        IN_PROGRESS,
        SUCCESS,
        FAILURE
    }

    enum OCRPluginType {
        Commit,
        Execution
    }

    // ---- reports ----------------------------------------------------------------------------------------------------

    struct MerkleRoot {
        uint64 sourceChainSelector;
        bytes onRampAddress; // abi.encode(address) for EVM sources
        uint64 minSeqNr; // inclusive
        uint64 maxSeqNr; // inclusive
        bytes32 merkleRoot;
    }

    struct ExecutionReport {
        uint64 sourceChainSelector;
        Any2EVMRampMessage[] messages;
        bytes[][] offchainTokenData; // [message][token]
        bytes32[] proofs;
        uint256 proofFlagBits; // bit i: both inputs of hash i are leaves or earlier hashes
    }

    // ---- hashes -----------------------------------------------------------------------------------------------------

    bytes32 internal constant EVM_2_ANY_MESSAGE_HASH = keccak256("EVM2AnyMessageHashV1");
    bytes32 internal constant ANY_2_EVM_MESSAGE_HASH = keccak256("Any2EVMMessageHashV1");

    /// @dev The messageId. The header's messageId and feeValueJuels don't go into it.
    /// @param metadataHash keccak256(abi.encode(EVM_2_ANY_MESSAGE_HASH, source selector, dest selector, OnRamp))
    function _hash(EVM2AnyRampMessage memory message, bytes32 metadataHash) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                MerkleMultiProof.LEAF_DOMAIN_SEPARATOR,
                metadataHash,
                keccak256(
                    abi.encode(
                        message.sender,
                        message.header.sequenceNumber,
                        message.header.nonce,
                        message.feeToken,
                        message.feeTokenAmount
                    )
                ),
                keccak256(message.receiver),
                keccak256(message.data),
                keccak256(abi.encode(message.tokenAmounts)),
                keccak256(message.extraArgs)
            )
        );
    }

    /// @dev The Merkle leaf.
    /// @param metadataHash keccak256(abi.encode(ANY_2_EVM_MESSAGE_HASH, source, dest selector, keccak256(OnRamp bytes)))
    function _hash(Any2EVMRampMessage memory message, bytes32 metadataHash) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                MerkleMultiProof.LEAF_DOMAIN_SEPARATOR,
                metadataHash,
                keccak256(
                    abi.encode(
                        message.header.messageId,
                        message.receiver,
                        message.header.sequenceNumber,
                        message.gasLimit,
                        message.header.nonce
                    )
                ),
                keccak256(message.sender),
                keccak256(message.data),
                keccak256(abi.encode(message.tokenAmounts))
            )
        );
    }
}
