"""A bundle judged again, offline: no database, no endpoint, no clock; the same rules and statistics over its rows.

What is proved: the bytes are those that the address (and so the on-chain vote) names; the raw logs state the rows; the
detector, asked of what the bundle holds and nothing else, gives exactly the claim. Where whole headers are attached,
each block hash vouches for its number, time and parent.

What must still be believed, and is said: that the block hashes are canonical and hold these logs (compare them with any
endpoint or explorer); that what was `absent` from the node's record was absent from the chain; carried state
(a lane's numbering, where the record began, a statistic's frozen past), which is the node's summary of earlier blocks;
rows that stand in no log (`stated` by the indexer); that the network is the deployment that the bundle says.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ccip_core.protocol import events
from ccip_core.protocol.block_header import BlockHeaderError, decode_header
from ccip_core.protocol.codec import AbiError
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.protocol.receipts import ReceiptLog, check_receipts, logs_of
from detectors.flows import Numbers
from detectors.folding import State, StatisticGrounds
from detectors.frames import FinalityViolated, from_log
from detectors.fused import MODELS_HASH
from detectors.network import ChainFacts, Network, TokenFacts
from detectors.rederive import rederive
from detectors.settings import Settings
from detectors.slices import RuleGrounds, Slice, SliceGapError
from detectors.state_rows import Disagreed, Unjudged
from rmn_service.audit_chain import canonical_json
from rmn_service.detection import claim_document, hex_text
from rmn_service.evidence import address_of
from rmn_service.evidence_keys import misplaced
from rmn_service.evidence_values import EvidenceFormatError, from_json, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.frames import Row

_DEPTH_MAX = 64
_UNLOGGED = (FinalityViolated, Disagreed, Unjudged)
"""Rows that a node states; every other stands in a log."""


class EvidenceError(Exception):
    """The bundle does not prove its claim; one line that says where it breaks."""


class Proof(NamedTuple):
    """What a bundle was found to prove, and what its reader must still believe."""

    address: str
    claim: dict[str, Any]
    is_same_code: bool
    """Whether the statistics' code and models here are those that judged; rules are compared by what they say."""
    blocks: int
    headers: int
    """Of those, how many came with a whole header."""
    logs: int
    stated_rows: int
    """Rows that stand in no log: the node's own word."""
    absent: tuple[str, ...]
    """What the node's record did not hold when it judged."""
    proved_logs: int
    """Of the logs, how many the receipts of their block hold, and its header the receipts."""
    carried: tuple[str, ...]
    """Of which kinds the summaries of earlier blocks are that the claim rests on."""


def envelope(
    bundle: Mapping[str, Any], headers: Mapping[str, str], receipts: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """The file that `rmn evidence verify` reads: the bundle, its address, whole headers and receipts by block hash."""
    body = {
        "bundle": bundle,
        "hash": address_of(dict(bundle)),
        "headers": dict(headers),
        "receipts": dict(receipts or {}),
    }
    return canonical_json(body).encode() + b"\n"


def prove(file: bytes, *, address: str | None = None) -> Proof:
    """Judge the bundle of such a file again. `address`: the hash that it must have, as read from a vote.

    Raises:
        EvidenceError: a byte was changed, or the claim does not follow.
    """
    bundle, headers, receipts = _opened(file, address)
    if "statement" in bundle and len(bundle) == 2 and not headers and not receipts:
        return _stated(bundle)
    try:
        return _judged_again(bundle, headers)._replace(proved_logs=_check_receipts(bundle, headers, receipts))
    except (EvidenceFormatError, SliceGapError, BlockHeaderError) as error:
        raise EvidenceError(str(error)) from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AbiError) as error:
        # The address fits, so these are the bytes that were addressed: whoever wrote them was no node of ours.
        raise EvidenceError(f"not written by a node: {type(error).__name__} {error}") from None


def _opened(file: bytes, address: str | None) -> tuple[dict[str, Any], dict[str, str], dict[str, list[str]]]:
    if _depth(file) > _DEPTH_MAX:
        raise EvidenceError("nested deeper than any evidence; fetch it with `rmn evidence fetch`")
    try:
        body = json.loads(file)
        is_exact = canonical_json(body).encode() + b"\n" == file
        bundle, stated, headers, receipts = (body[name] for name in ("bundle", "hash", "headers", "receipts"))
        found = address_of(bundle)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise EvidenceError("not an evidence file; fetch one with `rmn evidence fetch`") from None
    if not is_exact or len(body) != 4 or not all(isinstance(part, dict) for part in (bundle, headers, receipts)):
        raise EvidenceError("not byte for byte what `rmn evidence fetch` writes; fetch it again")
    for expected in (stated, found if address is None else address.lower()):
        if found != expected:
            raise EvidenceError(f"the bundle hashes to {found}, not to {str(expected)[:80]}: it was changed")
    return bundle, headers, receipts


