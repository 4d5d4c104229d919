"""The committed ABI and bytecode are what the sources build to."""

import json
import shutil

import pytest

from ccip_core import toolchain


@pytest.fixture(scope="module")
def built_artifacts():
    return toolchain.build_artifacts()


def test_artifacts_are_up_to_date_byte_for_byte(built_artifacts):
    assert {"CurseVoting.json", "ProgrammableReceiver.json", "WETH9.json"} <= built_artifacts.keys()
    assert toolchain.stale_artifacts(built_artifacts) == []


def test_a_changed_a_missing_and_a_foreign_artifact_are_named(built_artifacts, tmp_path, monkeypatch):
    shutil.copytree(toolchain.ARTIFACTS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(toolchain, "ARTIFACTS", tmp_path)
    changed = (tmp_path / "CurseVoting.json").read_text().replace("0x60", "0x61")
    (tmp_path / "CurseVoting.json").write_text(changed)
    (tmp_path / "WETH9.json").unlink()
    (tmp_path / "Gone.json").write_text("{}\n")

    assert toolchain.stale_artifacts(built_artifacts) == ["CurseVoting.json", "Gone.json", "WETH9.json"]


@pytest.mark.parametrize("name", ["CurseVoting", "ProgrammableReceiver", "WETH9"])
def test_bytecode_holds_no_metadata_and_no_place_for_a_library(built_artifacts, name):
    artifact = json.loads(built_artifacts[f"{name}.json"])

    assert list(artifact) == ["contractName", "abi", "bytecode"]
    assert artifact["contractName"] == name
    code = bytes.fromhex(artifact["bytecode"].removeprefix("0x"))  # a place for a library would not be hexadecimal
    assert b"ipfs" not in code
    assert b"solc" not in code
