"""An attack on a shadow: this node's own code, settings and policy on chains that exist in memory alone.

A message that nobody sent is executed at the destination of a lane. The shadow must notice it, decide to curse, sign
and hand its votes over; each step is timed on a monotonic clock from the moment the evidence can be read. The shadow
has a key and a database of its own that end with it, so nothing of a drill can reach a real chain.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.deployment import Deployment, save_deployment
from ccip_core.protocol.events import ExecutionStateChanged
from ccip_core.protocol.hashing import keccak
from ccip_core.scripted_rpc import ScriptedRpc
from ccip_core.signers import write_keystore
from rmn_service.config import ApiConfig, NodeConfig
from rmn_service.key_config import KeyConfig
from rmn_service.notify_config import NotificationConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ccip_core.protocol.messages import ChainSelector, Lane
    from ccip_core.rpc import Rpc
    from rmn_service.node import Node

    Build = Callable[[NodeConfig, Mapping[ChainSelector, Rpc], Callable[[], int]], Node]

_SUCCESS = 2
_VOTING = b"\xfd" * 20
_SETTLE_S = 10.0
_QUIET_BLOCKS = 4


class Steps(NamedTuple):
    """When each step was done, in milliseconds from the moment the evidence could be read; None: never."""

    detect_ms: float | None
    decide_ms: float | None
    sign_ms: float | None
    effect_ms: float | None

    @property
    def is_complete(self) -> bool:
        """Whether the votes went out."""
        return None not in self


class _Chain(ScriptedRpc):
    """A scripted chain that notes when it is first handed a transaction, and when it has accepted it."""

    handed_s: float | None = None
    accepted_s: float | None = None

    def send_raw(self, raw: bytes) -> bytes:
        self.handed_s = self.handed_s or time.perf_counter()
        tx_hash = super().send_raw(raw)
        self.accepted_s = self.accepted_s or time.perf_counter()
        return tx_hash


def attack_shadow(config: NodeConfig, deployment: Deployment, lane: Lane, build: Build) -> Steps:
    """One attack on the lane of a shadow of this node."""
    with tempfile.TemporaryDirectory(prefix="rmn-drill-") as scratch:
        folder = Path(scratch)
        shadow = _shadow_of(deployment)
        save_deployment(shadow, folder / "deployment.json")
        chains = {chain.selector: _Chain(chain.chain_id) for chain in shadow.chains}

        def now_ms() -> int:
            return max(chain.head.timestamp_s for chain in chains.values()) * 1000

        node = build(_config_of(config, folder), chains, now_ms)
        try:
            return _attack(node, chains, lane, now_ms)
        finally:
            node.stop()


def _attack(node: Node, chains: Mapping[ChainSelector, _Chain], lane: Lane, now_ms: Callable[[], int]) -> Steps:
    service = node.service
    for _ in range(_QUIET_BLOCKS):
        for chain in chains.values():
            chain.mine()
        service.tick(now_ms())  # what is loaded and compiled at first use is no part of an attack
    off_ramp = service.deployment.chain(lane.dest).contracts.off_ramp
    chains[lane.dest].mine([(off_ramp, _forged(lane))])
    for _ in range(_QUIET_BLOCKS):
        chains[lane.source].mine()
    stamps: dict[str, float] = {}
    service.signals = _Stamped(service.signals, stamps)
    intend = service.voter.intend

    def intended(*arguments: Any) -> Any:
        actions = intend(*arguments)
        if actions:
            stamps.setdefault("decide", time.perf_counter())
        return actions

    setattr(service.voter, "intend", intended)  # noqa: B010  # only of this one object
    begun = time.perf_counter()
    service.tick(now_ms())
    service.voter.settle(_SETTLE_S)
    ends = [chain for chain in chains.values() if chain.accepted_s is not None]
    done = ends if len(ends) == len(set(lane)) else []

    def since(moment: float | None) -> float | None:
        return None if moment is None else round((moment - begun) * 1000, 3)

    return Steps(
        since(stamps.get("detect")),
        since(stamps.get("decide")),
        since(max((chain.handed_s or 0 for chain in done), default=None)),
        since(max((chain.accepted_s or 0 for chain in done), default=None)),
    )


class _Stamped(dict[str, Any]):
    """Signals by id, and when the first one came."""

    def __init__(self, known: Mapping[str, Any], stamps: dict[str, float]) -> None:
        super().__init__(known)
        self._stamps = stamps

    def __setitem__(self, key: str, value: Any) -> None:
        self._stamps.setdefault("detect", time.perf_counter())
        super().__setitem__(key, value)


def _forged(lane: Lane) -> ExecutionStateChanged:
    salt = secrets.token_bytes(16)
    return ExecutionStateChanged(lane.source, 1, keccak(b"id" + salt), keccak(b"leaf" + salt), _SUCCESS, b"", 1)


def _shadow_of(deployment: Deployment) -> Deployment:
    """The same network where every chain has a CurseVoting: votes are what a drill practises."""
    chains = tuple(
        chain.model_copy(
            update={
                "contracts": chain.contracts.model_copy(
                    update={"curse_voting": chain.contracts.curse_voting or _VOTING}
                )
            }
        )
        for chain in deployment.chains
    )
    return deployment.model_copy(update={"chains": chains})


def _config_of(config: NodeConfig, folder: Path) -> NodeConfig:
    """The node's own settings and policy, with nothing that leads out of the shadow."""
    password = secrets.token_urlsafe(16)
    (folder / "password").write_text(password)
    write_keystore(folder / "curser.json", secrets.token_bytes(32), password, iterations=2)
    inward = {
        "deployment": Path("deployment.json"),
        "database_url": "sqlite:///shadow.db",
        "posture": "curse",
        "api": ApiConfig(port=0),
        "signer": None,
        "curser": KeyConfig(path=Path("curser.json"), password_file=Path("password")),
        "chains": (),
        "operators": (),
        "notifications": NotificationConfig(),
        "peers": (),
    }
    return config.model_copy(update=inward).located(folder)
