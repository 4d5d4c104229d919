"""What a lane does now, from both its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.protocol.subjects import chain_subject

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.protocol.messages import Lane


class LaneStatus(NamedTuple):
    """One lane. `sent_last` and `committed_last` are 0 before the first message."""

    lane: Lane
    is_enabled: bool
    is_blessing_on: bool
    sent_last: int
    """Sequence number of the last message that the source sent."""
    committed_last: int
    """Sequence number up to which the destination has committed."""
    is_source_cursed: bool
    """The source's RMN refuses the destination: nobody can send."""
    is_dest_cursed: bool
    """The destination's RMN refuses the source: nothing is committed or executed."""


def lane_status(chains: Chains, lane: Lane) -> LaneStatus:
    """Ask both ends. Raises RpcError."""
    source, dest = chains.chain(lane.source), chains.chain(lane.dest)
    source_rpc, dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)
    config = views.source_chain_config(dest_rpc, dest.contracts.off_ramp, lane.source)
    return LaneStatus(
        lane,
        config.is_enabled,
        not config.is_rmn_verification_disabled,
        views.next_sequence_number(source_rpc, source.contracts.on_ramp, lane.dest) - 1,
        config.min_seq_nr - 1,
        views.is_cursed(source_rpc, source.contracts.rmn_remote, chain_subject(lane.dest)),
        views.is_cursed(dest_rpc, dest.contracts.rmn_remote, chain_subject(lane.source)),
    )
