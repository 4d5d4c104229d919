"""A local network without blessing, with its oracles, for all tests of the client."""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest

from ccip_core.chains import Chains
from ccip_core.client import CcipClient
from ccip_core.don.don import Don
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import codec
from ccip_core.protocol.subjects import chain_subject
from ccip_core.wallet import Wallet


@pytest.fixture(scope="module")
def client_deployment(contracts):
    with Localnet.up(2, contracts, block_time_s=0.1, blessing=False) as localnet, Don.start(localnet.deployment):
        yield localnet.deployment


@pytest.fixture
def user(client_deployment):
    with closing(CcipClient(client_deployment, dev_key("user"))) as client:
        yield client


@pytest.fixture(scope="module")
def client_chains(client_deployment):
    with Chains(client_deployment) as chains:
        yield chains


@pytest.fixture
def cursed(client_chains):
    @contextmanager
    def curse(holder, subject_chain):
        """The council curses one chain on another, and lifts the curse again."""
        voting = client_chains.chain(holder).contracts.curse_voting
        council = Wallet(client_chains.rpc(holder), dev_key("council"))
        subjects = [chain_subject(subject_chain)]
        council.transact(voting, codec.encode_call("councilCurse(bytes16[],bytes32)", subjects, bytes(32)))
        try:
            yield
        finally:
            council.transact(voting, codec.encode_call("liftCurse(bytes16[])", subjects))

    return curse
