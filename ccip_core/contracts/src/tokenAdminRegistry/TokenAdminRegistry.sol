// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../access/Ownable2StepMsgSender.sol";
import {IPoolV1} from "../interfaces/IPoolV1.sol";
import {ITokenAdminRegistry} from "../interfaces/ITokenAdminRegistry.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {EnumerableSet} from "../libraries/EnumerableSet.sol";

/// @title TokenAdminRegistry
/// @notice Which pool each token of this chain has. A registry module, which knows how to recognise who speaks for a token,
/// or the owner proposes a token's first administrator; from there on its administrators decide.
///
///     proposed ── acceptAdminRole ──> administered ── setPool ──> listed
///                                          └─ transferAdminRole, acceptAdminRole: another administrator
contract TokenAdminRegistry is ITokenAdminRegistry, ITypeAndVersion, Ownable2StepMsgSender {
    using EnumerableSet for EnumerableSet.AddressSet;

    error OnlyRegistryModuleOrOwner(address sender);
    error OnlyAdministrator(address sender, address token);
    error OnlyPendingAdministrator(address sender, address token);
    error AlreadyRegistered(address token);
    error ZeroAddress();
    error InvalidTokenPoolToken(address token);

    event PoolSet(address indexed token, address indexed previousPool, address indexed newPool);
    event AdministratorTransferRequested(address indexed token, address indexed currentAdmin, address indexed newAdmin);
    event AdministratorTransferred(address indexed token, address indexed newAdmin);
    event RegistryModuleAdded(address module);
    event RegistryModuleRemoved(address indexed module);

    struct TokenConfig {
        address administrator; // zero: nobody has accepted yet
        address pendingAdministrator;
        address tokenPool; // zero: not listed
    }

    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "TokenAdminRegistry 1.5.0";

    mapping(address token => TokenConfig) internal s_tokenConfig;
    EnumerableSet.AddressSet internal s_tokens;
    EnumerableSet.AddressSet internal s_registryModules;

    modifier onlyTokenAdmin(address token) {
        if (s_tokenConfig[token].administrator != msg.sender) revert OnlyAdministrator(msg.sender, token);
        _;
    }

    /// @notice The pools of several tokens.
    function getPools(address[] calldata tokens) external view returns (address[] memory pools) {
        pools = new address[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            pools[i] = s_tokenConfig[tokens[i]].tokenPool;
        }
    }

    /// @inheritdoc ITokenAdminRegistry
    function getPool(address token) external view override returns (address) {
        return s_tokenConfig[token].tokenPool;
    }

    function getTokenConfig(address token) external view returns (TokenConfig memory) {
        return s_tokenConfig[token];
    }

    /// @notice A page of the tokens for which an administrator was ever proposed.
    function getAllConfiguredTokens(uint64 startIndex, uint64 maxCount)
        external
        view
        returns (address[] memory tokens)
    {
        uint256 count = s_tokens.length();
        if (startIndex >= count) return tokens;

        uint256 left = count - startIndex;
        tokens = new address[](left < maxCount ? left : maxCount);
        for (uint256 i = 0; i < tokens.length; ++i) {
            tokens[i] = s_tokens.at(startIndex + i);
        }
    }

    /// @inheritdoc ITokenAdminRegistry
    function setPool(address localToken, address pool) external override onlyTokenAdmin(localToken) {
        if (pool != address(0) && !IPoolV1(pool).isSupportedToken(localToken)) {
            revert InvalidTokenPoolToken(localToken);
        }
        TokenConfig storage config = s_tokenConfig[localToken];
        address previousPool = config.tokenPool;
        config.tokenPool = pool;

        if (previousPool != pool) emit PoolSet(localToken, previousPool, pool);
    }

    /// @inheritdoc ITokenAdminRegistry
    function transferAdminRole(address localToken, address newAdmin) external override onlyTokenAdmin(localToken) {
        s_tokenConfig[localToken].pendingAdministrator = newAdmin;

        emit AdministratorTransferRequested(localToken, msg.sender, newAdmin);
    }

    /// @inheritdoc ITokenAdminRegistry
    function acceptAdminRole(address localToken) external override {
        TokenConfig storage config = s_tokenConfig[localToken];
        if (config.pendingAdministrator != msg.sender) revert OnlyPendingAdministrator(msg.sender, localToken);
        config.administrator = msg.sender;
        config.pendingAdministrator = address(0);

        emit AdministratorTransferred(localToken, msg.sender);
    }

    /// @notice Whether the account administers the token.
    function isAdministrator(address localToken, address administrator) external view returns (bool) {
        return s_tokenConfig[localToken].administrator == administrator;
    }

    /// @inheritdoc ITokenAdminRegistry
    function proposeAdministrator(address localToken, address administrator) external override {
        if (!isRegistryModule(msg.sender) && msg.sender != owner) revert OnlyRegistryModuleOrOwner(msg.sender);
        if (administrator == address(0)) revert ZeroAddress();
        TokenConfig storage config = s_tokenConfig[localToken];
        if (config.administrator != address(0)) revert AlreadyRegistered(localToken);
        config.pendingAdministrator = administrator;
        s_tokens.add(localToken);

        emit AdministratorTransferRequested(localToken, address(0), administrator);
    }

    /// @notice Whether the module may propose administrators.
    function isRegistryModule(address module) public view returns (bool) {
        return s_registryModules.contains(module);
    }

    /// @notice Lets a module propose administrators. Owner only.
    function addRegistryModule(address module) external onlyOwner {
        if (s_registryModules.add(module)) emit RegistryModuleAdded(module);
    }

    /// @notice Lets a module propose no longer. Owner only.
    function removeRegistryModule(address module) external onlyOwner {
        if (s_registryModules.remove(module)) emit RegistryModuleRemoved(module);
    }
}
