"""What leaves a node's database by days: into closed files first, then out of it, and never what must stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pa_parquet
import pytest

from ccip_core.protocol import events
from ccip_core.protocol.events import decode_log, encode_log_fields
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.cli.app import run
from rmn_service.closed_ranges import GapError, Span, spans_in
from rmn_service.recorded import TYPES, export_table
from rmn_service.retention import Retention
from rmn_service.steps import Block
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = ChainSelector(3379446385462418246), ChainSelector(7759470850252068959)
GAMMA = ChainSelector(16015286601757825753)
LANE = Lane(ALPHA, BETA)
DAY_S = 86_400
START_S = 20_000 * DAY_S


def hash_of(chain: int, number: int) -> bytes:
    return (chain * 10**6 + number + 1).to_bytes(32)


def block(chain: int, number: int, time_s: int, *logs: tuple[bytes, Any]) -> Block:
    header = Header(number, hash_of(chain, number), hash_of(chain, number - 1), time_s)
    raw = []
    for index, (emitter, event) in enumerate(logs):
        topics, data = encode_log_fields(event)
        raw.append(RawLog(emitter, tuple(topics), data, number, header.hash, header.hash[::-1], index))
    return Block(header, tuple(raw))


def days_of_traffic(ccip: ScriptedCcip, store: Store, days: int) -> None:
    """Each day a message, a price and a curse that is lifted, on a chain of hourly blocks; the last block is final."""
    alpha, beta = (ccip.contracts(selector) for selector in LANE)
    blocks: dict[ChainSelector, list[Block]] = {chain.selector: [] for chain in ccip.deployment.chains}
    for day in range(days):
        for hour in range(24):
            number, time_s = 24 * day + hour, START_S + day * DAY_S + 3600 * hour
            logs: dict[ChainSelector, list[tuple[bytes, Any]]] = {selector: [] for selector in blocks}
            if hour == 1:
                message = ccip.message(LANE)
                ccip.sent.setdefault(LANE, []).append(message)
                event = events.CCIPMessageSent(BETA, message.header.sequence_number, message)
                logs[ALPHA].append((alpha.on_ramp, event))
            elif hour == 2:
                token = ccip.deployment.chain(ALPHA).tokens[0].address
                logs[ALPHA].append((alpha.fee_quoter, events.UsdPerTokenUpdated(token, 10**18, 1)))
            elif hour in {3, 4}:
                kind = events.Cursed if hour == 3 else events.Uncursed
                logs[BETA].append((beta.rmn_remote, kind((ALPHA.to_bytes(16),))))
            elif hour == 5:
                header, leaf = message.header, ccip.leaf(message)
                done = events.ExecutionStateChanged(ALPHA, header.sequence_number, header.message_id, leaf, 2, b"", 1)
                logs[BETA].append((beta.off_ramp, done))
            for index, (selector, of_chain) in enumerate(blocks.items()):
                of_chain.append(block(index, number, time_s, *logs[selector]))
    for selector, of_chain in blocks.items():
        store.append(selector, of_chain, 1)
        store.finalise(selector, of_chain[-1].header.number)


def kinds(store: Store) -> list[str]:
    logs = (log for stored in store.history() for log in stored.logs)
    return [type(decode_log(log)).__name__ for log in logs]


def exported(folder: Path, *days: int) -> Path:
    """As `rmn export --closed` leaves it: whole days; what is in the files the node does not ask."""
    folder.mkdir()
    for day in days:
        span = Span(START_S + day * DAY_S, START_S + (day + 1) * DAY_S)
        (folder / span.file_name).write_bytes(b"")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'node.db'}"
    return str(request.getfixturevalue("new_postgres_url")())


def test_only_old_traffic_that_is_exported_is_dropped(ccip: ScriptedCcip, store_url: str, tmp_path: Path) -> None:
    with Store.open(store_url) as store:
        days_of_traffic(ccip, store, 60)
        store.put("setting", f"begin-{ALPHA}", {"opening_block": 0, "is_whole": True}, 1)
        store.audit_append("note", {"a": 1}, 1)
        before = kinds(store)
        folder = exported(tmp_path / "history", *range(12))
        now_ms = 1000 * (START_S + 60 * DAY_S)
        retention = Retention(store, [ALPHA, BETA, GAMMA], keep_days=50, exported=folder)
        retention.run(now_ms)
        after = kinds(store)
        for kind in ("UsdPerTokenUpdated", "Cursed", "Uncursed"):
            assert after.count(kind) == before.count(kind) == 60
        for kind in ("CCIPMessageSent", "ExecutionStateChanged"):
            assert after.count(kind) == 50, "what is younger than 50 days, though 12 days are exported"
        assert store.get("setting", f"begin-{ALPHA}") == {
            "opening_block": 239,
            "is_whole": False,
            "dropped_to": 239,
        }
        assert store.audit_head().sequence == 1
        assert store.final(ALPHA) is not None
        retention.run(now_ms)
        assert kinds(store) == after
        Retention(store, [ALPHA, BETA, GAMMA], keep_days=1, exported=folder).run(now_ms)
        assert kinds(store).count("CCIPMessageSent") == 48, "the files hold 12 days"


@pytest.mark.parametrize("days", [(), (1, 2, 3), (0, 2, 3)], ids=["nothing", "not from the first on", "a gap"])
def test_what_is_not_exported_stays(ccip: ScriptedCcip, tmp_path: Path, days: tuple[int, ...]) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'node.db'}") as store:
        days_of_traffic(ccip, store, 60)
        before = kinds(store)
        folder = exported(tmp_path / "history", *days)
        Retention(store, [ALPHA, BETA], keep_days=1, exported=folder).run(1000 * (START_S + 60 * DAY_S))
        assert kinds(store) == before


def test_a_gap_is_named(tmp_path: Path) -> None:
    with pytest.raises(GapError, match="does not follow messages-20241004T000000Z"):
        spans_in(exported(tmp_path / "history", 0, 2))


# INV-DET-3
def test_a_node_on_a_shortened_record_accuses_nobody_of_what_it_dropped(
    ccip: ScriptedCcip, start_node: Callable[..., NodeUnderTest], tmp_path: Path
) -> None:
    node = start_node()
    old = [ccip.send(LANE) for _ in range(3)]
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 3))
    ccip.execute(old[0])
    ccip.level()
    node.tick()
    dropped_s = ccip.now_ms // 1000
    ccip.mine_all(1_100)
    for _ in range(12):
        node.tick()
    young = ccip.send(LANE)
    ccip.mine_all(3)
    ccip.level()
    node.tick()
    folder = tmp_path / "history"
    folder.mkdir()
    first_s = (dropped_s - DAY_S) // DAY_S * DAY_S
    (folder / Span(first_s, first_s + 2 * DAY_S).file_name).write_bytes(b"")
    Retention(node.service.store, ccip.rpcs, keep_days=1, exported=folder).run(1000 * (dropped_s + DAY_S))
    node.stop()
    again = start_node()
    assert again.service.ledger.first_sent_s(LANE) is not None
    assert [entry.sent.sequence_number for entry in again.service.ledger.in_flight(LANE)] == [4]
    ccip.execute(old[1])  # in flight when it was dropped
    ccip.execute(old[0])  # a second time
    ccip.execute(young)
    ccip.mine_all(3)
    ccip.level()
    again.tick()
    assert {signal.detector for signal in again.service.signals.values()} <= {"stalled_lane"}
    ccip.forge(LANE)
    ccip.mine_all(3)
    ccip.level()
    again.tick()
    assert "unmatched_execution" in {signal.detector for signal in again.service.signals.values()}


def test_closed_days_are_written_once_and_are_the_whole(
    ccip: ScriptedCcip, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, folder = tmp_path / "node.db", tmp_path / "history"
    with Store.open(f"sqlite:///{database}", deployment=ccip.deployment) as store:
        days_of_traffic(ccip, store, 4)
    assert run(["export", str(database), "--closed", str(folder)]) == 0
    assert capsys.readouterr().out == f"6 rows in 3 new files in {folder}, 0 were there\n"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    with Store.open(f"sqlite:///{database}", deployment=ccip.deployment) as store:
        for index, chain in enumerate(ccip.deployment.chains):
            number = 24 * 4
            store.append(chain.selector, [block(index, number, START_S + 6 * DAY_S)], 2)
            store.finalise(chain.selector, number)
        whole = export_table(store, ccip.deployment)
    assert run(["export", str(database), "--closed", str(folder)]) == 0
    assert capsys.readouterr().out == f"2 rows in 3 new files in {folder}, 3 were there\n"
    assert {name: (folder / name).read_bytes() for name in first} == first
    tables = [pa_parquet.read_table(path).to_pydict() for path in sorted(folder.iterdir())]
    assert {name: [value for table in tables for value in table[name]] for name in TYPES} == whole
    assert run(["export", str(database), "--out", str(tmp_path / "whole.parquet")]) == 0
    results = []
    for history in (folder, tmp_path / "whole.parquet"):
        capsys.readouterr()
        assert run(["backtest", str(history), "--json", "-"]) == 0
        results.append(json.loads(capsys.readouterr().out))
    for result in results:
        del result["history"], result["events_per_s"]
    assert results[0] == results[1]
    assert results[0]["rows"] == 8
    assert run(["backtest", str(folder), "--leak-check"]) == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("", "out: give either --out FILE or --closed FOLDER"),
        ("--closed {0}/history --out {0}/a.csv", "out: give either --out FILE or --closed FOLDER"),
        ("--closed {0}/history", "does not follow"),
        ("--closed {0}/node.db", "node.db: "),
    ],
)
def test_a_closed_export_that_cannot_be_says_why(
    ccip: ScriptedCcip, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, complaint: str
) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'node.db'}", deployment=ccip.deployment) as store:
        days_of_traffic(ccip, store, 1)
    exported(tmp_path / "history", 0, 2)
    assert run(["export", str(tmp_path / "node.db"), *arguments.format(tmp_path).split()]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line


@pytest.mark.parametrize("lines", ["keep_days = 0", "keep_days = 3\nexported = 4", "keep_days = 3"])
def test_a_wrong_retention_is_refused(node_files: Any, tmp_path: Path, lines: str, ccip: ScriptedCcip) -> None:
    assert ccip
    config = node_files.write(tmp_path, more=f"[retention]\n{lines}")
    assert run(["config", "check", str(config)]) == 2
