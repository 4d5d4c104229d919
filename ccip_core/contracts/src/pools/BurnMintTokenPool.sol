// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {IBurnMintERC20} from "../interfaces/IBurnMintERC20.sol";
import {IERC20} from "../interfaces/IERC20.sol";
import {TokenPool} from "./TokenPool.sol";

/// @title BurnMintTokenPool
/// @notice Burns what leaves and mints what arrives. The token must let the pool mint, and burn what the pool holds.
contract BurnMintTokenPool is TokenPool {
    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "BurnMintTokenPool 1.6.1";

    constructor(
        IBurnMintERC20 token,
        uint8 localTokenDecimals,
        address[] memory allowlist,
        address rmnProxy,
        address router
    ) TokenPool(IERC20(address(token)), localTokenDecimals, allowlist, rmnProxy, router) {}

    function _lockOrBurn(uint256 amount) internal override {
        IBurnMintERC20(address(i_token)).burn(amount);
    }

    function _releaseOrMint(address receiver, uint256 amount) internal override {
        IBurnMintERC20(address(i_token)).mint(receiver, amount);
    }
}
