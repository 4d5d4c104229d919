"""Every attack on real chains against real nodes: who is hurt by how much before the curse lands, that nothing leaves
afterwards, and that an honest message on another lane still arrives.

`Harm` is what the chains say, not what the attack planned: all of the attacked token that was minted or released,
against all that was burnt or locked, on every chain. `pytest -s` prints it; a junit report carries it as a property.

An attack that is over in one message is run twice, on two lanes. The patient attacker takes after the curse and gets
nothing. The hasty one executes in the block after the evidence, where it outbids the votes: it gets its one message, or
nothing when it comes late. Nobody's vote can be faster than an attacker who commits and executes in one block; on a
lane with blessing off, one message within the rate limit is what is at stake.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from ccip_core import views
from ccip_core.amounts import amount_text, convert_decimals
from ccip_core.deployment import Chain
from ccip_core.journey import MessageState
from ccip_core.localnet.attacks import AttackRun, find_attack
from ccip_core.localnet.attacks.drain import PARTS
from ccip_core.localnet.attacks.inflated_amount import SENT_SHARE
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.selectors import chain_of_id
from ccip_core.refusal import CcipRefusal
from ccip_core.reverts import decode_revert
from ccip_core.wallet import TransactionFailed

pytestmark = pytest.mark.journey

GETH, ANVIL, MICA = (known.selector for known in map(chain_of_id, (1337, 31337, 424242)))
ATTACKED = Lane(GETH, ANVIL)
RACED = Lane(ANVIL, MICA)
"""Where the hasty attacker goes; shares no curse with `ATTACKED`."""
ASIDE = Lane(MICA, GETH)
"""Shares a chain with each attacked lane, and must not be stopped with them."""
APART = Lane(ANVIL, MICA)
"""Shares no chain with `ATTACKED.source`: open even when that whole chain is cursed."""
UNBLESSED = frozenset({ATTACKED, RACED})
DECIMALS = 18
"""Harm is counted in units that no token here is finer than."""


class Harm(NamedTuple):
    """What people other than the attacker have lost."""

    who: str
    token: str
    amount: int
    """In 10^-18 of the token on every chain."""

    def __str__(self) -> str:
        return f"{self.who} by {amount_text(self.amount, DECIMALS)} {self.token}"


def nobody(token):
    return Harm("nobody", token, 0)


def providers(network, chain, token, amount):
    return Harm(f"liquidity providers of the pool on {network.deployment.chain(chain).name}", token, amount)


def holders(network, chain, token, amount):
    return Harm(f"holders on {network.deployment.chain(chain).name}, diluted", token, amount)


class Books:
    """One token's books on all chains, opened before an attack."""

    def __init__(self, network, symbol):
        self._network = network
        self._symbol = symbol
        self._opening = self._issued()

    def harm(self) -> Harm:
        """What is out there now without backing, and on whose account: the side that gave it out bears it."""
        given = {chain: issued - self._opening[chain] for chain, issued in self._issued().items()}
        unbacked = sum(given.values())
        if unbacked <= 0:  # less than nothing is what the attacker sent and never got
            return nobody(self._symbol)
        chain = max(given, key=given.__getitem__)
        bears = providers if self._side(self._network.deployment.chain(chain)).pool_type == "lock_release" else holders
        return bears(self._network, chain, self._symbol, unbacked)

    def _issued(self) -> dict[int, int]:
        """What each side has given out since ever: minted less burnt, or released less locked up to a constant."""
        return {chain.selector: self._issued_on(chain) for chain in self._network.chains}

    def _issued_on(self, chain: Chain) -> int:
        side, rpc = self._side(chain), self._network.anvil(chain.selector).rpc
        if side.pool_type == "lock_release":
            return -convert_decimals(views.balance_of(rpc, side.address, side.pool), of=side.decimals, to=DECIMALS)
        return convert_decimals(views.total_supply(rpc, side.address), of=side.decimals, to=DECIMALS)

    def _side(self, chain: Chain):
        return next(token for token in chain.tokens if token.symbol == self._symbol)


@pytest.fixture
def tell(record_property) -> Callable[[str, Harm], None]:
    """Let a reader of the test run see who was hurt."""

    def tell(case: str, harm: Harm) -> None:
        record_property(f"hurt by {case}", str(harm))
        sys.stdout.write(f"\nhurt by {case}: {harm}")

    return tell


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


