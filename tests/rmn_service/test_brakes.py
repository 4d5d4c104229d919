"""What holds automatic curses back, and what nothing holds back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.detector import Severity, Signal
from detectors.slices import RuleGrounds, Slice
from rmn_service.brakes import Acted, KillSwitch, Limits, held_back
from rmn_service.config import load_config
from rmn_service.curses import GLOBAL
from rmn_service.detection import finality_row
from rmn_service.errors import ConfigError
from rmn_service.maintenance import Window, muting
from rmn_service.policy import Reach
from rmn_service.policy_config import PolicyConfig
from rmn_service.times import time_text
from tests.rmn_service.conftest import write_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ROOT = Path(__file__).parent.parent.parent
ALPHA, BETA, GAMMA = (
    ChainSelector(selector) for selector in (3379446385462418246, 7759470850252068959, 4489326297382772450)
)
LANE, OTHER = Lane(ALPHA, BETA), Lane(ALPHA, GAMMA)
OFF, HOUR_MS, DAY_MS = KillSwitch(), 3_600_000, 86_400_000
ON = {"on": True, "reason": "the detectors go mad"}


def statistic(lane: Lane, at_s: int, severity: Severity = Severity.CRITICAL, id_: str = "s1") -> Signal:
    return Signal(
        id=id_,
        detector="outflow_spike",
        is_exact=False,
        severity=severity,
        score=0.97,
        lanes=(lane,),
        chain=lane.source,
        block_number=1,
        block_hash="0xab",
        tx_hash="0xcd",
        at_s=at_s,
        known_at_ms=at_s * 1000,
        rows=("0xab:1",),
        summary="an outflow that no quiet day had",
        value_micro_usd=10**12,
        evidence={},
    )


def say(node: NodeUnderTest, signal: Signal) -> None:
    """As if the judge had just given it; what it rests on is any statement at all."""
    now_ms = node.ccip.now_ms
    row = finality_row(signal.chain, 1, bytes(32), None, now_ms)
    with node.service.lock:
        node.service._hearing._said.append((signal, RuleGrounds(row, Slice({}, {}))))
        node.service._hear(now_ms)


class TestLimits:
    acted = st.lists(st.builds(Acted, st.text("ab", max_size=2), st.integers(0, 2 * DAY_MS), st.booleans()), max_size=8)

    @given(acted, st.integers(0, 3 * DAY_MS))
    def test_without_limits_nothing_waits(self, acted: list[Acted], now_ms: int) -> None:
        assert held_back(False, acted, OFF, Limits(), now_ms) is None

    @given(acted, st.integers(0, 3 * DAY_MS), st.integers(0, 3), st.integers(0, 7200))
    def test_proof_never_waits_unless_told_to(
        self, acted: list[Acted], now_ms: int, curses_a_day: int, cooldown_s: int
    ) -> None:
        limits = Limits(cooldown_s, curses_a_day)
        assert held_back(True, acted, OFF, limits, now_ms) is None

    @given(acted, st.integers(2 * DAY_MS, 3 * DAY_MS), st.integers(0, 3), st.booleans())
    def test_a_days_budget(self, acted: list[Acted], now_ms: int, curses_a_day: int, is_exact: bool) -> None:
        used = len({act for act in acted if now_ms - act.at_ms < DAY_MS})
        held = held_back(is_exact, acted, OFF, Limits(0, curses_a_day, "all"), now_ms)
        assert (held is not None) == (used >= curses_a_day)

    def test_a_cooldown_ends_to_the_millisecond(self) -> None:
        acted, limits = [Acted("a", 1_000, False)], Limits(cooldown_s=60)
        held = held_back(False, acted, OFF, limits, 60_999)
        assert held is not None
        assert "1 s of policy.cooldown_s = 60 left" in held
        assert held_back(False, acted, OFF, limits, 61_000) is None

    @pytest.mark.parametrize("is_exact", [True, False])
    def test_the_kill_switch_holds_proof_too(self, is_exact: bool) -> None:
        held = held_back(is_exact, [], KillSwitch(True, "alice", 5, "drill"), Limits(), 10)
        assert held is not None
        assert "alice: drill" in held


# INV-CURSE-9
class TestKillSwitch:
    def test_it_stops_the_node_and_not_the_people(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        assert node.act("alice", "/kill-switch", ON).json()["kill_switch"]["is_on"] is True
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        assert not any(ccip.votes(selector) for selector in ccip.rpcs)
        (incident,) = node.http.get("/incidents").json()["incidents"]
        assert incident["decision"]["reach"] == "curse"
        assert "kill switch is on (alice" in incident["decision"]["held_back"]
        assert incident["decision"]["withholds"] is True
        held = [alert for alert in node.heard.alerts if alert.kind == "curse_held_back"]
        node.tick(5_000)
        assert len(held) == [alert.kind for alert in node.heard.alerts].count("curse_held_back") == 1  # said once
        body = {"kind": "curse", "subjects": ["1337:424242"], "reason": "by hand"}
        made = node.act("alice", "/proposals", body).json()["id"]
        node.act("bob", f"/proposals/{made}/approve")
        assert node.service.voter.settle(10)
        assert len(ccip.votes(GAMMA)) == 1

    def test_it_survives_a_restart_and_only_an_approver_lets_go_on(
        self, node: NodeUnderTest, ccip: ScriptedCcip, start_node: Callable[..., NodeUnderTest]
    ) -> None:
        node.act("alice", "/kill-switch", ON)
        node.stop()
        again = start_node()
        assert again.http.get("/status").json()["status"]["kill_switch"]["by"] == "alice"
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        again.tick()
        assert not any(ccip.votes(selector) for selector in ccip.rpcs)
        off = {"on": False, "reason": "checked"}
        assert again.act("alice", "/kill-switch", off).status_code == 403
        assert again.act("bob", "/kill-switch", off).status_code == 200
        again.tick(1_000)
        assert len(ccip.votes(BETA)) == 1
        kinds = [row["kind"] for row in again.http.get("/audit?limit=1000").json()["audit"]]
        assert kinds.count("kill switch") == 2

    def test_it_stops_what_is_under_way_and_not_on_a_chain_yet(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.answer_views()
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.service.tick(ccip.now_ms, [BETA])
        ccip.rpcs[BETA].cut_off()
        node.tick()
        assert (len(ccip.votes(ALPHA)), len(ccip.votes(BETA))) == (1, 0)
        node.act("alice", "/kill-switch", ON)
        ccip.rpcs[BETA].restore()
        for _ in range(3):
            node.tick(40_000)
        assert len(ccip.votes(BETA)) == 0
        node.act("bob", "/kill-switch", {"on": False, "reason": "checked"})
        node.tick(40_000)
        assert len(set(ccip.votes(BETA))) == 1  # the same bytes may be offered more than once


def test_a_budget_that_covers_all_lets_one_curse_go_and_holds_the_next(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
) -> None:
    node = start_node(more='[policy]\ncurses_a_day = 1\nlimits_cover = "all"')
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    ccip.forge(OTHER)
    ccip.level()
    node.tick(1_000)
    assert (len(ccip.votes(BETA)), len(ccip.votes(GAMMA))) == (1, 0)
    budgets = node.http.get("/status").json()["status"]["budgets"]
    assert (budgets["automatic_curses_24h"], budgets["curses_held_back"]) == (1, 1)
    ccip.now_ms += DAY_MS
    node.tick()
    assert len(ccip.votes(GAMMA)) == 1  # a day later there is a new budget, and the theft is still a theft


class TestMaintenance:
    @given(st.integers(0, 400), st.sampled_from([(), (LANE,), (OTHER,), (LANE, OTHER)]), st.booleans())
    def test_statistics_of_its_lanes_in_its_time_and_nothing_else(
        self, at_s: int, lanes: tuple[Lane, ...], is_exact: bool
    ) -> None:
        window = Window("w", lanes, 100_000, 300_000, "upgrade", "alice")
        signal = replace(statistic(LANE, at_s), is_exact=is_exact)
        expected = not is_exact and 100 <= at_s < 300 and (not lanes or LANE in lanes)
        assert (muting([window], signal) == "w") is expected

    @pytest.mark.parametrize("is_muted", [True, False])
    def test_a_muted_statistic_is_kept_and_decides_nothing(
        self, node: NodeUnderTest, ccip: ScriptedCcip, is_muted: bool
    ) -> None:
        ccip.mine_all(3)
        if is_muted:
            self.announce(node, f"{LANE.source}:{LANE.dest}")
        say(node, statistic(LANE, ccip.now_ms // 1000))
        node.tick()
        (incident,) = node.http.get("/incidents").json()["incidents"]
        assert len(incident["signals"]) == 1
        assert incident["decision"]["reach"] == ("watch" if is_muted else "curse")
        assert incident["decision"]["withholds"] is not is_muted
        assert (incident["grounds"][0]["muted_by"] is not None) is is_muted
        assert bool(ccip.votes(BETA)) is not is_muted
        assert ("incident" in node.heard.kinds()) is not is_muted

    # INV-CURSE-8
    def test_a_theft_during_maintenance_is_a_theft(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.mine_all(3)
        self.announce(node)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        assert len(ccip.votes(BETA)) == 1

    def test_what_is_loud_after_it_counts(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        """A muted ground of the same kind must not stand in the way of a later one, however much higher it scored."""
        ccip.mine_all(3)
        made = self.announce(node, f"{LANE.source}:{LANE.dest}")
        say(node, statistic(LANE, ccip.now_ms // 1000))
        node.tick()
        assert node.act("bob", f"/maintenance/{made}/end").status_code == 200
        ccip.now_ms += 60_000
        loud = replace(statistic(LANE, ccip.now_ms // 1000, id_="s2"), score=0.5)
        say(node, loud)
        node.tick()
        assert len(ccip.votes(BETA)) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"end": "2019-01-01T00:00:00Z"},
            {"end": "2031-01-01T00:00:00Z"},
            {"start": "yesterday"},
            {"start": "2026-01-01T00:00:00"},
            {"lanes": ["1:2"]},
            {"reason": ""},
        ],
    )
    def test_what_is_half_said_is_refused(self, node: NodeUnderTest, change: dict[str, object]) -> None:
        now_ms = node.ccip.now_ms
        body = {"start": time_text(now_ms), "end": time_text(now_ms + HOUR_MS), "reason": "upgrade"}
        assert node.act("alice", "/maintenance", body | change).status_code == 422
        assert node.http.get("/maintenance").json()["maintenance"] == []

    def test_it_survives_a_restart(self, node: NodeUnderTest, start_node: Callable[..., NodeUnderTest]) -> None:
        made = self.announce(node)
        node.stop()
        (window,) = start_node().http.get("/maintenance").json()["maintenance"]
        assert (window["id"], window["by"], window["is_active"]) == (made, "alice", True)

    def announce(self, node: NodeUnderTest, *lanes: str) -> str:
        now_ms = node.ccip.now_ms
        body = {
            "lanes": lanes,
            "start": time_text(now_ms),
            "end": time_text(now_ms + HOUR_MS),
            "reason": "pool upgrade",
        }
        answer = node.act("alice", "/maintenance", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


# INV-CURSE-8
class TestTheTableOfAnOperator:
    def test_it_may_be_lowered(self) -> None:
        policy = PolicyConfig(
            table={"statistic_critical": ("watch", "withhold", "withhold")},
            caps={"interval_gap": {"critical": "withhold"}},
        )
        table = policy.effective_table()
        assert table.rows["statistic", Severity.CRITICAL][2] is Reach.WITHHOLD
        assert table.rows["exact", Severity.CRITICAL][2] is Reach.CURSE
        assert table.caps["interval_gap", Severity.CRITICAL] is Reach.WITHHOLD
        assert table.caps["config_changed", Severity.CRITICAL] is Reach.WITHHOLD

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('table = { exact_warning = ["watch", "withhold", "curse"] }', "may be lowered, not raised"),
            ('table = { statistic_warning = ["watch", "withhold", "curse"] }', "may be lowered, not raised"),
            ('table = { exact_critical = ["withhold", "withhold", "curse"] }', "may be lowered, not raised"),
            ('table = { exact_critical = ["watch", "withhold", "watch"] }', "must not reach less far"),
            ('table = { exact_fatal = ["watch", "watch", "watch"] }', "unknown row"),
            ('caps = { config_changed = { critical = "curse" } }', "at most withhold"),
            ("withhold_score_min = 0.9\ncurse_score_min = 0.5", "what curses must withhold too"),
            ("reaffirm_after_s = 1", "greater than or equal to 3600"),
            ("cooldown = 5", "unknown key"),
        ],
    )
    def test_it_may_not_be_raised(self, start_node: Callable[..., NodeUnderTest], text: str, said: str) -> None:
        with pytest.raises(ConfigError, match=said):
            start_node(more=f"[policy]\n{text}")

    def test_what_the_manual_shows_is_accepted(self, ccip: ScriptedCcip) -> None:
        blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/policy.md").read_text(), re.DOTALL)
        config = load_config(write_config(ccip.folder, more=blocks[0]))
        assert config.policy.curses_a_day == 20
        assert config.policy.effective_table().rows["statistic", Severity.CRITICAL][2] is Reach.WITHHOLD

    def test_a_lowered_table_is_what_the_node_does(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        node = start_node(more='[policy]\ntable = { exact_critical = ["watch", "withhold", "withhold"] }')
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        (incident,) = node.http.get("/incidents").json()["incidents"]
        assert incident["decision"]["reach"] == "withhold"
        assert not any(ccip.votes(selector) for selector in ccip.rpcs)
        shown = node.http.get("/settings").json()["settings"]["policy"]
        assert shown["table"]["exact_critical"] == ["watch", "withhold", "withhold"]


@pytest.mark.parametrize("allowed", ["never", "proven"])
def test_forgeries_on_two_lanes_into_a_chain_close_it_where_that_is_allowed(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, allowed: str
) -> None:
    node = start_node(more=f'[policy]\nglobal_curse = "{allowed}"')
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    assert GLOBAL not in {subject for vote in ccip.votes(BETA) for subject in vote.subjects}
    ccip.forge(Lane(GAMMA, BETA))
    ccip.level()
    node.tick(1_000)
    voted = {subject for vote in ccip.votes(BETA) for subject in vote.subjects}
    assert (GLOBAL in voted) is (allowed == "proven")
    for selector in (ALPHA, GAMMA):  # the other chains keep their other lanes
        assert GLOBAL not in {subject for vote in ccip.votes(selector) for subject in vote.subjects}
    reaches = {item["decision"]["reach"] for item in node.http.get("/incidents").json()["incidents"]}
    assert reaches == {"curse_global" if allowed == "proven" else "curse"}
