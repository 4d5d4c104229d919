"""What is on its way: messages with a token that were sent and have not arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.protocol import events
from ccip_core.refusal import CcipRefusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain
    from ccip_core.protocol.messages import ChainSelector

_SUCCESS = 2
_SHOWN_MAX = 3


class InFlight(NamedTuple):
    """Ids of messages that have not arrived, those that failed and can still be executed by hand included."""

    message_ids: tuple[bytes, ...]

    def refuse_if_any(self, goal: str) -> None:
        """Raises CcipRefusal when there is one."""
        if self.message_ids:
            shown = ", ".join(f"0x{message_id.hex()}" for message_id in self.message_ids[:_SHOWN_MAX])
            raise CcipRefusal(
                f"{goal}: {len(self.message_ids)} messages with it are on their way ({shown}) and would fail; "
                "wait for them, or execute them by hand, then ask again"
            )


def from_pool(chains: Chains, source: Chain, pool: bytes) -> InFlight:
    """Messages that left by this pool."""
    return InFlight(tuple(_unfinished(chains, source, pool, None)))


def to_chain(chains: Chains, dest: Chain, pools: Mapping[ChainSelector, bytes]) -> InFlight:
    """Messages on their way to a chain; `pools` names the token's pool on each source."""
    return InFlight(
        tuple(
            message_id
            for source in chains.deployment.chains
            if source.selector in pools
            for message_id in _unfinished(chains, source, pools[source.selector], dest.selector)
        )
    )


def _unfinished(chains: Chains, source: Chain, pool: bytes, dest: int | None) -> list[bytes]:
    found = []
    for _, event in views.logs_before(chains.rpc(source.selector), (source.contracts.on_ramp,)):
        if not isinstance(event, events.CCIPMessageSent) or event.dest_chain_selector not in _known(chains):
            continue
        carries = any(transfer.source_pool_address == pool for transfer in event.message.token_amounts)
        if carries and dest in {None, event.dest_chain_selector} and not _has_arrived(chains, source, event):
            found.append(event.message.header.message_id)
    return found


def _known(chains: Chains) -> set[int]:
    return {chain.selector for chain in chains.deployment.chains}


def _has_arrived(chains: Chains, source: Chain, event: events.CCIPMessageSent) -> bool:
    dest = chains.chain(event.dest_chain_selector)
    rpc = chains.rpc(dest.selector)
    state = views.execution_state(rpc, dest.contracts.off_ramp, source.selector, event.sequence_number)
    return state == _SUCCESS
