"""The five commands of each example's README, run on real chains; one network for all."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ccip_core.deployment import save_deployment
from ccip_core.don.don import Don
from ccip_core.localnet.localnet import Localnet

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/README.md"))
SAID = {
    "ping_pong": ["players on", "SUCCESS", "last balls: 4 on geth-testnet, 3 on anvil-devnet", "anvil-devnet"],
    "defensive_receiver": ["applications on", "2: SUCCESS, taken", "3: SUCCESS, kept back", "sum 5, holds 2 BNM"],
    "token_transfer": ["savings on", "1.5 BNM: SUCCESS", "withdrew 1.5 BNM on anvil-devnet", "BNM"],
    "nft": [
        "home on geth-testnet",
        "piece 1 on geth-testnet",
        "piece 1 (ipfs://piece): SUCCESS, now on anvil-devnet",
        "piece 1 (ipfs://piece): SUCCESS, now on geth-testnet",
    ],
    "asset_bridge": [
        "100 shares",
        "SUCCESS: holder has 0, 40 held back; supply 60 + 0",
        "listed: holder has 40, 0 held back; supply 60 + 40",
        "anvil-devnet",
    ],
}
"""What each command after the first says, at least."""

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def network_folder(tmp_path_factory, contracts):
    """Where the first command, `ccip up`, would have written."""
    folder = tmp_path_factory.mktemp("examples")
    with Localnet.up(2, contracts, block_time_s=0.1, blessing=False) as localnet, Don.start(localnet.deployment):
        save_deployment(localnet.deployment, folder / "deployment.json")
        yield folder


def commands(example: Path) -> list[list[str]]:
    (block,) = re.findall(r"```\n(.*?)```", (example / "README.md").read_text(), re.DOTALL)
    return [shlex.split(line) for line in block.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_five_commands_do_what_the_readme_says(example, network_folder):
    first, *rest = commands(example)
    assert first == ["ccip", "up", "--blessing", "off"]
    assert len(rest) == len(SAID[example.name]) == 4
    for words, said in zip(rest, SAID[example.name], strict=True):
        start = {"python": [sys.executable], "ccip": [str(Path(sys.executable).with_name("ccip"))]}[words[0]]
        done = subprocess.run(
            [*start, *words[1:]],
            cwd=network_folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short(example):
    texts = [path.read_text() for path in example.iterdir() if path.suffix in {".py", ".sol"}]
    assert sum(len(text.splitlines()) for text in texts) < 150
