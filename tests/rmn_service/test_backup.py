"""A copy of the record is whole, of one moment, and comes back as it was."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from rmn_service.audit_chain import verify_chain
from rmn_service.backup import back_up, restore
from rmn_service.cli.app import run
from rmn_service.errors import StoreError
from rmn_service.store import Store
from tests.rmn_service.conftest import ALPHA, BETA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip


LANE = Lane(ALPHA, BETA)


def contents(url: str) -> tuple[object, ...]:
    with Store.open(url, read_only=True) as store:
        kinds = ("signal", "incident", "action", "blessing", "setting")
        return (list(store.history()), [store.all(kind) for kind in kinds], list(store.audit_rows()))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/restored.db"
    return str(request.getfixturevalue("new_postgres_url")())


def test_a_node_goes_on_from_its_copy(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ccip.answer_views()
    node = start_node()
    ccip.send(LANE)
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    own = f"sqlite:///{ccip.folder}/node.db"
    copy = ccip.folder / "copy.db"
    head = back_up(own, copy)  # the node is running
    assert head == node.service.store.audit_head()
    assert contents(f"sqlite:///{copy}") == contents(own)
    ccip.mine_all(2)
    ccip.answer_views(voted=tuple(subject_text(chain_subject(chain)) for chain in LANE))
    node.tick()
    votes = [len(ccip.votes(chain)) for chain in (ALPHA, BETA)]
    node.stop()
    assert restore(copy, empty_url) == head
    again = back_up(empty_url, ccip.folder / "again.db")
    assert again == head
    copied = str(ccip.folder / "again.db")  # the tools read the copy, whatever database it was taken from
    assert run(["audit", "verify", copied, "--head", f"{head.sequence}:0x{head.hash.hex()}"]) == 0
    assert run(["export", copied, "--out", str(ccip.folder / "history.parquet")]) == 0
    monkeypatch.setenv("RMN__DATABASE_URL", empty_url)
    node = start_node()  # reads what it missed, and numbers on
    ccip.mine_all(2)
    node.tick(after_ms=20_000)
    assert node.service.store.audit_head().sequence >= head.sequence
    node.service.audit.note("note", {}, ccip.now_ms)
    node.service.store.put("setting", "new", {"n": 1}, ccip.now_ms)
    assert verify_chain(node.service.store.audit_rows(), head) is None
    assert [stored.header.number for stored in node.service.store.history() if stored.chain == ALPHA] == list(
        range(ccip.rpcs[ALPHA].head.number + 1)
    )
    assert [len(ccip.votes(chain)) for chain in (ALPHA, BETA)] == votes


def test_a_copy_is_of_one_moment_while_the_node_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/node.db"
    with Store.open(url) as store:
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                with store.together():
                    store.put("incident", "a", {"n": number}, number)
                    store.audit_append("note", {"n": number}, number)

        writer = threading.Thread(target=write)
        writer.start()
        for number in range(5):
            back_up(url, tmp_path / f"{number}.db")
        stop.set()
        writer.join(20)
    for number in range(5):
        with Store.open(f"sqlite:///{tmp_path}/{number}.db", read_only=True) as copy:
            assert verify_chain(copy.audit_rows()) is None
            written = [body["n"] for body in copy.all("incident")]
            assert written == [row.sequence for row in copy.audit_rows()][-1:]
    assert not list(tmp_path.glob("?.db-*"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    with Store.open(f"sqlite:///{tmp_path}/node.db") as store:
        for number in range(5):
            store.audit_append("note", {"n": number}, number)
        back_up(f"sqlite:///{tmp_path}/node.db", tmp_path / "copy.db")
    return tmp_path / "copy.db"


def test_a_copy_that_was_changed_is_refused_and_nothing_is_left(copy: Path, tmp_path: Path) -> None:
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE audit SET body = '{}' WHERE sequence = 3")
    connection.close()
    with pytest.raises(StoreError, match="audit row 3"):
        restore(copy, f"sqlite:///{tmp_path}/new.db")
    assert not list(tmp_path.glob("new.db*"))


def test_nothing_is_written_over(copy: Path, tmp_path: Path, new_postgres_url: Callable[[], str]) -> None:
    before = copy.read_bytes()
    for out in (copy, tmp_path / "node.db"):
        with pytest.raises(StoreError, match="is there already"):
            back_up(f"sqlite:///{tmp_path}/node.db", out)
    with pytest.raises(StoreError, match="is there already"):
        restore(copy, f"sqlite:///{tmp_path}/node.db")
    assert copy.read_bytes() == before
    url = new_postgres_url()
    restore(copy, url)
    with pytest.raises(StoreError, match="holds a record"):
        restore(copy, url)


def test_the_verbs_say_where_the_log_ends(
    node: NodeUnderTest, ccip: ScriptedCcip, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(ccip.folder / "node.toml")]
    copy = str(ccip.folder / "copy.db")
    capsys.readouterr()
    assert run(["backup", copy, *config]) == 0
    head = node.service.store.audit_head()
    assert f"audit head {head.sequence}:0x{head.hash.hex()}" in capsys.readouterr().out
    assert run(["backup", copy, *config]) == 2
    assert run(["restore", copy, *config]) == 2
    assert run(["restore", str(ccip.folder / "nothing.db"), *config]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    node.stop()
    for left in ccip.folder.glob("node.db*"):
        left.unlink()
    assert run(["restore", copy, *config]) == 0
    assert "restored: audit head" in capsys.readouterr().out
