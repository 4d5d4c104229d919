"""A disk that refuses the scratch file: nothing is concluded before a restart, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from rmn_service.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = 3379446385462418246, 7759470850252068959
LANE = Lane(ALPHA, BETA)


def test_once_it_refuses_nothing_is_concluded_until_a_restart_judges_it_all(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
) -> None:
    node = start_node()
    ccip.send(LANE)
    ccip.mine_all(3)
    claim = ccip.claim(LANE, 1, 1)
    scratch = node.service.scratch.connection
    scratch.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreError, match="scratch file: attempt to write a readonly database; make room beside"):
        node.service.bless([claim], ccip.now_ms)
    scratch.execute("PRAGMA query_only = OFF")
    assert node.heard.kinds() == ["blind"]
    assert "restart the node" in node.heard.alerts[0].text
    ccip.forge(LANE)
    ccip.mine_all()
    for _ in range(2):
        with pytest.raises(StoreError, match="restart the node"):
            node.tick()
        assert node.http.get("/health").status_code == 503
    with pytest.raises(StoreError, match="restart the node"):
        node.service.bless([claim], ccip.now_ms)
    assert [ccip.votes(chain) for chain in LANE] == [[], []]

    node.stop()
    node = start_node()
    node.tick()
    assert node.http.get("/health").status_code == 200
    assert [len(ccip.votes(chain)) for chain in LANE] == [1, 1]
    assert {signal.detector for signal in node.service.signals.values()} >= {"unmatched_execution"}
