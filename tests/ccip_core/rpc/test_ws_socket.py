"""An answer belongs to its question, whatever else arrives over the socket and whenever it does."""

import queue
import socket
import threading

import pytest
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.sync.server import serve

from ccip_core.ws_socket import WsSocket
from ccip_core.ws_transport import WsTransport

PATIENCE_S = 10
ANSWER_BYTES_MAX = 1 << 20


@pytest.fixture
def serving():
    """Start a WebSocket server; the handler is called with each connection."""
    started = []

    def start(handler):
        server = serve(handler, "127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        started.append((server, thread))
        return f"ws://127.0.0.1:{server.socket.getsockname()[1]}"

    yield start
    for server, thread in started:
        server.shutdown()
        thread.join()


@pytest.fixture
def open_socket():
    opened = []

    def open_it(url, timeout_s=PATIENCE_S):
        opened.append(WsSocket(url, timeout_s, ANSWER_BYTES_MAX))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


def echo(connection):
    for question in connection:
        connection.send(f"re: {question}")


def test_every_question_gets_its_answer_in_one_piece(serving, open_socket):
    def in_pieces(connection):
        for question in connection:
            connection.send(iter(["re: ", "", question, "x" * 100_000]))

    asked = open_socket(serving(in_pieces))
    for question in (b"one", b"two"):
        assert asked.ask(question, PATIENCE_S) == b"re: " + question + b"x" * 100_000
        assert asked.is_usable()


def test_a_ping_while_nothing_was_asked_is_answered_with_the_next_question(serving, open_socket):
    pongs = queue.Queue()

    def ping_first(connection):
        pongs.put(connection.ping())
        echo(connection)

    asked = open_socket(serving(ping_first))
    pong = pongs.get(timeout=PATIENCE_S)
    while not pong.is_set():  # the ping may still be on its way
        assert asked.is_usable()
        assert asked.ask(b"hello", PATIENCE_S) == b"re: hello"


def test_what_was_never_asked_for_is_nobodys_answer(serving):
    answered, babbled = threading.Event(), threading.Event()

    def babble(connection):
        connection.send(f"re: {connection.recv()}")
        if not babbled.is_set():
            answered.wait(PATIENCE_S)
            connection.send("re: nothing")
            babbled.set()
        echo(connection)

    transport = WsTransport(serving(babble), PATIENCE_S, ANSWER_BYTES_MAX)
    assert transport.ask(b"first") == b"re: first"
    answered.set()
    assert babbled.wait(PATIENCE_S)
    assert [transport.ask(b"%d" % number) for number in range(3)] == [b"re: 0", b"re: 1", b"re: 2"]
    transport.close()


def test_a_node_that_hung_up_is_noticed_before_the_next_question_and_called_again(serving):
    gone = threading.Event()

    def answer_once(connection):
        connection.send(f"re: {connection.recv()}")
        connection.socket.shutdown(socket.SHUT_RDWR)
        gone.set()

    transport = WsTransport(serving(answer_once), PATIENCE_S, ANSWER_BYTES_MAX)
    assert transport.ask(b"one") == b"re: one"
    assert gone.wait(PATIENCE_S)
    assert transport.ask(b"two") == b"re: two"
    transport.close()


def test_an_answer_that_comes_with_a_goodbye_counts(serving, open_socket):
    def answer_and_go(connection):
        question = connection.recv()
        with connection.protocol_mutex:  # both in one write
            connection.protocol.send_text(f"re: {question}".encode())
            connection.protocol.send_close(1000)
            connection.socket.sendall(b"".join(connection.protocol.data_to_send()))

    asked = open_socket(serving(answer_and_go))
    assert asked.ask(b"one", PATIENCE_S) == b"re: one"
    assert not asked.is_usable()


def test_a_late_answer_is_none_and_never_the_answer_to_the_next_question(serving):
    late = threading.Event()

    def slow_first(connection):
        for question in connection:
            if question == "slow":
                late.wait(PATIENCE_S)
            connection.send(f"re: {question}")

    transport = WsTransport(serving(slow_first), 0.2, ANSWER_BYTES_MAX)
    assert transport.ask(b"slow") is None
    late.set()
    assert transport.ask(b"next") == b"re: next"
    transport.close()


def test_an_answer_that_is_too_long_is_refused(serving, open_socket):
    asked = open_socket(serving(lambda connection: connection.send(connection.recv() * ANSWER_BYTES_MAX)))
    with pytest.raises((WebSocketException, OSError)):
        asked.ask(b"long", PATIENCE_S)


def test_closing_ends_the_wait_of_another_thread(serving, open_socket):
    arrived, ended = threading.Event(), queue.Queue()

    def never(connection):
        for _ in connection:
            arrived.set()

    asked = open_socket(serving(never))

    def wait():
        try:
            asked.ask(b"?", PATIENCE_S)
        except (WebSocketException, OSError) as error:
            ended.put(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert arrived.wait(PATIENCE_S)
    asked.close()
    assert ended.get(timeout=PATIENCE_S / 2)
    thread.join()


def test_who_does_not_speak_websocket_is_an_error(open_socket):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse():
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(InvalidHandshake, match="403"):
            open_socket(f"ws://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_who_says_nothing_at_all_is_given_up(open_socket):
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TimeoutError):
        open_socket(f"ws://127.0.0.1:{server.getsockname()[1]}", timeout_s=0.1)
