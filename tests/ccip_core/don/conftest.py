"""Fixtures of the DON's tests: RMN nodes that answer whatever a test wants, and chains with oracles on them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

RmnAnswer = Callable[[dict[str, Any]], "tuple[int, bytes] | None"]
"""From the request's JSON to status and body; None: hang until the test ends."""


class FakeRmnNode:
    """An HTTP server on 127.0.0.1 whose `POST /blessings` does what `answer` says."""

    def __init__(self, answer: RmnAnswer) -> None:
        self.requests: list[dict[str, Any]] = []
        self._released = threading.Event()
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                node.requests.append(request)
                assert self.path == "/blessings"
                answered = answer(request)
                if answered is None:
                    node._released.wait(30)
                    self.close_connection = True
                    return
                status, body = answered
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests read assertions, not access logs."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def fake_rmn_node() -> Iterator[Callable[[RmnAnswer], FakeRmnNode]]:
    nodes: list[FakeRmnNode] = []

    def start(answer: RmnAnswer) -> FakeRmnNode:
        nodes.append(FakeRmnNode(answer))
        return nodes[-1]

    yield start
    for node in nodes:
        node.stop()
