"""node.toml: every fault is one line that names field, value and remedy, and no secret."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from ccip_core.localnet.keys import dev_key
from rmn_service.bootstrap import build_node, settings_of
from rmn_service.config import load_config
from rmn_service.errors import ConfigError
from rmn_service.operators import Operators

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rmn_service.conftest import ScriptedCcip

ALPHA = "3379446385462418246"


@pytest.fixture
def write(tmp_path: Path):
    def _write(text: str, *, deployment: bool = True) -> Path:
        file = tmp_path / "node.toml"
        file.write_text(('deployment = "deployment.json"\n' if deployment else "") + text)
        return file

    return _write


def fault(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_the_smallest_file_has_the_promised_defaults(write, tmp_path: Path) -> None:
    config = load_config(write(""))
    assert config.posture == "observe"
    assert (config.api.host, config.api.port) == ("127.0.0.1", 8801)
    assert config.database == f"sqlite:///{tmp_path}/node.db"
    assert config.deployment_path == tmp_path / "deployment.json"
    assert config.signer is None
    assert config.curser is None


def test_the_file_of_the_interfaces_is_accepted(write) -> None:
    config = load_config(
        write(
            f"""
            database_url = "sqlite:///node.db"
            posture = "withhold"
            [api]
            host = "127.0.0.1"
            port = 8801
            [signer]
            kind = "keystore"
            path = "signer.json"
            password_env = "RMN_SIGNER_PASSWORD"
            [[chains]]
            selector = "{ALPHA}"
            rpc_urls = ["http://127.0.0.1:8545", "http://127.0.0.1:8546"]
            min_agree = 2
            """
        )
    )
    assert config.chains[0].selector == int(ALPHA)
    assert config.chains[0].endpoints_that_must_agree == 2


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (2, 2), (3, 2), (5, 2)])
def test_two_endpoints_must_agree_where_several_are_named(write, count: int, expected: int) -> None:
    urls = [f"http://127.0.0.1:{8545 + place}" for place in range(count)]
    config = load_config(write(f"[[chains]]\nselector = '{ALPHA}'\nrpc_urls = {urls}"))
    assert config.chains[0].endpoints_that_must_agree == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("postur = 'curse'", ["postur = 'curse'", "unknown key"]),
        ("[api]\nprot = 1", ["api.prot = 1", "unknown key"]),
        ("posture = 'panic'", ["posture = 'panic'", "'observe', 'withhold' or 'curse'"]),
        ("[api]\nport = 70000", ["api.port = 70000"]),
        ("[api]\nport = 'http'", ["api.port = 'http'"]),
        ("[signer]\npath = 'k.json'", ["signer", "exactly one of password_env and password_file"]),
        ("[signer]\nkind = 'pkcs11'\npath = 'k'\npin_env = 'P'", ["signer", "needs key, module, token"]),
        ("[signer]\nkind = 'kms'\nkey_id = 'k'\npin_env = 'P'", ["signer", "kind = kms has no pin_env"]),
        ("[signer]\nkind = 'pkcs11'\nmodule = 'm'\ntoken = 't'\nkey = 'k'", ["exactly one of pin_env and pin_file"]),
        ("[signer]\nkind = 'ledger'", ["signer.kind = 'ledger'"]),
        ("[[chains]]\nselector = 5\nrpc_urls = []", ["chains.0.rpc_urls"]),
        ("[[chains]]\nselector = 'five'\nrpc_urls = ['http://x']", ["chains.0.selector = 'five'", "decimal uint64"]),
        ("[[chains]]\nselector = '5'\nrpc_urls = ['ws://x']", ["chains.0.rpc_urls", "http"]),
        ("[[chains]]\nselector='5'\nrpc_urls=['http://x']\n[[chains]]\nselector='5'\nrpc_urls=['http://y']", ["twice"]),
        (
            "[[chains]]\nselector='5'\nrpc_urls=['http://x', 'http://y']\nmin_agree=3",
            ["chains.0.min_agree = 3", "rpc_urls names 2 only"],
        ),
        ("[[chains]]\nselector='5'\nrpc_urls=['http://x', 'http://x/']", ["chains.0.rpc_urls", "named twice"]),
        ("[[operators]]\nname = 'a'\nrole = 'king'\ntoken_env = 'T'", ["operators.0.role = 'king'"]),
        ("[[operators]]\nname = 'a'\nrole = 'operator'", ["operators.0", "exactly one of token_argon2"]),
        ("= 1", ["not TOML"]),
    ],
)
def test_a_fault_is_one_line_with_field_value_and_remedy(write, text: str, said: list[str]) -> None:
    line = fault(write(text))
    for part in said:
        assert part in line


def test_what_is_missing(write, tmp_path: Path) -> None:
    assert "deployment = (nothing)" in fault(write("", deployment=False))
    assert "No such file" in fault(tmp_path / "none.toml")


def test_a_secret_in_the_wrong_place_is_not_repeated(write) -> None:
    line = fault(write("[signer]\npath = 'k.json'\npassword = 'hunter2'\npassword_env = 'P'"))
    assert "signer.password" in line
    assert "hunter2" not in line
    line = fault(write("[[chains]]\nselector = '5'\nrpc_urls = ['ftp://user:hunter2@x']"))
    assert "hunter2" not in line


def test_the_environment_overrides_the_file(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RMN__POSTURE", "curse")
    monkeypatch.setenv("RMN__API__PORT", "9999")
    config = load_config(write("posture = 'observe'\n[api]\nhost = '127.0.0.2'\nport = 1"))
    assert config.posture == "curse"
    assert (config.api.host, config.api.port) == ("127.0.0.2", 9999)
    monkeypatch.setenv("RMN__API__PORT", "many")
    assert "api.port = 'many'" in fault(write(""))


def test_operators_are_known_by_their_tokens_hash(write, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(b"t1").hexdigest()
    text = (
        f"[[operators]]\nname = 'a'\nrole = 'operator'\ntoken_sha256 = '{digest}'\n"
        "[[operators]]\nname = 'b'\nrole = 'approver'\ntoken_env = 'RMN_TEST_TOKEN'"
    )
    config = load_config(write(text))
    with pytest.raises(ConfigError, match="RMN_TEST_TOKEN: not set"):
        Operators(config.operators)
    monkeypatch.setenv("RMN_TEST_TOKEN", "t2")
    operators = Operators(config.operators)
    assert operators.identify("Bearer t1").name == "a"
    assert operators.identify("bearer t2").role == "approver"


class TestBuilding:
    """What only shows when the node is put together is one line as well."""

    def build(self, ccip: ScriptedCcip, text: str) -> str:
        file = ccip.folder / "node.toml"
        file.write_text('deployment = "deployment.json"\n' + text)
        with pytest.raises(ConfigError) as caught:
            build_node(load_config(file), rpcs=ccip.rpcs)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def test_a_chain_that_the_deployment_does_not_have(self, ccip: ScriptedCcip) -> None:
        assert "chains.selector = 5" in self.build(
            ccip, "[[chains]]\nselector = '5'\nrpc_urls = ['http://127.0.0.1:1']"
        )

    def test_no_deployment(self, ccip: ScriptedCcip) -> None:
        (ccip.folder / "deployment.json").unlink()
        assert "deployment = " in self.build(ccip, "")

    def test_a_detector_setting_that_nobody_knows(self, ccip: ScriptedCcip) -> None:
        assert "detectors.sensitivity: unknown key" in self.build(ccip, "[detectors]\nsensitivity = 3")
        assert "detectors.clock_skew_s = -1" in self.build(ccip, "[detectors]\nclock_skew_s = -1")
        assert "detectors.left_out = moods: no such detector; there are amount_mismatch, " in self.build(
            ccip, '[detectors]\nleft_out = ["moods"]'
        )
        assert "detectors.left_out = layering: must be a list" in self.build(ccip, '[detectors]\nleft_out = "layering"')

    def test_settings_reach_the_judge(self, ccip: ScriptedCcip) -> None:
        file = ccip.folder / "node.toml"
        file.write_text('deployment = "deployment.json"\n[detectors]\nclock_skew_s = 7')
        assert settings_of(load_config(file)).clock_skew_s == 7

    @pytest.mark.parametrize(
        ("prepare", "said"),
        [
            ("", "signer.json: no such file"),
            ("not a keystore", "not a keystore"),
        ],
    )
    def test_a_key_that_can_not_be_opened(self, ccip: ScriptedCcip, prepare: str, said: str) -> None:
        if prepare:
            (ccip.folder / "signer.json").write_text(prepare)
        (ccip.folder / "password").write_text("hunter2")
        line = self.build(ccip, "[signer]\npath = 'signer.json'\npassword_file = 'password'")
        assert said in line
        assert "hunter2" not in line

    def test_the_wrong_password(self, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch) -> None:
        from ccip_core.localnet.keys import dev_private_key  # noqa: PLC0415
        from ccip_core.signers import write_keystore  # noqa: PLC0415

        write_keystore(ccip.folder / "curser.json", dev_private_key("rmn_curser"), "right", iterations=2)
        text = "[curser]\npath = 'curser.json'\npassword_env = 'RMN_TEST_PASSWORD'"
        assert "RMN_TEST_PASSWORD: not set" in self.build(ccip, text)
        monkeypatch.setenv("RMN_TEST_PASSWORD", "wrong")
        assert "curser.path" in self.build(ccip, text)
        monkeypatch.setenv("RMN_TEST_PASSWORD", "right")
        (ccip.folder / "node.toml").write_text('deployment = "deployment.json"\n' + text)
        node = build_node(load_config(ccip.folder / "node.toml"), rpcs=ccip.rpcs)
        assert node.service.voter.is_able
        assert dev_key("rmn_curser").address.hex()
        node.stop()

    def test_another_chain_behind_the_endpoint_stops_the_start(self, ccip: ScriptedCcip) -> None:
        file = ccip.folder / "node.toml"
        file.write_text('deployment = "deployment.json"\n[api]\nport = 0')
        selectors = list(ccip.rpcs)
        swapped = {**ccip.rpcs, selectors[0]: ccip.rpcs[selectors[1]]}
        node = build_node(load_config(file), rpcs=swapped)
        with pytest.raises(ConfigError, match=r"endpoint 1 is chain id 31337, not the deployment's 1337"):
            node.start()