def profit(run):
    """What the attacker has more than it paid for, from its own balances."""
    return sum(convert_decimals(gain.amount, of=gain.decimals, to=DECIMALS) for gain in run.outcome().gains)


def gained_on(run, chain):
    return sum(gain.amount for gain in run.outcome().gains if gain.chain == chain)


def inbound_capacity(network, lane, symbol):
    pool = next(token.pool for token in network.deployment.chain(lane.dest).tokens if token.symbol == symbol)
    return views.rate_limit(network.anvil(lane.dest).rpc, pool, "Inbound", lane.source).capacity


def outbid(run):
    """Let the attacker's executions come first in their block, before the nodes' votes."""
    wallet = run.breach._stolen("execute").wallet
    wallet.refresh()  # the commits went through the same account
    wallet.warm()
    wallet._gas_price_wei *= 10


def assert_lane_is_closed(network, lane):
    with pytest.raises(CcipRefusal, match="cursed"):
        network.send(lane, tokens=[("BNM", 1)])


def assert_no_new_root_is_taken(network, lane):
    """The OffRamp of a cursed lane refuses the next forgery before there is anything to execute."""
    with attack(network, "forged-root-unblessed", lane) as again, pytest.raises(TransactionFailed) as refused:
        again.plant()
    assert decode_revert(refused.value.data).name == "CursedByRMN"


def assert_patience_gets_nothing(network, name, token):
    """Taken after the curse: skipped on-chain, nobody is hurt."""
    books = Books(network, token)
    with attack(network, name, ATTACKED, token=token) as run:
        evidence = run.plant()
        assert_cursed_in_time(network, ATTACKED, evidence)
        assert run.take().verdict == "skipped"
        assert not run.is_done
        assert profit(run) <= 0
    assert books.harm() == nobody(token)
    assert_no_new_root_is_taken(network, ATTACKED)


def race(network, name, token):
    """Taken at once, against the nodes: the harm is all or nothing of one message, and final with the curse."""
    books = Books(network, token)
    with attack(network, name, RACED, token=token) as run:
        evidence = run.plant()
        outbid(run)
        taking = run.take()
        assert_cursed_in_time(network, RACED, evidence)
        harm = books.harm()
        assert taking.verdict in {"success", "skipped"}
        assert harm.amount == max(0, profit(run)), "what others lost is what the attacker gained"
        if taking.verdict == "skipped":
            assert run.take().verdict == "skipped"
            assert harm == nobody(token)
    assert_no_new_root_is_taken(network, RACED)
    assert books.harm() == harm
    return taking, run.loot.dest_amount, harm


def detectors_of(network, node):
    return {signal["detector"] for signal in network.get(node, "/signals")["signals"]}


def test_forged_root_with_blessing_on(start_network, tell):
    """INV-BLESS-1, INV-BLESS-2. Nobody is hurt: no node signs, the commit never lands, each audit says why."""
    network = start_network()
    books = Books(network, "LNR")
    with attack(network, "forged-root", token="LNR") as run:
        for _ in range(2):  # the lane stays open, so it may be tried for ever
            assert run.plant().block is None
            assert run.is_done
        assert profit(run) == 0
    for node in network.nodes:
        withheld = [row["body"] for row in network.get(node, "/audit?limit=1000")["audit"] if row["kind"] == "withhold"]
        assert any("not in this node's record" in row["reason"] for row in withheld)
    assert_honest_message_arrives(network, ATTACKED)
    tell("forged-root", harm := books.harm())
    assert harm == nobody("LNR")


def test_forged_root_with_blessing_off(start_network, tell):
    """INV-CURSE-4. Hurt: the destination pool's liquidity providers, by the one message, if it outran the curse."""
    network = start_network(unblessed=UNBLESSED)
    assert_patience_gets_nothing(network, "forged-root-unblessed", "LNR")
    taking, loot, harm = race(network, "forged-root-unblessed", "LNR")
    tell("forged-root-unblessed", harm)
    assert harm == (providers(network, RACED.dest, "LNR", loot) if taking.verdict == "success" else nobody("LNR"))
    assert "interval_gap" in detectors_of(network, network.nodes[0])
    assert_honest_message_arrives(network, ASIDE)


