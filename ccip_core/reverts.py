"""What a failed call says: revert data into the error's name and arguments.

The table holds the errors of CCIP 1.6, and of the ramps of 1.5, that a user, an oracle or an attacker of these lanes
can meet (spec appendix A), OpenZeppelin's for ERC-20, our own contracts' and Solidity's two. Errors that carry another
error's bytes are read to the bottom.
"""

from __future__ import annotations

from typing import NamedTuple

from ccip_core.protocol import codec
from ccip_core.protocol.abi import split_types

ERROR_SIGNATURES = (
    "AddressZero()",
    "AggregateValueMaxCapacityExceeded(uint256,uint256)",
    "AggregateValueRateLimitReached(uint256,uint256)",
    "AllowListNotEnabled()",
    "AlreadyCursed(bytes16)",
    "AlreadyRegistered(address)",
    "BadARMSignal()",
    "BucketOverfilled()",
    "CallerIsNotARampOnRouter(address)",
    "CanOnlySelfCall()",
    "CanOnlySelfRegister(address,address)",
    "CannotSendZeroTokens()",
    "CannotTransferToSelf()",
    "ChainAlreadyExists(uint64)",
    "ChainNotAllowed(uint64)",
    "CommitOnRampMismatch(bytes,bytes)",
    "CommitStoreAlreadyInUse()",
    "ConfigDigestMismatch(bytes32,bytes32)",
    "ConfigNotSet()",
    "Create2EmptyBytecode()",
    "CursedByRMN()",
    "CursedByRMN(uint64)",
    "DataFeedValueOutOfUint224Range()",
    "DestinationChainNotEnabled(uint64)",
    "DestinationGasAmountCountMismatch(bytes32,uint64)",
    "DisabledNonZeroRateLimit((bool,uint128,uint128))",
    "DuplicateOnchainPublicKey()",
    "DuplicateVoter(address)",
    "ERC20InsufficientAllowance(address,uint256,uint256)",
    "ERC20InsufficientBalance(address,uint256,uint256)",
    "EmptyBatch()",
    "EmptyReport()",
    "EmptyReport(uint64)",
    "Error(string)",
    "ExecutionError(bytes)",
    "ExecutionError(bytes32,bytes)",
    "ExtraArgOutOfOrderExecutionMustBeTrue()",
    "FailedDeployment()",
    "FailedToSendValue()",
    "FeeTokenNotSupported(address)",
    "ForbiddenSelector(bytes4)",
    "ForkedChain(uint256,uint256)",
    "GetSupportedTokensFunctionalityRemovedCheckAdminRegistry()",
    "InsufficientAllowance(address,uint256,uint256)",
    "InsufficientBalance()",
    "InsufficientBalance(address,uint256,uint256)",
    "InsufficientFeeTokenAmount()",
    "InsufficientGas()",
    "InsufficientGasForStaticCall()",
    "InsufficientGasToCompleteTx(bytes4)",
    "InsufficientLiquidity()",
    "Invalid32ByteAddress(bytes)",
    "InvalidAllowListRequest(uint64)",
    "InvalidChainFamilySelector(bytes4)",
    "InvalidChainSelector(uint64)",
    "InvalidCommitStoreConfig()",
    "InvalidConfig()",
    "InvalidConfig(uint8)",
    "InvalidDataLength(uint256,uint256)",
    "InvalidDecimalArgs(uint8,uint8)",
    "InvalidDestBytesOverhead(address,uint32)",
    "InvalidDestChainConfig(uint64)",
    "InvalidEVMAddress(bytes)",
    "InvalidExtraArgsData()",
    "InvalidExtraArgsTag()",
    "InvalidFeeRange(uint256,uint256)",
    "InvalidInterval((uint64,uint64))",
    "InvalidInterval(uint64,uint64,uint64)",
    "InvalidManualExecutionGasLimit(bytes32,uint256,uint256)",
    "InvalidManualExecutionGasLimit(uint64,bytes32,uint256)",
    "InvalidManualExecutionTokenGasOverride(bytes32,uint256,uint256,uint256)",
    "InvalidMessageDestChainSelector(uint64)",
    "InvalidMessageId()",
    "InvalidMsgValue()",
    "InvalidNewState(uint64,uint64,uint8)",
    "InvalidNewState(uint64,uint8)",
    "InvalidNopAddress(address)",
    "InvalidOnRampUpdate(uint64)",
    "InvalidProof()",
    "InvalidRateLimitRate((bool,uint128,uint128))",
    "InvalidRecipientAddress(address)",
    "InvalidRemoteChainDecimals(bytes)",
    "InvalidRemotePoolForChain(uint64,bytes)",
    "InvalidRoot()",
    "InvalidRouter(address)",
    "InvalidSVMExtraArgsWritableBitmap(uint64,uint256)",
    "InvalidSignature()",
    "InvalidSignerOrder()",
    "InvalidSourceChain(uint64)",
    "InvalidSourcePoolAddress(bytes)",
    "InvalidStaticConfig()",
    "InvalidTVMAddress(bytes)",
    "InvalidToken(address)",
    "InvalidTokenGasOverride(bytes32,uint256,uint256,uint256)",
    "InvalidTokenPoolToken(address)",
    "InvalidTokenReceiver()",
    "InvalidVotersCount(uint256)",
    "InvalidWeightThreshold(uint16,uint256)",
    "InvalidWithdrawParams()",
    "InvalidZeroAddress()",
    "IsBlessedNotAvailable()",
    "LeavesCannotBeEmpty()",
    "LinkBalanceNotSettled()",
    "ManualExecutionGasAmountCountMismatch(bytes32,uint64)",
    "ManualExecutionGasLimitMismatch()",
    "ManualExecutionNotYetEnabled()",
    "ManualExecutionNotYetEnabled(uint64)",
    "MaxFeeBalanceReached()",
    "MaxSupplyExceeded(uint256)",
    "MessageComputeUnitLimitTooHigh()",
    "MessageFeeTooHigh(uint256,uint256)",
    "MessageGasLimitTooHigh()",
    "MessageTooLarge(uint256,uint256)",
    "MessageValidationError(bytes)",
    "MismatchedArrayLengths()",
    "MustBeCalledByRouter()",
    "MustBeProposedOwner()",
    "NativeTransferFailed(address,uint256)",
    "NoContract()",
    "NoFeesToPay()",
    "NoGasForCallExactCheck()",
    "NoNopsToPay()",
    "NoSubjects()",
    "NonExistentChain(uint64)",
    "NonUniqueSignatures()",
    "NotACompatiblePool(address)",
    "NotAFeeToken(address)",
    "NotCursed(bytes16)",
    "NotEnoughGasForCall()",
    "NotEnoughSigners()",
    "NotVoted(address,bytes16)",
    "OffRampMismatch(uint64,address)",
    "OnlyAdministrator(address,address)",
    "OnlyCallableByAdminOrOwner()",
    "OnlyCallableByOwner()",
    "OnlyCallableByOwnerOrAdmin()",
    "OnlyCallableByOwnerOrAdminOrNop()",
    "OnlyCallableByOwnerOrAllowlistAdmin()",
    "OnlyOffRamp()",
    "OnlyPendingAdministrator(address,address)",
    "OnlyRegistryModuleOrOwner(address)",
    "OracleCannotBeZeroAddress()",
    "OutOfOrderSignatures()",
    "OverflowDetected(uint8,uint8,uint256)",
    "OwnerCannotBeZero()",
    "Panic(uint256)",
    "PausedError()",
    "PoolAlreadyAdded(uint64,bytes)",
    "PreviousRampAlreadySet()",
    "PriceNotFoundForToken(address)",
    "RMNRemoteCannotBeZero()",
    "RMNRemoteFailed(bytes)",
    "ReceiverError(bytes)",
    "ReentrancyGuardReentrantCall()",
    "ReleaseOrMintBalanceMismatch(uint256,uint256,uint256)",
    "ReportForwarderUnauthorized(address,address,bytes10,bytes2)",
    "RequiredRoleNotFound(address,bytes32,address)",
    "ReusedCurseId(address,bytes16)",
    "RootAlreadyCommitted()",
    "RootAlreadyCommitted(uint64,bytes32)",
    "RootBlessingMismatch(uint64,bytes32,bool)",
    "RootNotCommitted()",
    "RootNotCommitted(uint64)",
    "RouterMustSetOriginalSender()",
    "SafeERC20FailedOperation(address)",
    "SenderNotAllowed(address)",
    "SenderNotBurner(address)",
    "SenderNotMinter(address)",
    "SignatureVerificationNotAllowedInExecutionPlugin()",
    "SignatureVerificationRequiredInCommitPlugin()",
    "SignaturesOutOfRegistration()",
    "SourceChainNotEnabled(uint64)",
    "SourceChainSelectorMismatch(uint64,uint64)",
    "SourceTokenDataTooLarge(address)",
    "StaleCommitReport()",
    "StaleGasPrice(uint64,uint256,uint256)",
    "StaleReport()",
    "StaticConfigCannotBeChanged(uint8)",
    "SubjectsMustBeStrictlyIncreasing()",
    "ThresholdNotMet()",
    "ThresholdNotReached(bytes16)",
    "ThresholdReached(bytes16)",
    "TokenDataMismatch(uint64)",
    "TokenDataMismatch(uint64,uint64)",
    "TokenHandlingError(address,bytes)",
    "TokenHandlingError(bytes)",
    "TokenMaxCapacityExceeded(uint256,uint256,address)",
    "TokenNotSupported(address)",
    "TokenRateLimitReached(uint256,uint256,address)",
    "ToldToRevert(bytes32)",
    "TooManyNops()",
    "TooManySVMExtraArgsAccounts(uint256,uint256)",
    "TooManySuiExtraArgsReceiverObjectIds(uint256,uint256)",
    "Unauthorized(address)",
    "UnauthorizedCaller(address)",
    "UnauthorizedSigner()",
    "UnauthorizedTransmitter()",
    "UnauthorizedVoter(address)",
    "UnexpectedSigner()",
    "UnexpectedTokenData()",
    "UnsupportedDestinationChain(uint64)",
    "UnsupportedNumberOfTokens()",
    "UnsupportedNumberOfTokens(uint256,uint256)",
    "UnsupportedNumberOfTokens(uint64)",
    "UnsupportedToken(address)",
    "VoterCannotBeZero()",
    "WeightCannotBeZero(address)",
    "WrongMessageLength(uint256,uint256)",
    "WrongNumberOfSignatures()",
    "ZeroAddress()",
    "ZeroAddressNotAllowed()",
    "ZeroChainSelectorNotAllowed()",
    "ZeroValueNotAllowed()",
)


