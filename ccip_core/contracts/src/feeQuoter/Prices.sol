// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {AuthorizedCallers} from "../access/AuthorizedCallers.sol";
import {IAggregatorV3} from "../interfaces/IAggregatorV3.sol";
import {IERC165} from "../interfaces/IERC165.sol";
import {IReceiver} from "../interfaces/IReceiver.sol";
import {Internal} from "../libraries/Internal.sol";

/// @title Prices
/// @notice What tokens and foreign gas cost. Three sources, by how they come here: the OffRamp's price updates, a data feed
/// that is asked when those are stale, and Keystone's reports.
/// @dev Token prices are USD with 18 decimals for 1e18 of a token's smallest units; gas prices see `Internal`.
abstract contract Prices is AuthorizedCallers, IReceiver {
    error TokenNotSupported(address token);
    error StaleGasPrice(uint64 destChainSelector, uint256 threshold, uint256 timePassed);
    error DataFeedValueOutOfUint224Range();
    error ReportForwarderUnauthorized(
        address forwarder, address workflowOwner, bytes10 workflowName, bytes2 reportName
    );

    event UsdPerTokenUpdated(address indexed token, uint256 value, uint256 timestamp);
    event UsdPerUnitGasUpdated(uint64 indexed destChain, uint256 value, uint256 timestamp);
    event PriceFeedPerTokenUpdated(address indexed token, TokenPriceFeedConfig priceFeedConfig);
    event ReportPermissionSet(bytes32 indexed reportId, Permission permission);

    struct TokenPriceFeedConfig {
        address dataFeedAddress;
        uint8 tokenDecimals;
        bool isEnabled;
    }

    struct TokenPriceFeedUpdate {
        address sourceToken;
        TokenPriceFeedConfig feedConfig;
    }

    /// @dev Who may bring reports of which workflow.
    struct Permission {
        address forwarder;
        bytes10 workflowName;
        bytes2 reportName;
        address workflowOwner;
        bool isAllowed;
    }

    struct ReceivedCCIPFeedReport {
        address token;
        uint224 price; // USD with 18 decimals for a whole token
        uint32 timestamp;
    }

    /// @notice Decimals of a price times an amount.
    uint256 public constant FEE_BASE_DECIMALS = 36;

    /// @notice Decimals of the prices in Keystone's reports.
    uint256 public constant KEYSTONE_PRICE_DECIMALS = 18;

    uint32 internal immutable i_tokenPriceStalenessThreshold; // s

    mapping(uint64 destChainSelector => Internal.TimestampedPackedUint224) internal s_usdPerUnitGasByDestChainSelector;
    mapping(address token => Internal.TimestampedPackedUint224) internal s_usdPerToken;
    mapping(address token => TokenPriceFeedConfig) internal s_usdPriceFeedsPerToken;
    mapping(bytes32 reportId => bool) internal s_isReportAllowed;

    constructor(uint32 tokenPriceStalenessThreshold) {
        i_tokenPriceStalenessThreshold = tokenPriceStalenessThreshold;
    }

    // ---- asking -----------------------------------------------------------------------------------------------------

    /// @notice A token's price and when it was so. A stored price that is stale gives way to the token's data feed, if that
    /// is not even older; without one it is used all the same.
    function getTokenPrice(address token) public view returns (Internal.TimestampedPackedUint224 memory price) {
        price = s_usdPerToken[token];
        if (block.timestamp - price.timestamp < i_tokenPriceStalenessThreshold) return price;

        TokenPriceFeedConfig memory feed = s_usdPriceFeedsPerToken[token];
        if (!feed.isEnabled || feed.dataFeedAddress == address(0)) return price;
        Internal.TimestampedPackedUint224 memory feedPrice = _getTokenPriceFromDataFeed(feed);
        return feedPrice.timestamp >= price.timestamp ? feedPrice : price;
    }

    /// @notice `getTokenPrice` of each of them.
    function getTokenPrices(address[] calldata tokens)
        external
        view
        returns (Internal.TimestampedPackedUint224[] memory prices)
    {
        prices = new Internal.TimestampedPackedUint224[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            prices[i] = getTokenPrice(tokens[i]);
        }
    }

    /// @notice A token's price. Reverts when there is none.
    function getValidatedTokenPrice(address token) external view returns (uint224) {
        return _getValidatedTokenPrice(token);
    }

    /// @notice The data feed of a token.
    function getTokenPriceFeedConfig(address token) external view returns (TokenPriceFeedConfig memory) {
        return s_usdPriceFeedsPerToken[token];
    }

    /// @notice What gas costs on a chain, packed as in `Internal.GasPriceUpdate`, however old it is.
    function getDestinationChainGasPrice(uint64 destChainSelector)
        external
        view
        returns (Internal.TimestampedPackedUint224 memory)
    {
        return s_usdPerUnitGasByDestChainSelector[destChainSelector];
    }

    /// @notice So much of one token in another, by their prices; rounded down.
    function convertTokenAmount(address fromToken, uint256 fromTokenAmount, address toToken)
        public
        view
        returns (uint256)
    {
        uint256 value = fromTokenAmount * _getValidatedTokenPrice(fromToken);
        return value / _getValidatedTokenPrice(toToken);
    }

    function _getValidatedTokenPrice(address token) internal view returns (uint224) {
        Internal.TimestampedPackedUint224 memory price = getTokenPrice(token);
        if (price.timestamp == 0 || price.value == 0) revert TokenNotSupported(token);
        return price.value;
    }

    /// @param threshold Age in s from which the price may not be used any more; 0: any age will do.
    function _getValidatedGasPrice(uint64 destChainSelector, uint32 threshold) internal view returns (uint224) {
        Internal.TimestampedPackedUint224 memory price = s_usdPerUnitGasByDestChainSelector[destChainSelector];
        uint256 age = block.timestamp - price.timestamp;
        if (threshold != 0 && age > threshold) revert StaleGasPrice(destChainSelector, threshold, age);
        return price.value;
    }

    function _getTokenPriceFromDataFeed(TokenPriceFeedConfig memory feed)
        private
        view
        returns (Internal.TimestampedPackedUint224 memory)
    {
        IAggregatorV3 dataFeed = IAggregatorV3(feed.dataFeedAddress);
        (, int256 answer,, uint256 updatedAt,) = dataFeed.latestRoundData();
        if (answer < 0) revert DataFeedValueOutOfUint224Range();
        return Internal.TimestampedPackedUint224(
            _rebase(dataFeed.decimals(), feed.tokenDecimals, uint256(answer)), uint32(updatedAt)
        );
    }

    /// @dev A price for a whole token with `priceDecimals` → the price that is stored here.
    function _rebase(uint8 priceDecimals, uint8 tokenDecimals, uint256 price) private pure returns (uint224) {
        uint256 decimals = uint256(priceDecimals) + tokenDecimals;
        uint256 rebased = decimals > FEE_BASE_DECIMALS
            ? price / 10 ** (decimals - FEE_BASE_DECIMALS)
            : price * 10 ** (FEE_BASE_DECIMALS - decimals);
        if (rebased > type(uint224).max) revert DataFeedValueOutOfUint224Range();
        return uint224(rebased);
    }

    // ---- telling ----------------------------------------------------------------------------------------------------

    function _updatePrices(Internal.PriceUpdates calldata priceUpdates) internal {
        for (uint256 i = 0; i < priceUpdates.tokenPriceUpdates.length; ++i) {
            Internal.TokenPriceUpdate calldata update = priceUpdates.tokenPriceUpdates[i];
            s_usdPerToken[update.sourceToken] =
                Internal.TimestampedPackedUint224(update.usdPerToken, uint32(block.timestamp));

            emit UsdPerTokenUpdated(update.sourceToken, update.usdPerToken, block.timestamp);
        }
        for (uint256 i = 0; i < priceUpdates.gasPriceUpdates.length; ++i) {
            Internal.GasPriceUpdate calldata update = priceUpdates.gasPriceUpdates[i];
            s_usdPerUnitGasByDestChainSelector[update.destChainSelector] =
                Internal.TimestampedPackedUint224(update.usdPerUnitGas, uint32(block.timestamp));

            emit UsdPerUnitGasUpdated(update.destChainSelector, update.usdPerUnitGas, block.timestamp);
        }
    }

    /// @notice Sets data feeds. Owner only.
    function updateTokenPriceFeeds(TokenPriceFeedUpdate[] memory tokenPriceFeedUpdates) external onlyOwner {
        _updateTokenPriceFeeds(tokenPriceFeedUpdates);
    }

    function _updateTokenPriceFeeds(TokenPriceFeedUpdate[] memory tokenPriceFeedUpdates) internal {
        for (uint256 i = 0; i < tokenPriceFeedUpdates.length; ++i) {
            TokenPriceFeedUpdate memory update = tokenPriceFeedUpdates[i];
            s_usdPriceFeedsPerToken[update.sourceToken] = update.feedConfig;

            emit PriceFeedPerTokenUpdated(update.sourceToken, update.feedConfig);
        }
    }

    // ---- Keystone ---------------------------------------------------------------------------------------------------

    /// @notice Says who may bring which reports. Owner only.
    function setReportPermissions(Permission[] memory permissions) external onlyOwner {
        for (uint256 i = 0; i < permissions.length; ++i) {
            Permission memory permission = permissions[i];
            bytes32 reportId = _reportId(
                permission.forwarder, permission.workflowOwner, permission.workflowName, permission.reportName
            );
            s_isReportAllowed[reportId] = permission.isAllowed;

            emit ReportPermissionSet(reportId, permission);
        }
    }

    /// @inheritdoc IReceiver
    function onReport(bytes calldata metadata, bytes calldata report) external override {
        (bytes10 workflowName, address workflowOwner, bytes2 reportName) = _workflowOf(metadata);
        if (!s_isReportAllowed[_reportId(msg.sender, workflowOwner, workflowName, reportName)]) {
            revert ReportForwarderUnauthorized(msg.sender, workflowOwner, workflowName, reportName);
        }

        ReceivedCCIPFeedReport[] memory feeds = abi.decode(report, (ReceivedCCIPFeedReport[]));
        for (uint256 i = 0; i < feeds.length; ++i) {
            _storeReport(feeds[i]);
        }
    }

    /// @dev The metadata: 32 bytes of workflow id, 10 of its name, 20 of its owner, 2 of the report's name. What is missing
    /// reads as zero.
    function _workflowOf(bytes memory metadata) private pure returns (bytes10 name, address owner_, bytes2 reportName) {
        assembly ("memory-safe") {
            name := mload(add(metadata, 64))
            owner_ := shr(96, mload(add(metadata, 74)))
            reportName := mload(add(metadata, 94))
        }
    }

    /// @dev A report that is older than what is known is passed over: the others of its batch still count.
    function _storeReport(ReceivedCCIPFeedReport memory feed) private {
        TokenPriceFeedConfig memory config = s_usdPriceFeedsPerToken[feed.token];
        if (!config.isEnabled) revert TokenNotSupported(feed.token);
        if (feed.timestamp < s_usdPerToken[feed.token].timestamp) return;

        uint224 price = _rebase(uint8(KEYSTONE_PRICE_DECIMALS), config.tokenDecimals, feed.price);
        s_usdPerToken[feed.token] = Internal.TimestampedPackedUint224(price, feed.timestamp);

        emit UsdPerTokenUpdated(feed.token, price, feed.timestamp);
    }

    function _reportId(address forwarder, address workflowOwner, bytes10 workflowName, bytes2 reportName)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(forwarder, workflowOwner, workflowName, reportName));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public pure virtual override returns (bool) {
        return interfaceId == type(IReceiver).interfaceId || interfaceId == type(IERC165).interfaceId;
    }
}
