// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC20} from "../interfaces/IERC20.sol";

/// @title SafeERC20
/// @notice Moves tokens that return true, nothing at all, or false; the last is a failure like a revert. What a token says
/// when it reverts is passed on; the words for the rest are those of OpenZeppelin 4.8, because tools look for them.
library SafeERC20 {
    function safeTransfer(IERC20 token, address to, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function safeTransferFrom(IERC20 token, address from, address to, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.transferFrom, (from, to, amount)));
    }

    function safeIncreaseAllowance(IERC20 token, address spender, uint256 addedValue) internal {
        uint256 allowed = token.allowance(address(this), spender);
        _call(token, abi.encodeCall(IERC20.approve, (spender, allowed + addedValue)));
    }

    function _call(IERC20 token, bytes memory data) private {
        (bool success, bytes memory answer) = address(token).call(data);
        if (!success) {
            if (answer.length == 0) revert("SafeERC20: low-level call failed");
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        if (answer.length == 0) require(address(token).code.length != 0, "Address: call to non-contract");
        else require(abi.decode(answer, (bool)), "SafeERC20: ERC20 operation did not succeed");
    }
}
