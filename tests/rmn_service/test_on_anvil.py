"""Two nodes on real chains with CCIP's real contracts: their blessings verify, and their votes curse."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from ccip_core import journey, views
from ccip_core.chains import Chains
from ccip_core.client import CcipClient
from ccip_core.deployment import save_deployment
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol.codec import encode_address, encode_call
from ccip_core.protocol.hashing import leaf_of_sent
from ccip_core.protocol.merkle import merkle_root
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.subjects import chain_subject
from ccip_core.rpc import RpcRefused
from ccip_core.wallet import Wallet
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.demo.node_folder import lay_out_node
from rmn_service.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VERIFY = "verify(address,(uint64,bytes,uint64,uint64,bytes32)[],(bytes32,bytes32)[])"


def await_(condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> object:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    pytest.fail(f"waited in vain for {what}")


@pytest.fixture(scope="module")
def net() -> Iterator[Localnet]:
    with Localnet.up(chains=2, block_time_s=0.5) as localnet:
        yield localnet


@pytest.fixture(scope="module")
def nodes(net: Localnet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    folder: Path = tmp_path_factory.mktemp("nodes")
    save_deployment(net.deployment, folder / "deployment.json")
    started = []
    for index in range(2):
        config = lay_out_node(folder / str(index), index, folder / "deployment.json", net.deployment.chains, [])
        started.append(build_node(load_config(config)).start())
    for node in started:
        await_(lambda node=node: httpx.get(f"{node.url}/health").status_code == 200, "healthy nodes")
    yield started
    for node in started:
        node.stop()


def test_blessings_verify_on_the_chain_and_a_forged_root_gets_none(net: Localnet, nodes: list[Node]) -> None:
    source, dest = net.deployment.chains
    lane = Lane(source.selector, dest.selector)
    with closing(CcipClient(net.deployment, dev_key("user"))) as client:
        sent = client.send(lane, dev_key("receiver").address, data=b"hello")
    with Chains(net.deployment) as chains:
        (found,) = journey.sent_between(chains, lane, sent.sequence_number, sent.sequence_number)
    root = merkle_root([leaf_of_sent(found.message, on_ramp=source.contracts.on_ramp)])
    claim = {
        "source": str(lane.source),
        "dest": str(lane.dest),
        "on_ramp": "0x" + encode_address(source.contracts.on_ramp).hex(),
        "min_seq": str(sent.sequence_number),
        "max_seq": str(sent.sequence_number),
        "root": "0x" + root.hex(),
    }

    def ask(node: Node, **change: str) -> dict[str, object]:
        return httpx.post(f"{node.url}/blessings", json={"roots": [claim | change]}).json()

    answers = [await_(lambda node=node: (a := ask(node))["signature"] and a, "a blessing") for node in nodes]
    signatures = sorted((answer["signature"] for answer in answers), key=lambda signature: signature["signer"])
    pairs = tuple((bytes.fromhex(one["r"][2:]), bytes.fromhex(one["s"][2:])) for one in signatures)
    roots = ((lane.source, encode_address(source.contracts.on_ramp), sent.sequence_number, sent.sequence_number, root),)
    rpc = net.anvil(dest.selector).rpc

    def verify(pairs: tuple[tuple[bytes, bytes], ...]) -> None:
        rpc.call(dest.contracts.rmn_remote, encode_call(VERIFY, dest.contracts.off_ramp, roots, pairs))

    verify(pairs)
    with pytest.raises(RpcRefused):
        verify(pairs[:1])
    for node in nodes:
        refused = ask(node, root="0x" + "11" * 32)
        assert refused["signature"] is None
        assert "root mismatch" in refused["results"][0]["reason"]


def test_a_stolen_minter_is_answered_by_a_curse_on_both_ends(net: Localnet, nodes: list[Node]) -> None:
    source, dest = net.deployment.chains
    rpc = net.anvil(source.selector).rpc
    token = next(token for token in source.tokens if token.pool_type == "burn_mint")
    owner = views.owner_of(rpc, token.address)
    stolen = next(dev_key("deployer", place) for place in range(2) if dev_key("deployer", place).address == owner)
    thief = dev_key("attacker")
    Wallet(rpc, stolen).transact(token.address, encode_call("grantMintRole(address)", thief.address))
    mint = Wallet(rpc, thief).transact(token.address, encode_call("mint(address,uint256)", thief.address, 10**18))

    def are_cursed() -> bool:
        ends = ((source, dest.selector), (dest, source.selector))
        return all(
            views.is_cursed(net.anvil(chain.selector).rpc, chain.contracts.rmn_remote, chain_subject(remote))
            for chain, remote in ends
        )

    await_(are_cursed, "curses on both ends")
    for node in nodes:
        curses = await_(
            lambda node=node: len(c := httpx.get(f"{node.url}/curses").json()["curses"]) == 2 and c, "/curses"
        )
        signals = httpx.get(f"{node.url}/signals").json()["signals"]
        minted = {signal["id"] for signal in signals if signal["detector"] == "unbacked_release"}
        incidents = httpx.get(f"{node.url}/incidents").json()["incidents"]
        about_the_mint = {incident["id"] for incident in incidents if minted & set(incident["signals"])}
        assert {curse["by"] for curse in curses} == about_the_mint
        here = next(curse for curse in curses if curse["chain"] == str(source.selector))
        assert here["block"] <= mint.block_number + 2  # the vote missed at most the block that was being built
