"""A node that looks at each chain through three endpoints, two of which must agree: from a lie to what it does."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol import events
from ccip_core.protocol.events import encode_log_fields
from ccip_core.protocol.logs import RawLog
from ccip_core.protocol.messages import Lane
from ccip_core.quorum_rpc import QuorumRpc
from ccip_core.scripted_endpoint import ScriptedEndpoint
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.indexer import watched_addresses
from rmn_service.times import time_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.rmn_service.conftest import Http, ScriptedCcip

ALPHA, BETA, GAMMA = 3379446385462418246, 7759470850252068959, 4489326297382772450
LANE = Lane(ALPHA, BETA)
OTHER_LANE = Lane(BETA, GAMMA)


class Watcher:
    """A node on three endpoints a chain, moved by the test."""

    def __init__(self, ccip: ScriptedCcip, config, min_agree: int, http: Callable[..., Http]) -> None:
        self.ccip = ccip
        self.eyes = {selector: [ScriptedEndpoint(rpc) for _ in range(3)] for selector, rpc in ccip.rpcs.items()}
        quorums = {
            selector: QuorumRpc(
                eyes,
                ccip.deployment.chain(selector).chain_id,
                min_agree,
                clock=lambda: ccip.now_ms / 1000,
                is_inline=True,
            )
            for selector, eyes in self.eyes.items()
        }
        self.node = build_node(config, rpcs=quorums, clock=lambda: ccip.now_ms)
        self.service = self.node.service
        self.http = http(self.node.app)

    def tick(self, after_ms: int = 0) -> None:
        self.ccip.now_ms += after_ms
        self.service.tick(self.ccip.now_ms)
        assert self.service.voter.settle(10)

    def detectors(self) -> list[str]:
        return [signal.detector for signal in self.service.signals.values()]

    def why_not(self, lane: Lane, number: int = 1) -> str | None:
        blessing = self.service.bless([self.ccip.claim(lane, number, number)], self.ccip.now_ms)
        return blessing.verdicts[0].reason


@pytest.fixture
def watcher(ccip: ScriptedCcip, node_files) -> Iterator[Watcher]:
    watching = Watcher(ccip, load_config(node_files.write(ccip.folder)), 2, node_files.http)
    watching.tick()
    yield watching
    watching.node.stop()


def invent_execution(ccip: ScriptedCcip) -> Callable[..., list[RawLog]]:
    """What a lying endpoint adds to each block of BETA: an execution of a message that nobody sent."""
    off_ramp = ccip.contracts(BETA).off_ramp
    event = events.ExecutionStateChanged(ALPHA, 77, b"\x01" * 32, b"\x02" * 32, 2, b"", 1)
    topics, data = encode_log_fields(event)

    def add(header, logs: list[RawLog]) -> list[RawLog]:
        return [*logs, RawLog(off_ramp, tuple(topics), data, header.number, header.hash, b"\x09" * 32, 9)]

    return add


def invent_something(ccip: ScriptedCcip, selector: int) -> Callable[..., list[RawLog]]:
    """A log that means nothing to us."""
    router = ccip.contracts(selector).router
    return lambda header, logs: [
        *logs,
        RawLog(router, (b"\x01" * 32,), b"", header.number, header.hash, b"\x09" * 32, 9),
    ]


# INV-EYES-1
def test_one_liar_of_three_curses_nothing_stops_nothing_and_is_told(watcher: Watcher, ccip: ScriptedCcip) -> None:
    watcher.eyes[BETA][1].alter_logs = invent_execution(ccip)
    ccip.send(LANE)
    ccip.send(OTHER_LANE)
    ccip.mine_all(3)
    watcher.tick()
    assert set(watcher.detectors()) == {"rpc_disagreement"}
    assert not any(ccip.votes(selector) for selector in ccip.rpcs)
    heads = {str(selector): rpc.head.number for selector, rpc in ccip.rpcs.items()}
    chains = watcher.http.get("/chains").json()["chains"]
    assert {chain["selector"]: chain["block"] for chain in chains} == heads  # the record goes on
    signal = watcher.http.get("/signals").json()["signals"][0]
    assert signal["severity"] == "critical"
    answers = dict(signal["grounds"]["answers"])
    assert answers.keys() == {"endpoint 1", "endpoint 2"}
    assert "127.0.0.1" not in str(signal)  # an endpoint's URL may hold a key
    assert "rpc_disagreement" in {incident.cause.family for incident in watcher.service.incidents.values()}
    assert "Endpoints disagree" in watcher.why_not(LANE)
    (message,) = [one for one in watcher.http.get("/messages").json()["messages"] if one["source"] == str(ALPHA)]
    hold = watcher.http.get(f"/messages/{message['id']}").json()["hold"]
    (reason,) = [reason for reason in hold["reasons"] if reason["rule"] == "incident"]
    assert reason["who_may"].startswith("nobody has to: it lapses")
    told_ms = next(iter(watcher.service.incidents.values())).changed_at_ms
    assert reason["earliest_release"] == time_text(told_ms + watcher.service.conduct.quiet_after_ms)


# INV-EYES-4
def test_one_liar_of_three_holds_blessings_back_for_a_quarter_of_an_hour_not_for_good(
    watcher: Watcher, ccip: ScriptedCcip
) -> None:
    """It goes on lying for ever. It is set aside, and asked again ever more seldom."""
    watcher.eyes[ALPHA][1].alter_logs = lambda _, logs: [entry._replace(data=b"\x01" + entry.data) for entry in logs]
    withheld_s: list[int] = []
    for number in range(1, 1 + 24 * 4):  # a day, looked at each quarter of an hour
        ccip.send(LANE)
        ccip.mine_all(2)
        watcher.tick()
        if watcher.why_not(LANE, number) is not None:
            withheld_s.append(ccip.now_ms // 1000)
        watcher.tick(after_ms=900_000)
    assert 1 <= len(withheld_s) <= 5
    assert all(late - soon > 3_500 for soon, late in pairwise(withheld_s))
    found = watcher.http.get("/incidents").json()["incidents"]
    assert {(each["family"], each["severity"]) for each in found} == {("rpc_disagreement", "critical")}
    assert not any(ccip.votes(selector) for selector in ccip.rpcs)
    (chain,) = [one for one in watcher.http.get("/chains").json()["chains"] if one["selector"] == str(ALPHA)]
    assert [asked["distrusted_s"] is None for asked in chain["asked"]] == [True, False, True]
    assert 'rmn_endpoint_distrusted{chain="geth-testnet",endpoint="2"} 1.0' in watcher.http.get("/metrics").text


def test_the_other_chains_go_on_blessing(watcher: Watcher, ccip: ScriptedCcip) -> None:
    watcher.eyes[GAMMA][1].alter_logs = invent_something(ccip, GAMMA)
    ccip.send(LANE)
    ccip.send(OTHER_LANE)
    ccip.mine_all(3)
    watcher.tick()
    assert watcher.detectors()
    assert watcher.why_not(LANE) is None
    assert "Endpoints disagree" in watcher.why_not(OTHER_LANE)


# INV-EYES-2
def test_two_endpoints_that_can_not_agree_make_the_node_blind_on_that_chain_alone(
    watcher: Watcher, ccip: ScriptedCcip
) -> None:
    ccip.send(LANE)
    ccip.mine_all(3)
    watcher.tick()
    watcher.eyes[BETA][0].is_silent = True
    watcher.eyes[BETA][1].alter_logs = invent_execution(ccip)
    ccip.mine_all()
    watcher.tick()
    health = watcher.http.get("/health")
    assert health.status_code == 503
    assert list(health.json()["health"]["blind"]) == [str(BETA)]
    assert "2 of 3 endpoints must say the same" in health.json()["health"]["blind"][str(BETA)]
    assert "blind on anvil-devnet" in watcher.why_not(LANE)
    assert not any(ccip.votes(selector) for selector in ccip.rpcs)
    ccip.now_ms += 3_600_000
    watcher.eyes[BETA][0].is_silent = False
    watcher.tick()
    ccip.mine_all()
    watcher.tick()
    assert watcher.http.get("/health").status_code == 200
    # What was disputed begins to be quiet only now.
    assert "Endpoints disagree" in watcher.why_not(LANE)
    for _ in range(2):
        watcher.tick(after_ms=900_000)
        ccip.mine_all()
        watcher.tick()
    assert watcher.why_not(LANE) is None


def test_a_head_that_was_seen_by_a_poll_that_failed_is_news_to_the_next_one(
    watcher: Watcher, ccip: ScriptedCcip
) -> None:
    """Else the node is blind until another block comes, though it has read everything there is."""
    ccip.mine_all()
    watcher.tick()
    ccip.now_ms += 60_000
    ccip.mine_all(6)
    for eye in watcher.eyes[BETA][:2]:
        eye.alter_logs = invent_execution(ccip)
    watcher.eyes[BETA][2].is_silent = True
    watcher.eyes[BETA][0].alter_logs = lambda *_: []
    watcher.tick()
    assert watcher.http.get("/health").status_code == 503
    for eye in watcher.eyes[BETA]:
        eye.alter_logs, eye.is_silent = (lambda _, logs: logs), False
    watcher.tick()
    assert watcher.http.get("/health").status_code == 200


# INV-EYES-1
def test_a_real_attack_is_seen_through_one_lying_and_one_that_hides_it_on_another_chain(
    watcher: Watcher, ccip: ScriptedCcip
) -> None:
    """One of three hides the log of a forged execution: two still see it, and the votes go out."""
    watcher.eyes[BETA][2].alter_logs = lambda *_: []
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.mine(ALPHA)
    watcher.tick()
    assert len(ccip.votes(BETA)) == len(ccip.votes(ALPHA)) == 1


@pytest.mark.parametrize("others", [0, 1])
# INV-EYES-3
def test_finality_is_broken_by_as_many_endpoints_as_must_agree(
    watcher: Watcher, ccip: ScriptedCcip, others: int
) -> None:
    for _ in range(6):
        ccip.mine(BETA)
    watcher.tick()

    def another(header):
        return header._replace(hash=b"\x05" + header.hash[1:], parent_hash=b"\x05" + header.parent_hash[1:])

    for eye in watcher.eyes[BETA][: 1 + others]:
        eye.alter_header = lambda header: another(header) if header.number >= 2 else header
    ccip.mine(BETA)
    watcher.tick()
    assert ("finality_violation" in watcher.detectors()) == (others == 1)
    assert bool(ccip.votes(ALPHA)) == (others == 1)


def test_logs_that_come_late_are_found_before_the_block_is_final(watcher: Watcher, ccip: ScriptedCcip) -> None:
    """Two of three serve the newest block without its logs, as nodes do (boundless' issue 1538)."""
    ccip.mine_all(3)
    watcher.tick()
    ccip.forge(LANE)
    late = [(eye, eye.alter_logs) for eye in watcher.eyes[BETA][:2]]
    for eye, _ in late:
        eye.alter_logs = lambda *_: []
    watcher.tick()
    assert ccip.votes(BETA) == []
    for eye, honest in late:
        eye.alter_logs = honest
    ccip.mine_all(3)
    watcher.tick()
    watcher.tick()
    assert len(ccip.votes(BETA)) == 1
    twice = [signal for signal in watcher.service.signals.values() if "read twice" in signal.summary]
    assert len(twice) == 1


def test_a_log_that_enough_invented_and_then_don_t_show_again_blinds_for_a_quarter_of_an_hour_not_for_good(
    watcher: Watcher, ccip: ScriptedCcip
) -> None:
    """Nobody knows which reading is true, and nothing a person could do at the node would tell it."""
    ccip.send(LANE)
    for eye in watcher.eyes[BETA][:2]:
        eye.alter_logs = invent_something(ccip, BETA)
    ccip.mine(BETA)
    watcher.tick()
    for eye in watcher.eyes[BETA]:
        eye.alter_logs = lambda _, logs: logs
    ccip.mine_all(3)
    watcher.tick()
    assert "lost logs" in watcher.http.get("/health").json()["health"]["blind"][str(BETA)]
    assert any("read twice" in signal.summary for signal in watcher.service.signals.values())
    watcher.tick(after_ms=800_000)
    ccip.mine(BETA)
    watcher.tick()
    assert watcher.http.get("/health").status_code == 503
    ccip.now_ms += 100_000
    ccip.mine_all()
    for _ in range(3):
        watcher.tick()
    recorded = [log for block in watcher.service.store.history() for log in block.logs if block.chain == BETA]
    assert recorded == ccip.rpcs[BETA].logs_in(
        0, ccip.rpcs[BETA].head.number, watched_addresses(ccip.deployment.chain(BETA))
    )
    assert watcher.service.watches[BETA].blind_reason(ccip.now_ms) is None
    assert "Endpoints disagree" in watcher.why_not(LANE)  # its quiet begins only now


def test_what_is_said_of_endpoints_for_people_and_for_prometheus(watcher: Watcher, ccip: ScriptedCcip) -> None:
    watcher.eyes[ALPHA][2].is_silent = True
    ccip.mine_all(2)
    watcher.tick()
    (chain,) = [one for one in watcher.http.get("/chains").json()["chains"] if one["selector"] == str(ALPHA)]
    assert chain["endpoints"] == "3 endpoints, 2 must agree"
    assert [asked["number"] for asked in chain["asked"]] == [1, 2, 3]
    assert [asked["head"] for asked in chain["asked"]] == [2, 2, 0]
    assert chain["asked"][2]["faults"]["unreachable"] > 0
    assert "silent" in chain["asked"][2]["problem"]
    text = watcher.http.get("/metrics").text
    assert 'rmn_endpoint_head_block{chain="geth-testnet",endpoint="1"} 2.0' in text
