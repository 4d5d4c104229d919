"""New blocks reach a callback at once, through reorgs and lost connections, until the stream is stopped."""

import queue
import socket
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from ccip_core.heads import HeadStream
from ccip_core.localnet.anvil import Anvil

PATIENCE_S = 10
SUBSCRIBED = '{"jsonrpc":"2.0","id":1,"result":"0x1"}'
LATEST = '{"jsonrpc":"2.0","id":2,"result":{"number":"0x5","hash":"0x%s","parentHash":"0x%s","timestamp":"0x64"}}'
LATEST %= ("11" * 32, "22" * 32)


@pytest.fixture
def heads_of():
    streams = []

    def follow(ws_url):
        heads = queue.Queue()
        stream = HeadStream(ws_url, heads.put)
        streams.append(stream)
        stream.start()
        return stream, heads

    yield follow
    for stream in streams:
        stream.stop()


@pytest.fixture
def anvil():
    with Anvil.start(31337, block_time_s=0) as started:
        yield started


@pytest.fixture
def canned_ws():
    """A WebSocket server that sends each client what the test has put down, and hands its connections out."""
    scripts, connections = queue.Queue(), queue.Queue()

    def handle(connection):
        connections.put(connection)
        try:
            for message in scripts.get(timeout=PATIENCE_S):
                connection.send(message)
            for _ in connection:
                pass
        except ConnectionClosed:
            pass

    with serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}", scripts, connections
        server.shutdown()
        thread.join()


def test_every_new_head_is_delivered_and_the_newest_one_at_the_start(anvil, heads_of):
    anvil.mine(3)
    stream, heads = heads_of(anvil.ws)
    assert heads.get(timeout=PATIENCE_S) == anvil.rpc.header("latest")
    assert stream.is_connected
    anvil.mine()
    assert heads.get(timeout=PATIENCE_S) == anvil.rpc.header(4)


def test_after_a_reorg_the_same_numbers_come_again_with_other_hashes(anvil, heads_of):
    anvil.mine(3)
    _, heads = heads_of(anvil.ws)
    old = heads.get(timeout=PATIENCE_S)
    anvil.reorg(1)
    new = heads.get(timeout=PATIENCE_S)
    assert new.number == old.number
    assert new.hash != old.hash


def test_a_lost_connection_is_noticed_and_taken_up_again(canned_ws, heads_of):
    url, scripts, connections = canned_ws
    scripts.put([SUBSCRIBED, LATEST])
    stream, heads = heads_of(url)
    assert heads.get(timeout=PATIENCE_S).number == 5
    connections.get(timeout=PATIENCE_S).close()
    scripts.put([SUBSCRIBED, LATEST])
    assert heads.get(timeout=PATIENCE_S).number == 5
    assert stream.is_connected


@pytest.mark.parametrize(
    "nonsense",
    ["", "[]", "{", "17", '{"id":1,"error":{}}', '{"id":2,"result":{"number":"0x5"}}', '{"id":2,"result":7}', b"\xff"],
)
def test_a_peer_that_talks_nonsense_is_left_and_tried_again(canned_ws, heads_of, nonsense):
    url, scripts, _ = canned_ws
    scripts.put([nonsense])
    _, heads = heads_of(url)
    scripts.put([SUBSCRIBED, LATEST])
    assert heads.get(timeout=PATIENCE_S).number == 5


def test_other_notifications_are_none_of_our_business(canned_ws, heads_of):
    url, scripts, _ = canned_ws
    scripts.put([SUBSCRIBED, '{"method":"other","params":[]}', '{"id":99,"result":true}', LATEST])
    _, heads = heads_of(url)
    assert heads.get(timeout=PATIENCE_S).number == 5


def test_stop_is_prompt_while_connected_and_ends_the_calls(anvil, heads_of):
    stream, heads = heads_of(anvil.ws)
    heads.get(timeout=PATIENCE_S)
    started = time.monotonic()
    stream.stop()
    assert time.monotonic() - started < 1
    assert not stream.is_connected
    anvil.mine()
    assert heads.empty()
    stream.stop()


def test_stop_is_prompt_while_nobody_answers(heads_of):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stream, _ = heads_of(f"ws://127.0.0.1:{silent.getsockname()[1]}")
        silent.accept()[0].close()
        started = time.monotonic()
        stream.stop()
        assert time.monotonic() - started < 1
        assert not stream.wait_connected(0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ws://", "127.0.0.1"])
def test_a_url_that_is_none_is_a_value_error(url):
    with pytest.raises(ValueError, match="ws://"):
        HeadStream(url, print)
