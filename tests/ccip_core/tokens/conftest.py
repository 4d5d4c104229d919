"""One chain with a token, and pools of several versions on it, from the official bytecode."""

from __future__ import annotations

import json

import pytest

from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import Artifact, chainlink_contracts, default_cache_dir
from ccip_core.localnet.keys import dev_key
from ccip_core.wallet import Wallet


@pytest.fixture(scope="session")
def official():
    """An artifact of the official package by its path, such as `v1_5_1/burn_mint_token_pool`."""
    chainlink_contracts()
    folder = default_cache_dir() / "contracts-ccip-2.0.0"

    def read(path):
        abi = json.loads((folder / "abi" / f"{path}.json").read_bytes())
        code = (folder / "bytecode" / f"{path}.bin").read_text().strip()
        return Artifact(path, tuple(abi), bytes.fromhex(code.removeprefix("0x")))

    return read


@pytest.fixture(scope="module")
def owner():
    with Anvil.start(1337, 0) as anvil:
        yield Wallet(anvil.rpc, dev_key("user"))


@pytest.fixture(scope="module")
def coin(owner, official):
    return owner.deploy(official("v1_6_2/factory_burn_mint_erc20").creation("Coin", "COIN", 18, 0, 0, owner.address))
