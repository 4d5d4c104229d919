"""A local network with its oracles, the deployment file that describes it, and the command line in this process."""

from __future__ import annotations

import json

import pytest

from ccip_core.chains import Chains
from ccip_core.cli.app import run
from ccip_core.deployment import save_deployment
from ccip_core.don.don import Don
from ccip_core.localnet.contract_set import chainlink_contracts, default_cache_dir
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import codec
from ccip_core.wallet import Wallet


@pytest.fixture(scope="module")
def cli_network(contracts):
    with Localnet.up(2, contracts, block_time_s=0.1, blessing=False) as localnet, Don.start(localnet.deployment):
        yield localnet.deployment


@pytest.fixture
def deployment_file(cli_network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_deployment(cli_network, tmp_path / "deployment.json")
    return tmp_path / "deployment.json"


@pytest.fixture
def ccip(capsys):
    """Run one command line: exit code, stdout, stderr."""

    def command(*words):
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def ccip_json(ccip):
    """Run a command that must succeed, with --json."""

    def command(*words):
        code, out, err = ccip(*words, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return command


@pytest.fixture
def factory(cli_network):
    """A TokenPoolFactory on the first chain: the network's own, or the official one where its contract set has none."""
    home = cli_network.chains[0]
    if home.contracts.token_pool_factory is not None:
        return home.contracts.token_pool_factory
    chainlink_contracts()
    path = default_cache_dir() / "contracts-ccip-2.0.0" / "bytecode" / "v1_5_1" / "token_pool_factory.bin"
    contracts = home.contracts
    arguments = codec.encode_args(
        ("address", "address", "address", "address"),
        (contracts.token_admin_registry, contracts.registry_module, contracts.rmn_proxy, contracts.router),
    )
    with Chains(cli_network) as chains:
        wallet = Wallet(chains.rpc(home.selector), dev_key("user"))
        return wallet.deploy(bytes.fromhex(path.read_text().strip().removeprefix("0x")) + arguments)
