// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {IERC20} from "./IERC20.sol";

/// @title IBurnMintERC20
/// @notice A token that pools may mint and burn; interface id 0xe6599b4d.
interface IBurnMintERC20 is IERC20 {
    /// @notice Makes tokens for `account`.
    function mint(address account, uint256 amount) external;

    /// @notice Destroys tokens of the caller.
    function burn(uint256 amount) external;

    /// @notice Destroys tokens of `account` out of the allowance that it gave the caller.
    function burn(address account, uint256 amount) external;

    /// @notice The same as `burn(address,uint256)`.
    function burnFrom(address account, uint256 amount) external;
}
