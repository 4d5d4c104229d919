"""Evidence bundles: what one signal rests on, in one file that anyone can judge again without this node.

    {"version": 1,
     "signal":   the claim, as /signals and the incident state it
     "judged_by": {"package", "models", "settings"}       which code, which frozen statistics, which settings
     "network":  who is who, as the judges knew it
     "blocks":   headers, and of each the raw logs that the claim rests on
     "rows":     which rows those logs state ([block, log, nth]); rows that stand in no log are written out
     "grounds":  what the detector looked up: rows, what was missing, carried state; of a statistic its frozen state}

A vote that people decided, or that is a drill, has a bundle of another kind: `{"version": 1, "statement": …}`; so has a
signal whose question looked at more rows than a vote may wait for.

The bundle's address is keccak of its canonical JSON: the hash that /signals names and that votes carry on-chain.
Building one reads no chain and no clock. `evidence_proof` says how it is judged again and what must be believed.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol import events
from ccip_core.protocol.codec import AbiError
from ccip_core.protocol.hashing import keccak
from detectors.folding import StatisticGrounds
from detectors.frames import from_log
from detectors.fused import MODELS_HASH
from rmn_service.audit_chain import canonical_json
from rmn_service.detection import claim_document, hex_text
from rmn_service.evidence_values import plain_row, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Signal
    from detectors.frames import Row
    from detectors.judge import Grounds
    from detectors.network import Network
    from detectors.settings import Settings
    from rmn_service.steps import Block
    from rmn_service.store import Store

KIND = "evidence"
"""Under which bundles stand in the store's documents."""
_ENTRIES_MAX = 1_000
"""A full root has 256 messages; what looks at more than this walks through a lane's whole history."""
_RECENT_LOGS = 4_096
"""How many logs are held in memory, some 8 MB, so that a bundle on its way to a vote need not ask the database."""


class Bundle(NamedTuple):
    """One signal's evidence and the name that it is known by."""

    address: str
    """0x text of 32 bytes."""
    body: dict[str, Any]


class EvidenceBook:
    """Writes bundles. Not thread-safe: called by the corridor, under its lock."""

    def __init__(self, network: Network, settings: Settings, store: Store) -> None:
        self._network = network
        self._settings = settings
        self._store = store
        self._recent: OrderedDict[tuple[ChainSelector, str], Block] = OrderedDict()
        self._recent_logs = 0

    def remember(self, chain: ChainSelector, block: Block) -> None:
        """A block whose logs a signal may soon rest on."""
        if block.logs:
            key = chain, hex_text(block.header.hash)
            self._recent_logs += len(block.logs) if key not in self._recent else 0
            self._recent[key] = block
            while self._recent_logs > _RECENT_LOGS and len(self._recent) > 1:
                _, oldest = self._recent.popitem(last=False)
                self._recent_logs -= len(oldest.logs)

    def bundle(self, signal: Signal, grounds: Grounds) -> Bundle:
        """The evidence of a signal that was just given.

        A question that looked at very many rows would keep the vote waiting for its own evidence: it is stated instead.
        """
        looked_at = grounds.part.entries()
        if looked_at > _ENTRIES_MAX:
            return statement("signal", {"claim": claim_document(signal), "looked_at": looked_at})
        rows = _Rows(self._network, self._block)
        body = {
            "version": 1,
            "signal": claim_document(signal),
            "judged_by": self._judged_by,
            "network": self._network_document,
            "grounds": grounds_document(grounds, rows.name),
        }
        body |= {"blocks": rows.blocks, "rows": rows.names}
        return Bundle(address_of(body), body)

    @functools.cached_property
    def _judged_by(self) -> dict[str, Any]:
        return judged_by(self._settings)

    @functools.cached_property
    def _network_document(self) -> dict[str, Any]:
        return network_document(self._network)

    def _block(self, chain: ChainSelector, block_hash: str) -> Block | None:
        found = self._recent.get((chain, block_hash))
        return found or self._store.block(chain, bytes.fromhex(block_hash[2:]))


