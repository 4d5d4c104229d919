// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {IAny2EVMMessageReceiver} from "../interfaces/IAny2EVMMessageReceiver.sol";
import {IERC20} from "../interfaces/IERC20.sol";
import {IFeeQuoter} from "../interfaces/IFeeQuoter.sol";
import {IMessageInterceptor} from "../interfaces/IMessageInterceptor.sol";
import {INonceManager} from "../interfaces/INonceManager.sol";
import {IOffRamp} from "../interfaces/IOffRamp.sol";
import {IPoolV1} from "../interfaces/IPoolV1.sol";
import {IRMNRemote} from "../interfaces/IRMNRemote.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {ITokenAdminRegistry} from "../interfaces/ITokenAdminRegistry.sol";
import {ITypeAndVersion} from "../interfaces/ITypeAndVersion.sol";
import {CallWithExactGas} from "../libraries/CallWithExactGas.sol";
import {Client} from "../libraries/Client.sol";
import {ERC165CheckerReverting} from "../libraries/ERC165CheckerReverting.sol";
import {EnumerableSet} from "../libraries/EnumerableSet.sol";
import {Internal} from "../libraries/Internal.sol";
import {MerkleMultiProof} from "../libraries/MerkleMultiProof.sol";
import {Pool} from "../libraries/Pool.sol";
import {MultiOCR3Base} from "../ocr/MultiOCR3Base.sol";

