// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Ownable2StepMsgSender} from "../access/Ownable2StepMsgSender.sol";
import {IERC20} from "../interfaces/IERC20.sol";
import {IEVM2AnyOnRampClient} from "../interfaces/IEVM2AnyOnRampClient.sol";
import {IFeeQuoter} from "../interfaces/IFeeQuoter.sol";
import {IMessageInterceptor} from "../interfaces/IMessageInterceptor.sol";
import {INonceManager} from "../interfaces/INonceManager.sol";
import {IPoolV1} from "../interfaces/IPoolV1.sol";
import {IRMN} from "../interfaces/IRMN.sol";
import {ITokenAdminRegistry} from "../interfaces/ITokenAdminRegistry.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {Client} from "../libraries/Client.sol";
import {EnumerableSet} from "../libraries/EnumerableSet.sol";
import {Internal} from "../libraries/Internal.sol";
import {Pool} from "../libraries/Pool.sol";
import {SafeERC20} from "../libraries/SafeERC20.sol";

/// @title OnRamp
/// @notice Turns what the Router hands over into a numbered message to another chain, and says so in an event: that is all
/// that crosses. One for all destinations; fees stay here until they are withdrawn to the aggregator.
contract OnRamp is IEVM2AnyOnRampClient, ITypeAndVersion, Ownable2StepMsgSender {
    using EnumerableSet for EnumerableSet.AddressSet;
    using SafeERC20 for IERC20;

    struct StaticConfig {
        uint64 chainSelector;
        IRMN rmnRemote; // the RMNProxy, so that a new RMN reaches it
        address nonceManager;
        address tokenAdminRegistry;
    }

    struct DynamicConfig {
        address feeQuoter;
        bool reentrancyGuardEntered; // nobody's to set: false between transactions
        address messageInterceptor; // zero: none
        address feeAggregator; // receives the fees
        address allowlistAdmin; // may change allowlists beside the owner
    }

    struct DestChainConfig {
        uint64 sequenceNumber; // ─╮ the last one given
        bool allowlistEnabled; //  │
        address router; // ────────╯ the only caller; zero: nothing can be sent
        EnumerableSet.AddressSet allowedSenders;
    }

    struct DestChainConfigArgs {
        uint64 destChainSelector;
        address router;
        bool allowlistEnabled;
    }

    struct AllowlistConfigArgs {
        uint64 destChainSelector;
        bool allowlistEnabled;
        address[] addedAllowlistedSenders;
        address[] removedAllowlistedSenders;
    }

    error CannotSendZeroTokens();
    error CursedByRMN(uint64 destChainSelector);
    error GetSupportedTokensFunctionalityRemovedCheckAdminRegistry();
    error InvalidAllowListRequest(uint64 destChainSelector);
    error InvalidConfig();
    error InvalidDestChainConfig(uint64 destChainSelector);
    error MustBeCalledByRouter();
    error OnlyCallableByOwnerOrAllowlistAdmin();
    error ReentrancyGuardReentrantCall();
    error RouterMustSetOriginalSender();
    error SenderNotAllowed(address sender);
    error UnsupportedToken(address token);

    /// @dev Never emitted; tools know it from the ABI.
    event AllowListAdminSet(address indexed allowlistAdmin);
    event AllowListSendersAdded(uint64 indexed destChainSelector, address[] senders);
    event AllowListSendersRemoved(uint64 indexed destChainSelector, address[] senders);
    event CCIPMessageSent(
        uint64 indexed destChainSelector, uint64 indexed sequenceNumber, Internal.EVM2AnyRampMessage message
    );
    event ConfigSet(StaticConfig staticConfig, DynamicConfig dynamicConfig);
    event DestChainConfigSet(
        uint64 indexed destChainSelector, uint64 sequenceNumber, address router, bool allowlistEnabled
    );
    event FeeTokenWithdrawn(address indexed feeAggregator, address indexed feeToken, uint256 amount);

    string public constant override typeAndVersion = "OnRamp 1.6.0";

    uint64 private immutable i_chainSelector;
    IRMN private immutable i_rmnRemote;
    INonceManager private immutable i_nonceManager;
    ITokenAdminRegistry private immutable i_tokenAdminRegistry;

    DynamicConfig private s_dynamicConfig;
    mapping(uint64 destChainSelector => DestChainConfig) private s_destChainConfigs;

    constructor(
        StaticConfig memory staticConfig,
        DynamicConfig memory dynamicConfig,
        DestChainConfigArgs[] memory destChainConfigArgs
    ) {
        if (
            staticConfig.chainSelector == 0 || address(staticConfig.rmnRemote) == address(0)
                || staticConfig.nonceManager == address(0) || staticConfig.tokenAdminRegistry == address(0)
        ) revert InvalidConfig();

        i_chainSelector = staticConfig.chainSelector;
        i_rmnRemote = staticConfig.rmnRemote;
        i_nonceManager = INonceManager(staticConfig.nonceManager);
        i_tokenAdminRegistry = ITokenAdminRegistry(staticConfig.tokenAdminRegistry);
        _setDynamicConfig(dynamicConfig);
        _applyDestChainConfigUpdates(destChainConfigArgs);
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Sending
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IEVM2AnyOnRampClient
    /// @dev The Router asks this before it sends; a curse on the destination stops messages here and nowhere else.
    function getFee(uint64 destChainSelector, Client.EVM2AnyMessage calldata message)
        external
        view
        override
        returns (uint256 feeTokenAmount)
    {
        if (i_rmnRemote.isCursed(bytes16(uint128(destChainSelector)))) revert CursedByRMN(destChainSelector);

        return IFeeQuoter(s_dynamicConfig.feeQuoter).getValidatedFee(destChainSelector, message);
    }

    /// @inheritdoc IEVM2AnyOnRampClient
    function forwardFromRouter(
        uint64 destChainSelector,
        Client.EVM2AnyMessage calldata message,
        uint256 feeTokenAmount,
        address originalSender
    ) external override returns (bytes32) {
        DestChainConfig storage destChainConfig = s_destChainConfigs[destChainSelector];
        _checkCall(destChainConfig, originalSender);
        s_dynamicConfig.reentrancyGuardEntered = true;
        _askInterceptor(destChainSelector, message);

        Internal.EVM2AnyRampMessage memory rampMessage;
        rampMessage.header.sourceChainSelector = i_chainSelector;
        rampMessage.header.destChainSelector = destChainSelector;
        rampMessage.header.sequenceNumber = ++destChainConfig.sequenceNumber;
        rampMessage.sender = originalSender;
        rampMessage.data = message.data;
        rampMessage.receiver = message.receiver;
        rampMessage.feeToken = message.feeToken;
        rampMessage.feeTokenAmount = feeTokenAmount;
        _complete(rampMessage, message);
        rampMessage.header.messageId = Internal._hash(
            rampMessage,
            keccak256(abi.encode(Internal.EVM_2_ANY_MESSAGE_HASH, i_chainSelector, destChainSelector, address(this)))
        );

        emit CCIPMessageSent(destChainSelector, rampMessage.header.sequenceNumber, rampMessage);

        s_dynamicConfig.reentrancyGuardEntered = false;
        return rampMessage.header.messageId;
    }

    function _checkCall(DestChainConfig storage destChainConfig, address originalSender) private view {
        if (s_dynamicConfig.reentrancyGuardEntered) revert ReentrancyGuardReentrantCall();
        if (originalSender == address(0)) revert RouterMustSetOriginalSender();
        if (destChainConfig.allowlistEnabled && !destChainConfig.allowedSenders.contains(originalSender)) {
            revert SenderNotAllowed(originalSender);
        }
        if (msg.sender != destChainConfig.router) revert MustBeCalledByRouter();
    }

    function _askInterceptor(uint64 destChainSelector, Client.EVM2AnyMessage calldata message) private {
        address interceptor = s_dynamicConfig.messageInterceptor;
        if (interceptor != address(0)) {
            IMessageInterceptor(interceptor).onOutboundMessage(destChainSelector, message);
        }
    }

    /// @dev Fee value, extra arguments, tokens and nonce: everything for which others are asked.
    function _complete(Internal.EVM2AnyRampMessage memory rampMessage, Client.EVM2AnyMessage calldata message) private {
        uint64 destChainSelector = rampMessage.header.destChainSelector;
        IFeeQuoter feeQuoter = IFeeQuoter(s_dynamicConfig.feeQuoter);
        bool isOutOfOrderExecution;
        bytes memory tokenReceiver;
        (rampMessage.feeValueJuels, isOutOfOrderExecution, rampMessage.extraArgs, tokenReceiver) =
            feeQuoter.processMessageArgs(
                destChainSelector, message.feeToken, rampMessage.feeTokenAmount, message.extraArgs, message.receiver
            );

        Client.EVMTokenAmount[] calldata tokenAmounts = message.tokenAmounts;
        rampMessage.tokenAmounts = new Internal.EVM2AnyTokenTransfer[](tokenAmounts.length);
        for (uint256 i = 0; i < tokenAmounts.length; ++i) {
            rampMessage.tokenAmounts[i] =
                _lockOrBurn(tokenAmounts[i], destChainSelector, tokenReceiver, rampMessage.sender);
        }
        bytes[] memory destExecData =
            feeQuoter.processPoolReturnData(destChainSelector, rampMessage.tokenAmounts, tokenAmounts);
        for (uint256 i = 0; i < tokenAmounts.length; ++i) {
            rampMessage.tokenAmounts[i].destExecData = destExecData[i];
        }

        if (!isOutOfOrderExecution) {
            rampMessage.header.nonce = i_nonceManager.getIncrementedOutboundNonce(destChainSelector, rampMessage.sender);
        }
    }

    function _lockOrBurn(
        Client.EVMTokenAmount calldata tokenAmount,
        uint64 destChainSelector,
        bytes memory receiver,
        address originalSender
    ) private returns (Internal.EVM2AnyTokenTransfer memory) {
        if (tokenAmount.amount == 0) revert CannotSendZeroTokens();
        address pool = i_tokenAdminRegistry.getPool(tokenAmount.token);
        if (pool == address(0) || !IPoolV1(pool).supportsInterface(Pool.CCIP_POOL_V1)) {
            revert UnsupportedToken(tokenAmount.token);
        }

        Pool.LockOrBurnOutV1 memory out = IPoolV1(pool)
            .lockOrBurn(
                Pool.LockOrBurnInV1({
                receiver: receiver,
                remoteChainSelector: destChainSelector,
                originalSender: originalSender,
                amount: tokenAmount.amount,
                localToken: tokenAmount.token
            })
            );
        return Internal.EVM2AnyTokenTransfer({
            sourcePoolAddress: pool,
            destTokenAddress: out.destTokenAddress,
            extraData: out.destPoolData,
            amount: tokenAmount.amount,
            destExecData: ""
        });
    }

    /// @inheritdoc IEVM2AnyOnRampClient
    function getPoolBySourceToken(uint64, IERC20 sourceToken) external view override returns (address) {
        return i_tokenAdminRegistry.getPool(address(sourceToken));
    }

    /// @inheritdoc IEVM2AnyOnRampClient
    function getSupportedTokens(uint64) external pure override returns (address[] memory) {
        revert GetSupportedTokensFunctionalityRemovedCheckAdminRegistry();
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Fees
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice Sends all of these tokens to the fee aggregator. Anyone may call: they go nowhere else.
    function withdrawFeeTokens(address[] calldata feeTokens) external {
        address feeAggregator = s_dynamicConfig.feeAggregator;
        for (uint256 i = 0; i < feeTokens.length; ++i) {
            IERC20 feeToken = IERC20(feeTokens[i]);
            uint256 balance = feeToken.balanceOf(address(this));
            if (balance == 0) continue;
            feeToken.safeTransfer(feeAggregator, balance);

            emit FeeTokenWithdrawn(feeAggregator, feeTokens[i], balance);
        }
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Configuration
    // ---------------------------------------------------------------------------------------------------------------

    /// @notice The part of the configuration that can't change.
    function getStaticConfig() external view returns (StaticConfig memory) {
        return _staticConfig();
    }

    function _staticConfig() private view returns (StaticConfig memory) {
        return StaticConfig({
            chainSelector: i_chainSelector,
            rmnRemote: i_rmnRemote,
            nonceManager: address(i_nonceManager),
            tokenAdminRegistry: address(i_tokenAdminRegistry)
        });
    }

    /// @notice The part of the configuration that the owner may change.
    function getDynamicConfig() external view returns (DynamicConfig memory dynamicConfig) {
        return s_dynamicConfig;
    }

    /// @notice Replaces the dynamic configuration. Owner only.
    function setDynamicConfig(DynamicConfig memory dynamicConfig) external onlyOwner {
        _setDynamicConfig(dynamicConfig);
    }

    function _setDynamicConfig(DynamicConfig memory dynamicConfig) private {
        // With the guard set from outside, nothing could be sent any more.
        if (
            dynamicConfig.feeQuoter == address(0) || dynamicConfig.feeAggregator == address(0)
                || dynamicConfig.reentrancyGuardEntered
        ) revert InvalidConfig();

        s_dynamicConfig = dynamicConfig;

        emit ConfigSet(_staticConfig(), dynamicConfig);
    }

    /// @notice Sets routers and allowlists' switches of destinations; sequence numbers go on. Owner only.
    function applyDestChainConfigUpdates(DestChainConfigArgs[] memory destChainConfigArgs) external onlyOwner {
        _applyDestChainConfigUpdates(destChainConfigArgs);
    }

    function _applyDestChainConfigUpdates(DestChainConfigArgs[] memory destChainConfigArgs) private {
        for (uint256 i = 0; i < destChainConfigArgs.length; ++i) {
            DestChainConfigArgs memory args = destChainConfigArgs[i];
            if (args.destChainSelector == 0) revert InvalidDestChainConfig(args.destChainSelector);

            DestChainConfig storage config = s_destChainConfigs[args.destChainSelector];
            (config.router, config.allowlistEnabled) = (args.router, args.allowlistEnabled);

            emit DestChainConfigSet(args.destChainSelector, config.sequenceNumber, args.router, args.allowlistEnabled);
        }
    }

    /// @notice The last sequence number given to a destination, and what the owner has set.
    function getDestChainConfig(uint64 destChainSelector)
        external
        view
        returns (uint64 sequenceNumber, bool allowlistEnabled, address router)
    {
        DestChainConfig storage config = s_destChainConfigs[destChainSelector];
        return (config.sequenceNumber, config.allowlistEnabled, config.router);
    }

    /// @notice The sequence number that the next message to a destination will have.
    function getExpectedNextSequenceNumber(uint64 destChainSelector) external view returns (uint64) {
        return s_destChainConfigs[destChainSelector].sequenceNumber + 1;
    }

    /// @notice Switches allowlists, adds senders, removes senders. For the owner and the allowlist's admin. Adding to a list
    /// that is switched off reverts, removing doesn't.
    function applyAllowlistUpdates(AllowlistConfigArgs[] calldata allowlistConfigArgsItems) external {
        if (msg.sender != owner && msg.sender != s_dynamicConfig.allowlistAdmin) {
            revert OnlyCallableByOwnerOrAllowlistAdmin();
        }

        for (uint256 i = 0; i < allowlistConfigArgsItems.length; ++i) {
            AllowlistConfigArgs calldata args = allowlistConfigArgsItems[i];
            DestChainConfig storage config = s_destChainConfigs[args.destChainSelector];
            config.allowlistEnabled = args.allowlistEnabled;

            address[] calldata added = args.addedAllowlistedSenders;
            if (added.length > 0) {
                if (!args.allowlistEnabled) revert InvalidAllowListRequest(args.destChainSelector);
                for (uint256 j = 0; j < added.length; ++j) {
                    if (added[j] == address(0)) revert InvalidAllowListRequest(args.destChainSelector);
                    config.allowedSenders.add(added[j]);
                }

                emit AllowListSendersAdded(args.destChainSelector, added);
            }
            address[] calldata removed = args.removedAllowlistedSenders;
            if (removed.length > 0) {
                for (uint256 j = 0; j < removed.length; ++j) {
                    config.allowedSenders.remove(removed[j]);
                }

                emit AllowListSendersRemoved(args.destChainSelector, removed);
            }
        }
    }

    /// @notice A destination's allowlist and whether it is switched on.
    function getAllowedSendersList(uint64 destChainSelector)
        external
        view
        returns (bool isEnabled, address[] memory configuredAddresses)
    {
        DestChainConfig storage config = s_destChainConfigs[destChainSelector];
        return (config.allowlistEnabled, config.allowedSenders.values());
    }
}