def statement(kind: str, document: Mapping[str, Any]) -> Bundle:
    """What a vote rests on that no detector called for: people's decision, or a drill. There is nothing to derive."""
    body = {"version": 1, "statement": {"kind": kind, "document": dict(document)}}
    return Bundle(address_of(body), body)


def address_of(body: dict[str, Any]) -> str:
    """Keccak of the bundle's canonical JSON, 0x text."""
    return hex_text(keccak(canonical_json(body).encode()))


def judged_by(settings: Settings) -> dict[str, Any]:
    """The code and the configuration that judged."""
    return {
        "package": version("ccip-rmn"),
        "models": MODELS_HASH,
        "settings": asdict(settings),
        "settings_hash": settings.hash,
    }


def network_document(network: Network) -> dict[str, Any]:
    """Who is who, as JSON; ascending, so that one network has one text."""
    chains = [
        {
            "selector": str(facts.selector),
            "name": facts.name,
            "on_ramp": facts.on_ramp,
            "off_ramp": facts.off_ramp,
            "fee_quoter": facts.fee_quoter,
            "rmn_remote": facts.rmn_remote,
            "finality_s": facts.finality_s,
            "roles": dict(sorted(facts.roles.items())),
            "tokens": [asdict(token) for _, token in sorted(facts.tokens.items())],
        }
        for _, facts in sorted(network.chains.items())
    ]
    return {"chains": chains, "lanes": [[str(lane.source), str(lane.dest)] for lane in sorted(network.lanes)]}


def grounds_document(grounds: Grounds, row_name: Callable[[Row], Any]) -> dict[str, Any]:
    """What a claim rests on, as JSON; rows by their names."""
    document = {"row": row_name(grounds.row), "looked_up": to_json(grounds.part, row_name)}
    if isinstance(grounds, StatisticGrounds):
        before = grounds.before
        document |= {
            "nth": grounds.nth,
            "numbers": to_json(grounds.numbers, row_name),
            "states": [to_json(state, row_name) for state in before.arrays],
        }
    return document


class _Rows:
    """Names rows by the raw logs that state them, and gathers those logs."""

    def __init__(self, network: Network, block_of: Callable[[ChainSelector, str], Block | None]) -> None:
        self.blocks: list[dict[str, Any]] = []
        self.names: list[Any] = []
        self._network = network
        self._block_of = block_of
        self._numbers: dict[Row, int] = {}
        self._block_places: dict[tuple[str, int], int] = {}
        self._log_places: dict[tuple[int, int], int] = {}

    def name(self, row: Row) -> int:
        """The row's place among `names`."""
        if row not in self._numbers:
            self._numbers[row] = len(self._numbers)
            self.names.append(self._in_a_log(row) or plain_row(row))
        return self._numbers[row]

    def _in_a_log(self, row: Row) -> list[int] | None:
        at = row.at
        block = self._block_of(at.chain, at.block_hash) if at.log_index >= 0 else None
        if block is None:
            return None
        log = next((log for log in block.logs if log.log_index == at.log_index), None)
        if log is None:
            return None
        try:
            event = events.decode_log(log)
            stated = (
                [] if event is None else from_log(log, event, block.header, at.chain, at.known_at_ms, self._network)
            )
        except AbiError:
            return None
        if row not in stated:
            return None
        key = at.block_hash, at.known_at_ms
        if key not in self._block_places:
            self._block_places[key] = len(self.blocks)
            header = block.header
            self.blocks.append(
                {
                    "chain": str(at.chain),
                    "number": header.number,
                    "hash": hex_text(header.hash),
                    "parent_hash": hex_text(header.parent_hash),
                    "timestamp_s": header.timestamp_s,
                    "known_at_ms": at.known_at_ms,
                    "logs": [],
                }
            )
        place = self._block_places[key]
        logs = self.blocks[place]["logs"]
        if (place, log.log_index) not in self._log_places:
            self._log_places[place, log.log_index] = len(logs)
            logs.append(
                {
                    "address": hex_text(log.address),
                    "topics": [hex_text(topic) for topic in log.topics],
                    "data": hex_text(log.data),
                    "tx_hash": hex_text(log.tx_hash),
                    "log_index": log.log_index,
                }
            )
        return [place, self._log_places[place, log.log_index], stated.index(row)]
