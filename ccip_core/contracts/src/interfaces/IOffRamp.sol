// SPDX-License-Identifier: MIT
pragma solidity 0.8.26;

import {Internal} from "../libraries/Internal.sol";
import {IRMNRemote} from "./IRMNRemote.sol";
import {IRouter} from "./IRouter.sol";

/// @title IOffRamp
/// @notice Where messages from other chains arrive. The commit oracles leave Merkle roots here; whoever shows that a message
/// is a leaf under one of them has it executed, once.
///
///     commit ──▶ root, with its time ──▶ execute (oracles, once a message)              UNTOUCHED ─▶ SUCCESS
///     blessed by RMN or not,             manuallyExecute (anyone: what failed,                   └─▶ FAILURE ─▶ SUCCESS
///     by the lane's config               and everything after the threshold)
///
/// A cursed source neither commits nor executes. What is wrong with a whole report reverts; what is wrong with one message
/// is recorded as its failure.
interface IOffRamp {
    struct StaticConfig {
        uint64 chainSelector; // ──────────╮ of this chain
        uint16 gasForCallExactCheck; //    │ see CallWithExactGas
        IRMNRemote rmnRemote; // ──────────╯ the RMNProxy, so that a new RMN reaches it
        address tokenAdminRegistry;
        address nonceManager;
    }

    struct DynamicConfig {
        address feeQuoter; // ───────────────────────────────╮ takes the prices that come with roots
        uint32 permissionLessExecutionThresholdSeconds; // ──╯ after which anyone may execute what is UNTOUCHED
        address messageInterceptor; // zero: none
    }

    struct SourceChainConfig {
        IRouter router; // ──────────────────╮ calls the receivers
        bool isEnabled; //                   │
        uint64 minSeqNr; // ─────────────────╯ where the next root must start
        bool isRMNVerificationDisabled; // true: roots come unblessed, and may not come blessed
        bytes onRamp; // as reports and leaves have it: abi.encode(address) for EVM sources
    }

    struct SourceChainConfigArgs {
        IRouter router;
        uint64 sourceChainSelector;
        bool isEnabled;
        bool isRMNVerificationDisabled;
        bytes onRamp;
    }

    struct CommitReport {
        Internal.PriceUpdates priceUpdates;
        Internal.MerkleRoot[] blessedMerkleRoots;
        Internal.MerkleRoot[] unblessedMerkleRoots;
        IRMNRemote.Signature[] rmnSignatures; // over all blessed roots at once
    }

    /// @dev Zero keeps what the message says; anything else must not be less.
    struct GasLimitOverride {
        uint256 receiverExecutionGasLimit;
        uint32[] tokenGasOverrides; // one a token
    }

    // ---- errors of configuration ------------------------------------------------------------------------------------

    error InvalidOnRampUpdate(uint64 sourceChainSelector);
    error SignatureVerificationNotAllowedInExecutionPlugin();
    error SignatureVerificationRequiredInCommitPlugin();
    error ZeroAddressNotAllowed();
    error ZeroChainSelectorNotAllowed();

    // ---- errors of commits ------------------------------------------------------------------------------------------

    error CommitOnRampMismatch(bytes reportOnRamp, bytes configOnRamp);
    error InvalidInterval(uint64 sourceChainSelector, uint64 min, uint64 max);
    error InvalidRoot();
    error RootAlreadyCommitted(uint64 sourceChainSelector, bytes32 merkleRoot);
    error RootBlessingMismatch(uint64 sourceChainSelector, bytes32 merkleRoot, bool isBlessed);
    error StaleCommitReport();

    // ---- errors of reports, which revert ----------------------------------------------------------------------------

    error CursedByRMN(uint64 sourceChainSelector);
    error EmptyBatch();
    error EmptyReport(uint64 sourceChainSelector);
    error ExecutionError(bytes32 messageId, bytes err);
    error InsufficientGasToCompleteTx(bytes4 err);
    error InvalidManualExecutionGasLimit(uint64 sourceChainSelector, bytes32 messageId, uint256 newLimit);
    error InvalidManualExecutionTokenGasOverride(
        bytes32 messageId, uint256 tokenIndex, uint256 oldLimit, uint256 tokenGasOverride
    );
    error InvalidMessageDestChainSelector(uint64 messageDestChainSelector);
    /// @dev Never thrown; tools know it from the ABI.
    error InvalidNewState(uint64 sourceChainSelector, uint64 sequenceNumber, Internal.MessageExecutionState newState);
    error ManualExecutionGasAmountCountMismatch(bytes32 messageId, uint64 sequenceNumber);
    error ManualExecutionGasLimitMismatch();
    error ManualExecutionNotYetEnabled(uint64 sourceChainSelector);
    error RootNotCommitted(uint64 sourceChainSelector);
    error SourceChainNotEnabled(uint64 sourceChainSelector);
    error SourceChainSelectorMismatch(uint64 reportSourceChainSelector, uint64 messageSourceChainSelector);
    error TokenDataMismatch(uint64 sourceChainSelector, uint64 sequenceNumber);
    error UnexpectedTokenData();

