"""One network for all tests of this folder: they read it, or act where no other test looks."""

from __future__ import annotations

import pytest

from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.protocol.selectors import chain_of_id

UNBLESSED = Lane(ChainSelector(chain_of_id(1337).selector), ChainSelector(chain_of_id(31337).selector))


@pytest.fixture(scope="session")
def unblessed_lane():
    return UNBLESSED


@pytest.fixture(scope="session")
def deployed_network(contracts):
    with Localnet.up(contracts=contracts, block_time_s=0.5, unblessed={UNBLESSED}) as network:
        yield network
