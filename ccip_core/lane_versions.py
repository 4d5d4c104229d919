"""Which version of CCIP carries a lane, from what the contracts say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.printable import printable
from ccip_core.protocol.messages import ChainSelector
from ccip_core.rpc import RpcMalformed, RpcRefused

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.protocol.messages import Lane
    from ccip_core.rpc import Rpc

UNKNOWN = "unknown"
_CHARACTERS_MAX = 64


class LaneVersions(NamedTuple):
    """`typeAndVersion` of both ramps as the Routers name them: `OnRamp 1.6.0`, `EVM2EVMOnRamp 1.5.0`; or `unknown`."""

    on_ramp: str
    off_ramps: tuple[str, ...]
    """All that may deliver from the source: during a migration there are two."""


def lane_versions(chains: Chains, lane: Lane) -> LaneVersions:
    """Ask both Routers. Raises RpcError when a chain can't be asked."""
    source_rpc, dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)
    on_ramp = views.on_ramp(source_rpc, chains.chain(lane.source).contracts.router, lane.dest)
    delivering = [off_ramp for selector, off_ramp in off_ramps(chains, lane.dest) if selector == lane.source]
    return LaneVersions(type_and_version(source_rpc, on_ramp), tuple(type_and_version(dest_rpc, a) for a in delivering))


def off_ramps(chains: Chains, dest: int) -> list[tuple[ChainSelector, bytes]]:
    """Every OffRamp that the chain's Router lets deliver, each with its source. Raises RpcError."""
    router = chains.chain(dest).contracts.router
    (pairs,) = views.ask(chains.rpc(dest), router, "getOffRamps()", returns=("(uint64,address)[]",))
    return [(ChainSelector(source), bytes(off_ramp)) for source, off_ramp in pairs]


def type_and_version(rpc: Rpc, contract: bytes) -> str:
    """What the contract calls itself; `unknown` where it does not say. UNTRUSTED: cut, control characters left out."""
    try:
        text = str(views.ask(rpc, contract, "typeAndVersion()", returns=("string",))[0])
    except (RpcRefused, RpcMalformed):
        return UNKNOWN
    return printable(text[:_CHARACTERS_MAX]) or UNKNOWN
