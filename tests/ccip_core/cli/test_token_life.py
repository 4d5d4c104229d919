"""The life of a token through the command line: planned first, resumed after an interruption, nothing when done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ccip_core import views
from ccip_core.chains import Chains
from ccip_core.client import CcipClient
from ccip_core.deployment import Deployment, checksum_address, load_deployment, save_deployment
from ccip_core.journey import MessageState
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key, dev_private_key
from ccip_core.localnet.localnet import named_contract_set
from ccip_core.protocol import codec
from ccip_core.protocol.messages import Lane
from ccip_core.signers import write_keystore
from ccip_core.tokens import runner
from ccip_core.wallet import Wallet

pytestmark = pytest.mark.journey

RECEIVER = dev_key("receiver").address
UNIT = 10**18


class Desk(NamedTuple):
    """The command line, the file it works on, and the chains behind it."""

    run: Callable[..., tuple[int, str, str]]
    json: Callable[..., dict[str, Any]]
    file: Path
    chains: Chains

    @property
    def network(self) -> Deployment:
        """As the file has it now."""
        return load_deployment(self.file)

    def deployer(self, chain):
        order = [known.selector for known in self.chains.deployment.chains]
        return Wallet(self.chains.rpc(chain.selector), dev_key("deployer", order.index(chain.selector)))

    def give(self, symbol, chain, amount):
        """Hand the deployer's tokens to the user, who sends in these tests."""
        place = self.network.find_chain(chain)
        call = codec.encode_call("transfer(address,uint256)", dev_key("user").address, amount)
        self.deployer(place).transact(token_of(self.network, chain, symbol).address, call)


@pytest.fixture
def desk(ccip, ccip_json, deployment_file, cli_network):
    with Chains(cli_network) as chains:
        yield Desk(ccip, ccip_json, deployment_file, chains)


def lane_of(network):
    return Lane(network.chains[0].selector, network.chains[1].selector)


def token_of(network, chain, symbol):
    return next(token for token in network.find_chain(chain).tokens if token.symbol == symbol)


def arrived(chains, network, chain, symbol):
    place = network.find_chain(chain)
    return views.balance_of(chains.rpc(place.selector), token_of(network, chain, symbol).address, RECEIVER)


def new_pool(network, chain, symbol, kind, wallet):
    token, contracts = token_of(network, chain, symbol), network.find_chain(chain).contracts
    artifact = named_contract_set(network.contracts).artifact(kind)
    return wallet.deploy(artifact.creation(token.address, token.decimals, (), contracts.rmn_proxy, contracts.router))


SETUP = ("token", "setup", "--on", "1337,31337", "--capacity", "100", "--rate", "1")


def test_a_token_is_set_up_on_two_chains_and_moves(desk):
    wanted = (*SETUP, "ONE", "--home", "lock_release")
    code, out, err = desk.run(*wanted, "--plan")
    assert (code, err) == (0, "")
    assert "14 transactions" in out
    assert not any(token.symbol == "ONE" for token in desk.network.chains[0].tokens)

    planned = desk.json(*wanted, "--plan")
    done = desk.json(*wanted)
    assert [step["data"] for step in done["steps"]] == [step["data"] for step in planned["steps"]]
    assert desk.json(*wanted)["steps"] == []
    assert "nothing to do" in desk.run(*wanted)[1]

    network = desk.network
    desk.give("ONE", "1337", 5 * UNIT)
    with closing(CcipClient(network, dev_key("user"))) as client:
        sent = client.send(lane_of(network), RECEIVER, tokens=[("ONE", 3 * UNIT)])
        assert client.track(sent, 30) is MessageState.SUCCESS
    assert arrived(desk.chains, network, "31337", "ONE") == 3 * UNIT
    shown = desk.json("token", "show", "ONE", "--chain", "31337")["limits"][0]
    assert shown["inbound"]["capacity"] == str(110 * UNIT)
    assert shown["outbound"]["capacity"] == str(100 * UNIT)