def _stated(bundle: dict[str, Any]) -> Proof:
    """A vote by decision of people, or a drill: its bytes are proved, and there is nothing else to prove."""
    stated = bundle["statement"]
    match stated:
        case {"kind": "proposal", "document": {"reason": reason, "proposed_by": one, "approved_by": other}}:
            said = f"{one} proposed it and {other} approved it: {reason}"
        case {"kind": "signal", "document": {"claim": {"summary": summary}, "looked_at": count}}:
            said = f"{summary} The question looked at {count} rows, too many to carry: ask the node for its record"
        case {"kind": "drill", "document": {"subject": subject}}:
            said = f"a fire drill on {subject}, which stops nothing"
        case _:
            raise EvidenceError("a statement of no kind that a node makes")
    claim = {"detector": f"none: {stated['kind']}", "severity": "stated", "summary": said}
    return Proof(address_of(bundle), claim, True, 0, 0, 0, 1, (), 0, ())


def _depth(file: bytes) -> int:
    """How deep the JSON is nested, at most. A parser that trusts the recursion limit trusts whoever raised it."""
    content = np.frombuffer(file, dtype=np.uint8)
    opened = (content == ord("[")) | (content == ord("{"))
    closed = (content == ord("]")) | (content == ord("}"))
    return int(np.cumsum(opened.astype(np.int64) - closed, dtype=np.int64).max(initial=0))


def _judged_again(bundle: dict[str, Any], headers: dict[str, str]) -> Proof:
    if bundle["version"] != 1:
        raise EvidenceError(f"version = {bundle['version']}: this program reads version 1; use the node's own")
    settings = Settings(**bundle["judged_by"]["settings"])
    if settings.hash != bundle["judged_by"]["settings_hash"]:
        raise EvidenceError("judged_by.settings_hash: not that of the settings")
    network = network_of(bundle["network"])
    rows, logs = _rows(bundle, network)
    grounds = grounds_of(bundle["grounds"], rows)
    wrong = misplaced(grounds.part)
    if wrong is not None:
        raise EvidenceError(f"grounds: {wrong} stands where it does not belong")
    claim = bundle["signal"]
    again = [claim_document(signal) for signal in rederive(claim["detector"], network, settings, grounds)]
    if not any(_is_same(json.loads(canonical_json(found)), claim) for found in again):
        raise EvidenceError(f"{claim['detector']} does not say this of these rows; it says {_said(again)}")
    proved = _check_headers(_headers_named(bundle, grounds.part), headers)
    stated = [row for row, is_logged in zip(rows, logs, strict=True) if not is_logged]
    unlogged = next((row for row in stated if not isinstance(row, _UNLOGGED)), None)
    if unlogged is not None:
        raise EvidenceError(f"a {type(unlogged).__name__} stands in no log: nothing shows that it was ever emitted")
    return Proof(
        address=address_of(bundle),
        claim=claim,
        is_same_code=bundle["judged_by"]["models"] == MODELS_HASH,
        blocks=len(bundle["blocks"]),
        headers=proved,
        logs=sum(len(block["logs"]) for block in bundle["blocks"]),
        stated_rows=len(stated),
        absent=tuple(sorted(_absent(grounds.part))),
        proved_logs=0,
        carried=tuple(sorted(_carried(grounds))),
    )


def network_of(document: Mapping[str, Any]) -> Network:
    """The network that `evidence.network_document` wrote."""
    chains = {}
    for chain in document["chains"]:
        selector = ChainSelector(int(chain["selector"]))
        tokens = {token["address"]: TokenFacts(**token) for token in chain["tokens"]}
        chains[selector] = ChainFacts(**{**chain, "selector": selector, "tokens": tokens})
    lanes = frozenset(Lane(ChainSelector(int(a)), ChainSelector(int(b))) for a, b in document["lanes"])
    return Network(chains, lanes)


def _rows(bundle: dict[str, Any], network: Network) -> tuple[list[Row], list[bool]]:
    """Every row of the bundle, decoded from its raw log, and whether it stands in one."""
    rows: list[Row] = []
    is_logged: list[bool] = []
    for name in bundle["rows"]:
        is_logged.append(isinstance(name[0], int))
        if not is_logged[-1]:
            rows.append(row_of(name))
            continue
        block_place, log_place, nth = name
        block = bundle["blocks"][block_place]
        header = _header(block)
        text = block["logs"][log_place]
        log = RawLog(
            _raw(text["address"]),
            tuple(map(_raw, text["topics"])),
            _raw(text["data"]),
            header.number,
            header.hash,
            _raw(text["tx_hash"]),
            text["log_index"],
        )
        event = events.decode_log(log)
        if event is None:
            raise EvidenceError(f"log {log.log_index} of block {header.number} has a topic that CCIP does not have")
        stated = from_log(log, event, header, ChainSelector(int(block["chain"])), block["known_at_ms"], network)
        rows.append(stated[nth])
    return rows, is_logged


