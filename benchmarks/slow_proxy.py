"""A distant node: a TCP proxy that delivers each piece a fixed time after it came, as a long wire does.

Run as `python -m benchmarks.slow_proxy PORT ONE_WAY_S`; prints the port that it listens on. Pieces don't wait for each
other, so throughput stays what it was.
"""

from __future__ import annotations

import asyncio
import sys


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one_way_s: float) -> None:
    loop = asyncio.get_running_loop()
    while piece := await reader.read(1 << 16):
        loop.call_later(one_way_s, writer.write, piece)
    loop.call_later(one_way_s, writer.close)


async def _serve(port: int, one_way_s: float) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, far_writer, one_way_s), _carry(far_reader, writer, one_way_s))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 - for whoever started us
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
