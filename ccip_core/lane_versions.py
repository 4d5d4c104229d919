"""Which version of CCIP carries a lane, from what the contracts say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
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

    @property
    def is_1_6(self) -> bool:
        """Whether this client can send on it and follow its messages."""
        return self.on_ramp.startswith("OnRamp 1.6.")


def lane_versions(chains: Chains, lane: Lane) -> LaneVersions:
    """Ask both Routers. Raises RpcError when a chain can't be asked."""
    source, dest = chains.chain(lane.source), chains.chain(lane.dest)
    source_rpc, dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)
    router = source.contracts.router
    on_ramp = bytes(views.ask(source_rpc, router, "getOnRamp(uint64)", lane.dest, returns=("address",))[0])
    (pairs,) = views.ask(dest_rpc, dest.contracts.router, "getOffRamps()", returns=("(uint64,address)[]",))
    delivering = [bytes(off_ramp) for selector, off_ramp in pairs if selector == lane.source]
    return LaneVersions(type_and_version(source_rpc, on_ramp), tuple(type_and_version(dest_rpc, a) for a in delivering))


def type_and_version(rpc: Rpc, contract: bytes) -> str:
    """What the contract calls itself; `unknown` where it does not say. UNTRUSTED: cut, control characters left out."""
    try:
        text = str(views.ask(rpc, contract, "typeAndVersion()", returns=("string",))[0])
    except (RpcRefused, RpcMalformed):
        return UNKNOWN
    return "".join(character for character in text[:_CHARACTERS_MAX] if character.isprintable()) or UNKNOWN
