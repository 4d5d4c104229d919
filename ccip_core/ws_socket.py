"""One open WebSocket, read by whoever waits for its answer.

A thread that reads ahead would have to hand every answer over, and between two processes of one machine that takes as
long as the answer itself. The price: nobody reads while nothing is asked, so what arrived in between (a ping, a
goodbye) is dealt with before the next question.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from contextlib import ExitStack

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

_READ_BYTES = 1 << 16
_CONTENT = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class WsSocket:
    """One question at a time. Not thread-safe, but any thread may `close` it.

    Where it raises it is of no more use: what it would read next might answer an earlier question.
    """

    def __init__(self, url: str, timeout_s: float, answer_bytes_max: int) -> None:
        """Connect and shake hands. Raises WebSocketException or OSError."""
        uri = parse_uri(url)
        deadline_s = time.monotonic() + timeout_s
        self._protocol = ClientProtocol(uri, max_size=answer_bytes_max)
        with ExitStack() as unless_it_works:
            self._socket = socket.create_connection((uri.host, uri.port), timeout_s)
            unless_it_works.callback(self.close)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if uri.secure:
                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=uri.host)
            self._protocol.send_request(self._protocol.connect())
            self._send()
            while self._protocol.state is State.CONNECTING:
                self._receive(_left_s(deadline_s))
            self._poll = select.poll()
            self._poll.register(self._socket, select.POLLIN)
            unless_it_works.pop_all()

    def ask(self, question: bytes, timeout_s: float) -> bytes:
        """The message that follows the question. Raises WebSocketException or OSError."""
        deadline_s = time.monotonic() + timeout_s
        self._socket.settimeout(timeout_s)
        self._protocol.send_text(question)
        self._send()
        answer = b""
        while True:
            for frame in self._receive(_left_s(deadline_s)):
                answer += frame.data
                if frame.fin:
                    return answer

    def is_usable(self) -> bool:
        """Deal with what arrived since the last answer; whether a question may follow."""
        if self._protocol.state is not State.OPEN:
            return False
        if not self._poll.poll(0):
            return True
        try:
            while not self._receive(0):
                pass
        except (BlockingIOError, ssl.SSLWantReadError):  # nothing more has arrived
            return True
        except (WebSocketException, OSError):
            return False
        return False  # an answer to no question

    def close(self) -> None:
        """Hang up; who waits for an answer gets an OSError."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self._socket.close()

    def _receive(self, timeout_s: float) -> list[Frame]:
        """What the next bytes hold of messages, possibly nothing; pings are answered."""
        self._socket.settimeout(timeout_s)
        received = self._socket.recv(_READ_BYTES)
        if received:
            self._protocol.receive_data(received)
        else:
            self._protocol.receive_eof()
        self._send()
        if self._protocol.handshake_exc is not None:
            raise self._protocol.handshake_exc
        events = self._protocol.events_received()
        content = [event for event in events if isinstance(event, Frame) and event.opcode in _CONTENT]
        if not content and self._protocol.state not in (State.CONNECTING, State.OPEN):
            raise ConnectionError("the node hung up")
        return content

    def _send(self) -> None:
        for data in self._protocol.data_to_send():
            self._socket.sendall(data)


def _left_s(deadline_s: float) -> float:
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("no answer in time")
    return left_s
