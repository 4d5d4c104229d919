"""A node that is far behind says how far it has come, and a terminal shows it."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

from rich.console import Console

from ccip_core.scripted_rpc import GENESIS_TIMESTAMP_S
from rmn_service.bootstrap import build_node
from rmn_service.cli.catching_up import show_catching_up
from rmn_service.config import load_config

if TYPE_CHECKING:
    from tests.rmn_service.conftest import ScriptedCcip

ALPHA = 3379446385462418246
BLOCKS = 500


class Clock:
    """A second passes each time somebody looks."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        self.now_ms += 1_000
        return self.now_ms


def test_a_node_far_behind_shows_rate_and_time_left_until_it_is_near_the_head(ccip: ScriptedCcip, node_files) -> None:
    chain = ccip.rpcs[ALPHA]
    chain.finality_depth = 10 * BLOCKS  # nothing is final: every block is linked, 128 in a poll
    for _ in range(BLOCKS):
        chain.mine()
    clock = Clock(GENESIS_TIMESTAMP_S * 1_000)
    node = build_node(load_config(node_files.write(ccip.folder)), rpcs=ccip.rpcs, clock=clock)
    try:
        service = node.service
        service.tick(clock())
        service.tick(clock())
        (item,) = [chain for chain in node_files.http(node.app).get("/chains").json()["chains"] if chain["catching_up"]]
        told = item["catching_up"]
        assert item["selector"] == str(ALPHA)
        assert (told["block"], told["head"]) == (255, BLOCKS)
        assert told["blocks_per_s"] > 0
        assert told["left_s"] > 0

        shown = io.StringIO()
        stopping = threading.Event()

        def look() -> int:
            """The node goes on between two looks."""
            service.tick(clock())
            return clock.now_ms

        show_catching_up(service, look, stopping, Console(file=shown, force_terminal=True, width=120))
        assert "geth-testnet" in shown.getvalue()
        assert f"/{BLOCKS}" in shown.getvalue()
        assert "blocks/s" in shown.getvalue()
        assert service.watches[ALPHA].progress(clock()) is None
    finally:
        node.stop()
