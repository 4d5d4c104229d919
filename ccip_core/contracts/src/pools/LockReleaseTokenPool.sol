// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IERC20} from "../interfaces/IERC20.sol";
import {ILiquidityContainer} from "../interfaces/ILiquidityContainer.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {SafeERC20} from "../libraries/SafeERC20.sol";
import {TokenPool} from "./TokenPool.sol";

/// @title LockReleaseTokenPool
/// @notice Keeps what leaves and hands out what arrives, for tokens that nobody may mint. A rebalancer brings liquidity
/// where more arrives than leaves. Nothing is counted: a release that isn't covered fails in the token.
contract LockReleaseTokenPool is TokenPool, ILiquidityContainer {
    using SafeERC20 for IERC20;

    error InsufficientLiquidity();

    event LiquidityTransferred(address indexed from, uint256 amount);
    event RebalancerSet(address oldRebalancer, address newRebalancer);

    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "LockReleaseTokenPool 1.6.1";

    address internal s_rebalancer;

    constructor(IERC20 token, uint8 localTokenDecimals, address[] memory allowlist, address rmnProxy, address router)
        TokenPool(token, localTokenDecimals, allowlist, rmnProxy, router)
    {}

    function _lockOrBurn(uint256 amount) internal override {
        // The Router has moved the tokens here: they simply stay.
    }

    function _releaseOrMint(address receiver, uint256 amount) internal override {
        i_token.safeTransfer(receiver, amount);
    }

    /// @notice Who may provide and withdraw liquidity; zero: nobody.
    function getRebalancer() external view returns (address) {
        return s_rebalancer;
    }

    /// @notice Sets the rebalancer. Owner only.
    function setRebalancer(address rebalancer) external onlyOwner {
        address oldRebalancer = s_rebalancer;
        s_rebalancer = rebalancer;

        emit RebalancerSet(oldRebalancer, rebalancer);
    }

    /// @inheritdoc ILiquidityContainer
    function provideLiquidity(uint256 amount) external override {
        if (msg.sender != s_rebalancer) revert Unauthorized(msg.sender);

        i_token.safeTransferFrom(msg.sender, address(this), amount);

        emit LiquidityAdded(msg.sender, amount);
    }

    /// @inheritdoc ILiquidityContainer
    function withdrawLiquidity(uint256 amount) external override {
        if (msg.sender != s_rebalancer) revert Unauthorized(msg.sender);
        if (i_token.balanceOf(address(this)) < amount) revert InsufficientLiquidity();

        i_token.safeTransfer(msg.sender, amount);

        emit LiquidityRemoved(msg.sender, amount);
    }

    /// @notice Takes liquidity over from an older pool whose rebalancer this pool is; 2^256-1: all of it. Owner only.
    function transferLiquidity(address from, uint256 amount) external onlyOwner {
        if (amount == type(uint256).max) amount = i_token.balanceOf(from);

        LockReleaseTokenPool(from).withdrawLiquidity(amount);

        emit LiquidityTransferred(from, amount);
    }
}
