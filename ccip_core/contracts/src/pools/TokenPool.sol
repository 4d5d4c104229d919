// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../access/Ownable2StepMsgSender.sol";
import {IERC165} from "../interfaces/IERC165.sol";
import {IERC20} from "../interfaces/IERC20.sol";
import {IERC20Metadata} from "../interfaces/IERC20Metadata.sol";
import {IPoolV1} from "../interfaces/IPoolV1.sol";
import {IRMN} from "../interfaces/IRMN.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {EnumerableSet} from "../libraries/EnumerableSet.sol";
import {Pool} from "../libraries/Pool.sol";
import {RateLimiter} from "../libraries/RateLimiter.sol";

/// @title TokenPool
/// @notice Takes a token out of circulation here so that its twin may enter it elsewhere, and the other way round.
///
///     lockOrBurn      token? → curse? → sender allowed? → chain known, caller its OnRamp? → outbound limit → take
///     releaseOrMint   decimals → token? → curse? → chain known, caller its OffRamp? → remote pool known? → inbound limit → give
///
/// How a token is taken and given is up to the heirs, `_lockOrBurn` and `_releaseOrMint`.
/// @dev Decimals may differ between chains. What is divided away on arrival is lost to the receiver and stays locked or
/// burned: the supply never grows.
abstract contract TokenPool is IPoolV1, ITypeAndVersion, Ownable2StepMsgSender {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using EnumerableSet for EnumerableSet.UintSet;
    using RateLimiter for RateLimiter.TokenBucket;

    error CallerIsNotARampOnRouter(address caller);
    error ZeroAddressNotAllowed();
    error SenderNotAllowed(address sender);
    error AllowListNotEnabled();
    error NonExistentChain(uint64 remoteChainSelector);
    error ChainNotAllowed(uint64 remoteChainSelector);
    error CursedByRMN();
    error ChainAlreadyExists(uint64 chainSelector);
    error InvalidSourcePoolAddress(bytes sourcePoolAddress);
    error InvalidToken(address token);
    error Unauthorized(address caller);
    error PoolAlreadyAdded(uint64 remoteChainSelector, bytes remotePoolAddress);
    error InvalidRemotePoolForChain(uint64 remoteChainSelector, bytes remotePoolAddress);
    error InvalidRemoteChainDecimals(bytes sourcePoolData);
    error MismatchedArrayLengths();
    error OverflowDetected(uint8 remoteDecimals, uint8 localDecimals, uint256 remoteAmount);
    error InvalidDecimalArgs(uint8 expected, uint8 actual);

    event LockedOrBurned(uint64 indexed remoteChainSelector, address token, address sender, uint256 amount);
    event ReleasedOrMinted(
        uint64 indexed remoteChainSelector, address token, address sender, address recipient, uint256 amount
    );
    event ChainAdded(
        uint64 remoteChainSelector,
        bytes remoteToken,
        RateLimiter.Config outboundRateLimiterConfig,
        RateLimiter.Config inboundRateLimiterConfig
    );
    event ChainConfigured(
        uint64 remoteChainSelector,
        RateLimiter.Config outboundRateLimiterConfig,
        RateLimiter.Config inboundRateLimiterConfig
    );
    event ChainRemoved(uint64 remoteChainSelector);
    event RemotePoolAdded(uint64 indexed remoteChainSelector, bytes remotePoolAddress);
    event RemotePoolRemoved(uint64 indexed remoteChainSelector, bytes remotePoolAddress);
    event AllowListAdd(address sender);
    event AllowListRemove(address sender);
    event RouterUpdated(address oldRouter, address newRouter);
    event RateLimitAdminSet(address rateLimitAdmin);
    event OutboundRateLimitConsumed(uint64 indexed remoteChainSelector, address token, uint256 amount);
    event InboundRateLimitConsumed(uint64 indexed remoteChainSelector, address token, uint256 amount);

    struct ChainUpdate {
        uint64 remoteChainSelector;
        bytes[] remotePoolAddresses; // abi.encode(address) for EVM chains
        bytes remoteTokenAddress; // abi.encode(address) for EVM chains
        RateLimiter.Config outboundRateLimiterConfig;
        RateLimiter.Config inboundRateLimiterConfig;
    }

    struct RemoteChainConfig {
        RateLimiter.TokenBucket outboundRateLimiterConfig;
        RateLimiter.TokenBucket inboundRateLimiterConfig;
        bytes remoteTokenAddress;
        EnumerableSet.Bytes32Set remotePools; // keccak256 of the addresses in s_remotePoolAddresses
    }

    /// @dev 10^78 is more than a uint256 holds.
    uint8 internal constant DECIMALS_DIFFERENCE_MAX = 77;

    IERC20 internal immutable i_token;
    uint8 internal immutable i_tokenDecimals;
    address internal immutable i_rmnProxy;
    bool internal immutable i_allowlistEnabled;

    EnumerableSet.AddressSet internal s_allowlist;
    IRouter internal s_router;
    EnumerableSet.UintSet internal s_remoteChainSelectors;
    mapping(uint64 remoteChainSelector => RemoteChainConfig) internal s_remoteChainConfigs;
    mapping(bytes32 poolAddressHash => bytes poolAddress) internal s_remotePoolAddresses;
    address internal s_rateLimitAdmin;

    /// @param localTokenDecimals Must be the token's own, if it tells them.
    /// @param allowlist Senders that may use the pool; empty: everybody may, for ever.
    constructor(IERC20 token, uint8 localTokenDecimals, address[] memory allowlist, address rmnProxy, address router) {
        if (address(token) == address(0) || router == address(0) || rmnProxy == address(0)) {
            revert ZeroAddressNotAllowed();
        }
        try IERC20Metadata(address(token)).decimals() returns (uint8 actual) {
            if (actual != localTokenDecimals) revert InvalidDecimalArgs(localTokenDecimals, actual);
        } catch {
            // A token need not tell its decimals: then the deployer's word stands.
        }

        i_token = token;
        i_tokenDecimals = localTokenDecimals;
        i_rmnProxy = rmnProxy;
        s_router = IRouter(router);
        i_allowlistEnabled = allowlist.length != 0;
        if (i_allowlistEnabled) _applyAllowListUpdates(new address[](0), allowlist);
    }

    // ---- lock or burn, release or mint ------------------------------------------------------------------------------

    /// @inheritdoc IPoolV1
    function lockOrBurn(Pool.LockOrBurnInV1 calldata lockOrBurnIn)
        public
        virtual
        override
        returns (Pool.LockOrBurnOutV1 memory)
    {
        _validateLockOrBurn(lockOrBurnIn);

        _lockOrBurn(lockOrBurnIn.amount);

        emit LockedOrBurned(lockOrBurnIn.remoteChainSelector, address(i_token), msg.sender, lockOrBurnIn.amount);

        return Pool.LockOrBurnOutV1(getRemoteToken(lockOrBurnIn.remoteChainSelector), abi.encode(i_tokenDecimals));
    }

    /// @inheritdoc IPoolV1
    function releaseOrMint(Pool.ReleaseOrMintInV1 calldata releaseOrMintIn)
        public
        virtual
        override
        returns (Pool.ReleaseOrMintOutV1 memory)
    {
        uint256 localAmount = _calculateLocalAmount(
            releaseOrMintIn.sourceDenominatedAmount, _parseRemoteDecimals(releaseOrMintIn.sourcePoolData)
        );
        _validateReleaseOrMint(releaseOrMintIn, localAmount);

        _releaseOrMint(releaseOrMintIn.receiver, localAmount);

        emit ReleasedOrMinted(
            releaseOrMintIn.remoteChainSelector, address(i_token), msg.sender, releaseOrMintIn.receiver, localAmount
        );

        return Pool.ReleaseOrMintOutV1(localAmount);
    }

    /// @dev Takes `amount`, which the pool holds already, out of circulation.
    function _lockOrBurn(uint256 amount) internal virtual;

    /// @dev Gives `amount` to the receiver.
    function _releaseOrMint(address receiver, uint256 amount) internal virtual;

    function _validateLockOrBurn(Pool.LockOrBurnInV1 calldata lockOrBurnIn) internal {
        uint64 remote = lockOrBurnIn.remoteChainSelector;
        _checkTokenAndCurse(lockOrBurnIn.localToken, remote);
        if (i_allowlistEnabled && !s_allowlist.contains(lockOrBurnIn.originalSender)) {
            revert SenderNotAllowed(lockOrBurnIn.originalSender);
        }
        if (!isSupportedChain(remote)) revert ChainNotAllowed(remote);
        if (msg.sender != s_router.getOnRamp(remote)) revert CallerIsNotARampOnRouter(msg.sender);

        s_remoteChainConfigs[remote].outboundRateLimiterConfig._consume(lockOrBurnIn.amount, address(i_token));

        emit OutboundRateLimitConsumed(remote, address(i_token), lockOrBurnIn.amount);
    }

    function _validateReleaseOrMint(Pool.ReleaseOrMintInV1 calldata releaseOrMintIn, uint256 localAmount) internal {
        uint64 remote = releaseOrMintIn.remoteChainSelector;
        _checkTokenAndCurse(releaseOrMintIn.localToken, remote);
        if (!isSupportedChain(remote)) revert ChainNotAllowed(remote);
        if (!s_router.isOffRamp(remote, msg.sender)) revert CallerIsNotARampOnRouter(msg.sender);
        if (!isRemotePool(remote, releaseOrMintIn.sourcePoolAddress)) {
            revert InvalidSourcePoolAddress(releaseOrMintIn.sourcePoolAddress);
        }

        s_remoteChainConfigs[remote].inboundRateLimiterConfig._consume(localAmount, address(i_token));

        emit InboundRateLimitConsumed(remote, address(i_token), localAmount);
    }

    function _checkTokenAndCurse(address localToken, uint64 remoteChainSelector) private view {
        if (!isSupportedToken(localToken)) revert InvalidToken(localToken);
        if (IRMN(i_rmnProxy).isCursed(bytes16(uint128(remoteChainSelector)))) revert CursedByRMN();
    }

    // ---- decimals ---------------------------------------------------------------------------------------------------

    /// @dev A source pool that says nothing has the same decimals.
    function _parseRemoteDecimals(bytes memory sourcePoolData) internal view returns (uint8) {
        if (sourcePoolData.length == 0) return i_tokenDecimals;
        if (sourcePoolData.length != 32) revert InvalidRemoteChainDecimals(sourcePoolData);
        uint256 remoteDecimals = abi.decode(sourcePoolData, (uint256));
        if (remoteDecimals > type(uint8).max) revert InvalidRemoteChainDecimals(sourcePoolData);
        return uint8(remoteDecimals);
    }

    /// @dev Rounds down.
    function _calculateLocalAmount(uint256 remoteAmount, uint8 remoteDecimals) internal view returns (uint256) {
        if (remoteDecimals == i_tokenDecimals) return remoteAmount;

        bool isCoarser = remoteDecimals > i_tokenDecimals;
        uint8 difference = isCoarser ? remoteDecimals - i_tokenDecimals : i_tokenDecimals - remoteDecimals;
        if (difference > DECIMALS_DIFFERENCE_MAX) {
            revert OverflowDetected(remoteDecimals, i_tokenDecimals, remoteAmount);
        }
        uint256 factor = 10 ** difference;
        if (isCoarser) return remoteAmount / factor;
        if (remoteAmount > type(uint256).max / factor) {
            revert OverflowDetected(remoteDecimals, i_tokenDecimals, remoteAmount);
        }
        return remoteAmount * factor;
    }

    // ---- remote chains ----------------------------------------------------------------------------------------------

    /// @notice Forgets chains, then learns chains. Their buckets start full. Owner only.
    function applyChainUpdates(uint64[] calldata remoteChainSelectorsToRemove, ChainUpdate[] calldata chainsToAdd)
        external
        virtual
        onlyOwner
    {
        for (uint256 i = 0; i < remoteChainSelectorsToRemove.length; ++i) {
            _removeChain(remoteChainSelectorsToRemove[i]);
        }
        for (uint256 i = 0; i < chainsToAdd.length; ++i) {
            _addChain(chainsToAdd[i]);
        }
    }

    /// @notice Accepts one more pool of a chain, so that messages in flight survive an upgrade. Owner only.
    function addRemotePool(uint64 remoteChainSelector, bytes calldata remotePoolAddress) external onlyOwner {
        if (!isSupportedChain(remoteChainSelector)) revert NonExistentChain(remoteChainSelector);

        _setRemotePool(remoteChainSelector, remotePoolAddress);
    }

    /// @notice Accepts a pool no longer: what it sent and is still in flight can't be executed any more. Owner only.
    function removeRemotePool(uint64 remoteChainSelector, bytes calldata remotePoolAddress) external onlyOwner {
        if (!isSupportedChain(remoteChainSelector)) revert NonExistentChain(remoteChainSelector);
        if (!s_remoteChainConfigs[remoteChainSelector].remotePools.remove(keccak256(remotePoolAddress))) {
            revert InvalidRemotePoolForChain(remoteChainSelector, remotePoolAddress);
        }

        emit RemotePoolRemoved(remoteChainSelector, remotePoolAddress);
    }

    function _removeChain(uint64 remoteChainSelector) private {
        if (!s_remoteChainSelectors.remove(remoteChainSelector)) revert NonExistentChain(remoteChainSelector);

        RemoteChainConfig storage config = s_remoteChainConfigs[remoteChainSelector];
        bytes32[] memory pools = config.remotePools.values();
        for (uint256 i = 0; i < pools.length; ++i) {
            config.remotePools.remove(pools[i]); // a mapping within can't be deleted with the rest
        }
        delete s_remoteChainConfigs[remoteChainSelector];

        emit ChainRemoved(remoteChainSelector);
    }

    function _addChain(ChainUpdate calldata update) private {
        RateLimiter._validateTokenBucketConfig(update.outboundRateLimiterConfig);
        RateLimiter._validateTokenBucketConfig(update.inboundRateLimiterConfig);
        if (update.remoteTokenAddress.length == 0) revert ZeroAddressNotAllowed();
        if (!s_remoteChainSelectors.add(update.remoteChainSelector)) {
            revert ChainAlreadyExists(update.remoteChainSelector);
        }

        RemoteChainConfig storage config = s_remoteChainConfigs[update.remoteChainSelector];
        config.outboundRateLimiterConfig = RateLimiter._newBucket(update.outboundRateLimiterConfig);
        config.inboundRateLimiterConfig = RateLimiter._newBucket(update.inboundRateLimiterConfig);
        config.remoteTokenAddress = update.remoteTokenAddress;
        for (uint256 i = 0; i < update.remotePoolAddresses.length; ++i) {
            _setRemotePool(update.remoteChainSelector, update.remotePoolAddresses[i]);
        }

        emit ChainAdded(
            update.remoteChainSelector,
            update.remoteTokenAddress,
            update.outboundRateLimiterConfig,
            update.inboundRateLimiterConfig
        );
    }

    function _setRemotePool(uint64 remoteChainSelector, bytes calldata remotePoolAddress) private {
        if (remotePoolAddress.length == 0) revert ZeroAddressNotAllowed();
        bytes32 poolHash = keccak256(remotePoolAddress);
        if (!s_remoteChainConfigs[remoteChainSelector].remotePools.add(poolHash)) {
            revert PoolAlreadyAdded(remoteChainSelector, remotePoolAddress);
        }

        s_remotePoolAddresses[poolHash] = remotePoolAddress;

        emit RemotePoolAdded(remoteChainSelector, remotePoolAddress);
    }

    /// @notice The pools of a chain whose messages are accepted.
    function getRemotePools(uint64 remoteChainSelector) public view returns (bytes[] memory remotePools) {
        bytes32[] memory hashes = s_remoteChainConfigs[remoteChainSelector].remotePools.values();
        remotePools = new bytes[](hashes.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            remotePools[i] = s_remotePoolAddresses[hashes[i]];
        }
    }

    /// @notice Whether messages of this pool are accepted. Compared as raw bytes.
    function isRemotePool(uint64 remoteChainSelector, bytes memory remotePoolAddress) public view returns (bool) {
        return s_remoteChainConfigs[remoteChainSelector].remotePools.contains(keccak256(remotePoolAddress));
    }

    /// @notice The token's twin on a chain; empty: none is known.
    function getRemoteToken(uint64 remoteChainSelector) public view returns (bytes memory) {
        return s_remoteChainConfigs[remoteChainSelector].remoteTokenAddress;
    }

    /// @inheritdoc IPoolV1
    function isSupportedChain(uint64 remoteChainSelector) public view override returns (bool) {
        return s_remoteChainSelectors.contains(remoteChainSelector);
    }

    /// @notice The selectors of the chains that the pool trades with.
    function getSupportedChains() public view returns (uint64[] memory selectors) {
        uint256[] memory words = s_remoteChainSelectors.values();
        assembly ("memory-safe") {
            selectors := words // selectors, by `_addChain`
        }
    }

    // ---- rate limits ------------------------------------------------------------------------------------------------

    /// @notice Lets one more account set rate limits; zero: nobody but the owner. Owner only.
    function setRateLimitAdmin(address rateLimitAdmin) external onlyOwner {
        s_rateLimitAdmin = rateLimitAdmin;

        emit RateLimitAdminSet(rateLimitAdmin);
    }

    function getRateLimitAdmin() external view returns (address) {
        return s_rateLimitAdmin;
    }

    /// @notice Sets the limits of several chains. For the owner and the rate limit admin.
    function setChainRateLimiterConfigs(
        uint64[] calldata remoteChainSelectors,
        RateLimiter.Config[] calldata outboundConfigs,
        RateLimiter.Config[] calldata inboundConfigs
    ) external {
        _checkLimitSetter();
        if (
            remoteChainSelectors.length != outboundConfigs.length
                || remoteChainSelectors.length != inboundConfigs.length
        ) revert MismatchedArrayLengths();

        for (uint256 i = 0; i < remoteChainSelectors.length; ++i) {
            _setRateLimitConfig(remoteChainSelectors[i], outboundConfigs[i], inboundConfigs[i]);
        }
    }

    /// @notice Sets a chain's limits. For the owner and the rate limit admin.
    function setChainRateLimiterConfig(
        uint64 remoteChainSelector,
        RateLimiter.Config memory outboundConfig,
        RateLimiter.Config memory inboundConfig
    ) external {
        _checkLimitSetter();

        _setRateLimitConfig(remoteChainSelector, outboundConfig, inboundConfig);
    }

    function _checkLimitSetter() private view {
        if (msg.sender != s_rateLimitAdmin && msg.sender != owner) revert Unauthorized(msg.sender);
    }

    function _setRateLimitConfig(
        uint64 remoteChainSelector,
        RateLimiter.Config memory outboundConfig,
        RateLimiter.Config memory inboundConfig
    ) private {
        if (!isSupportedChain(remoteChainSelector)) {
            revert NonExistentChain(remoteChainSelector);
        }
        RateLimiter._validateTokenBucketConfig(outboundConfig);
        s_remoteChainConfigs[remoteChainSelector].outboundRateLimiterConfig._setTokenBucketConfig(outboundConfig);
        RateLimiter._validateTokenBucketConfig(inboundConfig);
        s_remoteChainConfigs[remoteChainSelector].inboundRateLimiterConfig._setTokenBucketConfig(inboundConfig);

        emit ChainConfigured(remoteChainSelector, outboundConfig, inboundConfig);
    }

    /// @notice What may leave for a chain: the bucket as it stands now.
    function getCurrentOutboundRateLimiterState(uint64 remoteChainSelector)
        external
        view
        returns (RateLimiter.TokenBucket memory)
    {
        return s_remoteChainConfigs[remoteChainSelector].outboundRateLimiterConfig._currentTokenBucketState();
    }

    /// @notice What may arrive from a chain: the bucket as it stands now.
    function getCurrentInboundRateLimiterState(uint64 remoteChainSelector)
        external
        view
        returns (RateLimiter.TokenBucket memory)
    {
        return s_remoteChainConfigs[remoteChainSelector].inboundRateLimiterConfig._currentTokenBucketState();
    }

    // ---- allowlist --------------------------------------------------------------------------------------------------

    /// @notice Takes senders off the allowlist, then puts senders on it. Owner only; not without an allowlist.
    function applyAllowListUpdates(address[] calldata removes, address[] calldata adds) external onlyOwner {
        _applyAllowListUpdates(removes, adds);
    }

    function _applyAllowListUpdates(address[] memory removes, address[] memory adds) internal {
        if (!i_allowlistEnabled) revert AllowListNotEnabled();

        for (uint256 i = 0; i < removes.length; ++i) {
            if (s_allowlist.remove(removes[i])) emit AllowListRemove(removes[i]);
        }
        for (uint256 i = 0; i < adds.length; ++i) {
            if (adds[i] != address(0) && s_allowlist.add(adds[i])) emit AllowListAdd(adds[i]);
        }
    }

    /// @notice Whether only senders on the allowlist may use the pool.
    function getAllowListEnabled() external view returns (bool) {
        return i_allowlistEnabled;
    }

    function getAllowList() external view returns (address[] memory) {
        return s_allowlist.values();
    }

    // ---- the pool itself --------------------------------------------------------------------------------------------

    /// @notice Sets the Router, whose ramps may use the pool. Owner only.
    function setRouter(address newRouter) public onlyOwner {
        if (newRouter == address(0)) revert ZeroAddressNotAllowed();
        address oldRouter = address(s_router);
        s_router = IRouter(newRouter);

        emit RouterUpdated(oldRouter, newRouter);
    }

    function getRouter() public view returns (address router) {
        return address(s_router);
    }

    function getRmnProxy() public view returns (address rmnProxy) {
        return i_rmnProxy;
    }

    function getToken() public view returns (IERC20 token) {
        return i_token;
    }

    function getTokenDecimals() public view virtual returns (uint8 decimals) {
        return i_tokenDecimals;
    }

    /// @inheritdoc IPoolV1
    function isSupportedToken(address token) public view virtual override returns (bool) {
        return token == address(i_token);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public pure virtual override returns (bool) {
        return interfaceId == Pool.CCIP_POOL_V1 || interfaceId == type(IPoolV1).interfaceId
            || interfaceId == type(IERC165).interfaceId;
    }
}
