"""A disk that refuses the scratch file: nothing is concluded meanwhile, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from rmn_service.errors import StoreError

if TYPE_CHECKING:
    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = 3379446385462418246, 7759470850252068959
LANE = Lane(ALPHA, BETA)


def test_no_root_is_blessed_while_it_refuses_and_all_is_judged_once_it_does_not(
    node: NodeUnderTest, ccip: ScriptedCcip
) -> None:
    ccip.send(LANE)
    ccip.mine_all(3)
    claim = ccip.claim(LANE, 1, 1)
    node.service.scratch.connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreError, match="scratch file: attempt to write a readonly database; make room beside"):
        node.service.bless([claim], ccip.now_ms)
    with pytest.raises(StoreError, match="scratch file"):
        node.tick()
    assert node.http.get("/health").status_code == 503

    node.service.scratch.connection.execute("PRAGMA query_only = OFF")
    node.tick()
    assert node.http.get("/health").status_code == 200
    assert node.service.bless([claim], ccip.now_ms).signature is not None
    ccip.forge(LANE)
    ccip.mine_all()
    node.tick()
    assert [len(ccip.votes(chain)) for chain in LANE] == [1, 1]
    assert {signal.detector for signal in node.service.signals.values()} >= {"unmatched_execution"}
