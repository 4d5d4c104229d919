"""A local network without oracles: nobody watches and nobody helps. One lane is unblessed, its way back is blessed."""

from __future__ import annotations

import pytest

from ccip_core import views
from ccip_core.chains import Chains
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import LOCAL_CHAIN_IDS, Localnet
from ccip_core.protocol import codec
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.selectors import chain_of_id
from ccip_core.protocol.subjects import chain_subject
from ccip_core.wallet import Wallet

SOURCE, DEST = (chain_of_id(chain_id).selector for chain_id in LOCAL_CHAIN_IDS[:2])


@pytest.fixture(scope="module")
def attack_deployment(contracts):
    with Localnet.up(2, contracts, block_time_s=0.1, unblessed={Lane(SOURCE, DEST)}) as localnet:
        yield localnet.deployment


@pytest.fixture(scope="module")
def attack_chains(attack_deployment):
    with Chains(attack_deployment) as chains:
        yield chains


@pytest.fixture
def unblessed():
    return Lane(SOURCE, DEST)


@pytest.fixture
def blessed():
    return Lane(DEST, SOURCE)


@pytest.fixture
def thief_balance(attack_chains):
    def balance(selector, symbol):
        chain = attack_chains.chain(selector)
        token = next(token for token in chain.tokens if token.symbol == symbol)
        return views.balance_of(attack_chains.rpc(selector), token.address, dev_key("attacker").address)

    return balance


@pytest.fixture
def council(attack_chains):
    """curse(holder, subject) and lift(holder, subject) by the council's key."""

    def act(signature, holder, subject, *more):
        voting = attack_chains.chain(holder).contracts.curse_voting
        call = codec.encode_call(signature, [chain_subject(subject)], *more)
        Wallet(attack_chains.rpc(holder), dev_key("council")).transact(voting, call)

    class Council:
        @staticmethod
        def curse(holder, subject):
            act("councilCurse(bytes16[],bytes32)", holder, subject, bytes(32))

        @staticmethod
        def lift(holder, subject):
            act("liftCurse(bytes16[])", holder, subject)

    return Council