    // ---- errors of one message, which are recorded ------------------------------------------------------------------

    error CanOnlySelfCall();
    error InvalidDataLength(uint256 expected, uint256 got);
    error NotACompatiblePool(address notPool);
    error ReceiverError(bytes err);
    error ReleaseOrMintBalanceMismatch(uint256 amountReleased, uint256 balancePre, uint256 balancePost);
    error TokenHandlingError(address target, bytes err);

    // ---- events -----------------------------------------------------------------------------------------------------

    /// @notice Emitted when the oracles bring a message that has failed before: only `manuallyExecute` tries again.
    event AlreadyAttempted(uint64 sourceChainSelector, uint64 sequenceNumber);
    event CommitReportAccepted(
        Internal.MerkleRoot[] blessedMerkleRoots,
        Internal.MerkleRoot[] unblessedMerkleRoots,
        Internal.PriceUpdates priceUpdates
    );
    event DynamicConfigSet(DynamicConfig dynamicConfig);
    event ExecutionStateChanged(
        uint64 indexed sourceChainSelector,
        uint64 indexed sequenceNumber,
        bytes32 indexed messageId,
        bytes32 messageHash, // the leaf
        Internal.MessageExecutionState state,
        bytes returnData, // of a failure: why
        uint256 gasUsed
    );
    /// @dev Never emitted; tools know it from the ABI.
    event RootRemoved(bytes32 root);
    event SkippedAlreadyExecutedMessage(uint64 sourceChainSelector, uint64 sequenceNumber);
    /// @notice Emitted when the oracles bring a report from a cursed source.
    event SkippedReportExecution(uint64 sourceChainSelector);
    event SourceChainConfigSet(uint64 indexed sourceChainSelector, SourceChainConfig sourceConfig);
    event SourceChainSelectorAdded(uint64 sourceChainSelector);
    event StaticConfigSet(StaticConfig staticConfig);

    // ---- functions --------------------------------------------------------------------------------------------------

    /// @notice Takes roots and prices. For the commit oracles' transmitters, with F + 1 signatures.
    /// @dev Prices count only if the report is newer than the last one that brought some. Without roots there is nothing
    /// that a curse could stop.
    /// @param reportContext Digest of the oracles' config, and the report's sequence number.
    /// @param report abi.encode(CommitReport)
    function commit(
        bytes32[2] calldata reportContext,
        bytes calldata report,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external;

    /// @notice Executes messages that have not been tried yet. For the execution oracles' transmitters; the proofs make it
    /// safe, so there are no signatures.
    /// @param report abi.encode(ExecutionReport[])
    function execute(bytes32[2] calldata reportContext, bytes calldata report) external;

    /// @notice Executes messages that failed, or that have waited for longer than the threshold. Anyone may call.
    /// @param gasLimitOverrides One a message of each report.
    function manuallyExecute(Internal.ExecutionReport[] memory reports, GasLimitOverride[][] memory gasLimitOverrides)
        external;

    /// @notice Executes one message; everything that it did is undone when it reverts. For this contract itself.
    function executeSingleMessage(
        Internal.Any2EVMRampMessage memory message,
        bytes[] calldata offchainTokenData,
        uint32[] calldata tokenGasOverrides
    ) external;

    /// @notice How far a message has come.
    function getExecutionState(uint64 sourceChainSelector, uint64 sequenceNumber)
        external
        view
        returns (Internal.MessageExecutionState);

    /// @notice When the root was committed, in seconds since 1970; 0: it wasn't.
    function getMerkleRoot(uint64 sourceChainSelector, bytes32 root) external view returns (uint256);

    /// @notice Sequence number of the last report whose prices counted.
    function getLatestPriceSequenceNumber() external view returns (uint64);
}
