"""A node on the same machine, over its Unix socket: questions, new heads, what a person reads when it is not there."""

from __future__ import annotations

import json
import queue
import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.heads import HeadStream
from ccip_core.ipc_rpc import IpcRpc
from ccip_core.ipc_socket import JsonValues, ipc_path
from ccip_core.localnet.anvil import Anvil
from ccip_core.rpc import RpcLate, RpcMalformed, RpcUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 10


@pytest.fixture
def path() -> Iterator[Path]:
    """Short: the system allows a socket's path 107 characters."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "node.ipc"


def test_what_is_an_ipc_endpoint() -> None:
    assert ipc_path("ipc:///run/geth.ipc") == ipc_path("/run/geth.ipc") == "/run/geth.ipc"
    assert ipc_path("ipc:///run/socket") == "/run/socket"
    for other in ("geth.ipc", "ipc://run/geth.ipc", "ipc:geth", "/run/geth", "http://127.0.0.1/geth.ipc", "ipc://"):
        assert ipc_path(other) is None


def test_new_heads_come_over_it_also_after_the_node_was_away(path: Path) -> None:
    heads: queue.Queue[object] = queue.Queue()
    with HeadStream(str(path), heads.put) as stream:
        for _ in range(2):
            with Anvil.start(31337, block_time_s=0, ipc=path) as anvil:
                assert stream.wait_connected(PATIENCE_S)
                assert heads.get(timeout=PATIENCE_S) == anvil.rpc.header(0)
                anvil.mine()
                assert heads.get(timeout=PATIENCE_S) == anvil.rpc.header(1)
            path.unlink(missing_ok=True)


def test_a_node_that_was_started_again_is_asked_over_a_new_connection(path: Path) -> None:
    with IpcRpc(f"ipc://{path}") as rpc:
        for chain_id in (31337, 1337):
            with Anvil.start(chain_id, block_time_s=0, ipc=path):
                assert rpc.chain_id() == rpc.chain_id() == chain_id
            path.unlink(missing_ok=True)
            with pytest.raises(RpcUnreachable, match="is the node running"):
                rpc.chain_id()


def test_it_is_asked_from_many_threads_at_once(path: Path) -> None:
    with Anvil.start(31337, block_time_s=0, ipc=path) as anvil, IpcRpc(str(path)) as rpc:
        head = anvil.rpc.header("latest")
        found: list[object] = []
        threads = [threading.Thread(target=lambda: found.append(rpc.header(0))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert found == [head] * 20


def test_a_path_that_is_none_or_leads_nowhere_is_one_line(path: Path) -> None:
    with pytest.raises(ValueError, match=r"an IPC endpoint is ipc:///path or an absolute path that ends in \.ipc"):
        IpcRpc("node.ipc")
    with pytest.raises(RpcUnreachable) as caught, IpcRpc(str(path)) as rpc:
        rpc.chain_id()
    assert str(caught.value) == f"ipc://{path}: No such file or directory; is the node running?"
    path.write_text("a file")
    with pytest.raises(ValueError, match="not a socket; name the node's IPC file"):
        IpcRpc(str(path))


@pytest.fixture
def canned(path: Path) -> Iterator[queue.Queue[bytes | None]]:
    """A node that answers each question with what the test has put down; None: hangs up."""
    answers: queue.Queue[bytes | None] = queue.Queue()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while connection.recv(1 << 16):
                    answer = answers.get(timeout=PATIENCE_S)
                    if answer is None:
                        break
                    connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(PATIENCE_S)


def test_what_a_node_may_do_instead_of_answering(path: Path, canned: queue.Queue[bytes | None]) -> None:
    with IpcRpc(str(path), timeout_s=0.2) as rpc:
        canned.put(None)
        with pytest.raises(RpcUnreachable, match="the node hung up"):
            rpc.chain_id()
        canned.put(b'{"id": 1, "result": "0x')
        with pytest.raises(RpcLate, match=r"no answer within 0\.2 s"):
            rpc.chain_id()
        canned.put(b"[oops]")
        with pytest.raises(RpcMalformed):
            rpc.chain_id()
        canned.put(b'{"id": 1, "result": "0x5"}')
        assert rpc.chain_id() == 5
    with pytest.raises(RpcUnreachable, match="closed"):
        rpc.chain_id()


documents = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
).map(lambda value: {"": value})


@given(st.lists(documents, max_size=4), st.sampled_from(["", "\n", " "]), st.data())
def test_values_are_found_however_the_bytes_arrive(values: list[object], gap: str, data: st.DataObject) -> None:
    stream = gap.join(json.dumps(value, ensure_ascii=data.draw(st.booleans())) for value in values).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    cutter = JsonValues()
    parts = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    found = [value for first, last in parts for value in cutter.feed(stream[first:last])]
    assert [json.loads(value) for value in found] == values
