"""Fire drills: the shadow is attacked and stops it, in time or loudly; a vote on an inert subject is really mined."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ccip_core.deployment import save_deployment
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import chain_subject, drill_subject, is_drill, subject_selector
from ccip_core.views import ask
from rmn_service.bootstrap import build_node
from rmn_service.cli.app import run
from rmn_service.config import load_config
from rmn_service.demo.node_folder import demo_operators, lay_out_node

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STEPS = ("detect_ms", "decide_ms", "sign_ms", "effect_ms")


def test_an_attack_on_the_shadow_is_stopped_and_timed(node: Any, ccip: Any) -> None:
    ccip.mine_all(3)
    node.tick()
    answer = node.act("alice", "/drills", {"kind": "shadow"})
    assert answer.status_code == 201, answer.text
    drill = answer.json()["drill"]
    assert drill["passed"]
    assert drill["by"] == "alice"
    times = [drill[step] for step in STEPS]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < 1_000
    assert all(rpc.sent == [] for rpc in ccip.rpcs.values()), "nothing of a drill reaches the node's own chains"
    assert node.http.get("/incidents").json()["incidents"] == []
    assert node.http.get("/signals").json()["signals"] == []
    (kept,) = node.http.get("/drills").json()["drills"]
    assert kept == drill
    assert [row["kind"] for row in node.http.get("/audit").json()["audit"]][-1] == "drill"
    assert 'rmn_drills_total{kind="shadow",result="passed"} 1.0' in node.http.get("/metrics").text


def test_the_distribution_is_kept(node: Any) -> None:
    for _ in range(3):
        node.act("alice", "/drills", {"kind": "shadow"})
        node.ccip.now_ms += 1_000
    found = node.http.get("/drills").json()["distribution"]["shadow"]
    assert (found["count"], found["failed"]) == (3, 0)
    assert found["detect_ms"]["median"] <= found["detect_ms"]["max"] <= found["effect_ms"]["max"]


def test_a_slow_drill_falls_short_and_people_are_told(start_node: Callable[..., Any], ccip: Any) -> None:
    node = start_node()
    drills = node.node._drills
    drills._config = drills._config.model_copy(
        update={"drills": drills._config.drills.model_copy(update={"limit_ms": 0})}
    )
    told: list[Any] = []
    drills._notifier = type("Kept", (), {"notify": staticmethod(told.append)})()
    drills.on_schedule()
    (alert,) = told
    assert (alert.kind, alert.severity.word) == ("drill", "critical")
    (kept,) = node.http.get("/drills").json()["drills"]
    assert (kept["passed"], kept["by"]) == (False, "schedule")
    assert ccip.now_ms


def test_a_blind_shadow_does_not_pass(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node whose policy never curses is found out: the shadow shares its policy."""
    monkeypatch.setattr("rmn_service.service.decide_all", _watch_only())
    drill = node.act("alice", "/drills", {"kind": "shadow"}).json()["drill"]
    assert not drill["passed"]
    assert (drill["decide_ms"], drill["effect_ms"]) == (None, None)
    assert drill["detect_ms"] is not None


def _watch_only() -> Callable[..., Any]:
    from rmn_service.policy import decide_all  # noqa: PLC0415

    return lambda incidents, _, table: decide_all(incidents, "observe", table)


def test_strangers_and_two_at_once_are_refused(node: Any) -> None:
    assert node.http.post("/drills", json={"kind": "shadow"}).status_code == 401
    assert node.act("alice", "/drills", {"kind": "flood"}).status_code == 422
    turn: threading.Lock = node.node._drills._turn
    with turn:
        assert node.act("alice", "/drills", {"kind": "shadow"}).status_code == 409


def test_an_observer_votes_on_no_chain_for_practice_either(start_node: Callable[..., Any]) -> None:
    node = start_node(posture="withhold")
    answer = node.act("alice", "/drills", {"kind": "onchain"})
    assert answer.status_code == 409
    assert "posture curse" in answer.json()["error"]


def test_a_drill_subject_is_no_chain_s() -> None:
    assert is_drill(drill_subject(7))
    assert drill_subject(7) != drill_subject(8)
    assert subject_selector(drill_subject(7)) is None
    assert not is_drill(chain_subject(0xFDFDFDFDFDFDFDFD))


def test_a_vote_for_practice_is_mined_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    operators = demo_operators()
    with Localnet.up(2, block_time_s=0.25) as localnet:
        save_deployment(localnet.deployment, tmp_path / "deployment.json")
        config = lay_out_node(tmp_path / "n", 0, tmp_path / "deployment.json", localnet.deployment.chains, operators)
        node = build_node(load_config(config)).start()
        try:
            deadline_s = time.monotonic() + 20
            while httpx.get(f"{node.url}/health").status_code != 200:
                assert time.monotonic() < deadline_s
                time.sleep(0.05)
            monkeypatch.setenv("RMN_OPERATOR_TOKEN", operators[0].token)
            assert run(["drill", "--kind", "onchain", "--url", node.url]) == 0, capsys.readouterr().err
            (drill,) = httpx.get(f"{node.url}/drills").json()["drills"]
            assert drill["passed"]
            assert drill["effect_ms"] >= drill["sign_ms"] > 0
            subject = bytes.fromhex(drill["note"].split("subject 0x")[1][:32])
            assert is_drill(subject)
            for chain in localnet.deployment.chains:
                rpc = localnet.anvil(chain.selector).rpc
                assert chain.contracts.curse_voting is not None
                voting = chain.contracts.curse_voting
                weight, _ = ask(rpc, voting, "getVote(bytes16)", subject, returns=("uint16", "address[]"))
                assert weight == 1
                answer = rpc.call(chain.contracts.rmn_remote, encode_call("isCursed(bytes16)", subject))
                assert not any(answer)
            assert run(["drill", "--history", "--url", node.url]) == 0
            assert "onchain" in capsys.readouterr().out
        finally:
            node.stop()
