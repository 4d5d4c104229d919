"""What an oracle process is told: one clear line for a file that can't be used, and no secret in it."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from ccip_core.deployment import Chain, Contracts, Deployment, Rmn, save_deployment
from ccip_core.don.__main__ import main
from ccip_core.don.config import OracleConfigError, OracleFile, load_oracle_config, save_oracle_config
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.messages import ChainSelector

SECRET = "0123456789abcdef-not-for-eyes"


@pytest.fixture
def don_folder(tmp_path: Path) -> Path:
    names = [name for name, field in Contracts.model_fields.items() if field.is_required()]
    contracts = Contracts(**{name: bytes((index,)) * 20 for index, name in enumerate(names, 1)})
    chain = Chain(chain_id=1337, selector=ChainSelector(5), name="one", http="http://127.0.0.1:1", contracts=contracts)
    rmn = Rmn(f_sign=1, home_config_digest=b"\1" * 32)
    save_deployment(Deployment(contracts="own", chains=(chain,), lanes=(), rmn=rmn), tmp_path / "deployment.json")
    return tmp_path


def write(folder: Path, **changes: Any) -> Path:
    path = folder / "oracle.json"
    path.write_text(json.dumps({"deployment": "deployment.json", "index": 1, "secret": SECRET} | changes))
    return path


def test_a_saved_file_is_for_its_owner_alone_and_reads_back(don_folder: Path):
    path = don_folder / "saved.json"
    save_oracle_config(OracleFile(deployment=Path("deployment.json"), index=2, secret=SECRET, port=4321), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = load_oracle_config(path)
    assert (config.index, config.port, config.secret) == (2, 4321, SECRET)
    assert config.signer.address == dev_key("oracle_signer", 2).address
    assert config.transmitter.address == dev_key("oracle_transmitter", 2).address


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"index": -1}, "index"),
        ({"port": 70_000}, "port"),
        ({"secret": "short"}, "secret"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_else_is_told(don_folder: Path, changes: dict[str, Any], field: str):
    with pytest.raises(OracleConfigError, match=rf": {field}: ") as caught:
        load_oracle_config(write(don_folder, **changes))
    assert SECRET not in str(caught.value)
    assert "short" not in str(caught.value)


def test_the_secret_is_not_shown(don_folder: Path):
    assert SECRET not in repr(load_oracle_config(write(don_folder)))


@pytest.mark.parametrize("arguments", [[], ["missing.json"], ["broken.json"]])
def test_the_command_exits_2_with_one_line(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "broken.json").write_text("{")
    monkeypatch.setattr(sys, "argv", ["oracle", *(str(tmp_path / name) for name in arguments)])
    assert main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
