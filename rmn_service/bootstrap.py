"""Builds a node from its configuration: the only place that names concrete classes.

`rmn run` and the journey tests use the same `Node` (`node.py`). Nothing here decides anything about chains; it wires.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog

from ccip_core.deployment import Deployment, DeploymentError, load_deployment
from ccip_core.signers import LocalSigner
from ccip_core.wallet import Wallet
from detectors.judge import Judge
from detectors.network import network_from_deployment
from rmn_service.api.door import Door
from rmn_service.audit import Audit
from rmn_service.blessed_by import BlessedBy
from rmn_service.blesser import Blesser
from rmn_service.conduct import conduct_of
from rmn_service.config import judge_settings
from rmn_service.controls import Controls
from rmn_service.curse_watch import CurseWatch
from rmn_service.desk import Desk
from rmn_service.detection import hex_text
from rmn_service.drills import Drills
from rmn_service.effective import effective_settings
from rmn_service.errors import ConfigError, StoreError
from rmn_service.evidence import EvidenceBook
from rmn_service.guard import Guard
from rmn_service.guard_history import add_record
from rmn_service.hands import Hand
from rmn_service.metrics import Metrics
from rmn_service.node import Node
from rmn_service.notify import Notifications, open_routes
from rmn_service.oidc import Provider
from rmn_service.operators import Operators
from rmn_service.peers import Peers
from rmn_service.powers import Powers
from rmn_service.rmn_contracts import RmnContract
from rmn_service.scheduler import attempt
from rmn_service.scratch import Scratch
from rmn_service.seams import head_urls, open_seam
from rmn_service.service import Service
from rmn_service.statements import Statements
from rmn_service.store import Store
from rmn_service.voter import Voter
from rmn_service.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ccip_core.deployment import Chain
    from ccip_core.json_rpc import JsonRpc
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.quorum_rpc import QuorumRpc
    from ccip_core.rpc import Rpc
    from ccip_core.signers import Signer
    from detectors.settings import Settings
    from rmn_service.alerts import Notifier
    from rmn_service.config import ChainConfig, NodeConfig
    from rmn_service.errands import Errand

log = structlog.get_logger()


def wall_clock_ms() -> int:
    """The only clock of a node."""
    return time.time_ns() // 1_000_000


def build_node(
    config: NodeConfig,
    *,
    rpcs: Mapping[ChainSelector, Rpc] | None = None,
    clock: Callable[[], int] = wall_clock_ms,
    notifier: Notifier | None = None,
) -> Node:
    """Everything of a node, not yet started. `rpcs` replaces the configured endpoints (tests, simulations).

    Alerts go to `notifier`, by default into the node's log.

    Raises:
        ConfigError: the configuration can't be followed; one line.
    """
    deployment = _deployment_of(config)
    settings = settings_of(config)  # what is wrong there is said before anything is opened
    signer = None if config.signer is None else config.signer.open("signer", config.folder)
    curser = None if config.curser is None else config.curser.open("curser", config.folder)
    provider = None if config.oidc is None else Provider(config.oidc, clock)
    operators = Operators(config.operators, config.api.failed_logins_per_minute, provider)
    routes = open_routes(config.notifications, config.folder)
    try:
        store = Store.open(config.database, deployment=deployment)
    except StoreError as error:
        raise ConfigError(str(error)) from None
    guard = _guard(config, store, signer, curser)
    metrics = Metrics()
    connections: list[JsonRpc | QuorumRpc] = []
    seams = {chain.selector: open_seam(chain, config, rpcs or {}, connections, metrics) for chain in deployment.chains}
    by_selector = {chain.selector: chain for chain in config.chains}
    contracts = rmn_contracts(deployment, curser)
    notifications = Notifications(
        node=config.name,
        routes=routes,
        config=config.notifications,
        store=store,
        metrics=metrics,
        clock=clock,
    )
    service = build_service(
        config,
        deployment=deployment,
        store=store,
        seams=seams,
        signer=signer,
        curser=curser,
        contracts=contracts,
        clock=clock,
        metrics=metrics,
        guard=guard,
        attempt=partial(attempt, "vote failed", metrics.tries_failed),
        notifier=notifier or notifications,
    )
    description, shown = _describe(config, signer, curser), effective_settings(config, settings)
    powers = Powers(contracts, seams, {chain.selector: chain.name for chain in deployment.chains})
    drills = Drills(
        config,
        deployment,
        service,
        lambda config, rpcs, clock: build_node(config, rpcs=rpcs, clock=clock),
        metrics,
        notifications,
        clock,
    )
    peers = Peers(config.peers, signer, store, notifications, clock)
    desk = Desk(service, None if curser is None else curser.address)
    door = Door(
        service=service,
        desk=desk,
        controls=Controls(service, config.posture),
        statements=Statements(service, operators),
        curse_watch=CurseWatch(service, desk),
        peers=peers,
        notifications=notifications,
        drills=drills,
        blessed_by=BlessedBy(deployment, seams),
        operators=operators,
        clock=clock,
        describe=lambda: description | {"powers": powers.document()},
        settings=lambda: shown,
        reads=config.api.reads,
        requests_per_s=config.api.requests_per_s,
    )
    ws_urls = {} if rpcs is not None else head_urls(deployment, by_selector)
    return Node(
        config=config,
        service=service,
        door=door,
        watches=service.watches,
        ws_urls=ws_urls,
        connections=connections,
        clock=clock,
        powers=powers,
        guard=guard,
        peers=peers,
        drills=drills,
        notifications=notifications,
    )


def build_service(
    config: NodeConfig,
    *,
    deployment: Deployment,
    store: Store,
    seams: Mapping[ChainSelector, QuorumRpc],
    signer: Signer | None,
    curser: Signer | None,
    contracts: Mapping[ChainSelector, RmnContract],
    clock: Callable[[], int],
    metrics: Metrics,
    guard: Guard | None,
    attempt: Callable[[Errand], None],
    notifier: Notifier | None = None,
) -> Service:
    """A node without threads and API of its own, on what was opened for it. `attempt` runs what its threads do."""
    entries = {entry.selector: entry for entry in config.chains}
    watches = {
        chain.selector: _watch(chain, seams[chain.selector], store, entries.get(chain.selector))
        for chain in deployment.chains
    }
    audit, network, settings = Audit(store), network_from_deployment(deployment), settings_of(config)
    scratch = Scratch(store.folder)
    hands = {}
    if curser is not None:
        is_quick = isinstance(curser, LocalSigner)  # others take their time: never within the record's transaction
        hands = {
            selector: Hand(Wallet(seams[selector], curser), contract, is_quick=is_quick)
            for selector, contract in contracts.items()
        }
    return Service(
        deployment=deployment,
        watches=watches,
        network=network,
        judge=Judge(network, settings=settings, keeps_grounds=True, archive=scratch),
        store=store,
        audit=audit,
        evidence_book=EvidenceBook(network, settings, store),
        scratch=scratch,
        blesser=Blesser(deployment, signer, guard, store, audit),
        voter=Voter(hands, store, audit, guard=guard, clock=clock, attempt=attempt),
        metrics=metrics,
        posture=config.posture,
        conduct=conduct_of(config.policy, config.incidents),
        notifier=notifier,
    )


def _guard(config: NodeConfig, store: Store, signer: Signer | None, curser: Signer | None) -> Guard | None:
    """The history of what the keys have signed; a node without keys needs none."""
    if signer is None and curser is None:
        return None
    with ExitStack() as unless_it_works:
        unless_it_works.callback(store.close)
        try:
            guard = Guard(config.guard_path)
            unless_it_works.callback(guard.close)
            if guard.is_new:
                add_record(guard, store, *(None if key is None else key.address for key in (signer, curser)))
        except StoreError as error:
            raise ConfigError(str(error)) from None
        unless_it_works.pop_all()
    return guard


def settings_of(config: NodeConfig) -> Settings:
    """The judges' settings; raises ConfigError for an unknown key or an impossible value."""
    return judge_settings(config.detectors)


