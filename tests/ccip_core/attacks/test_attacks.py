"""Nobody watches: every attack lands, which is what makes it an attack. Then what stops it, without any node."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ccip_core import views
from ccip_core.journey import MessageState
from ccip_core.localnet.attacks import (
    ATTACKS,
    AttackError,
    AttackRun,
    AttackStopped,
    run_attack,
    suitable_lane,
)
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import blessing
from ccip_core.protocol.messages import MerkleRoot, RmnReport
from ccip_core.refusal import CcipRefusal

pytestmark = pytest.mark.journey

E18 = 10**18


def gain_of(outcome, selector):
    return sum(gain.amount for gain in outcome.gains if gain.chain == selector)


def test_a_forged_root_releases_what_nobody_sent(attack_deployment, attack_chains, unblessed, thief_balance):
    before = thief_balance(unblessed.dest, "BNM")
    outcome = run_attack("forged-root-unblessed", attack_deployment, unblessed, amount="1234.5", token="BNM")
    assert outcome.has_landed
    assert thief_balance(unblessed.dest, "BNM") - before == 12345 * E18 // 10 == gain_of(outcome, unblessed.dest)
    assert gain_of(outcome, unblessed.source) == 0
    selector, number = outcome.evidence_block
    assert selector == unblessed.dest
    commit_hash = outcome.tx_hashes[0][1]
    assert attack_chains.rpc(unblessed.dest).receipt(commit_hash).block_number == number
    assert outcome.takings[0].block_number > number


def test_a_token_with_other_decimals_at_home_is_released_in_the_destination_s_units(attack_deployment, unblessed):
    outcome = run_attack("forged-root-unblessed", attack_deployment, unblessed, amount="2.000001", token="HYB")
    assert gain_of(outcome, unblessed.dest) == 2_000_001 * 10**12


@pytest.mark.parametrize(
    ("name", "token"),
    [("inflated-amount", "LNR"), ("double-release", "BNM"), ("drain", "LNR"), ("unbacked-mint", "BNM")],
)
def test_the_others_pay_off_too(resynced, name, token, unblessed):
    outcome = run_attack(name, resynced, unblessed, amount="1000", token=token)
    assert outcome.has_landed
    spent, got = -gain_of(outcome, unblessed.source), gain_of(outcome, unblessed.dest)
    expected = {
        "inflated-amount": (E18, 1000 * E18),
        "double-release": (1000 * E18, 2000 * E18),
        "drain": (0, 1000 * E18),
        "unbacked-mint": (0, 0),  # its loot is on its way, and no oracle delivers here
    }
    assert (spent, got) == expected[name]


@pytest.fixture
def resynced(attack_deployment, attack_chains, unblessed):
    """The lane in step again: honest numbers are burnt until the source has passed what forgeries took."""
    with AttackRun(ATTACKS["inflated-amount"], attack_deployment, unblessed, token="BNM", amount="1000") as run:
        source = attack_chains.chain(unblessed.source)
        while (
            views.next_sequence_number(attack_chains.rpc(unblessed.source), source.contracts.on_ramp, unblessed.dest)
            < run.breach.next_sequence_number()
        ):
            run.breach.send(run.loot, 1)
    return attack_deployment


def test_the_mint_is_evidence_before_the_fakes_travel(attack_deployment, unblessed, thief_balance):
    before = thief_balance(unblessed.source, "BNM")
    with AttackRun(ATTACKS["unbacked-mint"], attack_deployment, unblessed, amount="500", token="BNM") as run:
        evidence = run.plant()
        assert evidence.block[0] == unblessed.source
        assert thief_balance(unblessed.source, "BNM") - before == 500 * E18
        assert run.take().verdict == "success"
        assert run.breach.thief.state(run.breach.in_flight.message_id) in {
            MessageState.SENT,
            MessageState.FINAL,
            MessageState.DISPLACED,
        }
    assert thief_balance(unblessed.source, "BNM") == before


def test_a_curse_on_the_source_keeps_the_fakes_at_home(attack_deployment, unblessed, council):
    with AttackRun(ATTACKS["unbacked-mint"], attack_deployment, unblessed, amount="1", token="BNM") as run:
        run.plant()
        council.curse(unblessed.source, unblessed.dest)
        taking = run.take()
        council.lift(unblessed.source, unblessed.dest)
        assert (taking.verdict, run.is_done) == ("refused", False)
        assert "CursedByRMN" in taking.reason


def test_a_curse_between_the_steps_saves_what_is_left(attack_deployment, unblessed, council):
    with AttackRun(ATTACKS["drain"], attack_deployment, unblessed, amount="500", token="BNM") as run:
        run.plant()
        assert run.take().verdict == "success"
        council.curse(unblessed.dest, unblessed.source)
        assert [run.take().verdict, run.take().verdict] == ["skipped", "skipped"]
        run.take_all()
        assert gain_of(run.outcome(), unblessed.dest) == 100 * E18
        council.lift(unblessed.dest, unblessed.source)
        run.take_all()
        assert run.is_done
        assert gain_of(run.outcome(), unblessed.dest) == 500 * E18


def test_a_deep_reorg_leaves_the_thief_with_both(resynced, attack_chains, unblessed, thief_balance):
    at_home = thief_balance(unblessed.source, "BNM")
    with AttackRun(ATTACKS["deep-reorg"], resynced, unblessed, amount="1000", token="BNM") as run:
        evidence = run.plant()
        selector, number = evidence.block
        assert selector == unblessed.source
        source = attack_chains.chain(unblessed.source)
        assert number <= views.latest(attack_chains.rpc(selector)).number - source.finality_depth_blocks
        assert thief_balance(unblessed.source, "BNM") - at_home == 1000 * E18
        run.take_all()
        outcome = run.outcome()
    assert gain_of(outcome, unblessed.source) == 0  # bought and kept
    assert gain_of(outcome, unblessed.dest) == 1000 * E18


def test_a_lane_out_of_step_stops_attacks_that_need_an_honest_message(attack_deployment, unblessed):
    run_attack("forged-root-unblessed", attack_deployment, unblessed, amount="1", token="BNM")
    with pytest.raises(AttackStopped, match=r"try again|was taken"):
        run_attack("double-release", attack_deployment, unblessed, amount="1", token="BNM")


def test_by_hand_nothing_can_be_proved_against_a_forged_root(resynced, unblessed):
    """A user whose number was forged over, with the forgery still waiting: their execution is refused in words."""
    with AttackRun(ATTACKS["inflated-amount"], resynced, unblessed, amount="10", token="BNM") as run:
        run.plant()
        message_id = run._attack._messages[-1].header.message_id
        with pytest.raises(CcipRefusal, match="is not the tree of the messages sent"):
            run.breach.thief.execute(message_id)


def test_by_hand_a_message_waits_for_the_oracles_turn(resynced, attack_chains, unblessed, thief_balance):
    with AttackRun(ATTACKS["double-release"], resynced, unblessed, amount="7", token="BNM") as run:
        sent = run.breach.send(run.loot, 7 * E18)
        run.breach.commit_genuine(sent)
        assert run.breach.thief.state(sent.message_id) is MessageState.COMMITTED
        with pytest.raises(CcipRefusal, match=r"execution by hand opens in 3[56]\d\d s"):
            run.breach.thief.execute(sent.message_id)
        rpc = attack_chains.rpc(unblessed.dest)
        rpc.request("evm_increaseTime", [3_602])
        rpc.request("evm_mine")
        before = thief_balance(unblessed.dest, "BNM")
        assert run.breach.thief.execute(sent.message_id) is MessageState.SUCCESS
        assert thief_balance(unblessed.dest, "BNM") - before == 7 * E18


# ── with blessing on ────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_blessings_a_forged_root_is_refused(attack_deployment, attack_chains, blessed, thief_balance):
    before = thief_balance(blessed.dest, "BNM")
    outcome = run_attack("forged-root", attack_deployment, blessed, amount="1000", token="BNM")
    assert not outcome.has_landed
    assert outcome.evidence_block is None
    assert "ThresholdNotMet()" in outcome.description
    assert thief_balance(blessed.dest, "BNM") == before
    ((_, tx_hash),) = outcome.tx_hashes
    assert not attack_chains.rpc(blessed.dest).receipt(tx_hash).is_success


@pytest.fixture
def rmn_nodes(attack_deployment, attack_chains, blessed):
    """RMN nodes that bless whatever they are asked, or withhold: `start(kind, index)` answers with a URL."""
    servers = []
    dest = attack_chains.chain(blessed.dest)

    def answer(kind, index, body):
        (root,) = body["roots"]
        result = {"root": root["root"], "verdict": kind, "reason": None if kind == "blessed" else "not known"}
        if kind == "withheld":
            return {"as_of": {}, "results": [result], "signature": None}
        claim = MerkleRoot(
            int(root["source"]),
            bytes.fromhex(root["on_ramp"][2:]),
            int(root["min_seq"]),
            int(root["max_seq"]),
            bytes.fromhex(root["root"][2:]),
        )
        rmn = attack_deployment.rmn
        digest = blessing.rmn_digest(
            RmnReport(
                dest.chain_id,
                dest.selector,
                dest.contracts.rmn_remote,
                dest.contracts.off_ramp,
                rmn.home_config_digest,
                (claim,),
            )
        )
        key = dev_key("rmn_signer", index)
        signature = blessing.sign_blessing(key, digest)
        signed = {
            name: "0x" + raw.hex() for name, raw in (("signer", key.address), ("r", signature.r), ("s", signature.s))
        }
        return {"as_of": {}, "results": [result], "signature": signed}

    def start(kind, index):
        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                raw = json.dumps(answer(kind, index, body)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_one_corrupt_rmn_node_is_not_enough(attack_deployment, blessed, rmn_nodes):
    urls = [rmn_nodes("blessed", 0), rmn_nodes("withheld", 1), "http://127.0.0.1:1"]
    outcome = run_attack("forged-root", attack_deployment, blessed, amount="1", token="BNM", rmn_urls=urls)
    assert not outcome.has_landed
    for words in ("ThresholdNotMet()", "withheld: not known", "unreachable"):
        assert words in outcome.description


def test_stolen_oracles_and_f_sign_plus_one_corrupt_rmn_nodes_do_land(attack_deployment, blessed, rmn_nodes):
    """The documented limit of blessing (deployment_notes.md), and the proof that this attack is real."""
    urls = [rmn_nodes("blessed", 3), rmn_nodes("blessed", 1)]
    outcome = run_attack("forged-root", attack_deployment, blessed, amount="1", token="BNM", rmn_urls=urls)
    assert outcome.has_landed
    assert gain_of(outcome, blessed.dest) == E18


# ── asking for one ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"name": "phishing"}, "attack = phishing: there is none such"),
        ({"token": "XYZ"}, "token = XYZ"),
        ({"amount": "1e3"}, "amount = 1e3: not a positive decimal number"),
    ],
)
def test_what_can_t_be_run_is_named(attack_deployment, unblessed, arguments, complaint):
    with pytest.raises(AttackError, match=complaint):
        run_attack(**{"name": "drain", "deployment": attack_deployment, "lane": unblessed} | arguments)


def test_a_blessed_lane_is_refused_until_its_blessing_is_switched_off(attack_deployment, blessed):
    with pytest.raises(AttackError, match="--disable-blessing"):
        run_attack("drain", attack_deployment, blessed)
    assert suitable_lane(attack_deployment, ATTACKS["drain"], blessed) == (blessed, True)
    assert suitable_lane(attack_deployment, ATTACKS["drain"], blessed) == (blessed, False)
    assert run_attack("drain", attack_deployment, blessed, amount="5", token="BNM").has_landed


def test_without_a_lane_an_uncursed_one_is_taken(attack_deployment, unblessed, blessed, council):
    assert suitable_lane(attack_deployment, ATTACKS["forged-root-unblessed"])[0] == unblessed
    council.curse(unblessed.dest, unblessed.source)
    assert suitable_lane(attack_deployment, ATTACKS["forged-root-unblessed"])[0] == blessed
    council.lift(unblessed.dest, unblessed.source)


def test_the_seed_chooses_the_token(attack_deployment, unblessed):
    def token(seed):
        with AttackRun(ATTACKS["drain"], attack_deployment, unblessed, seed=seed) as run:
            return run.loot.symbol, run.loot.source_amount > 0

    choices = [token(seed) for seed in range(4)]
    assert choices == [token(seed) for seed in range(4)]
    assert len(set(choices)) > 1
