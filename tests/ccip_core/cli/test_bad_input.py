"""Whatever is asked wrongly: exit code 2, nothing on stdout, one line on stderr that names field and remedy."""

from __future__ import annotations

import json

import pytest

from ccip_core.deployment import Deployment, save_deployment

ADDRESS = "0x" + "11" * 20
SEND = ("send", "--from", "1337", "--to", "31337", "--receiver", ADDRESS)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A deployment whose chains nobody runs: input is checked before a chain is asked."""
    chains = [
        {
            "chain_id": chain_id,
            "selector": selector,
            "name": name,
            "http": NOWHERE,
            "contracts": dict.fromkeys(
                (
                    "router",
                    "on_ramp",
                    "off_ramp",
                    "fee_quoter",
                    "nonce_manager",
                    "rmn_remote",
                    "rmn_proxy",
                    "token_admin_registry",
                    "link",
                ),
                ADDRESS,
            ),
            "tokens": [
                {"symbol": "BNM", "address": ADDRESS, "pool": ADDRESS, "pool_type": "burn_mint", "decimals": 18}
            ],
        }
        for chain_id, selector, name in (
            (1337, "3379446385462418246", "geth-testnet"),
            (31337, "7759470850252068959", "anvil-devnet"),
        )
    ]
    lanes = [{"source": chains[0]["selector"], "dest": chains[1]["selector"]}]
    rmn = {"f_sign": 1, "home_config_digest": "0x" + "00" * 32}
    network = Deployment.model_validate({"contracts": "own", "chains": chains, "lanes": lanes, "rmn": rmn})
    monkeypatch.chdir(tmp_path)
    save_deployment(network, tmp_path / "deployment.json")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ("send", "--from", "mainnet", "--to", "31337", "--receiver", ADDRESS),
            "chain = mainnet: not in this deployment; it has geth",
        ),
        (
            ("quote", "--from", "31337", "--to", "1337", "--receiver", ADDRESS),
            "lane = 31337 → 1337: not in this deployment",
        ),
        ((*SEND, "--token", "BNM", "--amount", "-1"), "amount = -1: not a positive decimal number"),
        ((*SEND, "--token", "BNM", "--amount", "1e18"), "amount = 1e18: not a positive"),
        ((*SEND, "--token", "BNM", "--amount", "0.0000000000000000001"), "finer than the token's smallest unit"),
        ((*SEND, "--token", "XYZ", "--amount", "1"), "token = XYZ: not on geth-testnet; it has BNM"),
        ((*SEND, "--token", "BNM"), "--token needs --amount beside it"),
        ((*SEND[:5], "--receiver", "0x1234"), "receiver = 0x1234: not an address; write 0x and 40 hex digits"),
        ((*SEND[:5], "--receiver", "0x" + "é" * 40), "not an address"),
        ((*SEND[:5], "--receiver", "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), "its checksum is wrong"),
        ((*SEND, "--data", "0x123"), "data = 0x123: starts with 0x but is not hex"),
        ((*SEND, "--gas-limit", "-5"), "--gas-limit"),
        ((*SEND, "--fee-token", "BNM"), "--fee-token"),
        (("send", "--from", "1337"), "Missing option"),
        (("show", "0x12"), "MESSAGE_ID = 0x12: not a message id"),
        (("execute", "hello"), "MESSAGE_ID = hello"),
        (("attack",), "NAME = nothing"),
        (("attack", "phishing"), "attack = phishing: there is none such; there are forged-root"),
        (("attack", "drain", "--lane", "1337"), "lane = 1337: write it as SOURCE:DEST"),
        (("traffic", "--rate", "0"), "rate = 0.0"),
        (("up", "--private", "5"), "private = 5: not one of this network's chains; choose one of (1337"),
        (("up", "--private", "1337", "--token-env", "AWS_KEY"), "its name must begin with CCIP_RPC_TOKEN"),
        (("up", "--private", "1337", "--token-env", "CCIP_RPC_TOKEN_UNSET"), "not set; export the private chain's"),
        (("up", "--sender", ADDRESS), "only a private chain keeps a list; name it with --private"),
        (("up", "--rmn", "localhost"), "rmn = localhost: not a URL"),
        (("up", "--block-time", "0"), "block-time = 0.0"),
        (("up", "--chains", "9"), "--chains"),
        (("up", "--out", "nowhere/deployment.json"), "there is no folder nowhere"),
        (("lanes", "--deployment", "missing.json"), "deployment = missing.json: No such file"),
        (("token", "connect", "BNM", "--chain", "1337", "--remote", "31337", "--rate", "1"), "a limit needs both"),
        (("token", "show", "BNM", "--chain", "7"), "chain = 7"),
        (("fly",), "No such command 'fly'; see `ccip --help`"),
        (("token", "fly"), "No such command 'fly'; see `ccip token --help`"),
        (("token", "limits", "X", "--chain", "1337"), "Missing option '--remote'; see `ccip token limits --help`"),
        (("lanes",), "chain geth-testnet: its RPC can't be asked: http://127.0.0.1:1"),
        (("tokens",), "is the node running?"),
        (SEND, "chain geth-testnet: its RPC can't be asked"),
    ],
)
@pytest.mark.usefixtures("offline")
def test_one_line_and_exit_code_2(ccip, words, complaint):
    code, out, err = ccip(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("ccip: ")
    assert complaint in err


def test_no_deployment_at_all_says_how_to_get_one(ccip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ccip("lanes") == (
        2,
        "",
        "ccip: deployment = deployment.json: No such file or directory; start one with `ccip up` or name the file\n",
    )


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2}', '{"deployment": 5}'])
def test_a_broken_file_is_named_with_its_field(ccip, tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_text(content)
    code, _, err = ccip("lanes", "--deployment", path)
    assert code == 2
    assert err.startswith(f"ccip: deployment = {path}: ")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("offline")
def test_the_running_demo_is_the_default(ccip, tmp_path):
    (tmp_path / ".demo").mkdir()
    demo = tmp_path / ".demo/demo.json"
    demo.write_text(json.dumps({"deployment": ".demo/deployment.json", "nodes": []}))
    assert "deployment = .demo/deployment.json" in ccip("lanes")[2]
    demo.write_text("{")
    code, _, err = ccip("lanes")
    assert (code, err.count("\n")) == (2, 1)
    assert ".demo/demo.json: not a demo's description" in err


def test_help_is_no_error(ccip):
    for words in ((), ("--help",), ("send", "--help"), ("token", "--help")):
        code, out, err = ccip(*words)
        assert (code, err) == (0, "")
        assert "Usage" in out


def test_the_attacks_are_listed_without_a_network(ccip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = ccip("attack", "--list", "--json")
    assert code == 0
    listed = {attack["name"]: attack["summary"] for attack in json.loads(out)["attacks"]}
    assert {"forged-root", "inflated-amount", "double-release", "unbacked-mint", "deep-reorg", "drain"} <= listed.keys()
    assert all(summary.endswith(".") and summary.count(".") == 1 for summary in listed.values())