def test_inflated_amount(start_network, tell):
    """Hurt: the token's holders on the destination, by what the message grew, if it outran the curse."""
    network = start_network(unblessed=UNBLESSED)
    assert_patience_gets_nothing(network, "inflated-amount", "BNM")
    taking, loot, harm = race(network, "inflated-amount", "BNM")
    tell("inflated-amount", harm)
    grown = loot - loot // SENT_SHARE
    assert harm == (holders(network, RACED.dest, "BNM", grown) if taking.verdict == "success" else nobody("BNM"))
    assert_honest_message_arrives(network, ASIDE)


def test_double_release(start_network, tell):
    """Hurt: the token's holders on the destination, by the second release, if it outran the curse."""
    network = start_network(unblessed=UNBLESSED)
    assert_patience_gets_nothing(network, "double-release", "HYB")
    taking, loot, harm = race(network, "double-release", "HYB")
    tell("double-release", harm)
    assert harm == (holders(network, RACED.dest, "HYB", loot) if taking.verdict == "success" else nobody("HYB"))
    assert_honest_message_arrives(network, ASIDE)


def test_unbacked_mint(start_network, tell):
    """Hurt: the token's holders on the mint's chain, by what was minted; it can't cross a lane."""
    network = start_network()
    books = Books(network, "BNM")
    with attack(network, "unbacked-mint", token="BNM") as run:
        evidence = run.plant()
        assert_cursed_in_time(network, ATTACKED, evidence)
        assert_cursed_in_time(network, Lane(GETH, MICA), evidence)
        tell("unbacked-mint", harm := books.harm())
        assert harm == holders(network, GETH, "BNM", run.loot.source_amount)
        assert harm.amount == profit(run)
        assert run.take().verdict == "refused"
        assert gained_on(run, ATTACKED.dest) == 0
    assert_lane_is_closed(network, ATTACKED)
    assert "unbacked_release" in detectors_of(network, network.nodes[0])
    assert_honest_message_arrives(network, APART)
    assert books.harm().amount == harm.amount


def test_source_reorg_past_finality(start_network, tell):
    """Hurt: the token's holders on the destination, by the one message that was final when it was blessed, at most."""
    network = start_network()
    books = Books(network, "BNM")
    with attack(network, "deep-reorg", token="BNM") as run:
        evidence = run.plant()
        outbid(run)
        taking = run.take()
        network.await_curse(ATTACKED)
        network.await_curse(Lane(GETH, MICA))
        assert evidence.block[0] == GETH
        tell("deep-reorg", harm := books.harm())
        assert taking.verdict in {"success", "skipped"}
        lost = holders(network, ATTACKED.dest, "BNM", run.loot.dest_amount)
        assert harm == (lost if taking.verdict == "success" else nobody("BNM"))
        assert harm.amount == profit(run) == gained_on(run, ATTACKED.dest)
        assert run.take().verdict == "skipped"
    assert_lane_is_closed(network, ATTACKED)
    assert books.harm() == harm
    assert "finality_violation" in detectors_of(network, network.nodes[0])
    assert network.get(network.nodes[0], "/health")["health"]["blind"].keys() == {str(GETH)}
    assert_honest_message_arrives(network, APART)
    assert books.harm().amount == harm.amount


def test_drain_up_to_the_rate_limit(start_network, tell):
    """Hurt: the pool's liquidity providers, by the parts that were executed before the curse was mined."""
    network = start_network(unblessed=UNBLESSED)
    books = Books(network, "LNR")
    with attack(network, "drain", token="LNR") as run:
        evidence = run.plant()
        outbid(run)
        run.take_all()  # as fast as it can, against the nodes
        assert_cursed_in_time(network, ATTACKED, evidence)
        tell("drain", harm := books.harm())
        taken = sum(taking.verdict == "success" for taking in run.outcome().takings)
        assert harm in {nobody("LNR"), providers(network, ATTACKED.dest, "LNR", taken * run.loot.dest_amount // PARTS)}
        assert harm.amount == profit(run)
        assert harm.amount < run.loot.dest_amount <= inbound_capacity(network, ATTACKED, "LNR")
        assert not run.is_done
        assert run.take().verdict == "skipped"
    assert_no_new_root_is_taken(network, ATTACKED)
    assert_honest_message_arrives(network, ASIDE)
    assert books.harm() == harm
