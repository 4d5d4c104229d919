"""A disk that refuses, or a fault of our own, at the worst moment: nothing is done meanwhile, and nothing is lost."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from ccip_core.protocol.messages import Lane
from detectors.judge import Judge
from detectors.rules.double_execution import DoubleExecution
from rmn_service.errors import StoreError
from rmn_service.evidence_proof import envelope, prove

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA, GAMMA = 3379446385462418246, 7759470850252068959, 4489326297382772450
LANE = Lane(ALPHA, BETA)


@pytest.fixture
def forged(node: NodeUnderTest, ccip: ScriptedCcip) -> NodeUnderTest:
    """A node that is about to read a message which nobody sent, executed."""
    ccip.forge(LANE)
    ccip.mine_all()
    return node


def assert_nothing_is_done(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    with pytest.raises(StoreError, match="disk"):
        node.tick()
    assert [ccip.votes(chain) for chain in LANE] == [[], []]
    assert node.http.get("/health").status_code == 503
    assert node.heard.kinds() == ["blind"]
    assert "disk" in node.heard.alerts[0].text


def assert_all_is_done(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    node.tick()
    assert [len(ccip.votes(chain)) for chain in LANE] == [1, 1]
    assert node.http.get("/health").status_code == 200
    signals = node.http.get("/signals").json()["signals"]
    assert {signal["detector"] for signal in signals} >= {"unmatched_execution"}
    for signal in signals:
        assert node.http.get(f"/evidence/{signal['evidence']}").status_code == 200
    node.tick()
    assert [len(ccip.votes(chain)) for chain in LANE] == [1, 1]


@pytest.mark.parametrize("refused", ["append", "put", "put_many", "audit_append"])
@pytest.mark.parametrize("times", [1, 3])
# INV-REC-5
def test_one_kind_of_write_is_refused(
    forged: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch, refused: str, times: int
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("database_url: disk full")

    with monkeypatch.context() as disk:
        disk.setattr(forged.service.store, refused, full)
        for _ in range(times):
            assert_nothing_is_done(forged, ccip)
    assert_all_is_done(forged, ccip)


def test_what_is_written_after_the_votes_is_refused(
    forged: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = forged.service
    put_many, launch = service.store.put_many, service.voter.launch
    is_full = False

    def launch_then_fill(*args: object) -> object:
        nonlocal is_full
        launched = launch(*args)
        is_full = True
        return launched

    def put_unless_full(*args: object) -> None:
        if is_full:
            raise StoreError("database_url: disk full")
        put_many(*args)

    with monkeypatch.context() as disk:
        disk.setattr(service.voter, "launch", launch_then_fill)
        disk.setattr(service.store, "put_many", put_unless_full)
        with pytest.raises(StoreError, match="disk full"):
            forged.tick()
        is_full = False
    assert_all_is_done(forged, ccip)
    assert {incident["state"] for incident in forged.http.get("/incidents").json()["incidents"]} == {"open"}


@pytest.mark.parametrize("refused", ["record", "scratch file"])
# INV-VOTE-1
def test_a_vote_that_is_dropped_meanwhile_is_offered_again(
    forged: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("database_url: disk full")

    forged.tick()
    votes = [ccip.votes(chain) for chain in LANE]
    for chain in LANE:
        ccip.rpcs[chain].drop_pending()
    ccip.mine_all()

    if refused == "record":
        for write in ("append", "put", "put_many", "audit_append"):
            monkeypatch.setattr(forged.service.store, write, full)
    else:
        monkeypatch.setattr(forged.service.scratch, "check", full)
    with pytest.raises(StoreError, match="disk full"):
        forged.tick(after_ms=4_000)

    assert forged.service.voter.settle(10)
    assert [ccip.votes(chain) for chain in LANE] == [2 * once for once in votes]


def broken(*_: object) -> None:
    raise ZeroDivisionError("a fault of this release")


def test_a_walk_that_breaks_leaves_no_gap(
    forged: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as release:
        release.setattr(Judge, "extend", broken)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                forged.tick()
            assert [ccip.votes(chain) for chain in LANE] == [[], []]
            assert forged.http.get("/health").status_code == 503
            ccip.mine_all()
    assert_all_is_done(forged, ccip)


# INV-DET-6
def test_a_rule_that_breaks_blinds_nobody_and_withholds(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, into_beta, elsewhere = start_node(), Lane(GAMMA, BETA), Lane(GAMMA, ALPHA)
    for lane in (into_beta, elsewhere):
        ccip.send(lane)
    ccip.forge(LANE)
    ccip.mine_all(3)
    with monkeypatch.context() as release:
        release.setattr(DoubleExecution, "judge", broken)
        assert_all_is_done(node, ccip)

    (unjudged,) = [one for one in node.http.get("/signals").json()["signals"] if one["detector"] == "unjudged_row"]
    bundle = node.http.get(f"/evidence/{unjudged['evidence']}").json()["bundle"]
    assert prove(envelope(bundle, {}), address=unjudged["evidence"]).claim["evidence"]["broken"] == "double_execution"
    (incident,) = [one for one in node.http.get("/incidents").json()["incidents"] if unjudged["id"] in one["signals"]]
    assert (incident["severity"], incident["decision"]["reach"]) == ("critical", "withhold")

    def is_blessed(lane: Lane) -> bool:
        return node.service.bless([ccip.claim(lane, 1, 1)], ccip.now_ms).signature is not None

    assert (is_blessed(into_beta), is_blessed(elsewhere)) == (False, True)
    told = {"label": "false", "reason": "a fault of this release", "close": True}
    assert node.act("alice", f"/incidents/{incident['id']}/label", told).status_code == 200
    assert is_blessed(into_beta)


def test_a_release_that_mends_the_rule_judges_what_it_could_not(
    node: NodeUnderTest, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ccip.send(LANE)
    ccip.commit(ccip.claim(LANE, 1, 1))
    ccip.mine_all(3)
    for _ in range(2):
        ccip.execute(message)
    ccip.mine_all()
    with monkeypatch.context() as release:
        release.setattr(DoubleExecution, "judge", broken)
        node.tick()
    assert "double_execution" not in {signal.detector for signal in node.service.signals.values()}
    node.stop()

    node = start_node()

    assert "double_execution" in {signal.detector for signal in node.service.signals.values()}


def test_a_log_that_breaks_its_reader_blinds_nobody_and_withholds(
    node: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    ccip.send(LANE)
    ccip.mine_all(3)
    node.tick()
    with monkeypatch.context() as release:
        release.setattr("rmn_service.detection.from_log", broken)
        ccip.price(ALPHA, 1)
        node.tick()
    assert node.http.get("/health").status_code == 200
    (signal,) = [one for one in node.http.get("/signals").json()["signals"] if one["detector"] == "unjudged_row"]
    assert (signal["severity"], signal["chain"]) == ("critical", str(ALPHA))
    assert node.service.bless([ccip.claim(LANE, 1, 1)], ccip.now_ms).signature is None
    assert [ccip.votes(chain) for chain in LANE] == [[], []]


def test_the_last_word_is_refused(forged: NodeUnderTest, ccip: ScriptedCcip) -> None:
    def refuse(_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    engine = forged.service.store.database.engine
    event.listen(engine, "commit", refuse)
    assert_nothing_is_done(forged, ccip)
    event.remove(engine, "commit", refuse)
    assert_all_is_done(forged, ccip)


def test_a_database_that_is_full(forged: NodeUnderTest, ccip: ScriptedCcip) -> None:
    def let_grow_to(pages: int) -> None:  # SQLite never takes away what it has
        with forged.service.store.database.writing() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    let_grow_to(1)
    assert_nothing_is_done(forged, ccip)
    let_grow_to(1 << 20)
    assert_all_is_done(forged, ccip)
