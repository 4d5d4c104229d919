from __future__ import annotations

import random
import threading
from contextlib import closing

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.traffic import Traffic
from ccip_core.protocol import extra_args

pytestmark = pytest.mark.journey


@pytest.fixture
def flow_of(client_deployment):
    def make(seed, rate_per_s=100.0):
        return closing(Traffic(client_deployment, dev_key("user"), random.Random(seed), rate_per_s))

    return make


def written(flow, count):
    """The messages that this generator would send, without sending any."""
    lanes = flow._deployment.lanes
    return [flow._message(flow._rng.choice(lanes).lane) for _ in range(count)]


def test_the_same_seed_writes_the_same_messages(flow_of):
    with flow_of(5) as one, flow_of(5) as same, flow_of(6) as other:
        assert written(one, 50) == written(same, 50) != written(other, 50)


def test_it_is_a_mix_far_below_the_rate_limits(flow_of, client_deployment):
    decimals = {token.address: token.decimals for chain in client_deployment.chains for token in chain.tokens}
    with flow_of(1) as flow:
        messages = written(flow, 600)
    kinds = {(bool(message.token_amounts), bool(message.data)) for message in messages}
    assert kinds == {(True, False), (False, True), (True, True)}
    ordered = sum(not extra_args.decode(message.extra_args).allow_out_of_order_execution for message in messages)
    assert 20 < ordered < 120
    sizes = [transfer.amount / 10 ** decimals[transfer.token] for m in messages for transfer in m.token_amounts]
    assert 0.05 < min(sizes) < 1  # over several orders of magnitude, of a bucket of 100,000
    assert 100 < max(sizes) < 600
    assert len(set(sizes)) > len(sizes) * 0.9


def test_a_cursed_lane_is_skipped_and_counted(flow_of, client_deployment, cursed):
    lane = client_deployment.lanes[0].lane
    with cursed(lane.source, lane.dest), flow_of(2) as flow:
        count = flow.run(threading.Event(), messages=16)
    assert count.skipped_cursed > 0
    assert count.sent > 0
    assert count.sent + count.skipped_cursed == 16
    assert count.refused == {}


def test_a_chain_that_is_down_is_counted_not_fatal(flow_of):
    with flow_of(3) as flow:
        for wallet in flow._wallets.values():
            wallet.rpc.close()
        count = flow.run(threading.Event(), messages=3)
    assert count.sent == 0
    assert sum(count.refused.values()) == 3


def test_a_rate_of_nothing_is_refused(client_deployment):
    with pytest.raises(ValueError, match=r"rate = 0"):
        Traffic(client_deployment, dev_key("user"), random.Random(0), 0)
