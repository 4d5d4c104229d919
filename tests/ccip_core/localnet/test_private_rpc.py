"""The door before a private chain: who gets in, what is passed on, what nobody ever sees."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from ccip_core.deployment import Chain
from ccip_core.http_rpc import HttpRpc
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.private_rpc import PrivateRpc, PrivateRpcError
from ccip_core.rpc import RpcRefused
from ccip_core.wallet import Wallet

TOKEN_ENV, TOKEN = "CCIP_RPC_TOKEN_TEST", "a-token-that-only-members-have"
MEMBER, STRANGER = dev_key("user"), dev_key("attacker")

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def door():
    with pytest.MonkeyPatch.context() as environment, Anvil.start(424242, 0) as anvil:
        environment.setenv(TOKEN_ENV, TOKEN)
        anvil.rpc.request("anvil_setBalance", ("0x" + STRANGER.address.hex(), hex(10**18)))
        opened = PrivateRpc.start(anvil.http, TOKEN_ENV, frozenset({MEMBER.address}))
        yield opened
        assert TOKEN not in opened.output
        opened.stop()


@pytest.fixture
def member(door):
    with HttpRpc(door.url, token_env=TOKEN_ENV) as rpc:
        yield rpc


def ask(door, method, *params, token=TOKEN, scheme="Bearer"):
    headers = {} if token is None else {"authorization": f"{scheme} {token}"}
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    return httpx.post(door.url, json=body, headers=headers, timeout=10)


def test_a_member_reads_and_sends(member):
    assert member.chain_id() == 424242
    receipt = Wallet(member, MEMBER).transact(STRANGER.address, value_wei=1)
    assert receipt.is_success
    assert member.batch([("eth_chainId", ()), ("eth_blockNumber", ())]) == ["0x67932", "0x1"]


@pytest.mark.parametrize(
    ("token", "scheme"),
    [(None, "Bearer"), ("wrong", "Bearer"), (TOKEN, "Basic"), (TOKEN + "x", "Bearer")],
)
def test_without_the_token_nobody_gets_in(door, token, scheme):
    answer = ask(door, "eth_chainId", token=token, scheme=scheme)
    assert answer.status_code == 401
    assert "wants its members' bearer token" in answer.json()["error"]["message"]
    assert TOKEN not in answer.text


def test_the_token_is_missed_in_words(door):
    with HttpRpc(door.url) as stranger, pytest.raises(RpcRefused, match="bearer token"):
        stranger.chain_id()


def test_a_sender_who_is_not_on_the_list_is_refused(member):
    with pytest.raises(RpcRefused, match=f"0x{STRANGER.address.hex()} is not on the list of senders"):
        Wallet(member, STRANGER).transact(MEMBER.address, value_wei=1)
    assert member.nonce(STRANGER.address) == 0


@pytest.mark.parametrize(
    "method", ["anvil_setBalance", "evm_mine", "debug_traceTransaction", "eth_sendTransaction", "x" * 99]
)
def test_what_is_not_for_members_is_refused(door, method):
    answer = ask(door, method, "0x" + MEMBER.address.hex(), "0x1").json()
    assert (answer["id"], answer["error"]["code"]) == (7, -32003)
    assert "is not for members" in answer["error"]["message"]


@pytest.mark.parametrize("raw", ["0x", "0x02", "zz", 5, None, "0x02f8" + "00" * 40])
def test_what_is_no_transaction_is_refused(door, raw):
    assert "EIP-1559" in ask(door, "eth_sendRawTransaction", raw).json()["error"]["message"]


def test_nonsense_gets_an_answer(door):
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert httpx.post(door.url, content=b"[" * 100_000, headers=headers).status_code == 400
    assert httpx.post(door.url, content=b"nothing", headers=headers).json()["error"]["message"] == "not JSON"
    assert (
        httpx.post(door.url, json=[5, None], headers=headers).json()[0]["error"]["message"] == "not a JSON-RPC request"
    )
    with closing(HTTPConnection(door.url.removeprefix("http://"))) as connection:
        connection.putrequest("POST", "/")
        connection.putheader("content-length", "999999999")
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_without_a_token_the_door_stays_shut(monkeypatch):
    monkeypatch.delenv(TOKEN_ENV, raising=False)
    with pytest.raises(PrivateRpcError, match=f"token-env = {TOKEN_ENV}: not set"):
        PrivateRpc.start("http://127.0.0.1:1", TOKEN_ENV, frozenset())
    with pytest.raises(ValueError, match=f"rpc_token_env = {TOKEN_ENV}: not set"):
        HttpRpc("http://127.0.0.1:1", token_env=TOKEN_ENV)


def test_a_token_never_travels_in_the_clear_nor_where_a_stranger_s_file_says(monkeypatch):
    monkeypatch.setenv(TOKEN_ENV, TOKEN)
    with pytest.raises(ValueError, match="goes over https"):
        HttpRpc("http://rpc.example.org", token_env=TOKEN_ENV)
    HttpRpc("https://rpc.example.org", token_env=TOKEN_ENV).close()
    field = Chain.model_fields["rpc_token_env"].metadata
    assert any(getattr(part, "pattern", "").startswith("^CCIP_RPC_TOKEN") for part in field)  # no AWS_SECRET_ACCESS_KEY
