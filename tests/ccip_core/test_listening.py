"""A served connection answers at once."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ccip_core.listening import bound_socket


def test_what_asyncio_accepts_there_does_not_wait_for_acknowledgements():
    async def accepted_option() -> int:
        seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def serve(_, writer):
            option = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            seen.set_result(option)
            writer.close()

        with bound_socket("127.0.0.1", 0) as listener:
            server = await asyncio.start_server(serve, sock=listener)
            async with server:
                _, writer = await asyncio.open_connection(*listener.getsockname())
                option = await seen
                writer.close()
                return option

    assert asyncio.run(accepted_option()) != 0


def test_a_taken_port_is_an_error():
    with bound_socket("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(OSError, match="in use"):
            bound_socket("127.0.0.1", first.getsockname()[1])