def _deployment_of(config: NodeConfig) -> Deployment:
    try:
        deployment = load_deployment(config.deployment_path)
    except DeploymentError as error:
        raise ConfigError(str(error)) from None
    known = {chain.selector for chain in deployment.chains}
    for chain in config.chains:
        if chain.selector not in known:
            raise ConfigError(f"chains.selector = {chain.selector}: not in {config.deployment_path}; remove the table")
    return deployment


def _watch(chain: Chain, rpc: QuorumRpc, store: Store, entry: ChainConfig | None) -> Watch:
    if entry is None:
        return Watch(chain, rpc, store)
    if entry.finality_depth_blocks is not None:
        chain = chain.model_copy(update={"finality_depth_blocks": entry.finality_depth_blocks})
    return Watch(chain, rpc, store, entry.start_block)


def rmn_contracts(deployment: Deployment, curser: Signer | None) -> dict[ChainSelector, RmnContract]:
    """What our key meets on each chain."""
    key = None if curser is None else curser.address
    return {
        chain.selector: RmnContract(
            chain.contracts.rmn_remote, chain.contracts.curse_voting, chain.contracts.rmn_proxy, key
        )
        for chain in deployment.chains
    }


def _describe(config: NodeConfig, signer: Signer | None, curser: Signer | None) -> dict[str, Any]:
    return {
        "name": config.name,
        "version": version("ccip-rmn"),
        "signer": None if signer is None else hex_text(signer.address),
        "curser": None if curser is None else hex_text(curser.address),
        "kept": config.kept,
    }