/// @title OffRamp
/// @notice See IOffRamp.
contract OffRamp is IOffRamp, MultiOCR3Base {
    using ERC165CheckerReverting for address;
    using EnumerableSet for EnumerableSet.UintSet;

    string public constant override typeAndVersion = "OffRamp 1.6.0";

    /// @dev How much of what a pool or token reverts with is kept: a selector and four words.
    uint16 private constant MAX_RET_BYTES = 4 + 4 * 32;

    /// @dev Execution states take two bits each.
    uint256 private constant STATES_PER_WORD = 128;
    uint256 private constant STATE_MASK = 3;

    bytes32 private constant HASH_OF_ENCODED_ZERO_ADDRESS = keccak256(abi.encode(address(0)));

    uint64 private immutable i_chainSelector;
    uint16 private immutable i_gasForCallExactCheck;
    IRMNRemote private immutable i_rmnRemote;
    ITokenAdminRegistry private immutable i_tokenAdminRegistry;
    INonceManager private immutable i_nonceManager;

    DynamicConfig private s_dynamicConfig;
    uint64 private s_latestPriceSequenceNumber;
    EnumerableSet.UintSet private s_sourceChainSelectors;
    mapping(uint64 sourceChainSelector => SourceChainConfig) private s_sourceChainConfigs;
    mapping(uint64 sourceChainSelector => mapping(uint256 word => uint256)) private s_executionStates;
    mapping(uint64 sourceChainSelector => mapping(bytes32 merkleRoot => uint256 timestamp)) private s_roots;

    constructor(
        StaticConfig memory staticConfig,
        DynamicConfig memory dynamicConfig,
        SourceChainConfigArgs[] memory sourceChainConfigs
    ) {
        if (
            address(staticConfig.rmnRemote) == address(0) || staticConfig.tokenAdminRegistry == address(0)
                || staticConfig.nonceManager == address(0)
        ) revert ZeroAddressNotAllowed();
        if (staticConfig.chainSelector == 0) revert ZeroChainSelectorNotAllowed();

        i_chainSelector = staticConfig.chainSelector;
        i_gasForCallExactCheck = staticConfig.gasForCallExactCheck;
        i_rmnRemote = staticConfig.rmnRemote;
        i_tokenAdminRegistry = ITokenAdminRegistry(staticConfig.tokenAdminRegistry);
        i_nonceManager = INonceManager(staticConfig.nonceManager);

        emit StaticConfigSet(staticConfig);

        _setDynamicConfig(dynamicConfig);
        _applySourceChainConfigUpdates(sourceChainConfigs);
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Commit
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IOffRamp
    function commit(
        bytes32[2] calldata reportContext,
        bytes calldata report,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external override {
        CommitReport memory commitReport = abi.decode(report, (CommitReport));
        Internal.MerkleRoot[] memory blessed = commitReport.blessedMerkleRoots;
        Internal.MerkleRoot[] memory unblessed = commitReport.unblessedMerkleRoots;

        if (blessed.length > 0) i_rmnRemote.verify(address(this), blessed, commitReport.rmnSignatures);
        bool hasRoots = blessed.length + unblessed.length > 0;
        _updatePrices(commitReport.priceUpdates, uint64(uint256(reportContext[1])), hasRoots);
        for (uint256 i = 0; i < blessed.length; ++i) {
            _commitRoot(blessed[i], true);
        }
        for (uint256 i = 0; i < unblessed.length; ++i) {
            _commitRoot(unblessed[i], false);
        }

        emit CommitReportAccepted(blessed, unblessed, commitReport.priceUpdates);

        _transmit(uint8(Internal.OCRPluginType.Commit), reportContext, report, rs, ss, rawVs);
    }

    /// @dev Older prices than those that we have are passed over, so that they don't hold up the roots beside them.
    function _updatePrices(Internal.PriceUpdates memory priceUpdates, uint64 sequenceNumber, bool hasRoots) private {
        if (priceUpdates.tokenPriceUpdates.length == 0 && priceUpdates.gasPriceUpdates.length == 0) return;

        if (s_latestPriceSequenceNumber < sequenceNumber) {
            s_latestPriceSequenceNumber = sequenceNumber;
            IFeeQuoter(s_dynamicConfig.feeQuoter).updatePrices(priceUpdates);
        } else if (!hasRoots) {
            revert StaleCommitReport();
        }
    }

    function _commitRoot(Internal.MerkleRoot memory root, bool isBlessed) private {
        uint64 source = root.sourceChainSelector;
        if (_isCursed(source)) revert CursedByRMN(source);
        SourceChainConfig storage config = _enabledSource(source);
        if (isBlessed == config.isRMNVerificationDisabled) {
            revert RootBlessingMismatch(source, root.merkleRoot, isBlessed);
        }
        bytes memory onRamp = config.onRamp;
        if (keccak256(root.onRampAddress) != keccak256(onRamp)) {
            revert CommitOnRampMismatch(root.onRampAddress, onRamp);
        }
        if (root.minSeqNr != config.minSeqNr || root.minSeqNr > root.maxSeqNr) {
            revert InvalidInterval(source, root.minSeqNr, root.maxSeqNr);
        }
        if (root.merkleRoot == bytes32(0)) revert InvalidRoot();
        if (s_roots[source][root.merkleRoot] != 0) revert RootAlreadyCommitted(source, root.merkleRoot);

        config.minSeqNr = root.maxSeqNr + 1;
        s_roots[source][root.merkleRoot] = block.timestamp;
    }

    function _isCursed(uint64 sourceChainSelector) private view returns (bool) {
        return i_rmnRemote.isCursed(bytes16(uint128(sourceChainSelector)));
    }

    function _enabledSource(uint64 sourceChainSelector) private view returns (SourceChainConfig storage config) {
        config = s_sourceChainConfigs[sourceChainSelector];
        if (!config.isEnabled) revert SourceChainNotEnabled(sourceChainSelector);
    }

    /// @inheritdoc IOffRamp
    function getMerkleRoot(uint64 sourceChainSelector, bytes32 root) external view override returns (uint256) {
        return s_roots[sourceChainSelector][root];
    }

    /// @inheritdoc IOffRamp
    function getLatestPriceSequenceNumber() external view override returns (uint64) {
        return s_latestPriceSequenceNumber;
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Execute: reports
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IOffRamp
    function execute(bytes32[2] calldata reportContext, bytes calldata report) external override {
        _batchExecute(abi.decode(report, (Internal.ExecutionReport[])), new GasLimitOverride[][](0));

        bytes32[] memory none = new bytes32[](0);
        _transmit(uint8(Internal.OCRPluginType.Execution), reportContext, report, none, none, "");
    }

    /// @inheritdoc IOffRamp
    function manuallyExecute(Internal.ExecutionReport[] memory reports, GasLimitOverride[][] memory gasLimitOverrides)
        external
        override
    {
        _whenChainNotForked();
        if (reports.length != gasLimitOverrides.length) revert ManualExecutionGasLimitMismatch();
        for (uint256 i = 0; i < reports.length; ++i) {
            _checkOverrides(reports[i], gasLimitOverrides[i]);
        }

        _batchExecute(reports, gasLimitOverrides);
    }

    function _checkOverrides(Internal.ExecutionReport memory report, GasLimitOverride[] memory gasLimitOverrides)
        private
        pure
    {
        if (report.messages.length != gasLimitOverrides.length) revert ManualExecutionGasLimitMismatch();
        for (uint256 i = 0; i < gasLimitOverrides.length; ++i) {
            Internal.Any2EVMRampMessage memory message = report.messages[i];
            bytes32 messageId = message.header.messageId;
            uint256 newLimit = gasLimitOverrides[i].receiverExecutionGasLimit;
            if (newLimit != 0 && newLimit < message.gasLimit) {
                revert InvalidManualExecutionGasLimit(report.sourceChainSelector, messageId, newLimit);
            }
            uint32[] memory tokenGas = gasLimitOverrides[i].tokenGasOverrides;
            if (tokenGas.length != message.tokenAmounts.length) {
                revert ManualExecutionGasAmountCountMismatch(messageId, message.header.sequenceNumber);
            }
            for (uint256 j = 0; j < tokenGas.length; ++j) {
                uint256 destGasAmount = message.tokenAmounts[j].destGasAmount;
                if (tokenGas[j] != 0 && tokenGas[j] < destGasAmount) {
                    revert InvalidManualExecutionTokenGasOverride(messageId, j, destGasAmount, tokenGas[j]);
                }
            }
        }
    }

    function _batchExecute(Internal.ExecutionReport[] memory reports, GasLimitOverride[][] memory gasLimitOverrides)
        private
    {
        if (reports.length == 0) revert EmptyBatch();

        GasLimitOverride[] memory none = new GasLimitOverride[](0);
        for (uint256 i = 0; i < reports.length; ++i) {
            _executeReport(reports[i], gasLimitOverrides.length == 0 ? none : gasLimitOverrides[i]);
        }
    }

    /// @param gasLimitOverrides One a message if someone executes by hand; none if the oracles do.
    function _executeReport(Internal.ExecutionReport memory report, GasLimitOverride[] memory gasLimitOverrides)
        private
    {
        bool isManual = gasLimitOverrides.length != 0;
        uint64 source = report.sourceChainSelector;
        if (_isCursed(source)) {
            if (isManual) revert CursedByRMN(source);
            emit SkippedReportExecution(source); // the reports of other sources go on
            return;
        }
        if (report.messages.length == 0) revert EmptyReport(source);
        if (report.messages.length != report.offchainTokenData.length) revert UnexpectedTokenData();

        bytes32[] memory leaves = _leavesOf(report, keccak256(_enabledSource(source).onRamp));
        bytes32 root = MerkleMultiProof._merkleRoot(leaves, report.proofs, report.proofFlagBits);
        uint256 timestamp = s_roots[source][root];
        if (timestamp == 0) revert RootNotCommitted(source);

        for (uint256 i = 0; i < leaves.length; ++i) {
            if (isManual) {
                _executeManually(
                    report.messages[i], report.offchainTokenData[i], leaves[i], gasLimitOverrides[i], timestamp
                );
            } else {
                _executeOnce(report.messages[i], report.offchainTokenData[i], leaves[i]);
            }
        }
    }

    function _leavesOf(Internal.ExecutionReport memory report, bytes32 onRampHash)
        private
        view
        returns (bytes32[] memory leaves)
    {
        uint64 source = report.sourceChainSelector;
        bytes32 metadataHash =
            keccak256(abi.encode(Internal.ANY_2_EVM_MESSAGE_HASH, source, i_chainSelector, onRampHash));
        leaves = new bytes32[](report.messages.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            Internal.Any2EVMRampMessage memory message = report.messages[i];
            if (message.header.destChainSelector != i_chainSelector) {
                revert InvalidMessageDestChainSelector(message.header.destChainSelector);
            }
            if (message.header.sourceChainSelector != source) {
                revert SourceChainSelectorMismatch(source, message.header.sourceChainSelector);
            }
            leaves[i] = Internal._hash(message, metadataHash);
        }
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Execute: one message of a report
    // ---------------------------------------------------------------------------------------------------------------

    /// @dev For the oracles: they try a message once.
    function _executeOnce(Internal.Any2EVMRampMessage memory message, bytes[] memory offchainTokenData, bytes32 leaf)
        private
    {
        uint256 gasStart = gasleft();
        (uint64 source, uint64 sequenceNumber) = (message.header.sourceChainSelector, message.header.sequenceNumber);
        Internal.MessageExecutionState state = getExecutionState(source, sequenceNumber);
        if (_isDone(state)) {
            emit SkippedAlreadyExecutedMessage(source, sequenceNumber);
            return;
        }
        if (state == Internal.MessageExecutionState.FAILURE) {
            emit AlreadyAttempted(source, sequenceNumber);
            return;
        }
        if (!_takesNonce(message)) return;

        _execute(message, offchainTokenData, new uint32[](0), leaf, gasStart);
    }

    /// @dev By hand: again after a failure, or after the oracles let the threshold pass.
    function _executeManually(
        Internal.Any2EVMRampMessage memory message,
        bytes[] memory offchainTokenData,
        bytes32 leaf,
        GasLimitOverride memory gasLimitOverride,
        uint256 timestamp
    ) private {
        uint256 gasStart = gasleft();
        (uint64 source, uint64 sequenceNumber) = (message.header.sourceChainSelector, message.header.sequenceNumber);
        Internal.MessageExecutionState state = getExecutionState(source, sequenceNumber);
        if (_isDone(state)) {
            emit SkippedAlreadyExecutedMessage(source, sequenceNumber);
            return;
        }
        bool isRetry = state == Internal.MessageExecutionState.FAILURE;
        if (!isRetry && block.timestamp - timestamp <= s_dynamicConfig.permissionLessExecutionThresholdSeconds) {
            revert ManualExecutionNotYetEnabled(source);
        }
        if (gasLimitOverride.receiverExecutionGasLimit != 0) {
            message.gasLimit = gasLimitOverride.receiverExecutionGasLimit; // the leaf is hashed already
        }
        if (!isRetry && !_takesNonce(message)) return;

        (Internal.MessageExecutionState newState, bytes memory returnData) =
            _execute(message, offchainTokenData, gasLimitOverride.tokenGasOverrides, leaf, gasStart);
        if (isRetry && newState == Internal.MessageExecutionState.FAILURE) {
            revert ExecutionError(message.header.messageId, returnData); // nothing changes by failing again
        }
    }

    function _isDone(Internal.MessageExecutionState state) private pure returns (bool) {
        return state == Internal.MessageExecutionState.SUCCESS || state == Internal.MessageExecutionState.IN_PROGRESS;
    }

    /// @dev Whether it is this ordered message's turn. A message that fails takes its nonce too, so the next can follow.
    function _takesNonce(Internal.Any2EVMRampMessage memory message) private returns (bool) {
        Internal.RampMessageHeader memory header = message.header;
        if (header.nonce == 0) return true;
        return i_nonceManager.incrementInboundNonce(header.sourceChainSelector, header.nonce, message.sender);
    }

    function _execute(
        Internal.Any2EVMRampMessage memory message,
        bytes[] memory offchainTokenData,
        uint32[] memory tokenGasOverrides,
        bytes32 leaf,
        uint256 gasStart
    ) private returns (Internal.MessageExecutionState newState, bytes memory returnData) {
        Internal.RampMessageHeader memory header = message.header;
        if (message.tokenAmounts.length != offchainTokenData.length) {
            revert TokenDataMismatch(header.sourceChainSelector, header.sequenceNumber);
        }

        // Before anyone else's code runs: a message can't be executed out of its own execution.
        _setExecutionState(header, Internal.MessageExecutionState.IN_PROGRESS);
        (newState, returnData) = _tryToExecute(message, offchainTokenData, tokenGasOverrides);
        _setExecutionState(header, newState);

        emit ExecutionStateChanged(
            header.sourceChainSelector,
            header.sequenceNumber,
            header.messageId,
            leaf,
            newState,
            returnData,
            gasStart - gasleft()
        );
    }

    function _tryToExecute(
        Internal.Any2EVMRampMessage memory message,
        bytes[] memory offchainTokenData,
        uint32[] memory tokenGasOverrides
    ) private returns (Internal.MessageExecutionState, bytes memory) {
        try this.executeSingleMessage(message, offchainTokenData, tokenGasOverrides) {
            return (Internal.MessageExecutionState.SUCCESS, "");
        } catch (bytes memory err) {
            // Else an estimate would settle for so little gas that the message fails.
            if (msg.sender == GAS_ESTIMATION_SENDER && _isLackOfGas(bytes4(err))) {
                revert InsufficientGasToCompleteTx(bytes4(err));
            }
            return (Internal.MessageExecutionState.FAILURE, err);
        }
    }

    function _isLackOfGas(bytes4 selector) private pure returns (bool) {
        return selector == CallWithExactGas.NotEnoughGasForCall.selector
            || selector == CallWithExactGas.NoGasForCallExactCheck.selector
            || selector == ERC165CheckerReverting.InsufficientGasForStaticCall.selector;
    }

    /// @inheritdoc IOffRamp
    function getExecutionState(uint64 sourceChainSelector, uint64 sequenceNumber)
        public
        view
        override
        returns (Internal.MessageExecutionState)
    {
        uint256 word = s_executionStates[sourceChainSelector][sequenceNumber / STATES_PER_WORD];
        return Internal.MessageExecutionState(word >> _shiftOf(sequenceNumber) & STATE_MASK);
    }

    function _setExecutionState(Internal.RampMessageHeader memory header, Internal.MessageExecutionState newState)
        private
    {
        uint256 shift = _shiftOf(header.sequenceNumber);
        mapping(uint256 => uint256) storage words = s_executionStates[header.sourceChainSelector];
        uint256 index = header.sequenceNumber / STATES_PER_WORD;
        words[index] = (words[index] & ~(STATE_MASK << shift)) | uint256(newState) << shift;
    }

    function _shiftOf(uint64 sequenceNumber) private pure returns (uint256) {
        return 2 * (sequenceNumber % STATES_PER_WORD);
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Execute: inside the call that is undone when it fails
    // ---------------------------------------------------------------------------------------------------------------

    /// @inheritdoc IOffRamp
    function executeSingleMessage(
        Internal.Any2EVMRampMessage memory message,
        bytes[] calldata offchainTokenData,
        uint32[] calldata tokenGasOverrides
    ) external override {
        if (msg.sender != address(this)) revert CanOnlySelfCall();

        Client.Any2EVMMessage memory any2EvmMessage = Client.Any2EVMMessage({
            messageId: message.header.messageId,
            sourceChainSelector: message.header.sourceChainSelector,
            sender: message.sender,
            data: message.data,
            destTokenAmounts: new Client.EVMTokenAmount[](message.tokenAmounts.length)
        });
        for (uint256 i = 0; i < message.tokenAmounts.length; ++i) {
            if (tokenGasOverrides.length != 0 && tokenGasOverrides[i] != 0) {
                message.tokenAmounts[i].destGasAmount = tokenGasOverrides[i];
            }
            any2EvmMessage.destTokenAmounts[i] = _releaseOrMint(message.tokenAmounts[i], message, offchainTokenData[i]);
        }

        address interceptor = s_dynamicConfig.messageInterceptor;
        if (interceptor != address(0)) {
            try IMessageInterceptor(interceptor).onInboundMessage(any2EvmMessage) {}
            catch (bytes memory err) {
                revert IMessageInterceptor.MessageValidationError(err);
            }
        }

        if (!_wantsCall(message)) return;
        (bool success, bytes memory returnData,) = s_sourceChainConfigs[message.header.sourceChainSelector].router
            .routeMessage(any2EvmMessage, i_gasForCallExactCheck, message.gasLimit, message.receiver);
        if (!success) revert ReceiverError(returnData);
    }

    /// @dev Accounts that don't say that they receive messages get their tokens and no call.
    function _wantsCall(Internal.Any2EVMRampMessage memory message) private view returns (bool) {
        if (message.data.length == 0 && message.gasLimit == 0) return false;
        return message.receiver.code.length != 0
            && message.receiver._supportsInterfaceReverting(type(IAny2EVMMessageReceiver).interfaceId);
    }

    /// @dev One budget of gas pays for the pool and for reading the receiver's balance before and after. A pool says how
    /// much it gave; what arrived must be the same, or tokens that take a fee would make messages lie.
    function _releaseOrMint(
        Internal.Any2EVMTokenTransfer memory transfer,
        Internal.Any2EVMRampMessage memory message,
        bytes calldata offchainTokenData
    ) private returns (Client.EVMTokenAmount memory) {
        address token = transfer.destTokenAddress;
        address receiver = message.receiver;
        address pool = i_tokenAdminRegistry.getPool(token);
        if (pool == address(0) || !pool._supportsInterfaceReverting(Pool.CCIP_POOL_V1)) {
            revert NotACompatiblePool(pool);
        }

        (uint256 balancePre, uint256 gasLeft) = _balanceOf(receiver, token, transfer.destGasAmount);
        bytes memory payload = abi.encodeCall(
            IPoolV1.releaseOrMint,
            (Pool.ReleaseOrMintInV1({
                    originalSender: message.sender,
                    remoteChainSelector: message.header.sourceChainSelector,
                    receiver: receiver,
                    sourceDenominatedAmount: transfer.amount,
                    localToken: token,
                    sourcePoolAddress: transfer.sourcePoolAddress,
                    sourcePoolData: transfer.extraData,
                    offchainTokenData: offchainTokenData
                }))
        );
        uint256 amount;
        (amount, gasLeft) = _callForNumber(pool, payload, gasLeft);

        if (receiver != pool) {
            (uint256 balancePost,) = _balanceOf(receiver, token, gasLeft);
            if (balancePost < balancePre || balancePost - balancePre != amount) {
                revert ReleaseOrMintBalanceMismatch(amount, balancePre, balancePost);
            }
        }
        return Client.EVMTokenAmount({token: token, amount: amount});
    }

    function _balanceOf(address account, address token, uint256 gasLimit)
        private
        returns (uint256 balance, uint256 gasLeft)
    {
        return _callForNumber(token, abi.encodeCall(IERC20.balanceOf, (account)), gasLimit);
    }

    function _callForNumber(address target, bytes memory payload, uint256 gasLimit)
        private
        returns (uint256 number, uint256 gasLeft)
    {
        (bool success, bytes memory returnData, uint256 gasUsed) = CallWithExactGas._callWithExactGasSafeReturnData(
            payload, target, gasLimit, i_gasForCallExactCheck, MAX_RET_BYTES
        );
        if (!success) revert TokenHandlingError(target, returnData);
        if (returnData.length != Pool.CCIP_POOL_V1_RET_BYTES) {
            revert InvalidDataLength(Pool.CCIP_POOL_V1_RET_BYTES, returnData.length);
        }
        return (abi.decode(returnData, (uint256)), gasLimit - gasUsed);
    }

    /// @notice Always reverts: so the OffRamp is no receiver, and nobody can send it messages.
    function ccipReceive(Client.Any2EVMMessage calldata) external pure {
        revert();
    }

    // ---------------------------------------------------------------------------------------------------------------
    // Configuration
    // ---------------------------------------------------------------------------------------------------------------

    /// @dev With new commit oracles, the count of their reports starts anew, and so must that of prices.
    function _afterOCR3ConfigSet(uint8 ocrPluginType) internal override {
        bool verifies = s_ocrConfigs[ocrPluginType].configInfo.isSignatureVerificationEnabled;
        if (ocrPluginType == uint8(Internal.OCRPluginType.Commit)) {
            if (!verifies) revert SignatureVerificationRequiredInCommitPlugin();
            s_latestPriceSequenceNumber = 0;
        } else if (ocrPluginType == uint8(Internal.OCRPluginType.Execution)) {
            if (verifies) revert SignatureVerificationNotAllowedInExecutionPlugin();
        }
    }

    /// @notice Adds sources or changes them. Owner only. A source's OnRamp can't change once a root of it was committed:
    /// leaves under that root are hashed with it.
    function applySourceChainConfigUpdates(SourceChainConfigArgs[] memory sourceChainConfigUpdates) external onlyOwner {
        _applySourceChainConfigUpdates(sourceChainConfigUpdates);
    }

    function _applySourceChainConfigUpdates(SourceChainConfigArgs[] memory updates) private {
        for (uint256 i = 0; i < updates.length; ++i) {
            SourceChainConfigArgs memory args = updates[i];
            uint64 source = args.sourceChainSelector;
            if (source == 0) revert ZeroChainSelectorNotAllowed();
            if (address(args.router) == address(0)) revert ZeroAddressNotAllowed();

            SourceChainConfig storage config = s_sourceChainConfigs[source];
            bytes32 onRampHash = keccak256(args.onRamp);
            if (config.onRamp.length == 0) {
                config.minSeqNr = 1;
                emit SourceChainSelectorAdded(source);
            } else if (config.minSeqNr != 1 && keccak256(config.onRamp) != onRampHash) {
                revert InvalidOnRampUpdate(source);
            }
            if (args.onRamp.length == 0 || onRampHash == HASH_OF_ENCODED_ZERO_ADDRESS) revert ZeroAddressNotAllowed();

            config.onRamp = args.onRamp;
            config.isEnabled = args.isEnabled;
            config.router = args.router;
            config.isRMNVerificationDisabled = args.isRMNVerificationDisabled;
            s_sourceChainSelectors.add(source);

            emit SourceChainConfigSet(source, config);
        }
    }

    /// @notice What the owner has set for a source, and where its next root must start.
    function getSourceChainConfig(uint64 sourceChainSelector) external view returns (SourceChainConfig memory) {
        return s_sourceChainConfigs[sourceChainSelector];
    }

    /// @notice The same for all sources.
    function getAllSourceChainConfigs() external view returns (uint64[] memory, SourceChainConfig[] memory) {
        uint256 count = s_sourceChainSelectors.length();
        uint64[] memory selectors = new uint64[](count);
        SourceChainConfig[] memory configs = new SourceChainConfig[](count);
        for (uint256 i = 0; i < count; ++i) {
            selectors[i] = uint64(s_sourceChainSelectors.at(i));
            configs[i] = s_sourceChainConfigs[selectors[i]];
        }
        return (selectors, configs);
    }

    /// @notice Replaces the dynamic configuration. Owner only.
    function setDynamicConfig(DynamicConfig memory dynamicConfig) external onlyOwner {
        _setDynamicConfig(dynamicConfig);
    }

    function _setDynamicConfig(DynamicConfig memory dynamicConfig) private {
        if (dynamicConfig.feeQuoter == address(0)) revert ZeroAddressNotAllowed();

        s_dynamicConfig = dynamicConfig;

        emit DynamicConfigSet(dynamicConfig);
    }

    /// @notice The part of the configuration that the owner may change.
    function getDynamicConfig() external view returns (DynamicConfig memory) {
        return s_dynamicConfig;
    }

    /// @notice The part of the configuration that can't change.
    function getStaticConfig() external view returns (StaticConfig memory) {
        return StaticConfig({
            chainSelector: i_chainSelector,
            gasForCallExactCheck: i_gasForCallExactCheck,
            rmnRemote: i_rmnRemote,
            tokenAdminRegistry: address(i_tokenAdminRegistry),
            nonceManager: address(i_nonceManager)
        });
    }
}
