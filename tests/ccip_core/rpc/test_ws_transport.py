"""The socket carries the same answers as HTTP, and whenever it can't, HTTP does."""

import socket
import threading

import pytest
from websockets.sync.server import serve

from ccip_core.http_rpc import HttpRpc
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.rpc import RpcRefused, RpcUnreachable


@pytest.fixture(scope="module")
def anvil():
    with Anvil.start(1337, 0) as chain:
        yield chain


@pytest.fixture
def dead_port():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield nobody.getsockname()[1]


@pytest.fixture
def rude_server():
    """A WebSocket server that hangs up at every question."""
    with serve(lambda connection: connection.recv() and connection.close(), "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


def test_answers_come_over_the_socket(anvil, dead_port):
    with HttpRpc(f"http://127.0.0.1:{dead_port}", ws_url=anvil.ws) as rpc:
        assert rpc.chain_id() == 1337
        assert rpc.header("latest") == anvil.rpc.header("latest")
        assert rpc.batch([("eth_chainId", ()), ("eth_blockNumber", ())]) == anvil.rpc.batch(
            [("eth_chainId", ()), ("eth_blockNumber", ())]
        )


def test_a_refusal_is_a_refusal_over_the_socket_too(anvil, dead_port):
    creation = own_artifact("CurseVoting").bytecode  # without its arguments: reverts
    with HttpRpc(f"http://127.0.0.1:{dead_port}", ws_url=anvil.ws) as rpc, pytest.raises(RpcRefused):
        rpc.estimate_gas(bytes(19) + b"\1", None, creation)


def test_many_threads_get_their_own_answers(anvil):
    anvil.mine(20)
    wrong = []
    with HttpRpc(anvil.http, ws_url=anvil.ws) as rpc:

        def ask(number):
            answers = {rpc.header(number).number for _ in range(30)}
            wrong.extend(answers - {number})

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.parametrize("broken", ["nobody listens", "hangs up"])
def test_without_the_socket_http_answers(anvil, dead_port, rude_server, broken):
    ws_url = rude_server if broken == "hangs up" else f"ws://127.0.0.1:{dead_port}"
    with HttpRpc(anvil.http, ws_url=ws_url) as rpc:
        assert [rpc.chain_id() for _ in range(3)] == [1337] * 3


def test_with_neither_there_is_no_answer(dead_port):
    rpc = HttpRpc(f"http://127.0.0.1:{dead_port}", timeout_s=2, ws_url=f"ws://127.0.0.1:{dead_port}")
    with pytest.raises(RpcUnreachable):
        rpc.chain_id()
    rpc.close()


def test_a_closed_connection_does_not_come_back(anvil):
    rpc = HttpRpc(anvil.http, ws_url=anvil.ws)
    assert rpc.chain_id() == 1337
    rpc.close()
    with pytest.raises(RpcUnreachable, match="was closed"):
        rpc.chain_id()
