// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC165} from "../interfaces/IERC165.sol";

/// @title ERC165CheckerReverting
/// @notice Asks a contract which interfaces it has, by the rules of ERC-165, and reverts rather than take "out of gas" for
/// "no": else whoever executes a message could have its receiver passed over.
library ERC165CheckerReverting {
    error InsufficientGasForStaticCall();

    bytes4 private constant INTERFACE_ID_INVALID = 0xffffffff;

    /// @dev What ERC-165 grants an answer.
    uint256 private constant GAS_FOR_SUPPORTS_INTERFACE = 30_000;

    /// @dev With as much left, the call gets its 30,000 after EIP-150 keeps 1/64 back.
    uint256 private constant GAS_NEEDED = 31_000;

    /// @notice Whether the account has the interface: it says so, and says by ERC-165's rules that it may be believed.
    function _supportsInterfaceReverting(address account, bytes4 interfaceId) internal view returns (bool) {
        return _supportsERC165Reverting(account) && _saysYes(account, interfaceId);
    }

    /// @notice Whether the account answers by the rules of ERC-165: it knows itself and denies 0xffffffff.
    function _supportsERC165Reverting(address account) internal view returns (bool) {
        return _saysYes(account, type(IERC165).interfaceId) && !_saysYes(account, INTERFACE_ID_INVALID);
    }

    function _saysYes(address account, bytes4 interfaceId) private view returns (bool) {
        bytes memory question = abi.encodeCall(IERC165.supportsInterface, (interfaceId));
        bytes4 insufficientGas = InsufficientGasForStaticCall.selector;
        bool success;
        uint256 size;
        uint256 answer;
        assembly ("memory-safe") {
            if lt(gas(), GAS_NEEDED) {
                mstore(0, insufficientGas)
                revert(0, 4)
            }
            success := staticcall(GAS_FOR_SUPPORTS_INTERFACE, account, add(question, 0x20), mload(question), 0, 0x20)
            size := returndatasize()
            answer := mload(0)
        }
        return success && size >= 32 && answer != 0;
    }
}
