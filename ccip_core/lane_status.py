"""What a lane does now, from both its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import ramps_v1_5, views
from ccip_core.deployment import NOBODY, DeploymentError, checksum_address
from ccip_core.lane_versions import type_and_version
from ccip_core.protocol.subjects import chain_subject

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.protocol.messages import Lane
    from ccip_core.ramps_v1_5 import RampsV15
    from ccip_core.rpc import Rpc

ON_RAMP_V1_5 = "EVM2EVMOnRamp "
"""How `typeAndVersion` of an OnRamp before 1.6 begins."""


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
    """Ask both ends.

    Raises:
        RpcError: a chain can't be asked.
        DeploymentError: the lane is one of 1.6, and the file knows no contracts of 1.6.
    """
    source, dest = chains.chain(lane.source), chains.chain(lane.dest)
    source_rpc, dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)
    on_ramp = views.on_ramp(source_rpc, source.contracts.router, lane.dest)
    for ramps in ramps_v1_5.ramps_into(chains, lane.dest):
        if ramps.on_ramp == on_ramp:
            return _status_v1_5(source_rpc, dest_rpc, ramps, source.contracts.rmn_proxy)
    curses = (
        views.is_cursed(source_rpc, source.contracts.rmn_remote, chain_subject(lane.dest)),
        views.is_cursed(dest_rpc, dest.contracts.rmn_remote, chain_subject(lane.source)),
    )
    if NOBODY in (source.contracts.on_ramp, dest.contracts.off_ramp):
        if on_ramp != NOBODY and not (kind := type_and_version(source_rpc, on_ramp)).startswith(ON_RAMP_V1_5):
            raise DeploymentError(
                f"chains {source.name}, {dest.name}: on_ramp, off_ramp = null: the Router of {source.name} sends to "
                f"{dest.name} by {kind} at {checksum_address(on_ramp)}; name the contracts of 1.6 in the deployment"
            )
        return LaneStatus(lane, False, False, 0, 0, *curses)
    config = views.source_chain_config(dest_rpc, dest.contracts.off_ramp, lane.source)
    return LaneStatus(
        lane,
        config.is_enabled,
        not config.is_rmn_verification_disabled,
        views.next_sequence_number(source_rpc, source.contracts.on_ramp, lane.dest) - 1,
        config.min_seq_nr - 1,
        *curses,
    )


def _status_v1_5(source_rpc: Rpc, dest_rpc: Rpc, ramps: RampsV15, source_rmn: bytes) -> LaneStatus:
    lane = ramps.lane
    return LaneStatus(
        lane,
        not ramps_v1_5.is_paused(dest_rpc, ramps.commit_store),
        is_blessing_on=True,
        sent_last=ramps_v1_5.last_number(source_rpc, ramps.on_ramp),
        committed_last=ramps_v1_5.last_number(dest_rpc, ramps.commit_store),
        is_source_cursed=views.is_cursed(source_rpc, source_rmn, chain_subject(lane.dest)),
        is_dest_cursed=views.is_cursed(dest_rpc, ramps.rmn, chain_subject(lane.source)),
    )
