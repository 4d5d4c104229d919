"""Official RMN contracts of three generations on anvil: what a key may do there, by which call, said plainly."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ccip_core.deployment import save_deployment
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.attacks import run_attack
from ccip_core.localnet.contract_set import chainlink_contracts, own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.events import decode_log
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from ccip_core.rpc import RpcError, RpcMalformed
from ccip_core.views import is_cursed
from ccip_core.wallet import TransactionFailed, Wallet
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.demo.node_folder import lay_out_node
from rmn_service.node import Node
from rmn_service.rmn_contracts import RmnContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ccip_core.signers import LocalSigner

OWNER, CURSER, STRANGER = dev_key("deployer"), dev_key("rmn_curser"), dev_key("user")
SUBJECT = chain_subject(5)
SUBJECTS = (subject_text(SUBJECT),)
NO_EVIDENCE = "0x" + "00" * 32


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil.start(31337, block_time_s=0) as running:
        for signer in (OWNER, CURSER, STRANGER, dev_key("council")):
            running.rpc.request("anvil_setBalance", ("0x" + signer.address.hex(), hex(10**20)))
        yield running


def wallet(anvil: Anvil, signer: LocalSigner) -> Wallet:
    return Wallet(anvil.rpc, signer)


def deploy(anvil: Anvil, name: str, *arguments: object) -> bytes:
    return wallet(anvil, OWNER).deploy(chainlink_contracts().artifact(name).creation(*arguments))


def rmn_1_5(anvil: Anvil) -> bytes:
    voters = ((STRANGER.address, CURSER.address, 1, 2), (b"\x01" * 20, b"\x02" * 20, 1, 2))
    return deploy(anvil, "RMN 1.5", (voters, 1, 4))


def contract(anvil: Anvil, rmn: bytes, signer: LocalSigner | None) -> RmnContract:
    made = RmnContract(rmn, None, None, None if signer is None else signer.address)
    made.learn(anvil.rpc)
    return made


def act(anvil: Anvil, made: RmnContract, signer: LocalSigner, kind: Any = "curse", number: int = 1) -> None:
    assert made.refusal(anvil.rpc, kind) is None
    wallet(anvil, signer).transact(*made.call(kind, SUBJECTS, number.to_bytes(16), NO_EVIDENCE))


def test_rmn_remote_1_6_is_cursed_and_lifted_by_its_owner_alone(anvil: Anvil) -> None:
    rmn = deploy(anvil, "RMNRemote", 7, bytes(20))
    ours, theirs = contract(anvil, rmn, OWNER), contract(anvil, rmn, STRANGER)
    assert ours.power is not None
    assert (ours.power.contract, ours.power.may_curse, ours.power.may_uncurse) == ("RMNRemote 1.6.0", True, True)
    assert theirs.refusal(anvil.rpc, "curse") == "only alerts: the owner alone may curse here"
    act(anvil, ours, OWNER)
    assert is_cursed(anvil.rpc, rmn, SUBJECT)
    assert ours.missing(anvil.rpc, "curse", SUBJECTS) == ()
    act(anvil, ours, OWNER, "uncurse")
    assert not is_cursed(anvil.rpc, rmn, SUBJECT)


def test_rmn_2_is_cursed_by_an_authorised_caller_who_can_not_lift(anvil: Anvil) -> None:
    rmn = deploy(anvil, "RMN 2.0", (CURSER.address,))
    caller, owner, stranger = (contract(anvil, rmn, signer) for signer in (CURSER, OWNER, STRANGER))
    assert caller.power is not None
    assert caller.power.contract.startswith("RMN 2.0")
    assert (caller.power.may_curse, caller.power.may_uncurse) == (True, False)
    assert caller.power.text == "curses as an authorised caller; only the owner lifts"
    assert "neither owner nor authorised caller" in str(stranger.refusal(anvil.rpc, "curse"))
    act(anvil, caller, CURSER)
    act(anvil, caller, CURSER)  # twice is harmless
    assert is_cursed(anvil.rpc, rmn, SUBJECT)
    assert caller.refusal(anvil.rpc, "uncurse") == caller.power.text
    with pytest.raises(TransactionFailed):
        wallet(anvil, CURSER).transact(*caller.call("uncurse", SUBJECTS, bytes(16), NO_EVIDENCE))
    act(anvil, owner, OWNER, "uncurse")
    assert not is_cursed(anvil.rpc, rmn, SUBJECT)


def test_rmn_1_5_counts_votes_and_its_owner_curses_at_once(anvil: Anvil) -> None:
    rmn = rmn_1_5(anvil)
    voter, owner, stranger = (contract(anvil, rmn, signer) for signer in (CURSER, OWNER, STRANGER))
    assert voter.power is not None
    assert voter.power.contract.startswith("RMN 1.5.0")
    assert voter.power.text.startswith("votes with weight 2 of 4")
    assert "no curse voter" in str(stranger.refusal(anvil.rpc, "curse"))
    assert voter.missing(anvil.rpc, "curse", SUBJECTS) == SUBJECTS
    act(anvil, voter, CURSER)
    assert not is_cursed(anvil.rpc, rmn, SUBJECT)
    assert voter.missing(anvil.rpc, "curse", SUBJECTS) == ()  # its vote stands and waits for others
    assert owner.missing(anvil.rpc, "curse", SUBJECTS) == SUBJECTS
    act(anvil, owner, OWNER, number=2)
    assert is_cursed(anvil.rpc, rmn, SUBJECT)
    assert owner.missing(anvil.rpc, "curse", SUBJECTS) == ()
    assert "ownerUnvoteToCurse" in str(owner.refusal(anvil.rpc, "uncurse"))
    head = anvil.rpc.header("latest")
    assert head is not None
    heard = [decode_log(log) for log in anvil.rpc.logs_in(0, head.number, [rmn])]
    assert SUBJECT in {event.subject for event in heard if type(event).__name__ == "CursedV15"}


def test_a_contract_that_is_no_rmn_is_not_acted_on(anvil: Anvil) -> None:
    router = deploy(anvil, "Router", b"\x01" * 20, b"\x02" * 20)
    with pytest.raises(RpcMalformed, match=r"calls itself Router 1\.2\.0: no RMN"):
        contract(anvil, router, OWNER)
    weth = wallet(anvil, OWNER).deploy(own_artifact("WETH9").bytecode)
    with pytest.raises(RpcError):
        contract(anvil, weth, OWNER)


def test_a_proxy_that_asks_another_rmn_is_said(anvil: Anvil) -> None:
    old, new = (deploy(anvil, "RMNRemote", 7, bytes(20)) for _ in range(2))
    proxy = deploy(anvil, "RMNProxy", new)
    made = RmnContract(old, None, proxy, OWNER.address)
    assert "curses there stop nothing" in made.learn(anvil.rpc).text
    assert f"0x{new.hex()}" in made.learn(anvil.rpc).text
    assert "stop nothing" not in RmnContract(new, None, proxy, OWNER.address).learn(anvil.rpc).text


# A whole node on a file that somebody else wrote


def await_(condition: Callable[[], Any], what: str, timeout_s: float = 30.0) -> Any:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        if answer := condition():
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited in vain for {what}")


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Localnet, Path, Lane]]:
    """Two chains whose RMN is 2.0 behind the proxy: our curser may curse on the second one only."""
    folder = tmp_path_factory.mktemp("strangers")
    with Localnet.up(2, block_time_s=0.25) as localnet:
        source, dest = localnet.deployment.chains
        document = json.loads(localnet.deployment.model_dump_json())
        for position, (chain, callers) in enumerate(((source, ()), (dest, (CURSER.address,)))):
            anvil, deployer = localnet.anvil(chain.selector), dev_key("deployer", position)
            hand = Wallet(anvil.rpc, deployer)
            rmn = hand.deploy(chainlink_contracts().artifact("RMN 2.0").creation(callers))
            hand.transact(chain.contracts.rmn_proxy, encode_call("setARM(address)", rmn))
            theirs = document["chains"][position]
            theirs |= {"explorer": "https://explorer.example", "http": chain.http}
            theirs["contracts"] |= {"rmn_remote": "0x" + rmn.hex(), "curse_voting": None, "timelock": "0x" + "09" * 20}
        document |= {"contracts": "somebody's", "generated_by": "another tool", "lanes": document["lanes"]}
        (folder / "deployment.json").write_text(json.dumps(document))
        save_deployment(localnet.deployment, folder / "ours.json")  # what the attack needs to know
        yield localnet, folder, Lane(source.selector, dest.selector)


def start(folder: Path, name: str, localnet: Localnet, *, keys: bool) -> Node:
    config = lay_out_node(folder / name, 0, folder / "deployment.json", localnet.deployment.chains, [])
    if not keys:
        text = config.read_text()
        begin = text.index("[signer]")
        end = text.index("[[chains]]", begin)
        config.write_text(text[:begin] + text[end:])
    node = build_node(load_config(config)).start()
    await_(lambda: httpx.get(f"{node.url}/health").status_code == 200, "a healthy node")
    return node


def test_a_node_on_a_strangers_file_says_what_it_can_do_and_does_it(strangers: tuple[Localnet, Path, Lane]) -> None:
    localnet, folder, lane = strangers
    with_key, read_only = (start(folder, name, localnet, keys=name == "able") for name in ("able", "reader"))
    try:
        powers = httpx.get(f"{with_key.url}/status").json()["status"]["powers"]
        assert powers[str(lane.dest)]["text"] == "curses as an authorised caller; only the owner lifts"
        assert powers[str(lane.source)]["may_curse"] is False
        assert "neither owner nor authorised caller" in powers[str(lane.source)]["text"]
        mute = httpx.get(f"{read_only.url}/status").json()["status"]
        assert (mute["signer"], mute["curser"]) == (None, None)
        assert {power["text"] for power in mute["powers"].values()} == {"watches alone: this node has no curser key"}
        run_attack("unbacked-mint", localnet.deployment, lane, amount="5", token="BNM")
        incidents = await_(
            lambda: [
                incident
                for incident in httpx.get(f"{with_key.url}/incidents").json()["incidents"]
                if incident["actions"] and all(action["state"] != "intended" for action in incident["actions"])
            ],
            "an incident that was acted on",
        )
        remote = with_key.service.deployment.chain(lane.dest).contracts.rmn_remote
        rpc = localnet.anvil(lane.dest).rpc
        await_(lambda: is_cursed(rpc, remote, chain_subject(lane.source)), "the curse at the destination")
        states = {action["chain"]: action for incident in incidents for action in incident["actions"]}
        assert states[str(lane.source)]["state"] == "impossible"
        assert "neither owner nor authorised caller" in states[str(lane.source)]["note"]
        seen = await_(lambda: httpx.get(f"{read_only.url}/incidents").json()["incidents"], "the reader's incident")
        assert all(incident["actions"] == [] for incident in seen)
        await_(lambda: httpx.get(f"{read_only.url}/curses").json()["curses"], "the curse, seen by the reader")
    finally:
        with_key.stop()
        read_only.stop()
