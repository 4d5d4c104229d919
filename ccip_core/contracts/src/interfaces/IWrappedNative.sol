// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC20} from "./IERC20.sol";

/// @title IWrappedNative
/// @notice The native coin as a token, one for one.
interface IWrappedNative is IERC20 {
    /// @notice Makes tokens for the caller out of the coins sent along.
    function deposit() external payable;

    /// @notice Destroys tokens of the caller and sends it as many coins.
    function withdraw(uint256 amount) external;
}
