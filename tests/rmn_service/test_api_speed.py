"""With 100,000 messages in the record every list that a dashboard asks for is there at once."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.logs import Header
from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.frames import At, Committed, Executed, Row, Sent, TokenSent

if TYPE_CHECKING:
    from tests.rmn_service.conftest import NodeUnderTest

ALPHA, BETA = ChainSelector(3379446385462418246), ChainSelector(7759470850252068959)
LANE = Lane(ALPHA, BETA)
MESSAGES, A_BLOCK = 100_000, 100
BUDGET_S = 0.25
"""A question that walks all messages takes longer. How long a page takes is for `make bench`."""
QUERIES = (
    "/messages",
    "/messages?state=failure",
    "/messages?sender=0x00000000000000000000000000000000000000aa",
    "/messages?sender=0x0000000000000000000000000000000000000007&state=success",
    "/messages?token=BNM&lane=1337:31337",
    "/messages?q=nothing",
    "/messages?until=1970-01-01T00:00:00Z",
    "/messages?tx=0x00",
    "/lanes",
    "/status",
    "/chains",
    "/incidents",
    "/curses",
    "/signals",
    "/blast-radius?subjects=1337:31337",
)


@pytest.fixture
def large(node: NodeUnderTest) -> NodeUnderTest:
    """A week of traffic on one lane, put into the node's record as its index would; all but the last 500 arrived."""
    record, ledger = node.service._judge.record, node.service.ledger
    source, dest = (node.service.network.chains[end] for end in LANE)
    (token,) = source.tokens.values()
    assert token.pool is not None
    start_s = node.ccip.now_ms // 1000
    for block in range(MESSAGES // A_BLOCK):
        number, time_s = 100 + block, start_s + 600 * block
        numbers = range(block * A_BLOCK + 1, (block + 1) * A_BLOCK + 1)
        sent: list[Row] = [
            Sent(
                at(ALPHA, number, time_s, index),
                LANE,
                source.on_ramp,
                sequence_number,
                f"0x{sequence_number:064x}",
                f"0x{sequence_number:064x}",
                0,
                f"0x{sequence_number % 1000:040x}",
                f"0x{7:040x}",
                (TokenSent(token.pool, f"0x{8:040x}", 10**18, 18),),
            )
            for index, sequence_number in enumerate(numbers)
        ]
        root = Committed(
            at(BETA, number, time_s + 60, 0),
            LANE,
            dest.off_ramp,
            source.on_ramp,
            numbers[0],
            numbers[-1],
            f"0x{number:064x}",
            True,
        )
        executed: list[Row] = [
            Executed(
                at(BETA, number, time_s + 60, index),
                LANE,
                dest.off_ramp,
                sequence_number,
                f"0x{sequence_number:064x}",
                f"0x{sequence_number:064x}",
                "success",
            )
            for index, sequence_number in enumerate(numbers, start=1)
            if sequence_number <= MESSAGES - 500
        ]
        for chain, rows, block_s in ((ALPHA, sent, time_s), (BETA, [root, *executed], time_s + 60)):
            record.extend(chain, Header(number, bytes(32), bytes(32), block_s), rows, 1000 * block_s)
            record.finalise(chain, number)
            for row in rows:
                ledger.apply(row)
    node.ccip.now_ms = 1000 * (start_s + 600 * MESSAGES // A_BLOCK)
    return node


def at(chain: ChainSelector, number: int, time_s: int, index: int) -> At:
    return At(chain, number, f"0x{chain}{number}", time_s, f"0x{number:060x}{index:04x}", index, 1000 * time_s)


@pytest.mark.slow
def test_no_list_and_no_total_walks_all_messages(large: NodeUnderTest) -> None:
    slow = {}
    for query in QUERIES:
        took_s = []
        for _ in range(5):
            begun_s = time.process_time()  # other tests run on this machine's cores too
            answer = large.http.get(query)
            took_s.append(time.process_time() - begun_s)
            assert answer.status_code == 200, answer.text
        if statistics.median(took_s) > BUDGET_S:
            slow[query] = [round(1000 * each, 1) for each in took_s]
    assert slow == {}
