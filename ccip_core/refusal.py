"""Why CCIP said no, in one sentence that names the cause and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccip_core.amounts import amount_text
from ccip_core.reverts import Revert, revert_text, root_cause

if TYPE_CHECKING:
    from ccip_core.deployment import Chain, Deployment
    from ccip_core.protocol.messages import Lane
    from ccip_core.rpc import RpcRefused
    from ccip_core.wallet import TransactionFailed


REMEDIES = {
    "AlreadyRegistered": "the token has an administrator, who can hand the role over",
    "CallerIsNotARampOnRouter": "only the ramps that the Router names may call a pool",
    "CanOnlySelfRegister": "register with the account that the token itself names",
    "CannotSendZeroTokens": "give an amount above zero",
    "ChainAlreadyExists": "the pool knows this chain already",
    "ChainNotAllowed": "the token's pool is not connected to the other chain; `ccip token connect`",
    "DisabledNonZeroRateLimit": "a limit that is off has neither capacity nor rate",
    "ERC20InsufficientAllowance": "approve the spender first",
    "ERC20InsufficientBalance": "get more of the token, or send less",
    "ExtraArgOutOfOrderExecutionMustBeTrue": "this lane takes unordered messages only; leave --ordered out",
    "FeeTokenNotSupported": "pay with LINK or native",
    "InsufficientFeeTokenAmount": "the fee has risen since it was quoted; quote and send again",
    "InsufficientLiquidity": "the pool holds too little; its rebalancer must add liquidity",
    "InvalidDecimalArgs": "give the decimals that the token itself has",
    "InvalidEVMAddress": "give a receiver that is an account of the destination chain",
    "InvalidExtraArgsTag": "encode the extra arguments as EVMExtraArgsV2",
    "InvalidManualExecutionGasLimit": "a gas limit may only be raised; give more than the message had",
    "InvalidMsgValue": "send no native along when the fee is paid in a token",
    "InvalidProof": "the message is not part of a committed root",
    "InvalidRateLimitRate": "what the pool takes depends on its version; see docs/tokens.md",
    "InvalidSourcePoolAddress": "the pool does not know the one that sent it; `ccip token connect`, then execute it",
    "InvalidTokenPoolToken": "this pool carries another token",
    "MessageFeeTooHigh": "the message is too expensive for the FeeQuoter; send less data or ask for less gas",
    "MustBeCalledByRouter": "the lane is paused or has moved to another Router",
    "MustBeProposedOwner": "nobody offered this account the ownership",
    "NonExistentChain": "the pool is not connected to this chain",
    "NotEnoughGasForCall": "the transaction has too little gas for what the receiver was promised",
    "OnlyAdministrator": "only the token's administrator may; see `ccip token show`",
    "OnlyCallableByOwner": "only the contract's owner may",
    "OnlyPendingAdministrator": "only the account that the role was offered to may accept it",
    "PoolAlreadyAdded": "the pool knows the other one already",
    "ReceiverError": "the receiver reverted; mend it, or execute by hand with more gas",
    "RootNotCommitted": "wait for the commit",
    "SenderNotAllowed": "the sender is not on the allowlist",
    "StaleGasPrice": "the destination's gas price is too old; wait for the oracles' next price report",
    "TokenNotSupported": "the FeeQuoter has no price for the token",
    "Unauthorized": "this account may not; see who may with `ccip token roles`",
    "UnsupportedNumberOfTokens": "send fewer tokens in one message",
    "UnsupportedToken": "the token has no pool here; its administrator sets one (`ccip token set-pool`)",
}
"""What to do about an error whose name does not say it. Those that need numbers or names stand in `_reason`."""


class BadRequest(ValueError):  # noqa: N818 - named for what happened
    """Asked wrongly; nothing was sent. The text names the field, the value and the remedy."""


class CcipRefusal(Exception):  # noqa: N818 - named for what happened
    """Asked rightly, and not done: the contracts, or the state they are in, refuse. The text says why."""


def refusal(
    what: str, deployment: Deployment, lane: Lane, error: RpcRefused | TransactionFailed, wait: str
) -> CcipRefusal:
    """The refusal that stands in the revert bytes of a failed call on this lane."""
    source, dest = deployment.chain(lane.source), deployment.chain(lane.dest)
    data: bytes = error.data
    cause = root_cause(data)
    reason = None if cause is None else _reason(cause, source, dest, wait)
    if reason is None:
        reason = revert_text(data) if data else str(error)
    return CcipRefusal(f"{what} {source.name} → {dest.name}: {reason}")


def remedy(data: bytes) -> str:
    """`; ` and what to do about this revert; empty where there is no advice."""
    cause = root_cause(data)
    advice = None if cause is None else REMEDIES.get(cause.name)
    return "" if advice is None else f"; {advice}"


def _reason(cause: Revert, source: Chain, dest: Chain, wait: str) -> str | None:  # noqa: PLR0911 - a table
    arguments: tuple[Any, ...] = cause.arguments
    match cause.name:
        case "CursedByRMN":
            return f"the lane is cursed by the Risk Management Network ({cause}); wait until people lift the curse"
        case "BadARMSignal":
            return f"{source.name} is cursed as a whole ({cause}); wait until people lift the curse"
        case "TokenMaxCapacityExceeded":
            capacity, requested, token = arguments
            most, asked = _token_amount(capacity, token, source, dest), _token_amount(requested, token, source, dest)
            return f"rate limit: {asked} is above the bucket's capacity of {most}; send less ({cause.name})"
        case "TokenRateLimitReached":
            wait_s, available, token = arguments
            now = _token_amount(available, token, source, dest)
            return f"rate limit: {now} are free now; wait {wait_s} s or send less ({cause.name})"
        case "ManualExecutionNotYetEnabled":
            return f"the DON has first turn; execution by hand opens {wait} ({cause.name})"
        case "RootNotCommitted" if not arguments:  # of CCIP 1.5, where an unblessed root counts for nothing
            return f"the root is not blessed yet ({cause.name}); wait for the votes of the RMN nodes"
        case "UnsupportedDestinationChain" | "DestinationChainNotEnabled":
            return f"no lane to {dest.name} is open ({cause})"
        case "MessageGasLimitTooHigh":
            return f"gas-limit is above what the lane allows ({cause.name}); lower it"
        case "MessageTooLarge":
            return f"data has {arguments[1]} bytes, the lane takes {arguments[0]} ({cause.name})"
        case _:
            advice = REMEDIES.get(cause.name)
            return None if advice is None else f"{cause}; {advice}"


def _token_amount(amount: int, address: bytes, source: Chain, dest: Chain) -> str:
    for token in (*source.tokens, *dest.tokens):
        if token.address == address:
            return f"{amount_text(amount, token.decimals)} {token.symbol}"
    return str(amount)
