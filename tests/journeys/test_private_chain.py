"""A permissioned chain takes part by configuration alone: oracles, RMN nodes, users and tokens; strangers stay out."""

from __future__ import annotations

from contextlib import closing

import pytest

from ccip_core.chains import Chains
from ccip_core.cli.app import run
from ccip_core.client import CcipClient
from ccip_core.deployment import DeploymentError, save_deployment
from ccip_core.journey import MessageState
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import PrivateChain
from ccip_core.protocol.messages import Lane
from ccip_core.rpc import RpcRefused
from ccip_core.wallet import Wallet

pytestmark = pytest.mark.journey

TOKEN_ENV, TOKEN = "CCIP_RPC_TOKEN_MICA", "members-of-mica-only"


@pytest.fixture
def network(start_network, monkeypatch):
    monkeypatch.setenv(TOKEN_ENV, TOKEN)
    return start_network(private=PrivateChain(424242, TOKEN_ENV))


@pytest.mark.slow
def test_messages_go_in_and_out_and_a_stranger_is_refused(network, tmp_path, monkeypatch, capsys):
    public, _, private = network.chains
    assert (private.chain_id, private.rpc_token_env, private.ws) == (424242, TOKEN_ENV, None)
    assert TOKEN not in network.deployment.model_dump_json()

    into, out = Lane(public.selector, private.selector), Lane(private.selector, public.selector)
    for lane in (into, out):  # blessed: the RMN nodes read the private chain too
        sent = network.send(lane, data=b"for members", tokens=[("BNM", 10**18)])
        assert network.client.track(sent, 60) is MessageState.SUCCESS
        commit = network.client.show(sent.message_id).commit
        assert commit is not None
        assert commit.is_blessed

    save_deployment(network.deployment, tmp_path / "network.json")
    words = ["token", "show", "BNM", "--chain", "424242", "--deployment", str(tmp_path / "network.json")]
    assert run(words) == 0
    assert "limit to geth-testnet" in capsys.readouterr().out

    with Chains(network.deployment) as chains:
        unlisted = Wallet(chains.rpc(private.selector), dev_key("attacker"))
        with pytest.raises(RpcRefused, match="is not on the list of senders"):
            unlisted.transact(dev_key("user").address, value_wei=1)

    monkeypatch.setenv(TOKEN_ENV, "a guess")
    with closing(CcipClient(network.deployment, dev_key("user"))) as guessing:
        with pytest.raises(DeploymentError, match="bearer token"):
            guessing.quote(out, guessing.message(out, dev_key("receiver").address))
        assert (
            guessing.quote(into, guessing.message(into, dev_key("receiver").address)) > 0
        )  # the other chains are open
    monkeypatch.delenv(TOKEN_ENV)
    with (
        closing(CcipClient(network.deployment, dev_key("user"))) as without,
        pytest.raises(DeploymentError, match=f"rpc_token_env = {TOKEN_ENV}: not set"),
    ):
        without.quote(out, without.message(out, dev_key("receiver").address))
