"""The verbs on a running network."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing

import httpx
import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.traffic import Traffic

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("deployment_file")]

RECEIVER = "0x" + dev_key("receiver").address.hex()
LANE = ("--from", "geth-testnet", "--to", "31337")


def test_send_wait_show_and_the_lane_s_numbers(ccip_json):
    quoted = ccip_json(
        "quote", *LANE, "--receiver", RECEIVER, "--token", "BNM", "--amount", "1.25", "--fee-token", "native"
    )
    sent = ccip_json(
        "send",
        *LANE,
        "--receiver",
        RECEIVER,
        "--token",
        "BNM",
        "--amount",
        "1.25",
        "--fee-token",
        "native",
        "--data",
        "hi",
        "--wait",
    )
    assert sent["state"] == "success"
    assert int(sent["fee"]) > int(quoted["fee"]) > 0  # data costs
    shown = ccip_json("show", sent["message_id"])
    assert shown["tokens"][0]["amount"] == str(125 * 10**16)
    assert bytes.fromhex(shown["data"][2:]) == b"hi"
    assert shown["sent"]["tx"] == sent["tx"]
    assert shown["executions"][-1]["state"] == "success"
    (lane,) = [lane for lane in ccip_json("lanes")["lanes"] if lane["source"] == sent["source"]]
    assert int(lane["sent_last"]) >= int(sent["sequence_number"])
    assert not lane["blessing"]
    assert not lane["cursed_on_source"]


def test_people_get_tables(ccip, ccip_json):
    message_id = ccip_json("send", *LANE, "--receiver", RECEIVER, "--data", "0xabcd")["message_id"]
    for words, wanted in (
        (("show", message_id), message_id),
        (("lanes",), "anvil-devnet"),
        (("tokens",), "lock/release"),
        (("quote", *LANE, "--receiver", RECEIVER), " LINK"),
        (("attack", "--list"), "forged-root"),
        (("token", "show", "HYB", "--chain", "1337"), "limit to anvil-devnet"),
    ):
        code, out, err = ccip(*words)
        assert (code, err) == (0, "")
        assert wanted in out


def test_what_the_contracts_refuse_is_exit_code_1(ccip):
    code, out, err = ccip("send", *LANE, "--receiver", RECEIVER, "--token", "BNM", "--amount", "150000")
    assert (code, out) == (1, "")
    assert err.startswith(
        "ccip: send geth-testnet → anvil-devnet: rate limit: 150000 BNM is above the bucket's capacity of 100000 BNM; "
        "send less (TokenMaxCapacityExceeded); also: rate limit: 150000 BNM at the arrival on anvil-devnet is above"
    )
    code, _, err = ccip("show", "0x" + "ab" * 32)
    assert (code, err.count("\n")) == (2, 1)


def test_an_attack_tells_what_it_got(ccip_json):
    outcome = ccip_json("attack", "forged-root-unblessed", "--lane", "31337:1337", "--amount", "12", "--token", "LNR")
    assert outcome["landed"]
    assert [(gain["symbol"], gain["amount"]) for gain in outcome["gains"]] == [("LNR", str(12 * 10**18))]
    assert outcome["evidence_block"]["chain"] == outcome["dest"]


def test_a_token_s_whole_life(ccip, ccip_json):
    for chain, pool, decimals in (("1337", "lock_release", 8), ("31337", "burn_mint", 18)):
        ccip_json(
            "token", "deploy", "NEW", "--chain", chain, "--pool", pool, "--decimals", str(decimals), "--supply", "1000"
        )
        code, _, err = ccip("token", "accept-admin", "NEW", "--chain", chain)
        assert (code, "`ccip token register` first" in err) == (2, True)
        for step in ("register", "accept-admin", "set-pool"):
            ccip_json("token", step, "NEW", "--chain", chain)
    ccip_json("token", "connect", "NEW", "--chain", "1337", "--remote", "31337", "--capacity", "50", "--rate", "2.5")
    assert ccip_json("token", "liquidity", "NEW", "--chain", "1337", "--add", "30")["pool_balance"] == str(30 * 10**8)
    assert ccip_json("token", "liquidity", "NEW", "--chain", "1337", "--withdraw", "10")["pool_balance"] == str(
        20 * 10**8
    )
    shown = ccip_json("token", "show", "NEW", "--chain", "1337")
    assert shown["registered_pool"] == shown["pool"]
    assert shown["limits"][0]["outbound"] == {
        "enabled": True,
        "capacity": str(50 * 10**8),
        "rate_per_s": str(25 * 10**7),
        "available": str(50 * 10**8),
    }
    limits = ccip_json(
        "token", "limits", "NEW", "--chain", "1337", "--remote", "31337", "--capacity", "8", "--rate", "1"
    )
    assert limits["outbound"]["capacity"] == str(8 * 10**8)
    assert not ccip_json("token", "limits", "NEW", "--chain", "31337", "--remote", "1337", "--off")["inbound"][
        "enabled"
    ]
    outcome = ccip_json("attack", "forged-root-unblessed", "--lane", "31337:1337", "--token", "NEW", "--amount", "3")
    assert outcome["gains"][0]["amount"] == str(3 * 10**8)  # CCIP really releases it
    ccip_json("token", "transfer-admin", "NEW", "--chain", "1337", "--to", RECEIVER)
    assert ccip_json("token", "show", "NEW", "--chain", "1337")["pending_administrator"] == RECEIVER
    ccip_json("token", "accept-admin", "NEW", "--chain", "1337")
    assert ccip_json("token", "show", "NEW", "--chain", "1337")["administrator"] == RECEIVER


def test_traffic_is_quiet_repeatable_and_stops(ccip_json, cli_network):
    count = ccip_json("traffic", "--rate", "50", "--messages", "12", "--seed", "3")
    assert count == {"sent": 12, "skipped_cursed": 0, "refused": {}}
    stop = threading.Event()
    with closing(Traffic(cli_network, dev_key("user"), random.Random(1), rate_per_s=0.01)) as flow:
        runner = threading.Thread(target=flow.run, args=(stop,))
        runner.start()
        deadline = time.monotonic() + 10
        while flow.count.sent == 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        stop.set()
        runner.join(timeout=5)
        assert not runner.is_alive()
        assert flow.count.sent == 1


def test_up_announces_itself_and_leaves_nothing_behind(tmp_path):
    out = tmp_path / "mine.json"
    command = [sys.executable, "-c", "from ccip_core.cli import main; main()", "up"]
    words = ("--chains", "2", "--block-time", "0.2", "--blessing", "on", "--out", str(out))
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if "Blessing is on" in line:
                break
        urls = [chain["http"] for chain in json.loads(out.read_text())["chains"]]
        assert len(urls) == 2
        assert "nothing will be committed until the DON can ask RMN nodes" in "".join(said)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr.read() == ""
    assert not out.exists()
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            httpx.post(url, json={}, trust_env=False)


def test_a_pre_flight_asks_and_sends_nothing(ccip, ccip_json):
    sent_before = ccip_json("lanes")["lanes"][0]["sent_last"]
    wish = ("send", *LANE, "--receiver", RECEIVER, "--token", "BNM")
    clear = ccip_json(*wish, "--amount", "1", "--check")
    assert clear["clear"]
    assert {"curse", "lane", "limit", "liquidity", "balance", "receiver"} <= {f["check"] for f in clear["findings"]}
    code, out, _ = ccip(*wish, "--amount", "100001", "--check")
    assert (code, "TokenMaxCapacityExceeded" in out) == (1, True)
    assert ccip_json("lanes")["lanes"][0]["sent_last"] == sent_before


def test_waiting_shows_each_stage_on_a_line_of_its_own(ccip, ccip_json):
    code, out, err = ccip("send", *LANE, "--receiver", RECEIVER, "--wait")
    assert (code, err) == (0, "")
    said = [line.partition(":")[0] for line in out.splitlines()]
    order = [said.index(stage) for stage in ("SENT", "SOURCE_FINALIZED", "COMMITTED", "SUCCESS")]
    assert order == sorted(order)
    message_id = next(line.split()[-1] for line in out.splitlines() if line.strip().startswith("message_id"))
    shown = ccip_json("show", message_id, "--wait")
    assert (shown["stage"], shown["waits_for"]) == ("SUCCESS", None)


def test_lanes_name_their_versions(ccip_json):
    for lane in ccip_json("lanes")["lanes"]:
        assert (lane["on_ramp_version"], lane["off_ramp_versions"]) == ("OnRamp 1.6.0", ["OffRamp 1.6.0"])
