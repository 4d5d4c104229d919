"""Who asks others over HTTP leaves no connection behind."""

from __future__ import annotations

import socket
import threading

import pytest

from ccip_core.don.asking import Asker


def test_a_connection_that_is_made_while_all_are_closed_is_closed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    is_connecting, is_closed = threading.Event(), threading.Event()
    made: list[socket.socket] = []
    connect = socket.create_connection

    def slow(*target: object, **how: object) -> socket.socket:
        is_connecting.set()
        assert is_closed.wait(10)
        made.append(connect(*target, **how))
        return made[0]

    monkeypatch.setattr(socket, "create_connection", slow)
    asker = Asker(timeout_s=10)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        asking = threading.Thread(target=lambda: list(asker.ask([url], {})))
        asking.start()
        assert is_connecting.wait(10)
        asker.close()
        is_closed.set()
        peer, _ = server.accept()
        peer.settimeout(10)
        with peer:
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            asking.join(10)
            while peer.recv(1 << 10):
                pass
    assert not asking.is_alive()
    assert [one.fileno() for one in made] == [-1]
