"""The committed ABI and bytecode, and what `make check` says of any that are not what the sources build to.

That they are is asked by `make check` itself, which builds them all: it takes minutes.
"""

import json
import shutil

import pytest

from ccip_core import toolchain


@pytest.fixture
def artifacts():
    return {file.name: file.read_text() for file in toolchain.ARTIFACTS.glob("*.json")}


def test_a_changed_a_missing_and_a_foreign_artifact_are_named(artifacts, tmp_path, monkeypatch):
    shutil.copytree(toolchain.ARTIFACTS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(toolchain, "ARTIFACTS", tmp_path)
    assert toolchain.stale_artifacts(artifacts) == []
    changed = (tmp_path / "CurseVoting.json").read_text().replace("0x60", "0x61")
    (tmp_path / "CurseVoting.json").write_text(changed)
    (tmp_path / "WETH9.json").unlink()
    (tmp_path / "Gone.json").write_text("{}\n")

    assert toolchain.stale_artifacts(artifacts) == ["CurseVoting.json", "Gone.json", "WETH9.json"]


@pytest.mark.parametrize("name", ["CurseVoting", "ProgrammableReceiver", "WETH9"])
def test_bytecode_holds_no_metadata_and_no_place_for_a_library(artifacts, name):
    artifact = json.loads(artifacts[f"{name}.json"])

    assert list(artifact) == ["contractName", "abi", "bytecode"]
    assert artifact["contractName"] == name
    code = bytes.fromhex(artifact["bytecode"].removeprefix("0x"))  # a place for a library would not be hexadecimal
    assert b"ipfs" not in code
    assert b"solc" not in code
