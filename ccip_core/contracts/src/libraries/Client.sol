// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title Client
/// @notice What users send and receivers are handed, and the extra arguments of a message, by destination family.
library Client {
    struct EVMTokenAmount {
        address token; // on this chain
        uint256 amount; // in this chain's decimals; a receiver that is handed it holds it already
    }

    struct Any2EVMMessage {
        bytes32 messageId;
        uint64 sourceChainSelector;
        bytes sender; // abi.encode(address) if the source is an EVM chain. UNTRUSTED until compared with a known sender
        bytes data; // UNTRUSTED: the sender's words
        EVMTokenAmount[] destTokenAmounts;
    }

    struct EVM2AnyMessage {
        bytes receiver; // abi.encode(address) if the destination is an EVM chain
        bytes data;
        EVMTokenAmount[] tokenAmounts;
        address feeToken; // zero: the fee is the native coin sent along
        bytes extraArgs; // a tag and the struct that it names; empty: the destination's defaults
    }

    /// @dev bytes4(keccak256("CCIP EVMExtraArgsV1"))
    bytes4 internal constant EVM_EXTRA_ARGS_V1_TAG = 0x97a657c9;

    struct EVMExtraArgsV1 {
        uint256 gasLimit;
    }

    /// @dev bytes4(keccak256("CCIP EVMExtraArgsV2"))
    bytes4 internal constant GENERIC_EXTRA_ARGS_V2_TAG = 0x181dcf10;

    struct GenericExtraArgsV2 {
        uint256 gasLimit; // for the receiver, on the destination
        bool allowOutOfOrderExecution; // true: no nonce, so a message that is stuck holds no other back
    }

    /// @dev bytes4(keccak256("CCIP SVMExtraArgsV1"))
    bytes4 internal constant SVM_EXTRA_ARGS_V1_TAG = 0x1f3b3aba;

    struct SVMExtraArgsV1 {
        uint32 computeUnits;
        uint64 accountIsWritableBitmap;
        bool allowOutOfOrderExecution;
        bytes32 tokenReceiver;
        bytes32[] accounts;
    }

    /// @dev bytes4(keccak256("CCIP SuiExtraArgsV1"))
    bytes4 internal constant SUI_EXTRA_ARGS_V1_TAG = 0x21ea4ca9;

    struct SuiExtraArgsV1 {
        uint256 gasLimit;
        bool allowOutOfOrderExecution;
        bytes32 tokenReceiver;
        bytes32[] receiverObjectIds;
    }

    function _argsToBytes(EVMExtraArgsV1 memory extraArgs) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(EVM_EXTRA_ARGS_V1_TAG, extraArgs);
    }

    function _argsToBytes(GenericExtraArgsV2 memory extraArgs) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(GENERIC_EXTRA_ARGS_V2_TAG, extraArgs);
    }

    function _svmArgsToBytes(SVMExtraArgsV1 memory extraArgs) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(SVM_EXTRA_ARGS_V1_TAG, extraArgs);
    }

    function _suiArgsToBytes(SuiExtraArgsV1 memory extraArgs) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(SUI_EXTRA_ARGS_V1_TAG, extraArgs);
    }
}
