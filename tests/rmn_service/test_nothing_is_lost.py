"""A disk that refuses, or a fault of our own, at the worst moment: nothing is done meanwhile, and nothing is lost."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from ccip_core.protocol.messages import Lane
from detectors.rules.double_execution import DoubleExecution
from rmn_service.errors import StoreError

if TYPE_CHECKING:
    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = 3379446385462418246, 7759470850252068959
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


def test_a_rule_that_breaks_leaves_no_gap(
    forged: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault of this release")

    with monkeypatch.context() as release:
        release.setattr(DoubleExecution, "judge", broken)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                forged.tick()
            assert [ccip.votes(chain) for chain in LANE] == [[], []]
            assert forged.http.get("/health").status_code == 503
            ccip.mine_all()
    assert_all_is_done(forged, ccip)


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