class Revert(NamedTuple):
    """A custom error. Its arguments come from whatever contract reverted, so they are UNTRUSTED."""

    name: str
    arguments: tuple[object, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(_argument_text, self.arguments))})"


_KNOWN = {codec.function_selector(signature): signature for signature in ERROR_SIGNATURES}


def decode_revert(data: bytes) -> Revert | None:
    """The error in these revert bytes, or None when they hold none that we know or hold it malformed."""
    signature = _KNOWN.get(data[:4])
    if signature is None:
        return None
    try:
        arguments = codec.decode_args(tuple(split_types(signature.partition("(")[2][:-1])), data[4:])
    except codec.AbiError:
        return None  # a foreign contract may reuse a selector: then its bytes are shown as they are
    return Revert(signature.partition("(")[0], tuple(arguments))


def revert_text(data: bytes) -> str:
    """One readable line for any revert data, decoded as far as it is known."""
    revert = decode_revert(data)
    if revert is not None:
        return str(revert)
    return f"0x{data.hex()}" if data else "reverted without a reason"


def root_cause(data: bytes) -> Revert | None:
    """The innermost known error: `TokenHandlingError(pool, CursedByRMN())` is about the curse."""
    revert = decode_revert(data)
    if revert is not None:
        for argument in revert.arguments:
            if isinstance(argument, bytes) and len(argument) not in {20, 32}:
                inner = root_cause(argument)
                if inner is not None:
                    return inner
    return revert


def _argument_text(argument: object) -> str:
    if isinstance(argument, bytes):
        inner = decode_revert(argument) if len(argument) not in {20, 32} else None
        return str(inner) if inner is not None else "0x" + argument.hex()
    if isinstance(argument, tuple | list):
        return f"({', '.join(map(_argument_text, argument))})"
    return repr(argument) if isinstance(argument, str) else str(argument)
