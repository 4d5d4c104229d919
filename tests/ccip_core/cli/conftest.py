"""A local network with its oracles, the deployment file that describes it, and the command line in this process."""

from __future__ import annotations

import json

import pytest

from ccip_core.cli.app import run
from ccip_core.deployment import save_deployment
from ccip_core.don.don import Don
from ccip_core.localnet.localnet import Localnet


@pytest.fixture(scope="module")
def cli_network():
    with Localnet.up(2, block_time_s=0.1, blessing=False) as localnet, Don.start(localnet.deployment):
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
