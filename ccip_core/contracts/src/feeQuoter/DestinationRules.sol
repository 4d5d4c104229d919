// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Client} from "../libraries/Client.sol";
import {Internal} from "../libraries/Internal.sol";

/// @title DestinationRules
/// @notice What a destination's family asks of a message: the form of addresses and of extra arguments.
library DestinationRules {
    error InvalidExtraArgsTag();
    error InvalidExtraArgsData();
    error ExtraArgOutOfOrderExecutionMustBeTrue();
    error MessageGasLimitTooHigh();
    error MessageComputeUnitLimitTooHigh();
    error InvalidChainFamilySelector(bytes4 chainFamilySelector);
    error InvalidTVMAddress(bytes encodedAddress);

    /// @dev Addresses below are the system's own on Sui; the last one is DeepBook's.
    uint256 internal constant SUI_PRECOMPILE_SPACE = 0xdee9;

    // ---- addresses --------------------------------------------------------------------------------------------------

    /// @notice Reverts unless the bytes are an address of the family.
    /// @param gasLimit What its receiver is called with. On SVM and Sui 0 means that there is none: address 0 will do.
    function _validateAddress(bytes4 family, bytes memory encodedAddress, uint256 gasLimit) internal pure {
        if (family == Internal.CHAIN_FAMILY_SELECTOR_EVM) {
            Internal._validateEVMAddress(encodedAddress);
        } else if (family == Internal.CHAIN_FAMILY_SELECTOR_SVM) {
            Internal._validate32ByteAddress(encodedAddress, gasLimit == 0 ? 0 : 1);
        } else if (family == Internal.CHAIN_FAMILY_SELECTOR_APTOS) {
            Internal._validate32ByteAddress(encodedAddress, Internal.APTOS_PRECOMPILE_SPACE);
        } else if (family == Internal.CHAIN_FAMILY_SELECTOR_SUI) {
            Internal._validate32ByteAddress(encodedAddress, gasLimit == 0 ? 0 : SUI_PRECOMPILE_SPACE);
        } else if (family == Internal.CHAIN_FAMILY_SELECTOR_TVM) {
            _validateTVMAddress(encodedAddress);
        } else {
            revert InvalidChainFamilySelector(family);
        }
    }

    /// @dev 36 bytes: flags, workchain, 32 of the account, 2 of a checksum that nobody checks here. Account 0 is nobody.
    function _validateTVMAddress(bytes memory encodedAddress) private pure {
        if (encodedAddress.length != 36) revert InvalidTVMAddress(encodedAddress);
        bytes32 account;
        assembly ("memory-safe") {
            account := mload(add(encodedAddress, 34)) // after the length's word, flags and workchain
        }
        if (account == 0) revert InvalidTVMAddress(encodedAddress);
    }

    function _isKnown(bytes4 family) internal pure returns (bool) {
        return family == Internal.CHAIN_FAMILY_SELECTOR_EVM || family == Internal.CHAIN_FAMILY_SELECTOR_SVM
            || family == Internal.CHAIN_FAMILY_SELECTOR_APTOS || family == Internal.CHAIN_FAMILY_SELECTOR_SUI
            || family == Internal.CHAIN_FAMILY_SELECTOR_TVM;
    }

    // ---- extra arguments --------------------------------------------------------------------------------------------

    /// @notice V2, or V1 as tutorials still send it, also with its old second word; empty: the default gas limit, in order.
    function _parseGeneric(bytes calldata extraArgs, uint64 defaultGasLimit)
        internal
        pure
        returns (Client.GenericExtraArgsV2 memory)
    {
        if (extraArgs.length == 0) return Client.GenericExtraArgsV2(defaultGasLimit, false);

        bytes4 tag = bytes4(extraArgs);
        bytes calldata arguments = extraArgs[4:];
        if (tag == Client.GENERIC_EXTRA_ARGS_V2_TAG) return abi.decode(arguments, (Client.GenericExtraArgsV2));
        if (tag == Client.EVM_EXTRA_ARGS_V1_TAG) {
            return Client.GenericExtraArgsV2(abi.decode(arguments, (uint256)), false);
        }
        revert InvalidExtraArgsTag();
    }

    function _parseGeneric(
        bytes calldata extraArgs,
        uint64 defaultGasLimit,
        uint256 gasLimitMax,
        bool enforceOutOfOrder
    ) internal pure returns (Client.GenericExtraArgsV2 memory parsed) {
        parsed = _parseGeneric(extraArgs, defaultGasLimit);
        if (parsed.gasLimit > gasLimitMax) revert MessageGasLimitTooHigh();
        if (enforceOutOfOrder && !parsed.allowOutOfOrderExecution) revert ExtraArgOutOfOrderExecutionMustBeTrue();
    }

    function _parseSVM(bytes calldata extraArgs, uint256 computeUnitsMax, bool enforceOutOfOrder)
        internal
        pure
        returns (Client.SVMExtraArgsV1 memory parsed)
    {
        if (extraArgs.length == 0) revert InvalidExtraArgsData();
        bytes calldata arguments = extraArgs[4:];
        if (bytes4(extraArgs) != Client.SVM_EXTRA_ARGS_V1_TAG) revert InvalidExtraArgsTag();
        parsed = abi.decode(arguments, (Client.SVMExtraArgsV1));
        if (enforceOutOfOrder && !parsed.allowOutOfOrderExecution) revert ExtraArgOutOfOrderExecutionMustBeTrue();
        if (parsed.computeUnits > computeUnitsMax) revert MessageComputeUnitLimitTooHigh();
    }

    function _parseSui(bytes calldata extraArgs, uint256 gasLimitMax, bool enforceOutOfOrder)
        internal
        pure
        returns (Client.SuiExtraArgsV1 memory parsed)
    {
        if (extraArgs.length == 0) revert InvalidExtraArgsData();
        bytes calldata arguments = extraArgs[4:];
        if (bytes4(extraArgs) != Client.SUI_EXTRA_ARGS_V1_TAG) revert InvalidExtraArgsTag();
        parsed = abi.decode(arguments, (Client.SuiExtraArgsV1));
        if (enforceOutOfOrder && !parsed.allowOutOfOrderExecution) revert ExtraArgOutOfOrderExecutionMustBeTrue();
        if (parsed.gasLimit > gasLimitMax) revert MessageGasLimitTooHigh();
    }
}
