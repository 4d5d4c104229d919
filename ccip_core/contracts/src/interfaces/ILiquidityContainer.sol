// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title ILiquidityContainer
/// @notice A pool that a rebalancer keeps liquid.
interface ILiquidityContainer {
    event LiquidityAdded(address indexed provider, uint256 indexed amount);
    event LiquidityRemoved(address indexed provider, uint256 indexed amount);

    /// @notice Moves tokens of the caller into the pool. For the rebalancer; it must have approved them.
    function provideLiquidity(uint256 amount) external;

    /// @notice Moves tokens out of the pool to the caller. For the rebalancer.
    function withdrawLiquidity(uint256 amount) external;
}
