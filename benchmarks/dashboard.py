"""How soon a page is there, and what eight people who watch cost, with 100,000 messages in the node's record.

The node is a real one on two in-memory chains, a process of its own behind its HTTP API; the dashboard is a Streamlit
server of its own; the token page asks two chains of a local network; the viewers speak Streamlit's websocket as a
browser does, and ask again whenever the page told them to. What the browser then paints is not in it. The rivals are
promises: 2 s to the first figures, 1 s to another page, half a core for the server and the node together.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from benchmarks.filled_node import MESSAGES
from ccip_core.deployment import save_deployment
from ccip_core.localnet.localnet import Localnet
from ccip_core.localnet.owned_process import OwnedProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

_READY = re.compile(r"URL: (http://127\.0\.0\.1:\d+)")
_PAGES = {
    "messages": "dataframe",
    "incidents": "alert",
    "curses": "alert",
    "tokens": "dataframe",
    "nodes": "metric",
    "backtest": "file_uploader",
    "": "metric",
}
"""Each with what a person came for: figures, a table, a verdict in words (no incident, no curse), a form."""
_TIMES = 3
_STALE_S = 2.1
"""So long what one viewer saw is shown to the next one; each figure begins after it."""
_VIEWERS, _WATCHED_S = 8, 20.0
_FIRST_MS, _CHANGE_MS, _CPU_MS = 2_000, 1_000, 500
"""What is promised; the last of every second."""
_LIVE_S = 3.0
"""How often the overview looks again."""
_PATIENCE_S = 60.0
_FILL_S = 900.0


def run() -> Iterator[tuple[str, float, float, str]]:
    """Name, ours, the promise, unit."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        network = stack.enter_context(Localnet.up(2))
        save_deployment(network.deployment, folder / "tokens.json")
        node_url, node = stack.enter_context(_node(folder))
        url, server = stack.enter_context(_dashboard(node_url, folder / "tokens.json"))
        asyncio.run(_first_ms(url))  # the server's imports are not the page's
        first = statistics.median(asyncio.run(_first_ms(url)) for _ in range(_TIMES))
        yield f"dashboard: first figures, {MESSAGES:,} messages (rival: the promise)", first, _FIRST_MS, "ms"
        for page, took_ms in asyncio.run(_change_ms(url)).items():
            yield f"dashboard: to page {page or 'overview'} (rival: the promise)", took_ms, _CHANGE_MS, "ms"
        cpus = asyncio.run(_cpu_ms(url, server.pid, node.pid))
        name = f"dashboard: CPU a second for {_VIEWERS} live viewers, server and node (rival: the promise)"
        yield name, sum(cpus), _CPU_MS, "ms"
        yield f"dashboard: of which the node, for {_VIEWERS} live viewers (rival: the promise)", cpus[1], _CPU_MS, "ms"


class _Viewer:
    """One browser tab, without the browser."""

    def __init__(self, websocket: Any) -> None:
        self._websocket = websocket
        self.page_hashes: dict[str, str] = {}

    async def open(self, page: str) -> float:
        """Ask for a page; the time until what a person came for is here, in ms."""
        await asyncio.sleep(_STALE_S)
        begun_s = time.perf_counter()
        await self._rerun(page_name=page)
        took_ms = None
        while True:
            told = await self._next()
            kind = told.delta.new_element.WhichOneof("type") if told.WhichOneof("type") == "delta" else None
            if kind == _PAGES[page] and took_ms is None:
                took_ms = 1000 * (time.perf_counter() - begun_s)
            if told.WhichOneof("type") == "script_finished":
                assert took_ms is not None, f"page {page!r} shows nothing"
                return took_ms

    async def watch(self, seconds: float) -> int:
        """Look at the overview; how often it was drawn anew."""
        await self._rerun(page_name="")
        loop, asking, again, drawn = asyncio.get_running_loop(), set(), list[asyncio.Task[None]](), 0
        until_s = loop.time() + seconds
        while (left_s := until_s - loop.time()) > 0:
            try:
                told = await asyncio.wait_for(self._next(), left_s)
            except TimeoutError:
                break
            kind = told.WhichOneof("type")
            drawn += kind == "script_finished"
            if kind == "auto_rerun" and told.auto_rerun.fragment_id not in asking:
                asking.add(told.auto_rerun.fragment_id)
                again.append(loop.create_task(self._again(told.auto_rerun, until_s)))
        for task in again:
            task.cancel()
        return drawn

    async def _again(self, rerun: Any, until_s: float) -> None:
        while asyncio.get_running_loop().time() < until_s:
            await asyncio.sleep(rerun.interval)
            await self._rerun(page_name="", fragment_id=rerun.fragment_id, is_auto_rerun=True)

    async def _rerun(self, **state: Any) -> None:
        asked = BackMsg()
        for name, value in state.items():
            setattr(asked.rerun_script, name, value)
        await self._websocket.send(asked.SerializeToString())

    async def _next(self) -> ForwardMsg:
        told = ForwardMsg()
        told.ParseFromString(await asyncio.wait_for(self._websocket.recv(), _PATIENCE_S))
        return told


def _connect(url: str) -> Any:
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    return connect(address, subprotocols=[Subprotocol("streamlit")], origin=url, max_size=None)  # type: ignore[arg-type]


async def _first_ms(url: str) -> float:
    begun_s = time.perf_counter()
    async with _connect(url) as websocket:
        joined_ms = 1000 * (time.perf_counter() - begun_s)
        return joined_ms + await _Viewer(websocket).open("")


async def _change_ms(url: str) -> dict[str, float]:
    """By page: the median, coming from another one."""
    async with _connect(url) as websocket:
        viewer = _Viewer(websocket)
        await viewer.open("")
        took: dict[str, list[float]] = {page: [] for page in _PAGES}
        for _ in range(_TIMES):
            for page in _PAGES:
                took[page].append(await viewer.open(page))
        return {page: statistics.median(times) for page, times in took.items()}


async def _cpu_ms(url: str, *pids: int) -> list[float]:
    """Of all viewers in a second, by process, user and system.

    Taken from what one drawing costs, so that a busy machine does not make it less.
    """

    async def watch() -> int:
        async with _connect(url) as websocket:
            return await _Viewer(websocket).watch(_WATCHED_S)

    before_s = [_cpu_s(pid) for pid in pids]
    drawn = await asyncio.gather(*(watch() for _ in range(_VIEWERS)))
    assert min(drawn) > 1, f"not live: {drawn}"
    used_s = [_cpu_s(pid) - before for pid, before in zip(pids, before_s, strict=True)]
    return [1000 * each_s / sum(drawn) * _VIEWERS / _LIVE_S for each_s in used_s]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _node(folder: Path) -> Iterator[tuple[str, OwnedProcess]]:
    command = (sys.executable, "-m", "benchmarks.filled_node", str(folder))
    with OwnedProcess("node", command) as process:
        yield process.wait_for(_READY, _FILL_S).group(1), process


@contextmanager
def _dashboard(node_url: str, deployment: Path) -> Iterator[tuple[str, OwnedProcess]]:
    spec = find_spec("dashboard")
    assert spec is not None
    assert spec.origin is not None
    script = Path(spec.origin).parent / "streamlit_app.py"
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port))
    environment = {**os.environ, "RMN_DASHBOARD_NODES": node_url, "RMN_DASHBOARD_DEPLOYMENT": str(deployment)}
    with OwnedProcess("dashboard", command, environment=environment) as process:
        yield process.wait_for(_READY, _PATIENCE_S).group(1), process