def test_a_command_killed_in_the_middle_is_finished_by_the_same_command(desk):
    wanted = (*SETUP, "TWO")
    planned = desk.json(*wanted, "--plan")["steps"]
    first = subprocess.Popen(
        [sys.executable, "-c", "from ccip_core.cli.app import main; main()", *wanted],
        cwd=desk.file.parent,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    with first:
        for line in first.stdout:
            if line.startswith("4/"):
                first.send_signal(signal.SIGKILL)
                break
    assert first.returncode == -signal.SIGKILL

    rest = desk.json(*wanted)["steps"]
    assert 0 < len(rest) < len(planned) - 3
    network = desk.network
    made = [step["creates"] for step in planned if step["creates"]]
    assert {checksum_address(token_of(network, "1337", "TWO").address)} < set(made)  # found again, not made twice
    assert list(desk.file.parent.glob("*.begun")) == []
    assert desk.json(*wanted)["steps"] == []


@pytest.mark.parametrize("stop_after", range(1, 5))
def test_a_deployment_stopped_after_any_step_is_resumed(desk, monkeypatch, stop_after):
    """Stopped between two transactions by whatever: the next run does the rest, and the token exists once."""
    symbol, sent = f"CUT{stop_after}", []
    wanted = ("token", "deploy", symbol, "--chain", "1337", "--pool", "lock_release")
    send = runner.send

    def stop(wallet, step, number, count):
        if len(sent) == stop_after - 1:
            raise KeyboardInterrupt
        sent.append(step.creates)
        return send(wallet, step, number, count)

    monkeypatch.setattr(runner, "send", stop)
    code = desk.run(*wanted)[0]
    monkeypatch.undo()
    monkeypatch.chdir(desk.file.parent)
    steps = desk.json(*wanted)["steps"]
    assert (code, len(sent) + len(steps)) == ((130, 3) if stop_after < 4 else (0, 3))
    token = token_of(desk.network, "1337", symbol)
    made = [bytes.fromhex(step["creates"][2:]) for step in steps if step["creates"]]
    assert [*filter(None, sent), *made] == [token.address, token.pool]


def test_a_pool_is_upgraded_without_losing_what_is_on_its_way(desk):
    wanted = (*SETUP, "UPG", "--home", "lock_release")
    desk.json(*wanted)
    desk.json("token", "liquidity", "UPG", "--chain", "1337", "--level", "1000")
    assert desk.json("token", "liquidity", "UPG", "--chain", "1337", "--level", "1000").get("steps") == []
    network = desk.network
    desk.give("UPG", "1337", 50 * UNIT)
    far = network.chains[1]
    lane = lane_of(network)
    old = token_of(network, "1337", "UPG").pool
    program = Wallet(desk.chains.rpc(far.selector), dev_key("user"))
    stuck = program.deploy(own_artifact("ProgrammableReceiver").creation(far.contracts.router))
    program.transact(stuck, codec.encode_call("setShouldRevert(bool)", True))
    another = ("token", "deploy-pool", "UPG", "--chain", "1337")
    made = desk.json(*another)
    assert len(made["steps"]) == 1
    assert desk.json(*another) | {"goal": ""} == made | {"goal": "", "steps": [], "tx": None}  # found, not made twice
    fresh = bytes.fromhex(made["pool"][2:])
    upgrade = ("token", "upgrade-pool", "UPG", "--chain", "1337", "--pool", "0x" + fresh.hex())

    with closing(CcipClient(network, dev_key("user"))) as client:
        waiting = client.send(lane, stuck, b"\x01", [("UPG", 2 * UNIT)], gas_limit=300_000)  # left by the old pool
        assert client.track(waiting, 30) is MessageState.FAILURE

        text = desk.run(*upgrade, "--plan")[1]
        assert "beside the old one" in text
        assert "note: " in text
        desk.json(*upgrade)
        network = desk.network
        assert token_of(network, "1337", "UPG").pool == fresh
        assert list(desk.file.parent.glob("*.begun")) == []
        moved = desk.json("token", "show", "UPG", "--chain", "1337")
        assert moved["registered_pool"] == moved["pool"] == "0x" + fresh.hex()
        assert moved["pool_balance"] == str(1_002 * UNIT)
        known = desk.json("token", "show", "UPG", "--chain", "31337")["limits"][0]["remote_pools"]
        assert {pool[-40:] for pool in known} == {old.hex(), fresh.hex()}

        retire = ("token", "retire-pool", "UPG", "--chain", "1337", "--pool", "0x" + old.hex())
        code, _, err = desk.run(*retire)
        assert (code, "on their way" in err, waiting.message_id.hex() in err) == (1, True, True)

        program.transact(stuck, codec.encode_call("setShouldRevert(bool)", False))
        assert client.execute(waiting.message_id) is MessageState.SUCCESS  # by the new pool's chain, from the old pool
    with closing(CcipClient(network, dev_key("user"))) as client:
        sent = client.send(lane, RECEIVER, tokens=[("UPG", UNIT)])
        assert client.track(sent, 30) is MessageState.SUCCESS
    assert len(desk.json(*retire)["steps"]) == 1
    assert desk.json(*retire)["steps"] == []
    known = desk.json("token", "show", "UPG", "--chain", "31337")["limits"][0]["remote_pools"]
    assert [pool[-40:] for pool in known] == [fresh.hex()]


def test_a_burn_mint_pool_is_upgraded_and_the_old_one_loses_its_rights(desk):
    desk.json(*SETUP, "BUP")
    network = desk.network
    far = network.chains[1]
    old = token_of(network, "31337", "BUP").pool
    fresh = new_pool(network, "31337", "BUP", "BurnMintTokenPool", desk.deployer(far))
    wrong = new_pool(network, "31337", "BUP", "LockReleaseTokenPool", desk.deployer(far))
    code, _, err = desk.run("token", "upgrade-pool", "BUP", "--chain", "31337", "--pool", "0x" + wrong.hex())
    assert (code, "locked is not minted" in err) == (2, True)
    code, _, err = desk.run("token", "retire-pool", "BUP", "--chain", "31337", "--pool", "0x" + old.hex())
    assert (code, "upgrade-pool` first" in err) == (2, True)
    desk.json("token", "upgrade-pool", "BUP", "--chain", "31337", "--pool", "0x" + fresh.hex())
    steps = desk.json("token", "retire-pool", "BUP", "--chain", "31337", "--pool", "0x" + old.hex())["steps"]
    assert [step["call"] for step in steps] == [
        "removeRemotePool(uint64,bytes)",
        "revokeMintRole(address)",
        "revokeBurnRole(address)",
    ]
    rpc, token = desk.chains.rpc(far.selector), token_of(desk.network, "31337", "BUP")
    for pool, may in ((old, False), (fresh, True)):
        assert views.ask(rpc, token.address, "isMinter(address)", pool, returns=("bool",)) == (may,)


def test_limits_are_checked_against_the_pool_s_version_and_the_other_end(desk):
    desk.json(*SETUP, "LIM")
    at = ("token", "limits", "LIM", "--chain", "1337", "--remote", "31337")
    code, out, _ = desk.run(*at, "--direction", "outbound", "--capacity", "200", "--rate", "1")
    assert code == 0
    assert "200 leave, refilled" in out or "at most 200, refilled by 1 a second leave" in out
    assert "110 % of what may leave" in out
    assert desk.json(*at)["inbound"]["capacity"] == str(110 * UNIT)  # the other direction stayed
    locked = desk.json(*at, "--lockdown")
    assert (locked["outbound"]["capacity"], locked["inbound"]["capacity"]) == ("0", "0")
    assert desk.json(*at, "--lockdown")["steps"] == []
    desk.json(*at, "--off")
    code, out, _ = desk.run(*at, "--capacity", "10", "--rate", "2", "--plan")
    assert "a limit that was off starts empty, full after 5 s" in out
    code, _, err = desk.run(*at, "--capacity", "1", "--rate", "2")
    assert (code, "above the capacity" in err) == (2, True)
    code, _, err = desk.run(*at, "--off", "--lockdown")
    assert (code, "give one" in err) == (2, True)


def test_a_token_is_removed_only_when_nothing_is_on_its_way(desk):
    desk.json(*SETUP, "REM")
    network = desk.network
    desk.give("REM", "1337", 5 * UNIT)
    far = network.chains[1]
    program = Wallet(desk.chains.rpc(far.selector), dev_key("user"))
    stuck = program.deploy(own_artifact("ProgrammableReceiver").creation(far.contracts.router))
    program.transact(stuck, codec.encode_call("setShouldRevert(bool)", True))
    with closing(CcipClient(network, dev_key("user"))) as client:
        sent = client.send(lane_of(network), stuck, b"\x01", [("REM", UNIT)], gas_limit=300_000)
        assert client.track(sent, 30) is MessageState.FAILURE
        for verb in (("set-pool", "--remove"), ("disconnect", "--remote", "1337")):
            code, _, err = desk.run("token", verb[0], "REM", "--chain", "31337", *verb[1:])
            assert (code, "on their way" in err) == (1, True)
        program.transact(stuck, codec.encode_call("setShouldRevert(bool)", False))
        assert client.execute(sent.message_id) is MessageState.SUCCESS
    for verb in (("disconnect", "--remote", "1337"), ("set-pool", "--remove")):
        assert len(desk.json("token", verb[0], "REM", "--chain", "31337", *verb[1:])["steps"]) == 1
        assert desk.json("token", verb[0], "REM", "--chain", "31337", *verb[1:])["steps"] == []
    assert len(desk.json(*SETUP, "REM")["steps"]) == 2  # and back again


def test_roles_move_and_a_keystore_signs_for_its_account(desk, monkeypatch):
    desk.json(*SETUP, "ROL")
    person = dev_key("user", 9)
    address = "0x" + person.address.hex()
    change = ("token", "roles", "ROL", "--chain", "1337", "--rate-limit-admin", address, "--pool-owner", address)
    code, _, err = desk.run(*change)
    assert (code, "its key is not here" in err) == (2, True)
    home = desk.chains.deployment.chains[0]
    Wallet(desk.chains.rpc(home.selector), dev_key("user")).transact(person.address, b"", 10**18)
    write_keystore(desk.file.parent / "key.json", dev_private_key("user", 9), "word", iterations=1)
    signing = ("--keystore", "key.json")
    code, _, err = desk.run(*change, *signing)
    assert (code, "export the keystore's password" in err) == (2, True)
    monkeypatch.setenv("CCIP_KEYSTORE_PASSWORD", "word")
    shown = desk.json(*change, *signing)
    assert (shown["pool_owner"], shown["rate_limit_admin"]) == (address, address)
    assert desk.json(*change, *signing)["steps"] == []
    limit = ("token", "limits", "ROL", "--chain", "1337", "--remote", "31337", "--capacity", "7", "--rate", "1")
    assert desk.json(*limit, *signing)["outbound"]["capacity"] == str(7 * UNIT)
    minter = desk.json("token", "roles", "ROL", "--chain", "1337", "--minter", address)["steps"]
    assert [step["call"] for step in minter] == ["grantMintAndBurnRoles(address)"]
    assert desk.json("token", "roles", "ROL", "--chain", "1337", "--minter", address)["steps"] == []


def test_a_plan_is_exported_for_a_safe(desk):
    desk.json("token", "deploy", "SAF", "--chain", "1337")
    folder = desk.file.parent / "batches"
    folder.mkdir()
    code, _, err = desk.run("token", "register", "SAF", "--chain", "1337", "--safe", "nowhere")
    assert (code, "no such folder" in err) == (2, True)
    assert desk.run("token", "register", "SAF", "--chain", "1337", "--safe", "batches")[0] == 0
    (file,) = folder.iterdir()
    batch = json.loads(file.read_text())
    assert batch["chainId"] == "1337"
    assert batch["transactions"][0]["data"].startswith("0xff12c354")  # registerAdminViaGetCCIPAdmin
    assert desk.json("token", "show", "SAF", "--chain", "1337")["pending_administrator"] == "0x" + "00" * 20


def test_the_factory_deploys_registers_and_hands_over(desk, factory):
    wanted = ("token", "deploy", "FAC", "--chain", "1337", "--factory")
    home = desk.chains.deployment.chains[0]
    if home.contracts.token_pool_factory is None:
        code, _, err = desk.run(*wanted)
        assert (code, "names no token_pool_factory" in err) == (2, True)
    contracts = home.contracts.model_copy(update={"token_pool_factory": factory})
    changed = home.model_copy(update={"contracts": contracts})
    save_deployment(
        desk.chains.deployment.model_copy(update={"chains": (changed, *desk.chains.deployment.chains[1:])}), desk.file
    )

    done = desk.json(*wanted)
    assert len(done["steps"]) == 4
    assert done["steps"][0]["creates"].lower() == done["pool"]
    assert desk.json(*wanted)["steps"] == []
    shown = desk.json("token", "show", "FAC", "--chain", "1337")
    deployer = "0x" + dev_key("deployer", 0).address.hex()
    assert [shown[role] for role in ("owner", "pool_owner", "administrator", "ccip_admin")] == [deployer] * 4
    assert shown["registered_pool"] == shown["pool"]
    code, _, err = desk.run(*wanted[:2], "FCB", *wanted[3:], "--pool", "lock_release")
    assert (code, "leave --factory out" in err) == (2, True)


def test_one_s_own_token_gets_a_pool_or_comes_with_one(desk):
    home = desk.chains.deployment.chains[0]
    wallet = desk.deployer(home)
    artifact = named_contract_set(desk.chains.deployment.contracts).artifact("FactoryBurnMintERC20")
    own = wallet.deploy(artifact.creation("Own", "OWN", 9, 0, 10**12, wallet.address))
    done = desk.json(
        "token",
        "deploy",
        "OWN",
        "--chain",
        "1337",
        "--token",
        "0x" + own.hex(),
        "--decimals",
        "9",
        "--allow",
        "0x" + dev_key("user").address.hex(),
    )
    assert [step["call"] for step in done["steps"]] == [None, "grantMintAndBurnRoles(address)"]
    assert done["address"] == "0x" + own.hex()
    rpc = desk.chains.rpc(home.selector)
    pool = bytes.fromhex(done["pool"][2:])
    assert views.ask(rpc, pool, "getAllowList()", returns=("address[]",)) == ((dev_key("user").address,),)
    taken = desk.json("token", "import", "OWN2", "--chain", "1337", "--token", done["address"], "--pool", done["pool"])
    assert taken["pool_type"] == "burn_mint"
    assert desk.json("token", "show", "OWN2", "--chain", "1337")["decimals"] == 9
    code, _, err = desk.run(
        "token",
        "import",
        "BAD",
        "--chain",
        "1337",
        "--token",
        done["address"],
        "--pool",
        "0x" + desk.chains.deployment.chains[0].tokens[0].pool.hex(),
    )
    assert (code, "does not carry BAD" in err) == (2, True)


def test_a_plan_for_an_account_whose_key_is_elsewhere(desk, factory):
    """What a wallet in a browser, or a Safe, gets to sign: planned for its account, sent by nobody here."""
    home = desk.network.chains[0]
    contracts = home.contracts.model_copy(update={"token_pool_factory": factory})
    changed = home.model_copy(update={"contracts": contracts})
    save_deployment(desk.network.model_copy(update={"chains": (changed, *desk.network.chains[1:])}), desk.file)
    account = "0x" + "ab" * 20
    wanted = ("token", "deploy", "FAR", "--chain", "1337", "--factory", "--from", account)
    steps = desk.json(*wanted, "--plan")["steps"]
    assert {step["from"].lower() for step in steps} == {account}
    assert steps[0]["to"] == checksum_address(factory)
    folder = desk.file.parent / "far"
    folder.mkdir()
    assert desk.run(*wanted, "--safe", "far")[0] == 0
    (file,) = folder.iterdir()
    assert len(json.loads(file.read_text())["transactions"]) == 4
    code, _, err = desk.run(*wanted)
    assert (code, "its key is not here" in err) == (2, True)
    assert list(desk.file.parent.glob("*.begun")) == []
    assert not any(token.symbol == "FAR" for token in desk.network.chains[0].tokens)
