"""deployment.json: read as written, and a file that can't be used says which field, which value and what to do."""

import json

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.deployment import DeploymentError, checksum_address, load_deployment, save_deployment
from ccip_core.protocol.messages import Lane

ADDRESS = "0x" + "1a" * 20
BIG_SELECTOR = 17529533435026248318  # above 2^63: neither a float nor a SQLite INTEGER holds it
CONTRACTS = dict.fromkeys(
    [
        "router",
        "on_ramp",
        "off_ramp",
        "fee_quoter",
        "nonce_manager",
        "rmn_remote",
        "rmn_proxy",
        "token_admin_registry",
    ],
    ADDRESS,
)
FILE = {
    "version": 1,
    "contracts": "chainlink",
    "chains": [
        {
            "chain_id": chain_id,
            "selector": str(selector),
            "name": name,
            "http": "http://127.0.0.1:1",
            "contracts": CONTRACTS,
            "tokens": [
                {"symbol": "BNM", "address": ADDRESS, "pool": ADDRESS, "pool_type": "burn_mint", "decimals": 18}
            ],
        }
        for chain_id, selector, name in [(1337, 3379446385462418246, "geth-testnet"), (9, BIG_SELECTOR, "sui")]
    ],
    "lanes": [{"source": str(BIG_SELECTOR), "dest": "3379446385462418246", "blessing": False}],
    "rmn": {"f_sign": 1, "home_config_digest": "0x" + "0b" * 32, "signers": [{"address": ADDRESS, "node_index": 0}]},
}


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "deployment.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def changed(path, value):
    """FILE with one field replaced; `path` is dotted."""
    copy = json.loads(json.dumps(FILE))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = copy
    for part in parents:
        place = place[part]
    place[last] = value
    return copy


def test_addresses_are_bytes_and_selectors_exact(write):
    deployment = load_deployment(write(FILE))
    assert deployment.chains[1].selector == BIG_SELECTOR
    assert deployment.chain(BIG_SELECTOR).contracts.router == bytes.fromhex("1a" * 20)
    assert deployment.lane(Lane(BIG_SELECTOR, 3379446385462418246)).blessing is False
    assert deployment.lane(Lane(3379446385462418246, BIG_SELECTOR)) is None
    assert deployment.chains[0].contracts.curse_voting is None


def test_what_is_saved_is_read_again_and_selectors_are_text(write, tmp_path):
    deployment = load_deployment(write(FILE))
    path = tmp_path / "again.json"
    save_deployment(deployment, path)
    assert load_deployment(path) == deployment
    assert json.loads(path.read_text())["chains"][1]["selector"] == str(BIG_SELECTOR)
    assert [file.name for file in tmp_path.glob("*.partial")] == []


@pytest.mark.parametrize("text", ["geth-testnet", "1337", "3379446385462418246"])
def test_people_name_a_chain_as_they_like(write, text):
    assert load_deployment(write(FILE)).find_chain(text).chain_id == 1337


def test_a_chain_that_is_not_there_is_answered_with_those_that_are(write):
    with pytest.raises(DeploymentError, match=r"chain = mars: .* geth-testnet \(1337\), sui \(9\)"):
        load_deployment(write(FILE)).find_chain("mars")
    with pytest.raises(KeyError):
        load_deployment(write(FILE)).chain(1)


def test_keys_of_a_newer_tool_are_no_obstacle(write):
    assert load_deployment(write(FILE | {"weather": "fine"})).version == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("chains.0.selector", 3379446385462418246.0),
        ("chains.0.selector", "-1"),
        ("chains.0.selector", str(1 << 64)),
        ("chains.0.selector", True),
        ("chains.0.selector", "0x10"),
        ("chains.0.contracts.router", "0x1a"),
        ("chains.0.contracts.router", "1a" * 20),
        ("chains.0.contracts.router", "0x" + "zz" * 20),
        ("chains.0.contracts.router", None),
        ("chains.0.tokens.0.pool_type", "vault"),
        ("chains.0.tokens.0.decimals", 256),
        ("chains.0.chain_id", "mars"),
        ("rmn.home_config_digest", ADDRESS),
        ("rmn.f_sign", -1),
        ("version", 2),
    ],
)
def test_a_field_that_can_not_be_is_named(write, path, value):
    file = write(changed(path, value))
    with pytest.raises(DeploymentError) as caught:
        load_deployment(file)
    text = str(caught.value)
    assert "\n" not in text
    assert str(file) in text
    assert f"{path} = {json.dumps(value)}" in text


@pytest.mark.parametrize(
    ("key", "hint"), [("router", ""), ("rmn_remote", ""), ("on_ramp", " (null where no lane is of CCIP 1.6)")]
)
def test_a_key_that_is_missing_is_named_and_never_taken_for_null(write, key, hint):
    content = json.loads(json.dumps(FILE))
    del content["chains"][1]["contracts"][key]
    file = write(content)
    with pytest.raises(DeploymentError) as caught:
        load_deployment(file)
    assert str(caught.value) == f"deployment = {file}: chains.1.contracts.{key}: missing{hint}; mend the file"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', "null"])
def test_a_file_that_is_no_deployment_is_refused_in_one_line(write, content):
    with pytest.raises(DeploymentError, match="mend the file") as caught:
        load_deployment(write(content))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    with pytest.raises(DeploymentError, match="No such file or directory; start one with `ccip up`"):
        load_deployment(tmp_path / "nowhere.json")


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_written_with_the_checksum_that_everybody_knows(address):
    assert checksum_address(address) == to_checksum_address(address)


def test_a_url_with_a_key_in_it_is_not_repeated(write):
    with pytest.raises(DeploymentError, match=r"chains\.0\.http: ") as caught:
        load_deployment(write(changed("chains.0.http", ["https://rpc.example/v3/secret"])))
    assert "secret" not in str(caught.value)
