"""`rmn`: what it prints, what it exits with, and one line for whatever goes wrong."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ccip_core.localnet.keys import dev_key, dev_private_key
from ccip_core.protocol.messages import Lane
from rmn_service.bootstrap import build_node
from rmn_service.cli import run
from rmn_service.config import load_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = 3379446385462418246, 7759470850252068959
LANE = Lane(ALPHA, BETA)


@pytest.fixture
def served(ccip: ScriptedCcip, node: NodeUnderTest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A node that saw a forgery, on a port of its own; the scripted clock stands still."""
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    node.stop()
    monkeypatch.chdir(ccip.folder)
    config = load_config(ccip.folder / "node.toml")
    again = build_node(config, rpcs=ccip.rpcs, clock=lambda: ccip.now_ms, notifier=node.heard).start()
    demo = {
        "nodes": [{"name": "rmn-1", "url": again.url}],
        "operators": [
            {"name": "alice", "role": "operator", "token": "alice-token"},
            {"name": "bob", "role": "approver", "token": "bob-token"},
        ],
    }
    (ccip.folder / ".demo").mkdir()
    (ccip.folder / ".demo" / "demo.json").write_text(json.dumps(demo))
    yield again.url
    again.stop()


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.usefixtures("served")
def test_reading_a_node(capsys: pytest.CaptureFixture[str], served: str) -> None:
    for verb in ("status", "incidents", "signals", "curses"):
        code, out, err = outcome(capsys, verb)
        assert (code, err) == (0, "")
        assert out.strip()
        code, out, _ = outcome(capsys, verb, "--json", "--url", served)
        assert code == 0
        assert verb in json.loads(out)
    incident = json.loads(outcome(capsys, "incidents", "--json")[1])["incidents"][0]["id"]
    code, out, _ = outcome(capsys, "explain", incident)
    assert code == 0
    assert "unmatched_execution" in out
    code, _, err = outcome(capsys, "explain", "0x" + "00" * 32)
    assert code == 2
    assert "not in this node's record" in err


@pytest.mark.usefixtures("served")
def test_two_people_curse_by_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("curse", "propose", "private-testnet-mica", "--reason", "drill", "--json")
    code, _, err = outcome(capsys, *arguments)
    assert code == 2
    assert "RMN_OPERATOR_TOKEN" in err
    code, out, _ = outcome(capsys, *arguments, "--as", "alice")
    assert code == 0
    proposal = json.loads(out)["id"]
    code, _, err = outcome(capsys, "curse", "approve", proposal, "--as", "alice")
    assert code == 1
    assert "only an approver" in err
    monkeypatch.setenv("RMN_OPERATOR_TOKEN", "bob-token")
    code, out, _ = outcome(capsys, "curse", "approve", proposal, "--json")
    assert code == 0
    assert json.loads(out)["approved_by"] == "bob"
    code, _, err = outcome(capsys, "uncurse", "propose", "atlantis", "--reason", "drill")
    assert code == 2
    assert "subjects = atlantis" in err


@pytest.mark.usefixtures("served")
def test_the_tools_of_the_people_on_call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = outcome(capsys, "curse", "preview", "1337:31337")
    assert code == 0
    assert "messages_in_flight" in out
    code, out, _ = outcome(capsys, "curse", "propose", "1337:31337", "--reason", "drill", "--json", "--as", "alice")
    proposal = json.loads(out)["id"]
    assert json.loads(out)["blast_radius"]["kind"] == "curse"
    assert outcome(capsys, "curse", "reject", proposal, "--reason", "no", "--as", "alice")[0] == 0
    code, out, _ = outcome(capsys, "proposals")
    assert "rejected" in out
    assert outcome(capsys, "kill-switch", "on", "--reason", "enough", "--as", "alice")[0] == 0
    code, _, err = outcome(capsys, "kill-switch", "off", "--reason", "again", "--as", "alice")
    assert code == 1
    assert "only an approver" in err
    assert outcome(capsys, "kill-switch", "off", "--reason", "again", "--as", "bob")[0] == 0
    span = ("2023-11-14T22:00:00Z", "2023-11-15T22:00:00Z")
    code, out, _ = outcome(capsys, "maintenance", "announce", *span, "--reason", "upgrade", "--as", "alice", "--json")
    assert code == 0
    assert outcome(capsys, "maintenance", "end", json.loads(out)["id"], "--as", "alice")[0] == 0
    assert "upgrade" in outcome(capsys, "maintenance", "list")[1]
    code, _, err = outcome(capsys, "curse", "affirm", str(ALPHA), "0x" + "0" * 32, "--reason", "x", "--as", "alice")
    assert code == 2
    assert "does not stand" in err
    made = json.loads(outcome(capsys, "operators", "hash", "--json")[1])
    assert made["token_argon2"].startswith("$argon2id$")
    short = tmp_path / "token"
    short.write_text("abc")
    code, _, err = outcome(capsys, "operators", "hash", "--token-file", str(short))
    assert code == 2
    assert "abc" not in err


