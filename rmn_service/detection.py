"""Between the chain's words and the judge's: a block's logs → rows; signal ↔ document.

Trust: only a contract that the deployment names may state a fact, and only the facts of its role (`detectors.frames`).
What does not decode is counted and left aside: what it hid stays unknown, and the unknown is never blessed. So does
what our own code breaks on, and that is stated (`Unjudged`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol import events
from ccip_core.protocol.codec import AbiError
from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.detector import Severity, Signal
from detectors.faults import unjudged
from detectors.frames import At, FinalityViolated, Row, at_of, from_log
from detectors.state_rows import Disagreed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.network import Network
    from detectors.state_rows import Unjudged
    from rmn_service.steps import Block, Contradicted


class Reading(NamedTuple):
    """What one block says to the judges."""

    rows: tuple[Row, ...]
    unknown: int
    """Logs of a topic that CCIP 1.6 does not have."""
    malformed: int
    """Logs of a known topic whose bytes do not decode."""
    unreadable: tuple[Unjudged, ...]
    """Of logs that our own code broke on."""


def read(block: Block, chain: ChainSelector, known_at_ms: int, network: Network) -> Reading:
    """Every row that the block's logs state, in their order."""
    rows: list[Row] = []
    unreadable: list[Unjudged] = []
    unknown = malformed = 0
    for log in block.logs:
        try:
            event = events.decode_log(log)
            if event is None:
                unknown += 1
            else:
                rows += from_log(log, event, block.header, chain, known_at_ms, network)
        except AbiError:
            malformed += 1
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it is stated
            unreadable.append(unjudged(at_of(log, block.header, chain, known_at_ms), "reading", error))
    return Reading(tuple(rows), unknown, malformed, tuple(unreadable))


def finality_row(
    chain: ChainSelector, number: int, old: bytes, new: bytes | None, known_at_ms: int
) -> FinalityViolated:
    """The indexer's statement that a final block was replaced. It is no log, so its index is -1."""
    at = At(chain, number, hex_text(new or old), known_at_ms // 1000, "0x", -1, known_at_ms)
    return FinalityViolated(at, number, hex_text(old), None if new is None else hex_text(new))


def contradiction_row(chain: ChainSelector, said: Contradicted, known_at_ms: int) -> Disagreed:
    """The indexer's statement that one question got two answers. It is no log, so its index is -1."""
    at = At(chain, said.block_number, hex_text(said.block_hash), known_at_ms // 1000, "0x", -1, known_at_ms)
    return Disagreed(at, said.what, said.answers)


def claim_document(signal: Signal) -> dict[str, Any]:
    """The claim alone, as JSON."""
    return {name: getattr(signal, name) for name in Signal.__dataclass_fields__} | {
        "severity": signal.severity.word,
        "lanes": [[str(lane.source), str(lane.dest)] for lane in signal.lanes],
        "chain": str(signal.chain),
        "rows": list(signal.rows),
        "value_micro_usd": None if signal.value_micro_usd is None else str(signal.value_micro_usd),
        "evidence": dict(signal.evidence),
    }


def signal_document(signal: Signal, evidence: str, incident_id: str) -> dict[str, Any]:
    """The signal as the store keeps it; `evidence` is the address of its bundle."""
    return claim_document(signal) | {"evidence_hash": evidence, "incident": incident_id}


def signal_of(document: Mapping[str, Any]) -> Signal:
    """The stored signal, typed again."""
    value = document["value_micro_usd"]
    fields = {name: document[name] for name in Signal.__dataclass_fields__}
    fields |= {
        "severity": Severity[document["severity"].upper()],
        "lanes": tuple(Lane(ChainSelector(int(a)), ChainSelector(int(b))) for a, b in document["lanes"]),
        "chain": ChainSelector(int(document["chain"])),
        "rows": tuple(document["rows"]),
        "value_micro_usd": None if value is None else int(value),
    }
    return Signal(**fields)


def hex_text(raw: bytes) -> str:
    """Lower-case 0x text, as in every row, document and answer."""
    return "0x" + raw.hex()
