// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AuthorizedCallers} from "./access/AuthorizedCallers.sol";
import {DestinationRules} from "./feeQuoter/DestinationRules.sol";
import {Prices} from "./feeQuoter/Prices.sol";
import {IFeeQuoter} from "./interfaces/IFeeQuoter.sol";
import {ITypeAndVersion} from "./interfaces/ITypeAndVersion.sol";
import {Client} from "./libraries/Client.sol";
import {EnumerableSet} from "./libraries/EnumerableSet.sol";
import {Internal} from "./libraries/Internal.sol";
import {Pool} from "./libraries/Pool.sol";

/// @title FeeQuoter
/// @notice What a message costs and whether its destination would take it.
///
///     fee = (gas on the destination + premium + data availability) / price of the fee token
///
/// The three are computed in USD with 36 decimals; the fee in the token's smallest units, rounded down.
contract FeeQuoter is Prices, IFeeQuoter, ITypeAndVersion {
    using EnumerableSet for EnumerableSet.AddressSet;

    error FeeTokenNotSupported(address token);
    error InvalidDestBytesOverhead(address token, uint32 destBytesOverhead);
    error DestinationChainNotEnabled(uint64 destChainSelector);
    error InvalidDestChainConfig(uint64 destChainSelector);
    error MessageFeeTooHigh(uint256 msgFeeJuels, uint256 maxFeeJuelsPerMsg);
    error InvalidStaticConfig();
    error MessageTooLarge(uint256 maxSize, uint256 actualSize);
    error UnsupportedNumberOfTokens(uint256 numberOfTokens, uint256 maxNumberOfTokensPerMsg);
    error InvalidFeeRange(uint256 minFeeUSDCents, uint256 maxFeeUSDCents);
    error SourceTokenDataTooLarge(address token);
    error InvalidTokenReceiver();
    error TooManySVMExtraArgsAccounts(uint256 numAccounts, uint256 maxAccounts);
    error InvalidSVMExtraArgsWritableBitmap(uint64 accountIsWritableBitmap, uint256 numAccounts);
    error TooManySuiExtraArgsReceiverObjectIds(uint256 numReceiverObjectIds, uint256 maxReceiverObjectIds);

    event FeeTokenAdded(address indexed feeToken);
    event FeeTokenRemoved(address indexed feeToken);
    event PremiumMultiplierWeiPerEthUpdated(address indexed token, uint64 premiumMultiplierWeiPerEth);
    event DestChainAdded(uint64 indexed destChainSelector, DestChainConfig destChainConfig);
    event DestChainConfigUpdated(uint64 indexed destChainSelector, DestChainConfig destChainConfig);
    event TokenTransferFeeConfigUpdated(
        uint64 indexed destChainSelector, address indexed token, TokenTransferFeeConfig tokenTransferFeeConfig
    );
    event TokenTransferFeeConfigDeleted(uint64 indexed destChainSelector, address indexed token);

    struct StaticConfig {
        uint96 maxFeeJuelsPerMsg; // a fee above is a mistake and refused
        address linkToken;
        uint32 tokenPriceStalenessThreshold; // s
    }

    struct DestChainConfig {
        bool isEnabled;
        uint16 maxNumberOfTokensPerMsg;
        uint32 maxDataBytes;
        uint32 maxPerMsgGasLimit; // of the gas limit that a user may ask for
        uint32 destGasOverhead; // gas beside the receiver's and the tokens'
        uint8 destGasPerPayloadByteBase; // up to the threshold
        uint8 destGasPerPayloadByteHigh; // beyond it, after EIP-7623
        uint16 destGasPerPayloadByteThreshold;
        uint32 destDataAvailabilityOverheadGas;
        uint16 destGasPerDataAvailabilityByte;
        uint16 destDataAvailabilityMultiplierBps;
        bytes4 chainFamilySelector;
        bool enforceOutOfOrder;
        uint16 defaultTokenFeeUSDCents; // of a token without a config of its own
        uint32 defaultTokenDestGasOverhead; // likewise
        uint32 defaultTxGasLimit; // when the extra arguments are empty
        uint64 gasMultiplierWeiPerEth; // 1e18: as it is
        uint32 gasPriceStalenessThreshold; // s; 0: never stale
        uint32 networkFeeUSDCents; // for messages without tokens
    }

    struct DestChainConfigArgs {
        uint64 destChainSelector;
        DestChainConfig destChainConfig;
    }

    struct TokenTransferFeeConfig {
        uint32 minFeeUSDCents;
        uint32 maxFeeUSDCents;
        uint16 deciBps; // of the value, in 1/100,000
        uint32 destGasOverhead;
        uint32 destBytesOverhead; // what the pool may return, and what its bytes are charged as
        bool isEnabled;
    }

    struct TokenTransferFeeConfigSingleTokenArgs {
        address token;
        TokenTransferFeeConfig tokenTransferFeeConfig;
    }

    struct TokenTransferFeeConfigArgs {
        uint64 destChainSelector;
        TokenTransferFeeConfigSingleTokenArgs[] tokenTransferFeeConfigs;
    }

    struct TokenTransferFeeConfigRemoveArgs {
        uint64 destChainSelector;
        address token;
    }

    struct PremiumMultiplierWeiPerEthArgs {
        address token;
        uint64 premiumMultiplierWeiPerEth; // 1e18: as it is; not set: 0, no premium at all
    }

    /// @inheritdoc ITypeAndVersion
    string public constant override typeAndVersion = "FeeQuoter 1.6.3";

    uint256 internal constant USD_CENT = 1e16;
    uint256 internal constant DECI_BPS = 1e5;
    /// @dev Basis points (1e4) and the 18 decimals that are missing to 36.
    uint256 internal constant DATA_AVAILABILITY_SCALE = 1e14;

    uint256 internal constant SVM_ACCOUNTS_MAX = 64;
    uint256 internal constant SVM_MESSAGING_ACCOUNTS = 2;
    uint256 internal constant SVM_TOKEN_BYTES = 300;
    uint256 internal constant SUI_OBJECT_IDS_MAX = 64;
    uint256 internal constant SUI_MESSAGING_OBJECTS = 1;
    uint256 internal constant SUI_TOKEN_BYTES = 108;
    uint256 internal constant ACCOUNT_BYTES = 32;

    address internal immutable i_linkToken;
    uint96 internal immutable i_maxFeeJuelsPerMsg;

    mapping(uint64 destChainSelector => DestChainConfig) internal s_destChainConfigs;
    mapping(uint64 destChainSelector => mapping(address token => TokenTransferFeeConfig)) internal
        s_tokenTransferFeeConfig;
    mapping(address token => uint64) internal s_premiumMultiplierWeiPerEth;
    EnumerableSet.AddressSet internal s_feeTokens;

    constructor(
        StaticConfig memory staticConfig,
        address[] memory priceUpdaters,
        address[] memory feeTokens,
        TokenPriceFeedUpdate[] memory tokenPriceFeeds,
        TokenTransferFeeConfigArgs[] memory tokenTransferFeeConfigArgs,
        PremiumMultiplierWeiPerEthArgs[] memory premiumMultiplierWeiPerEthArgs,
        DestChainConfigArgs[] memory destChainConfigArgs
    ) AuthorizedCallers(priceUpdaters) Prices(staticConfig.tokenPriceStalenessThreshold) {
        if (
            staticConfig.linkToken == address(0) || staticConfig.maxFeeJuelsPerMsg == 0
                || staticConfig.tokenPriceStalenessThreshold == 0
        ) revert InvalidStaticConfig();

        i_linkToken = staticConfig.linkToken;
        i_maxFeeJuelsPerMsg = staticConfig.maxFeeJuelsPerMsg;
        _applyFeeTokensUpdates(new address[](0), feeTokens);
        _updateTokenPriceFeeds(tokenPriceFeeds);
        _applyDestChainConfigUpdates(destChainConfigArgs);
        _applyPremiumMultiplierWeiPerEthUpdates(premiumMultiplierWeiPerEthArgs);
        _applyTokenTransferFeeConfigUpdates(tokenTransferFeeConfigArgs, new TokenTransferFeeConfigRemoveArgs[](0));
    }

    // ---- the fee ----------------------------------------------------------------------------------------------------

    /// @inheritdoc IFeeQuoter
    function updatePrices(Internal.PriceUpdates calldata priceUpdates) external override onlyAuthorizedCallers {
        _updatePrices(priceUpdates);
    }

    /// @notice The price of a token and of gas, packed as in `Internal.GasPriceUpdate`, both good to be used now.
    function getTokenAndGasPrices(address token, uint64 destChainSelector)
        external
        view
        returns (uint224 tokenPrice, uint224 gasPriceValue)
    {
        DestChainConfig memory config = s_destChainConfigs[destChainSelector];
        if (!config.isEnabled) revert DestinationChainNotEnabled(destChainSelector);
        return
            (
                _getValidatedTokenPrice(token),
                _getValidatedGasPrice(destChainSelector, config.gasPriceStalenessThreshold)
            );
    }

    /// @inheritdoc IFeeQuoter
    function getValidatedFee(uint64 destChainSelector, Client.EVM2AnyMessage calldata message)
        external
        view
        override
        returns (uint256 feeTokenAmount)
    {
        DestChainConfig memory config = s_destChainConfigs[destChainSelector];
        if (!config.isEnabled) revert DestinationChainNotEnabled(destChainSelector);
        if (!s_feeTokens.contains(message.feeToken)) revert FeeTokenNotSupported(message.feeToken);
        uint256 gas = _validateMessage(destChainSelector, config, message);

        uint256 feeTokenPrice = _getValidatedTokenPrice(message.feeToken);
        uint224 packedGasPrice = _getValidatedGasPrice(destChainSelector, config.gasPriceStalenessThreshold);
        uint256 tokens = message.tokenAmounts.length;
        uint256 premium = config.networkFeeUSDCents * USD_CENT;
        uint32 tokenGas = 0;
        uint32 tokenBytes = 0;
        if (tokens != 0) {
            (premium, tokenGas, tokenBytes) = _tokenCosts(destChainSelector, config, message, feeTokenPrice);
        }
        uint32 overhead = config.destGasOverhead + tokenGas;
        gas += overhead + _calldataGas(config, message.data.length + tokenBytes);

        uint256 cost = gas * uint112(packedGasPrice) * config.gasMultiplierWeiPerEth + premium
            * s_premiumMultiplierWeiPerEth[message.feeToken];
        if (config.destDataAvailabilityMultiplierBps != 0) {
            uint256 gasPrice = uint112(packedGasPrice >> Internal.GAS_PRICE_BITS);
            cost += _dataAvailabilityCost(config, gasPrice, message.data.length, tokens, tokenBytes);
        }
        return cost / feeTokenPrice;
    }

    /// @return feeUSD 18 decimals.
    /// @return gas For the destination's pools.
    /// @return bytesOverhead What the source's pools may return.
    function _tokenCosts(
        uint64 destChainSelector,
        DestChainConfig memory config,
        Client.EVM2AnyMessage calldata message,
        uint256 feeTokenPrice
    ) private view returns (uint256 feeUSD, uint32 gas, uint32 bytesOverhead) {
        for (uint256 i = 0; i < message.tokenAmounts.length; ++i) {
            Client.EVMTokenAmount calldata tokenAmount = message.tokenAmounts[i];
            TokenTransferFeeConfig memory own = s_tokenTransferFeeConfig[destChainSelector][tokenAmount.token];
            if (!own.isEnabled) {
                feeUSD += config.defaultTokenFeeUSDCents * USD_CENT;
                gas += config.defaultTokenDestGasOverhead;
                bytesOverhead += Pool.CCIP_LOCK_OR_BURN_V1_RET_BYTES;
                continue;
            }
            uint256 share = 0;
            if (own.deciBps != 0) {
                uint256 price =
                    tokenAmount.token == message.feeToken ? feeTokenPrice : _getValidatedTokenPrice(tokenAmount.token);
                share = price * tokenAmount.amount / 1e18 * own.deciBps / DECI_BPS;
            }
            feeUSD += _clamp(share, own.minFeeUSDCents * USD_CENT, own.maxFeeUSDCents * USD_CENT);
            gas += own.destGasOverhead;
            bytesOverhead += own.destBytesOverhead;
        }
    }

    /// @dev A base and threshold whose product is more than a uint16 holds leave long messages without a price: panic.
    function _calldataGas(DestChainConfig memory config, uint256 length) private pure returns (uint256) {
        uint16 threshold = config.destGasPerPayloadByteThreshold;
        if (length <= threshold) return length * config.destGasPerPayloadByteBase;
        return threshold * config.destGasPerPayloadByteBase + (length - threshold) * config.destGasPerPayloadByteHigh;
    }

    /// @dev What a rollup pays for publishing the message; USD with 36 decimals.
    function _dataAvailabilityCost(
        DestChainConfig memory config,
        uint256 gasPrice,
        uint256 dataLength,
        uint256 tokens,
        uint256 tokenBytes
    ) private pure returns (uint256) {
        uint256 length = Internal.MESSAGE_FIXED_BYTES + dataLength + tokens * Internal.MESSAGE_FIXED_BYTES_PER_TOKEN
            + tokenBytes;
        uint256 gas = length * config.destGasPerDataAvailabilityByte + config.destDataAvailabilityOverheadGas;
        return gas * gasPrice * config.destDataAvailabilityMultiplierBps * DATA_AVAILABILITY_SCALE;
    }

    function _clamp(uint256 value, uint256 min, uint256 max) private pure returns (uint256) {
        if (value < min) return min;
        return value > max ? max : value;
    }

    // ---- what the OnRamp asks ---------------------------------------------------------------------------------------

    /// @inheritdoc IFeeQuoter
    function processMessageArgs(
        uint64 destChainSelector,
        address feeToken,
        uint256 feeTokenAmount,
        bytes calldata extraArgs,
        bytes calldata messageReceiver
    )
        external
        view
        override
        returns (
            uint256 msgFeeJuels,
            bool isOutOfOrderExecution,
            bytes memory convertedExtraArgs,
            bytes memory tokenReceiver
        )
    {
        msgFeeJuels = feeToken == i_linkToken
            ? feeTokenAmount
            : convertTokenAmount(feeToken, feeTokenAmount, i_linkToken);
        if (msgFeeJuels > i_maxFeeJuelsPerMsg) revert MessageFeeTooHigh(msgFeeJuels, i_maxFeeJuelsPerMsg);

        DestChainConfig memory config = s_destChainConfigs[destChainSelector];
        bytes4 family = config.chainFamilySelector;
        if (_isGeneric(family)) {
            Client.GenericExtraArgsV2 memory parsed =
                DestinationRules._parseGeneric(extraArgs, config.defaultTxGasLimit);
            return (msgFeeJuels, parsed.allowOutOfOrderExecution, Client._argsToBytes(parsed), messageReceiver);
        }
        if (family == Internal.CHAIN_FAMILY_SELECTOR_SVM) {
            bytes32 receiver =
                DestinationRules._parseSVM(extraArgs, config.maxPerMsgGasLimit, config.enforceOutOfOrder).tokenReceiver;
            return (msgFeeJuels, true, extraArgs, abi.encode(receiver));
        }
        if (family == Internal.CHAIN_FAMILY_SELECTOR_SUI) {
            bytes32 receiver =
                DestinationRules._parseSui(extraArgs, config.maxPerMsgGasLimit, config.enforceOutOfOrder).tokenReceiver;
            return (msgFeeJuels, true, extraArgs, abi.encode(receiver));
        }
        revert DestinationRules.InvalidChainFamilySelector(family);
    }

    /// @inheritdoc IFeeQuoter
    function processPoolReturnData(
        uint64 destChainSelector,
        Internal.EVM2AnyTokenTransfer[] calldata onRampTokenTransfers,
        Client.EVMTokenAmount[] calldata sourceTokenAmounts
    ) external view override returns (bytes[] memory destExecDataPerToken) {
        DestChainConfig memory config = s_destChainConfigs[destChainSelector];
        destExecDataPerToken = new bytes[](onRampTokenTransfers.length);
        for (uint256 i = 0; i < onRampTokenTransfers.length; ++i) {
            address sourceToken = sourceTokenAmounts[i].token;
            TokenTransferFeeConfig memory own = s_tokenTransferFeeConfig[destChainSelector][sourceToken];
            uint256 length = onRampTokenTransfers[i].extraData.length;
            if (length > Pool.CCIP_LOCK_OR_BURN_V1_RET_BYTES && length > own.destBytesOverhead) {
                revert SourceTokenDataTooLarge(sourceToken);
            }
            DestinationRules._validateAddress(config.chainFamilySelector, onRampTokenTransfers[i].destTokenAddress, 1);

            destExecDataPerToken[i] =
                abi.encode(own.isEnabled ? own.destGasOverhead : config.defaultTokenDestGasOverhead);
        }
    }

    // ---- what a destination takes -----------------------------------------------------------------------------------

    /// @dev Reverts unless the destination would take the message; the gas limit that the user asks for.
    function _validateMessage(
        uint64 destChainSelector,
        DestChainConfig memory config,
        Client.EVM2AnyMessage calldata message
    ) private view returns (uint256 gasLimit) {
        uint256 tokens = message.tokenAmounts.length;
        if (message.data.length > config.maxDataBytes) {
            revert MessageTooLarge(config.maxDataBytes, message.data.length);
        }
        if (tokens > config.maxNumberOfTokensPerMsg) {
            revert UnsupportedNumberOfTokens(tokens, config.maxNumberOfTokensPerMsg);
        }

        bytes4 family = config.chainFamilySelector;
        if (_isGeneric(family)) {
            gasLimit =
            DestinationRules._parseGeneric(
                message.extraArgs, config.defaultTxGasLimit, config.maxPerMsgGasLimit, config.enforceOutOfOrder
            )
            .gasLimit;
            DestinationRules._validateAddress(family, message.receiver, gasLimit);
            return gasLimit;
        }
        uint256 length;
        if (family == Internal.CHAIN_FAMILY_SELECTOR_SVM) {
            (gasLimit, length) = _validateForSVM(config, message);
        } else if (family == Internal.CHAIN_FAMILY_SELECTOR_SUI) {
            (gasLimit, length) = _validateForSui(config, message);
        } else {
            revert DestinationRules.InvalidChainFamilySelector(family);
        }
        length += message.data.length + _poolBytes(destChainSelector, message);
        if (length > config.maxDataBytes) revert MessageTooLarge(config.maxDataBytes, length);
    }

    /// @return computeUnits For the receiver.
    /// @return length Of the accounts and tokens in Solana's transaction.
    function _validateForSVM(DestChainConfig memory config, Client.EVM2AnyMessage calldata message)
        private
        pure
        returns (uint256 computeUnits, uint256 length)
    {
        Client.SVMExtraArgsV1 memory parsed =
            DestinationRules._parseSVM(message.extraArgs, config.maxPerMsgGasLimit, config.enforceOutOfOrder);
        computeUnits = parsed.computeUnits;
        DestinationRules._validateAddress(config.chainFamilySelector, message.receiver, computeUnits);
        uint256 accounts = parsed.accounts.length;
        if (abi.decode(message.receiver, (uint256)) == 0) {
            if (accounts != 0) revert TooManySVMExtraArgsAccounts(accounts, 0); // nobody is there to use them
        } else {
            if (accounts > SVM_ACCOUNTS_MAX) revert TooManySVMExtraArgsAccounts(accounts, SVM_ACCOUNTS_MAX);
            if (parsed.accountIsWritableBitmap >> accounts != 0) {
                revert InvalidSVMExtraArgsWritableBitmap(parsed.accountIsWritableBitmap, accounts);
            }
            length = (accounts + SVM_MESSAGING_ACCOUNTS) * ACCOUNT_BYTES;
        }
        if (message.tokenAmounts.length != 0 && parsed.tokenReceiver == bytes32(0)) revert InvalidTokenReceiver();
        length += message.tokenAmounts.length * SVM_TOKEN_BYTES;
    }

    /// @return gasLimit For the receiver.
    /// @return length Of the objects and tokens in Sui's transaction.
    function _validateForSui(DestChainConfig memory config, Client.EVM2AnyMessage calldata message)
        private
        pure
        returns (uint256 gasLimit, uint256 length)
    {
        Client.SuiExtraArgsV1 memory parsed =
            DestinationRules._parseSui(message.extraArgs, config.maxPerMsgGasLimit, config.enforceOutOfOrder);
        gasLimit = parsed.gasLimit;
        DestinationRules._validateAddress(config.chainFamilySelector, message.receiver, gasLimit);
        uint256 objects = parsed.receiverObjectIds.length;
        if (abi.decode(message.receiver, (uint256)) == 0) {
            if (objects != 0) revert TooManySuiExtraArgsReceiverObjectIds(objects, 0);
        } else {
            if (objects > SUI_OBJECT_IDS_MAX) {
                revert TooManySuiExtraArgsReceiverObjectIds(objects, SUI_OBJECT_IDS_MAX);
            }
            length = (objects + SUI_MESSAGING_OBJECTS) * ACCOUNT_BYTES;
        }
        if (message.tokenAmounts.length != 0 && parsed.tokenReceiver == bytes32(0)) revert InvalidTokenReceiver();
        length += message.tokenAmounts.length * SUI_TOKEN_BYTES;
    }

    function _poolBytes(uint64 destChainSelector, Client.EVM2AnyMessage calldata message)
        private
        view
        returns (uint256 length)
    {
        for (uint256 i = 0; i < message.tokenAmounts.length; ++i) {
            uint256 own = s_tokenTransferFeeConfig[destChainSelector][message.tokenAmounts[i].token].destBytesOverhead;
            length += own == 0 ? Pool.CCIP_LOCK_OR_BURN_V1_RET_BYTES : own;
        }
    }

    /// @dev Families whose extra arguments are V1 or V2.
    function _isGeneric(bytes4 family) private pure returns (bool) {
        return family == Internal.CHAIN_FAMILY_SELECTOR_EVM || family == Internal.CHAIN_FAMILY_SELECTOR_APTOS
            || family == Internal.CHAIN_FAMILY_SELECTOR_TVM;
    }

    // ---- configuration ----------------------------------------------------------------------------------------------

    function getStaticConfig() external view returns (StaticConfig memory) {
        return StaticConfig(i_maxFeeJuelsPerMsg, i_linkToken, i_tokenPriceStalenessThreshold);
    }

    function getDestChainConfig(uint64 destChainSelector) external view returns (DestChainConfig memory) {
        return s_destChainConfigs[destChainSelector];
    }

    function getTokenTransferFeeConfig(uint64 destChainSelector, address token)
        external
        view
        returns (TokenTransferFeeConfig memory tokenTransferFeeConfig)
    {
        return s_tokenTransferFeeConfig[destChainSelector][token];
    }

    function getPremiumMultiplierWeiPerEth(address token) external view returns (uint64 premiumMultiplierWeiPerEth) {
        return s_premiumMultiplierWeiPerEth[token];
    }

    /// @notice The tokens in which a fee may be paid.
    function getFeeTokens() external view returns (address[] memory) {
        return s_feeTokens.values();
    }

    /// @notice Takes fee tokens off the list, then puts fee tokens on it. Owner only.
    function applyFeeTokensUpdates(address[] memory feeTokensToRemove, address[] memory feeTokensToAdd)
        external
        onlyOwner
    {
        _applyFeeTokensUpdates(feeTokensToRemove, feeTokensToAdd);
    }

    function _applyFeeTokensUpdates(address[] memory feeTokensToRemove, address[] memory feeTokensToAdd) private {
        for (uint256 i = 0; i < feeTokensToRemove.length; ++i) {
            if (s_feeTokens.remove(feeTokensToRemove[i])) emit FeeTokenRemoved(feeTokensToRemove[i]);
        }
        for (uint256 i = 0; i < feeTokensToAdd.length; ++i) {
            if (s_feeTokens.add(feeTokensToAdd[i])) emit FeeTokenAdded(feeTokensToAdd[i]);
        }
    }

    /// @notice Sets what fees of a token are multiplied with, beside the gas. Owner only.
    function applyPremiumMultiplierWeiPerEthUpdates(PremiumMultiplierWeiPerEthArgs[] memory premiumMultiplierWeiPerEthArgs)
        external
        onlyOwner
    {
        _applyPremiumMultiplierWeiPerEthUpdates(premiumMultiplierWeiPerEthArgs);
    }

    function _applyPremiumMultiplierWeiPerEthUpdates(PremiumMultiplierWeiPerEthArgs[] memory updates) private {
        for (uint256 i = 0; i < updates.length; ++i) {
            PremiumMultiplierWeiPerEthArgs memory update = updates[i];
            s_premiumMultiplierWeiPerEth[update.token] = update.premiumMultiplierWeiPerEth;

            emit PremiumMultiplierWeiPerEthUpdated(update.token, update.premiumMultiplierWeiPerEth);
        }
    }

    /// @notice Sets fees of tokens, then puts tokens back to the default. Owner only.
    function applyTokenTransferFeeConfigUpdates(
        TokenTransferFeeConfigArgs[] memory tokenTransferFeeConfigArgs,
        TokenTransferFeeConfigRemoveArgs[] memory tokensToUseDefaultFeeConfigs
    ) external onlyOwner {
        _applyTokenTransferFeeConfigUpdates(tokenTransferFeeConfigArgs, tokensToUseDefaultFeeConfigs);
    }

    function _applyTokenTransferFeeConfigUpdates(
        TokenTransferFeeConfigArgs[] memory chains,
        TokenTransferFeeConfigRemoveArgs[] memory removals
    ) private {
        for (uint256 i = 0; i < chains.length; ++i) {
            uint64 destChainSelector = chains[i].destChainSelector;
            for (uint256 j = 0; j < chains[i].tokenTransferFeeConfigs.length; ++j) {
                address token = chains[i].tokenTransferFeeConfigs[j].token;
                TokenTransferFeeConfig memory config = chains[i].tokenTransferFeeConfigs[j].tokenTransferFeeConfig;
                if (config.minFeeUSDCents >= config.maxFeeUSDCents) {
                    revert InvalidFeeRange(config.minFeeUSDCents, config.maxFeeUSDCents);
                }
                if (config.destBytesOverhead < Pool.CCIP_LOCK_OR_BURN_V1_RET_BYTES) {
                    revert InvalidDestBytesOverhead(token, config.destBytesOverhead);
                }
                s_tokenTransferFeeConfig[destChainSelector][token] = config;

                emit TokenTransferFeeConfigUpdated(destChainSelector, token, config);
            }
        }
        for (uint256 i = 0; i < removals.length; ++i) {
            delete s_tokenTransferFeeConfig[removals[i].destChainSelector][removals[i].token];

            emit TokenTransferFeeConfigDeleted(removals[i].destChainSelector, removals[i].token);
        }
    }

    /// @notice Adds destinations or changes what they ask of messages and what those cost. Owner only.
    function applyDestChainConfigUpdates(DestChainConfigArgs[] memory destChainConfigArgs) external onlyOwner {
        _applyDestChainConfigUpdates(destChainConfigArgs);
    }

    function _applyDestChainConfigUpdates(DestChainConfigArgs[] memory updates) private {
        for (uint256 i = 0; i < updates.length; ++i) {
            uint64 destChainSelector = updates[i].destChainSelector;
            DestChainConfig memory config = updates[i].destChainConfig;
            if (
                destChainSelector == 0 || config.defaultTxGasLimit == 0
                    || config.defaultTxGasLimit > config.maxPerMsgGasLimit
                    || !DestinationRules._isKnown(config.chainFamilySelector)
            ) revert InvalidDestChainConfig(destChainSelector);

            bool isNew = s_destChainConfigs[destChainSelector].chainFamilySelector == 0;
            s_destChainConfigs[destChainSelector] = config;

            if (isNew) emit DestChainAdded(destChainSelector, config);
            else emit DestChainConfigUpdated(destChainSelector, config);
        }
    }
}