def test_explain_says_why_a_message_waits(
    capsys: pytest.CaptureFixture[str], ccip: ScriptedCcip, node: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ccip.send(LANE)
    node.tick()
    node.stop()
    config = load_config(ccip.folder / "node.toml")
    again = build_node(config, rpcs=ccip.rpcs, clock=lambda: ccip.now_ms, notifier=node.heard).start()
    monkeypatch.delenv("RMN_OPERATOR_TOKEN", raising=False)
    try:
        id_ = "0x" + message.header.message_id.hex()
        code, out, _ = outcome(capsys, "explain", id_, "--url", again.url)
        assert code == 0
        assert "is not final yet" in out
        code, out, _ = outcome(capsys, "explain", id_, "--url", again.url, "--json")
        assert json.loads(out)["hold"]["reasons"][0]["rule"] == "finality"
    finally:
        again.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status", "--url", "http://127.0.0.1:9"), "url = http://127.0.0.1:9: no answer"),
        (("status", "--url", "ftp://x"), "url = ftp://x"),
        (("status",), "no running demo"),
        (("explain",), "MESSAGE_ID"),
        (("frobnicate",), "frobnicate"),
        (("status", "--frob"), "--frob"),
        (("run", "--config", "none.toml"), "none.toml"),
        (("config", "check", "none.toml"), "none.toml"),
        (("audit", "verify", "none.db"), "path = none.db"),
        (("keys", "show", "none.json"), "none.json"),
        (("backtest", "none.parquet"), "none.parquet"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = outcome(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert said in err


class TestAuditVerify:
    def test_a_log_that_is_whole_shows_its_head(
        self, capsys: pytest.CaptureFixture[str], served: str, ccip: ScriptedCcip
    ) -> None:
        import httpx  # noqa: PLC0415

        code, out, _ = outcome(capsys, "audit", "verify", "node.db", "--json")
        assert code == 0
        head = json.loads(out)["head"]
        export = ccip.folder / "audit.json"
        export.write_text(httpx.get(f"{served}/audit").text)
        code, out, _ = outcome(capsys, "audit", "verify", str(export), "--json", "--head", head)
        assert code == 0
        assert json.loads(out)["head"] == head

    def test_a_changed_row_and_a_cut_end_are_found(
        self, capsys: pytest.CaptureFixture[str], ccip: ScriptedCcip, node: NodeUnderTest
    ) -> None:
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        ccip.mine_all()
        node.tick(after_ms=1000)
        node.stop()
        path = str(ccip.folder / "node.db")
        head = json.loads(outcome(capsys, "audit", "verify", path, "--json")[1])["head"]
        with sqlite3.connect(path) as database:
            database.execute("DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)")
        database.close()
        assert outcome(capsys, "audit", "verify", path)[0] == 0  # from within, a cut end can't be seen
        code, _, err = outcome(capsys, "audit", "verify", path, "--head", head)
        assert code == 1
        assert "the log ends here" in err
        with sqlite3.connect(path) as database:
            database.execute("UPDATE audit SET body = replace(body, 'intended', 'imagined') WHERE sequence = 1")
        database.close()
        code, _, err = outcome(capsys, "audit", "verify", path)
        assert code == 1
        assert "audit row 1" in err


class TestKeys:
    def test_create_show_import(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RMN_TEST_PASSWORD", "correct horse")
        monkeypatch.setenv("RMN_TEST_KEY", "0x" + dev_private_key("rmn_signer").hex())
        new, known = tmp_path / "new.json", tmp_path / "known.json"
        code, out, _ = outcome(capsys, "keys", "create", str(new), "--password-env", "RMN_TEST_PASSWORD", "--json")
        assert code == 0
        address = json.loads(out)["address"]
        assert json.loads(outcome(capsys, "keys", "show", str(new), "--json")[1])["address"] == address
        assert new.stat().st_mode & 0o077 == 0
        arguments = ("keys", "import", str(known), "--key-env", "RMN_TEST_KEY", "--password-env", "RMN_TEST_PASSWORD")
        assert outcome(capsys, *arguments)[0] == 0
        shown = json.loads(outcome(capsys, "keys", "show", str(known), "--json")[1])["address"]
        assert shown == "0x" + dev_key("rmn_signer").address.hex()
        code, _, err = outcome(capsys, *arguments)
        assert code == 2
        assert "never overwritten" in err

    def test_a_bad_key_is_not_repeated(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RMN_TEST_PASSWORD", "x")
        monkeypatch.setenv("RMN_TEST_KEY", "deadbeef")
        arguments = ("--key-env", "RMN_TEST_KEY", "--password-env", "RMN_TEST_PASSWORD")
        code, _, err = outcome(capsys, "keys", "import", str(tmp_path / "k.json"), *arguments)
        assert code == 2
        assert "deadbeef" not in err
        assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("node")
def test_config_check_explains_and_tries_the_endpoints(capsys: pytest.CaptureFixture[str], ccip: ScriptedCcip) -> None:
    code, out, err = outcome(capsys, "config", "check", str(ccip.folder / "node.toml"), "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert report["config"]["posture"] == "curse"
    assert "alice (operator)" in report["config"]["operators"]
    assert all("start blind" in chain["endpoint"] for chain in report["chains"])
    assert "correct horse" not in out
    assert "alice-token" not in out


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = (
        "demo run status incidents signals curses explain curse-propose curse-approve uncurse-propose uncurse-approve "
        "backtest audit-verify config-check keys-create keys-import keys-show"
    )
    for verb in verbs.split():
        code, out, err = outcome(capsys, *verb.split("-"), "--help")
        assert (code, err) == (0, ""), verb
        assert "Usage" in out


def test_a_backtest_loads_no_node() -> None:
    # It replays a history in seconds; what a node serves, stores and asks chains with would take half a second more.
    program = """
import sys
from rmn_service.cli import run
assert run(["backtest", "none.parquet"]) == 2
print(*{"httpx", "web3", "eth_account", "sqlalchemy", "fastapi", "structlog", "sklearn", "pandas"} & sys.modules.keys())
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
    assert "none.parquet" in ran.stderr
