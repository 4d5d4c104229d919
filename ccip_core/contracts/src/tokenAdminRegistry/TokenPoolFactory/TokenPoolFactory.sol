// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IOwnable} from "../../interfaces/IOwnable.sol";
import {ITokenAdminRegistry} from "../../interfaces/ITokenAdminRegistry.sol";
import {ITypeAndVersion} from "../../interfaces/ITypeAndVersion.sol";
import {Create2} from "../../libraries/Create2.sol";
import {RateLimiter} from "../../libraries/RateLimiter.sol";
import {TokenPool} from "../../pools/TokenPool.sol";
import {RegistryModuleOwnerCustom} from "../RegistryModuleOwnerCustom.sol";
import {FactoryBurnMintERC20} from "./FactoryBurnMintERC20.sol";

/// @title TokenPoolFactory
/// @notice Deploys a token's pool, and the token too if need be, and connects it with its twins on other chains, which need
/// not exist yet: where they will stand follows from their factory, their code and the salt.
/// @dev Whoever calls must accept afterwards what the factory can only offer: the pool, and of a new token its ownership
/// and its administration.
contract TokenPoolFactory is ITypeAndVersion {
    using Create2 for bytes32;

    error InvalidZeroAddress();

    /// @dev Part of the ABI; nothing is sent along with a deployment, so nothing can be missing.
    error InsufficientBalance(uint256 balance, uint256 needed);

    /// @dev Part of the ABI; nothing emits it.
    event RemoteChainConfigUpdated(uint64 indexed remoteChainSelector, RemoteChainConfig remoteChainConfig);

    enum PoolType {
        BURN_MINT,
        LOCK_RELEASE
    }

    struct RemoteChainConfig {
        address remotePoolFactory;
        address remoteRouter;
        address remoteRMNProxy;
        uint8 remoteTokenDecimals;
    }

    struct RemoteTokenPoolInfo {
        uint64 remoteChainSelector;
        bytes remotePoolAddress; // empty: follows from the rest
        bytes remotePoolInitCode; // without constructor arguments
        RemoteChainConfig remoteChainConfig;
        PoolType poolType;
        bytes remoteTokenAddress; // empty: follows from the factory there and the next
        bytes remoteTokenInitCode; // with constructor arguments
        RateLimiter.Config rateLimiterConfig; // for both directions
    }

    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "TokenPoolFactory 1.5.1";

    ITokenAdminRegistry internal immutable i_tokenAdminRegistry;
    RegistryModuleOwnerCustom internal immutable i_registryModuleOwnerCustom;
    address internal immutable i_rmnProxy;
    address internal immutable i_ccipRouter;

    constructor(address tokenAdminRegistry, address tokenAdminModule, address rmnProxy, address ccipRouter) {
        if (
            tokenAdminRegistry == address(0) || tokenAdminModule == address(0) || rmnProxy == address(0)
                || ccipRouter == address(0)
        ) revert InvalidZeroAddress();

        i_tokenAdminRegistry = ITokenAdminRegistry(tokenAdminRegistry);
        i_registryModuleOwnerCustom = RegistryModuleOwnerCustom(tokenAdminModule);
        i_rmnProxy = rmnProxy;
        i_ccipRouter = ccipRouter;
    }

    /// @notice Deploys a token shaped like FactoryBurnMintERC20 and its burn and mint pool, and registers both.
    /// @param tokenInitCode With constructor arguments.
    /// @param tokenPoolInitCode Without constructor arguments.
    /// @param salt Together with the caller it decides where both stand.
    function deployTokenAndTokenPool(
        RemoteTokenPoolInfo[] calldata remoteTokenPools,
        uint8 localTokenDecimals,
        bytes memory tokenInitCode,
        bytes calldata tokenPoolInitCode,
        bytes32 salt
    ) external returns (address, address) {
        salt = keccak256(abi.encodePacked(salt, msg.sender));
        address token = salt.deploy(tokenInitCode);
        address pool =
            _createTokenPool(token, localTokenDecimals, remoteTokenPools, tokenPoolInitCode, salt, PoolType.BURN_MINT);

        FactoryBurnMintERC20(token).grantMintAndBurnRoles(pool);
        i_registryModuleOwnerCustom.registerAdminViaOwner(token);
        i_tokenAdminRegistry.acceptAdminRole(token);
        i_tokenAdminRegistry.setPool(token, pool);
        i_tokenAdminRegistry.transferAdminRole(token, msg.sender);
        IOwnable(token).transferOwnership(msg.sender);
        return (token, pool);
    }

    /// @notice Deploys a pool for a token that exists; to register it is left to the token's owner.
    /// @param tokenPoolInitCode Without constructor arguments.
    /// @param salt Together with the caller it decides where the pool stands.
    function deployTokenPoolWithExistingToken(
        address token,
        uint8 localTokenDecimals,
        RemoteTokenPoolInfo[] calldata remoteTokenPools,
        bytes calldata tokenPoolInitCode,
        bytes32 salt,
        PoolType poolType
    ) external returns (address poolAddress) {
        salt = keccak256(abi.encodePacked(salt, msg.sender));
        return _createTokenPool(token, localTokenDecimals, remoteTokenPools, tokenPoolInitCode, salt, poolType);
    }

    function _createTokenPool(
        address token,
        uint8 localTokenDecimals,
        RemoteTokenPoolInfo[] calldata remoteTokenPools,
        bytes calldata tokenPoolInitCode,
        bytes32 salt,
        PoolType poolType
    ) private returns (address pool) {
        TokenPool.ChainUpdate[] memory chains = new TokenPool.ChainUpdate[](remoteTokenPools.length);
        for (uint256 i = 0; i < remoteTokenPools.length; ++i) {
            chains[i] = _chainUpdate(remoteTokenPools[i], salt);
        }
        RemoteChainConfig memory here = RemoteChainConfig(address(this), i_ccipRouter, i_rmnProxy, localTokenDecimals);
        pool = salt.deploy(_poolCode(tokenPoolInitCode, here, token, poolType));

        TokenPool(pool).applyChainUpdates(new uint64[](0), chains);
        IOwnable(pool).transferOwnership(msg.sender);
    }

    function _chainUpdate(RemoteTokenPoolInfo calldata remote, bytes32 salt)
        private
        pure
        returns (TokenPool.ChainUpdate memory)
    {
        address factory = remote.remoteChainConfig.remotePoolFactory;
        bytes memory token = remote.remoteTokenAddress;
        if (token.length == 0) token = abi.encode(salt.addressOf(keccak256(remote.remoteTokenInitCode), factory));
        bytes[] memory pools = new bytes[](1);
        pools[0] = remote.remotePoolAddress;
        if (pools[0].length == 0) {
            bytes memory code = _poolCode(
                remote.remotePoolInitCode, remote.remoteChainConfig, abi.decode(token, (address)), remote.poolType
            );
            pools[0] = abi.encode(salt.addressOf(keccak256(code), factory));
        }
        return TokenPool.ChainUpdate(
            remote.remoteChainSelector, pools, token, remote.rateLimiterConfig, remote.rateLimiterConfig
        );
    }

    /// @dev A pool's creation code with its constructor arguments: the factory has those of pools 1.5.1, where LockRelease
    /// is also told whether it accepts liquidity. A LockRelease pool of 1.6 has no such argument: it takes the 1 that stands
    /// for "yes" as its router, and its owner must set the right one.
    function _poolCode(bytes memory initCode, RemoteChainConfig memory chain, address token, PoolType poolType)
        private
        pure
        returns (bytes memory)
    {
        address[] memory nobody = new address[](0);
        uint8 decimals = chain.remoteTokenDecimals;
        bytes memory arguments = poolType == PoolType.BURN_MINT
            ? abi.encode(token, decimals, nobody, chain.remoteRMNProxy, chain.remoteRouter)
            : abi.encode(token, decimals, nobody, chain.remoteRMNProxy, true, chain.remoteRouter);
        return bytes.concat(initCode, arguments);
    }
}
