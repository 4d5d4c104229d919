// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IGetCCIPAdmin} from "../interfaces/IGetCCIPAdmin.sol";
import {IOwnable} from "../interfaces/IOwnable.sol";
import {ITokenAdminRegistry} from "../interfaces/ITokenAdminRegistry.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";

/// @dev A token with roles, as OpenZeppelin's AccessControl has them.
interface IDefaultAdmin {
    function DEFAULT_ADMIN_ROLE() external view returns (bytes32);
    function hasRole(bytes32 role, address account) external view returns (bool);
}

/// @title RegistryModuleOwnerCustom
/// @notice Recognises who speaks for a token, in three ways, and proposes it as the token's administrator. Everybody can
/// register only itself.
contract RegistryModuleOwnerCustom is ITypeAndVersion {
    error CanOnlySelfRegister(address admin, address token);
    error RequiredRoleNotFound(address msgSender, bytes32 role, address token);
    error AddressZero();

    event AdministratorRegistered(address indexed token, address indexed administrator);

    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "RegistryModuleOwnerCustom 1.6.0";

    ITokenAdminRegistry internal immutable i_tokenAdminRegistry;

    constructor(address tokenAdminRegistry) {
        if (tokenAdminRegistry == address(0)) revert AddressZero();

        i_tokenAdminRegistry = ITokenAdminRegistry(tokenAdminRegistry);
    }

    /// @notice Registers the caller, whom the token's `getCCIPAdmin()` names.
    function registerAdminViaGetCCIPAdmin(address token) external {
        _registerAdmin(token, IGetCCIPAdmin(token).getCCIPAdmin());
    }

    /// @notice Registers the caller, whom the token's `owner()` names.
    function registerAdminViaOwner(address token) external {
        _registerAdmin(token, IOwnable(token).owner());
    }

    /// @notice Registers the caller, who has the token's DEFAULT_ADMIN_ROLE.
    function registerAccessControlDefaultAdmin(address token) external {
        bytes32 role = IDefaultAdmin(token).DEFAULT_ADMIN_ROLE();
        if (!IDefaultAdmin(token).hasRole(role, msg.sender)) revert RequiredRoleNotFound(msg.sender, role, token);

        _registerAdmin(token, msg.sender);
    }

    function _registerAdmin(address token, address admin) internal {
        if (admin != msg.sender) revert CanOnlySelfRegister(admin, token);

        i_tokenAdminRegistry.proposeAdministrator(token, admin);

        emit AdministratorRegistered(token, admin);
    }
}
