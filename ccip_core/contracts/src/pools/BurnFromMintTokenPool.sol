// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IBurnMintERC20} from "../interfaces/IBurnMintERC20.sol";
import {IERC20} from "../interfaces/IERC20.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {SafeERC20} from "../libraries/SafeERC20.sol";
import {TokenPool} from "./TokenPool.sol";

/// @title BurnFromMintTokenPool
/// @notice Burns what leaves by `burnFrom`, for tokens without `burn(uint256)`; mints what arrives.
contract BurnFromMintTokenPool is TokenPool {
    using SafeERC20 for IERC20;

    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "BurnFromMintTokenPool 1.6.1";

    /// @dev Some tokens ask for an allowance even when the holder itself burns.
    constructor(
        IBurnMintERC20 token,
        uint8 localTokenDecimals,
        address[] memory allowlist,
        address rmnProxy,
        address router
    ) TokenPool(IERC20(address(token)), localTokenDecimals, allowlist, rmnProxy, router) {
        IERC20(address(token)).safeIncreaseAllowance(address(this), type(uint256).max);
    }

    function _lockOrBurn(uint256 amount) internal override {
        IBurnMintERC20(address(i_token)).burnFrom(address(this), amount);
    }

    function _releaseOrMint(address receiver, uint256 amount) internal override {
        IBurnMintERC20(address(i_token)).mint(receiver, amount);
    }
}
