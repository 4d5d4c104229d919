"""Why CCIP said no, in one sentence that names the cause and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccip_core.amounts import amount_text
from ccip_core.remedies import advice
from ccip_core.reverts import Revert, revert_text, root_cause

if TYPE_CHECKING:
    from ccip_core.deployment import Chain, Deployment
    from ccip_core.protocol.messages import Lane
    from ccip_core.rpc import RpcRefused
    from ccip_core.wallet import TransactionFailed


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
    what = None if cause is None else advice(cause)
    return "" if what is None else f"; {what}"


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
            what = advice(cause)
            return None if what is None else f"{cause}; {what}"


def _token_amount(amount: int, address: bytes, source: Chain, dest: Chain) -> str:
    for token in (*source.tokens, *dest.tokens):
        if token.address == address:
            return f"{amount_text(amount, token.decimals)} {token.symbol}"
    return str(amount)
