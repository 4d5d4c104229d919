"""Nodes keep what other nodes signed about their audit logs, so a log that is cut off or told anew is noticed."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.localnet.keys import dev_key
from rmn_service.alerts import Alert
from rmn_service.audit_chain import AuditHead
from rmn_service.audit_heads import HeadError, head_of, sign_head
from rmn_service.cli.app import run
from rmn_service.config import PeerConfig, load_config
from rmn_service.errors import ConfigError
from rmn_service.peers import Peers
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIGNER = dev_key("rmn_signer")


class Kept:
    """A notifier that keeps what it is told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def notify(self, alert: Alert) -> None:
        self.alerts.append(alert)


class Watcher:
    """Another node's side: its store and its peers."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(f"sqlite:///{folder}/watcher.db")
        self.told = Kept()
        self.now_ms = 1_800_000_000_000

    def look(self, url: str, signer: bytes = SIGNER.address) -> list[str]:
        """One round an hour later; the alerts of this round."""
        self.now_ms += 3_600_000
        self.told.alerts.clear()
        peer = PeerConfig(name="rmn-2", url=url, signer=signer)
        self.peers = Peers([peer], None, self.store, self.told, lambda: self.now_ms)
        self.peers.exchange()
        return [alert.text for alert in self.told.alerts]


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    made = Watcher(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def serve(start_node: Callable[..., Any]) -> Callable[[], Any]:
    """The watched node with its port open, on the same folder each time."""

    def start() -> Any:
        node = start_node()
        node.node.start()
        return node

    return start


def note(node: Any, count: int, what: str = "posture") -> None:
    for number in range(count):
        node.service.audit.note(what, {"number": number}, node.ccip.now_ms)
    node.node._peers.sign(node.ccip.now_ms)


def cut(database: Path, rows: int) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(f"DELETE FROM audit WHERE sequence > (SELECT max(sequence) - {rows} FROM audit)")
    connection.close()


def test_a_log_that_grows_is_followed_and_kept(serve: Callable[[], Any], watcher: Watcher) -> None:
    node = serve()
    note(node, 3)
    assert watcher.look(node.node.url) == []
    note(node, 4)
    assert watcher.look(node.node.url) == []
    heads = [head_of(document).head for document in watcher.peers.heads()]
    assert [head.sequence for head in heads] == sorted(head.sequence for head in heads)
    assert heads[-1] == node.service.store.audit_head()


# INV-AUDIT-3
def test_a_log_that_was_cut_off_is_noticed(serve: Callable[[], Any], watcher: Watcher, tmp_path: Path) -> None:
    node = serve()
    note(node, 9)
    assert watcher.look(node.node.url) == []
    node.stop()
    cut(tmp_path / "node.db", 5)
    node = serve()
    (text,) = watcher.look(node.node.url)
    assert "its log was cut off" in text
    assert [document["fault"] is None for document in watcher.peers.heads()] == [True, False]


def test_a_log_that_was_told_anew_is_noticed_though_it_is_longer(
    serve: Callable[[], Any], watcher: Watcher, tmp_path: Path
) -> None:
    node = serve()
    note(node, 9)
    assert watcher.look(node.node.url) == []
    node.stop()
    cut(tmp_path / "node.db", 5)
    node = serve()
    note(node, 20, "nothing happened")
    (text,) = watcher.look(node.node.url)
    assert "does not follow from the row before it" in text


def test_a_head_of_another_key_is_no_head_of_this_peer(serve: Callable[[], Any], watcher: Watcher) -> None:
    node = serve()
    note(node, 1)
    (text,) = watcher.look(node.node.url, b"\x07" * 20)
    assert "not by its own key" in text


def test_a_silent_peer_is_nothing_but_silent(watcher: Watcher) -> None:
    assert watcher.look("http://127.0.0.1:9") == []
    assert watcher.peers.heads() == []


def test_verify_with_a_peers_heads_finds_the_cut(
    serve: Callable[[], Any], watcher: Watcher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = serve()
    note(node, 9)
    watcher.look(node.node.url)
    node.stop()
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps({"heads": watcher.peers.heads()}))
    database = str(tmp_path / "node.db")
    capsys.readouterr()
    assert run(["audit", "verify", database, "--heads", str(heads), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signed heads compared"] == 1
    cut(tmp_path / "node.db", 5)
    assert run(["audit", "verify", database]) == 0  # its links alone don't tell
    assert run(["audit", "verify", database, "--heads", str(heads)]) == 1
    assert "it was cut off" in capsys.readouterr().err
    heads.write_text('{"heads": []}')
    assert run(["audit", "verify", database, "--heads", str(heads)]) == 1
    assert run(["audit", "verify", database, "--heads", str(tmp_path / "none")]) == 2


def test_verify_asks_a_peer(
    serve: Callable[[], Any], watcher: Watcher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The node here is asked for heads; it keeps none of this log's signer, and says so."""
    node = serve()
    note(node, 1)
    assert run(["audit", "verify", str(tmp_path / "node.db"), "--peer", node.node.url]) == 1
    assert "nothing was compared" in capsys.readouterr().err
    watcher.look(node.node.url)
    for document in watcher.peers.heads():
        node.service.store.put("peer_head", "x", document, 0)
    assert run(["audit", "verify", str(tmp_path / "node.db"), "--peer", node.node.url]) == 0


def test_only_the_signer_can_have_signed_it() -> None:
    document = sign_head(SIGNER, AuditHead(7, b"\x01" * 32), 5).document()
    assert head_of(document).head.sequence == 7
    for field, value in (("sequence", 8), ("hash", "0x" + "02" * 32), ("at_ms", 6), ("signer", "0x" + "03" * 20)):
        with pytest.raises(HeadError):
            head_of({**document, field: value})
    for nonsense in (
        None,
        [],
        {},
        {**document, "hash": "0x"},
        {**document, "sequence": -1},
        {**document, "at_ms": "5"},
    ):
        with pytest.raises(HeadError):
            head_of(nonsense)


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ('name = "a"\nurl = "ftp://x"\nsigner = "0x' + "11" * 20 + '"', "http"),
        ('name = "a"\nurl = "http://x"\nsigner = "0x11"', "40 hex digits"),
        ('name = "a"\nurl = "http://x"', "signer"),
    ],
)
def test_a_peer_that_can_not_be_is_one_line(tmp_path: Path, peer: str, said: str) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f'deployment = "d.json"\n[[peers]]\n{peer}')
    with pytest.raises(ConfigError, match=said):
        load_config(file)
