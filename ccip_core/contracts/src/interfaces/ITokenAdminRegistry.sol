// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

/// @title ITokenAdminRegistry
/// @notice Which pool a token has, and who may say so.
interface ITokenAdminRegistry {
    /// @notice The token's pool; zero: it has none.
    function getPool(address token) external view returns (address);

    /// @notice Proposes the token's first administrator. For registry modules and the owner.
    function proposeAdministrator(address localToken, address administrator) external;

    /// @notice Accepts the administration of a token that was offered to the caller.
    function acceptAdminRole(address localToken) external;

    /// @notice Sets the token's pool; zero delists the token. For its administrator.
    function setPool(address localToken, address pool) external;

    /// @notice Offers the administration of a token to another account. For its administrator.
    function transferAdminRole(address localToken, address newAdmin) external;
}