def grounds_of(document: Mapping[str, Any], rows: Sequence[Row]) -> RuleGrounds | StatisticGrounds:
    """The grounds that `evidence.grounds_document` wrote, whose names of rows are their places in `rows`.

    Raises:
        EvidenceFormatError, EvidenceError: not what a node of this version writes.
    """
    row = rows[document["row"]]
    part = from_json(document["looked_up"], rows.__getitem__)
    if not isinstance(part, Slice):
        raise EvidenceFormatError("grounds.looked_up: no slice of a record")
    if "states" not in document:
        return RuleGrounds(row, part)
    *states, tails, together, account = (from_json(state, rows.__getitem__) for state in document["states"])
    if not all(isinstance(array, np.ndarray) for array in (*states, tails, together, account)):
        raise EvidenceFormatError("grounds.states: no arrays")
    state = State(tuple(states), tails, together, account)
    if not state.is_like(State.empty()):
        raise EvidenceError("states: not of the statistics that this program has; use the version that judged")
    numbers = from_json(document["numbers"], rows.__getitem__)
    if not isinstance(numbers, Numbers):
        raise EvidenceFormatError("grounds.numbers: no numbers of tokens and chains")
    return StatisticGrounds(row, document["nth"], state, numbers, part)


def _is_same(one: Any, other: Any) -> bool:
    """Equal; floats to nine digits, since the last ones are the machine's."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return type(one) is type(other) and bool(one == other)


def _said(again: list[dict[str, Any]]) -> str:
    return "; ".join(str(claim["summary"]) for claim in again) or "nothing"


def _headers_named(bundle: dict[str, Any], part: Slice) -> dict[str, Header]:
    """Every block that the claim says anything about: those of its logs, and the heads that it waited for."""
    named = [_header(block) for block in bundle["blocks"]]
    for heads in part.looked_up.get("_blocks", {}).values():
        named += [head.header for _, head in heads.entries] if heads is not None else []
    return {hex_text(header.hash): header for header in named}


def _check_headers(named: Mapping[str, Header], attached: Mapping[str, str]) -> int:
    for block_hash, raw in attached.items():
        if block_hash not in named:
            raise EvidenceError(f"headers.{block_hash[:80]}: no block of this bundle")
        if decode_header(_raw(raw), _raw(block_hash)) != named[block_hash]:
            raise EvidenceError(f"block {block_hash}: its header says another number, time or parent")
    return len(attached)


def _check_receipts(bundle: dict[str, Any], headers: Mapping[str, str], receipts: Mapping[str, Sequence[str]]) -> int:
    """How many of the bundle's logs are in the blocks that they name, by the receipts and the headers."""
    proved = 0
    blocks = {block["hash"]: block for block in bundle["blocks"]}
    for block_hash, texts in receipts.items():
        if block_hash not in headers or block_hash not in blocks:
            raise EvidenceError(f"receipts.{block_hash[:80]}: no block of this bundle with a whole header")
        raw = [_raw(text) for text in texts]
        check_receipts(raw, _raw(headers[block_hash]))
        found = logs_of(raw)
        for log in blocks[block_hash]["logs"]:
            ours = ReceiptLog(_raw(log["address"]), tuple(map(_raw, log["topics"])), _raw(log["data"]))
            place = log["log_index"]
            if not 0 <= place < len(found) or found[place] != ours:
                raise EvidenceError(f"log {log['log_index']} of block {block_hash}: its receipts say otherwise")
            proved += 1
    return proved


def _absent(part: Slice) -> list[str]:
    return [
        f"{index} {_key_text(key)}"
        for index, found in part.looked_up.items()
        for key, value in found.items()
        if value is None
    ]


def _carried(grounds: RuleGrounds | StatisticGrounds) -> set[str]:
    kinds = {
        type(entry).__name__
        for found in grounds.part.looked_up.values()
        for value in found.values()
        for entry in ([entry for _, entry in value.entries] if hasattr(value, "entries") else [value])
        if entry is not None and not hasattr(entry, "at")
    }
    return kinds | ({"frozen state of the statistics"} if isinstance(grounds, StatisticGrounds) else set())


def _key_text(key: Any) -> str:
    return " ".join(map(_key_text, key)) if isinstance(key, tuple) else str(key)


def block_hashes(bundle: Mapping[str, Any]) -> list[str]:
    """The blocks whose headers would make the bundle stronger.

    Raises:
        EvidenceError: it is no bundle.
    """
    try:
        rows, _ = _rows(dict(bundle), network_of(bundle["network"]))
        part = grounds_of(bundle["grounds"], rows).part
        return list(_headers_named(dict(bundle), part))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AbiError) as error:
        raise EvidenceError(f"not written by a node: {type(error).__name__} {error}") from None


def _header(block: Mapping[str, Any]) -> Header:
    return Header(block["number"], _raw(block["hash"]), _raw(block["parent_hash"]), block["timestamp_s"])


def _raw(text: str) -> bytes:
    if not text.startswith("0x"):
        raise EvidenceFormatError(f"{text[:80]}: not 0x and hex digits")
    return bytes.fromhex(text[2:])
