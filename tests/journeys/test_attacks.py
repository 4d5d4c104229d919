"""Every attack on real chains against real nodes: who is hurt by how much before the curse lands, that nothing leaves
afterwards, and that an honest message on another lane still arrives.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from ccip_core.journey import MessageState
from ccip_core.localnet.attacks import AttackRun, find_attack
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.selectors import chain_of_id

pytestmark = pytest.mark.journey

GETH, ANVIL, MICA = (known.selector for known in map(chain_of_id, (1337, 31337, 424242)))
ATTACKED = Lane(GETH, ANVIL)
ASIDE = Lane(MICA, GETH)
"""Shares a chain with the attacked lane, and must not be stopped with it."""
APART = Lane(ANVIL, MICA)
"""Shares no chain with `ATTACKED.source`: open even when that whole chain is cursed."""
UNBLESSED = frozenset({ATTACKED})


@contextmanager
def attack(network, name, lane=ATTACKED, **options):
    with AttackRun(find_attack(name), network.deployment, lane, rmn_urls=network.rmn_urls, **options) as run:
        yield run


def assert_cursed_in_time(network, lane, evidence):
    """Mined at the latest one block after the block that holds the evidence, on both ends."""
    blocks = network.await_curse(lane)
    chain, number = evidence.block
    assert blocks[chain] <= number + 1
    seen_s = network.anvil(chain).rpc.header(number).timestamp_s
    (other,) = set(lane) - {chain}
    rpc = network.anvil(other).rpc
    later = [number for number in range(1, blocks[other]) if rpc.header(number).timestamp_s > seen_s]
    assert len(later) <= 1, "the other chain mined more than one block between the evidence and the curse"


def assert_honest_message_arrives(network, lane):
    assert network.deliver(lane, tokens=[("BNM", 10**18)], data=b"honest") is MessageState.SUCCESS


def stolen(run):
    """What the attacker has gained on the destination, in smallest units."""
    return sum(gain.amount for gain in run.outcome().gains if gain.chain == run.breach.lane.dest)


def detectors_of(network, node):
    return {signal["detector"] for signal in network.get(node, "/signals")["signals"]}


def test_forged_root_with_blessing_on(start_network):
    """INV-BLESS-1, INV-BLESS-2. Nobody is hurt: no node signs, the commit never lands, each audit says why."""
    network = start_network()
    with attack(network, "forged-root") as run:
        evidence = run.plant()
        assert evidence.block is None
        assert stolen(run) == 0
    for node in network.nodes:
        withheld = [row["body"] for row in network.get(node, "/audit?limit=1000")["audit"] if row["kind"] == "withhold"]
        assert any("not in this node's record" in row["reason"] for row in withheld)
    assert_honest_message_arrives(network, ATTACKED)


def test_forged_root_with_blessing_off(start_network):
    """INV-CURSE-4. Nobody is hurt: cursed before it is executed; execution afterwards is skipped on-chain."""
    network = start_network(unblessed=UNBLESSED)
    with attack(network, "forged-root-unblessed") as run:
        evidence = run.plant()
        assert_cursed_in_time(network, ATTACKED, evidence)
        taking = run.take()
        assert taking.verdict == "skipped"
        assert stolen(run) == 0
    assert "root_mismatch" in detectors_of(network, network.nodes[0])
    assert_honest_message_arrives(network, ASIDE)


def test_inflated_amount(start_network):
    """Nobody is hurt: the altered leaf shows in the root before anything is released."""
    network = start_network(unblessed=UNBLESSED)
    with attack(network, "inflated-amount") as run:
        evidence = run.plant()
        assert_cursed_in_time(network, ATTACKED, evidence)
        assert run.take().verdict == "skipped"
        assert stolen(run) <= 0
    assert_honest_message_arrives(network, ASIDE)


def test_double_release(start_network):
    """Nobody is hurt: the second root over an old message is cursed before its execution."""
    network = start_network(unblessed=UNBLESSED)
    with attack(network, "double-release") as run:
        evidence = run.plant()
        before = stolen(run)
        assert_cursed_in_time(network, ATTACKED, evidence)
        assert run.take().verdict == "skipped"
        assert stolen(run) == before
    assert_honest_message_arrives(network, ASIDE)


def test_unbacked_mint(start_network):
    """The token's holders on the mint's chain are diluted by what was minted; it can't cross a lane."""
    network = start_network()
    with attack(network, "unbacked-mint", token="BNM") as run:
        evidence = run.plant()
        assert_cursed_in_time(network, ATTACKED, evidence)
        assert_cursed_in_time(network, Lane(GETH, MICA), evidence)
        assert run.take().verdict == "refused"
        assert stolen(run) == 0
    assert "unbacked_release" in detectors_of(network, network.nodes[0])
    assert_honest_message_arrives(network, APART)


def test_source_reorg_past_finality(start_network):
    """Hurt: the destination's pool, by one message that was final when it was blessed; nothing more after the curse."""
    network = start_network()
    with attack(network, "deep-reorg", token="BNM") as run:
        evidence = run.plant()
        network.await_curse(ATTACKED)
        network.await_curse(Lane(GETH, MICA))
        assert evidence.block[0] == GETH
        lost = stolen(run)
        assert lost <= run.loot.dest_amount
        run.take()
        assert stolen(run) == lost
    assert "finality_violation" in detectors_of(network, network.nodes[0])
    assert network.get(network.nodes[0], "/health")["health"]["blind"].keys() == {str(GETH)}
    assert_honest_message_arrives(network, APART)


def test_drain_up_to_the_rate_limit(start_network):
    """Hurt: the pool, by what is executed before the curse is mined, a part of what the rate limit lets through."""
    network = start_network(unblessed=UNBLESSED)
    with attack(network, "drain", token="BNM") as run:
        evidence = run.plant()
        run.take_all()  # as fast as it can, against the nodes
        assert_cursed_in_time(network, ATTACKED, evidence)
        lost = stolen(run)
        assert lost < run.loot.dest_amount
        assert not run.is_done
        assert run.take().verdict == "skipped"
        assert stolen(run) == lost
    assert_honest_message_arrives(network, ASIDE)
