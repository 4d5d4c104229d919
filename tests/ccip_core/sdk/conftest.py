"""The official client, installed as its lock file says, and a local network that it is pointed at."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from ccip_core.chains import Chains
from ccip_core.deployment import checksum_address
from ccip_core.don.don import Don
from ccip_core.localnet.contract_set import default_cache_dir
from ccip_core.localnet.keys import dev_key, dev_private_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import codec
from ccip_core.toolchain import node_path, run_npm
from ccip_core.wallet import Wallet

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
SCRIPT = "official_client.mjs"


def installed_packages() -> Path:
    """node_modules in the cache, under the lock file's hash; whole or not there."""
    folder = default_cache_dir() / f"ccip-sdk-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as scratch:
            whole = Path(scratch) / "whole"
            whole.mkdir()
            for file in (LOCK, HERE / "package.json"):
                shutil.copy(file, whole)
            done = run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=whole)
            assert done.returncode == 0, done.stderr
            try:
                whole.rename(folder)
            except OSError:
                assert folder.is_dir()  # another process was faster
    return folder / "node_modules"


@pytest.fixture(scope="session")
def official_client(tmp_path_factory):
    """Ask the official client one thing; what it answers."""
    folder = tmp_path_factory.mktemp("sdk")
    (folder / "node_modules").symlink_to(installed_packages())
    shutil.copy(HERE / SCRIPT, folder)

    def ask(verb, job):
        done = subprocess.run(
            [str(node_path()), SCRIPT, verb],
            cwd=folder,
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


@pytest.fixture(scope="module")
def sdk_network(contracts):
    # Blocks of a second: the client looks for the commit from the last block on that it finds in the request's second.
    # A commit in that second would lie before it.
    with Localnet.up(2, contracts, block_time_s=1.0, blessing=False) as localnet, Don.start(localnet.deployment):
        yield localnet.deployment


@pytest.fixture(scope="module")
def sdk_chains(sdk_network):
    with Chains(sdk_network) as chains:
        yield chains


@pytest.fixture
def job(sdk_network):
    """What every question starts with: the user's key, and a lane."""
    lane = sdk_network.lanes[0]
    return {
        "deployment": json.loads(sdk_network.model_dump_json()),
        "key": "0x" + dev_private_key("user").hex(),
        "source": str(lane.source),
        "dest": str(lane.dest),
        "receiver": checksum_address(dev_key("receiver").address),
    }


@pytest.fixture
def cursed(sdk_chains):
    @contextmanager
    def curse(holder, subject):
        """The council curses a subject on one chain, and lifts the curse again."""
        voting = sdk_chains.chain(holder).contracts.curse_voting
        council = Wallet(sdk_chains.rpc(holder), dev_key("council"))
        council.transact(voting, codec.encode_call("councilCurse(bytes16[],bytes32)", [subject], bytes(32)))
        try:
            yield
        finally:
            council.transact(voting, codec.encode_call("liftCurse(bytes16[])", [subject]))

    return curse
