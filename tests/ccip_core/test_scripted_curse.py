"""The scripted RMNRemote and CurseVoting against the real ones: of each transaction, the logs, reverts and views."""

from __future__ import annotations

import random

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT
from ccip_core.rpc import RpcRefused
from ccip_core.scripted_curse import ScriptedCurse
from ccip_core.scripted_rpc import ScriptedRpc
from ccip_core.wallet import Wallet

NODES, THRESHOLD = 4, 2
SENDERS = [*(("rmn_curser", index) for index in range(NODES)), ("council", 0), ("attacker", 0)]
GAS = 2_000_000


class Contracts:
    """One of the two, behind the same few questions."""

    def __init__(self, rpc, contracts, mine):
        self.rpc = rpc
        self.remote, self.voting = contracts.rmn_remote, contracts.curse_voting
        self.mine = mine
        self.wallets = {sender: Wallet(rpc, dev_key(*sender)) for sender in SENDERS}

    def send(self, sender, to, data):
        """Whether it succeeded, its logs, and why it would have reverted."""
        try:
            self.rpc.call(to, data, sender=dev_key(*sender).address)
            reason = b""
        except RpcRefused as refusal:
            reason = refusal.data
        tx_hash = self.wallets[sender].send(to, data, gas=GAS)
        self.mine()
        receipt = self.rpc.receipt(tx_hash)
        logs = [(log.address, log.topics, log.data) for log in receipt.logs]
        return receipt.is_success, logs, reason

    def views(self, subjects, curse_ids):
        def ask(to, signature, *values):
            return self.rpc.call(to, encode_call(signature, *values))

        yield ask(self.remote, "getCursedSubjects()")
        yield ask(self.remote, "isCursed()")
        yield ask(self.remote, "owner()")
        yield ask(self.voting, "owner()")
        yield ask(self.voting, "getConfig()")
        for subject in subjects:
            yield ask(self.remote, "isCursed(bytes16)", subject)
            yield ask(self.voting, "getVote(bytes16)", subject)
            for voter in SENDERS:
                yield ask(self.voting, "hasVoted(address,bytes16)", dev_key(*voter).address, subject)
        for curse_id in curse_ids:
            yield ask(self.voting, "isCurseIdUsed(address,bytes16)", dev_key(*SENDERS[0]).address, curse_id)


@pytest.fixture(scope="module")
def both():
    with Localnet.up(2, rmn_nodes=NODES) as net:
        for anvil in net.anvils:
            anvil.rpc.request("evm_setIntervalMining", (0,))
        anvil = net.anvils[0]
        addresses = net.deployment.chains[0].contracts
        anvil.rpc.request("anvil_setBalance", ("0x" + dev_key("attacker").address.hex(), hex(10**20)))
        voters = tuple(dev_key("rmn_curser", index).address for index in range(NODES))
        scripted = ScriptedRpc(
            net.deployment.chains[0].chain_id,
            contracts=ScriptedCurse(
                addresses.rmn_remote, addresses.curse_voting, voters, THRESHOLD, dev_key("council").address
            ),
        )
        yield Contracts(anvil.rpc, addresses, anvil.mine), Contracts(scripted, addresses, scripted.mine)


@pytest.mark.slow
def test_the_same_transactions_do_the_same(both):
    """500 random transactions, one after the other on both; every view after each of them."""
    real, scripted = both
    choose = random.Random(7)
    subjects = sorted([GLOBAL_CURSE_SUBJECT, *(bytes([n]) * 16 for n in range(1, 5))])
    curse_ids = [bytes([0x80 + n]) * 16 for n in range(40)]
    outcomes = {"success": 0, "revert": 0}
    reasons = set()
    for step in range(500):
        chosen = choose.sample(subjects, choose.choice([0, 1, 1, 1, 2, 3]))
        some = tuple(sorted(chosen) if choose.random() < 0.9 else chosen)
        sender = choose.choice(SENDERS)
        to, data = choose.choice(
            [
                (real.voting, encode_call("voteToCurse(bytes16,bytes16[],bytes32)", curse_id, some, bytes(32)))
                for curse_id in (step.to_bytes(16), step.to_bytes(16), step.to_bytes(16), choose.choice(curse_ids))
            ]
            + [
                (real.voting, encode_call("unvoteToCurse(bytes16[])", some)),
                (real.voting, encode_call("enact(bytes16[])", some)),
                (real.voting, encode_call("liftCurse(bytes16[])", some)),
                (real.remote, encode_call("curse(bytes16[])", some)),
                (real.remote, encode_call("uncurse(bytes16)", subjects[0])),
            ]
        )
        outcome = real.send(sender, to, data)
        assert scripted.send(sender, to, data) == outcome, (step, sender, data.hex())
        outcomes["success" if outcome[0] else "revert"] += 1
        reasons.add(outcome[2][:4])
        if step % 10 == 0:
            assert list(scripted.views(subjects, curse_ids)) == list(real.views(subjects, curse_ids)), step
    assert min(outcomes.values()) > 100
    assert len(reasons) >= 8  # every reason to revert came up, and none


def test_a_reorg_takes_votes_back(both):
    _, scripted = both
    subject = b"\x77" * 16
    before = list(scripted.views([subject], []))
    vote = encode_call("voteToCurse(bytes16,bytes16[],bytes32)", b"\x99" * 16, (subject,), bytes(32))
    scripted.send(SENDERS[0], scripted.voting, vote)
    assert list(scripted.views([subject], [])) != before
    scripted.rpc.fork(1)
    assert list(scripted.views([subject], [])) == before
