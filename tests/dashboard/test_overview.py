"""The overview answers, over no node, an empty, a quiet, an incident, a blind and a silent one: is anything wrong?"""

from __future__ import annotations

import socket

from ccip_core.protocol import events
from ccip_core.protocol.messages import ChainSelector, RateLimiterConfig
from dashboard import words
from rmn_service.policy import Target
from tests.dashboard.conftest import LANE


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_without_nodes_the_page_says_what_to_do(look):
    page = look("overview")
    assert [info.value for info in page.info] == [words.NO_NODES]
    assert not page.metric


def test_a_quiet_network(look, situation, table):
    situation.add_node()
    situation.add_node()
    situation.deliver()
    page = look("overview", *situation.urls)
    shown = metrics(page)
    assert shown[words.METRIC_NODES] == "2 of 2"
    assert shown[words.METRIC_LANES] == "6 of 6"
    assert shown[words.METRIC_INCIDENTS] == shown[words.METRIC_CURSES] == "0"
    assert [one.value for one in page.success] == [words.ALL_QUIET.format(lanes=6)]
    assert not page.error
    assert set(table(page, "source", "dest", "state")["state"]) == {"quiet"}


def test_an_attack_is_told_where_since_when_and_what_was_done(look, situation):
    situation.add_node()
    situation.deliver()
    situation.forge()
    page = look("overview", *situation.urls)
    (told,) = [one.value for one in page.error]
    assert told.startswith("**Critical: ")
    assert "geth-testnet → anvil-devnet" in told
    assert "UTC" in told
    assert words.DONE_VOTING.format(of=2) in told
    assert not page.success


def test_what_could_be_taken_is_told_with_what_bounds_it_and_that_a_curse_guards_it(look, situation):
    node = situation.add_node()
    situation.deliver()
    pool = situation.ccip.deployment.chain(LANE.dest).tokens[0].pool
    sending = RateLimiterConfig(is_enabled=True, capacity=10**24, rate=10**18)
    receiving = RateLimiterConfig(is_enabled=True, capacity=12_500 * 10**18, rate=0)
    situation.ccip.mine(LANE.dest, (pool, events.ChainConfigured(LANE.source, sending, receiving)))
    situation.forge()
    assert "up to 12,500 BNM can be taken at once" in look("overview", *situation.urls).error[0].value
    situation.ccip.price(LANE.dest, 3)
    situation.ccip.level()
    situation.tick()
    told = look("overview", *situation.urls).error[0].value
    assert f"up to 37.5k USD can be taken at once (BNM: {words.BOUNDS['limit']})" in told
    (incident,) = node.http.get("/incidents?severity=critical").json()["incidents"]
    for target in incident["decision"]["targets"]:
        situation.ccip.curse(Target(ChainSelector(int(target["chain"])), target["subject"]))
    situation.ccip.level()
    situation.tick()
    assert words.GUARDED.format(most="up to 37.5k USD") in look("overview", *situation.urls).error[0].value


def test_a_curse_is_shown_by_name_and_counted_as_done(look, situation, table):
    node = situation.add_node()
    situation.deliver()
    situation.forge()
    (incident,) = node.http.get("/incidents").json()["incidents"]
    for target in incident["decision"]["targets"]:
        situation.ccip.curse(Target(ChainSelector(int(target["chain"])), target["subject"]))
    situation.ccip.level()
    situation.tick()
    page = look("overview", *situation.urls)
    assert metrics(page)[words.METRIC_CURSES] == "2"
    assert sorted(table(page, "against")["against"]) == ["anvil-devnet", "geth-testnet"]
    cursed = table(page, "source", "dest", "state").query("state == 'cursed'")
    assert {*zip(cursed["source"], cursed["dest"], strict=True)} == {
        ("geth-testnet", "anvil-devnet"),
        ("anvil-devnet", "geth-testnet"),
    }
    assert "2 of 2" in page.error[0].value


def test_nodes_that_disagree_are_named_and_the_worst_is_shown(look, situation, table):
    seeing = situation.add_node()
    situation.add_node()
    situation.deliver()
    situation.ccip.forge(LANE)
    situation.ccip.level()
    seeing.tick()  # the other has not read that far yet
    page = look("overview", *situation.urls)
    lanes = table(page, "source", "dest", "state")
    accused = lanes[(lanes["source"] == "geth-testnet") & (lanes["dest"] == "anvil-devnet")]
    assert list(accused["state"]) == ["withheld"]
    assert any("geth-testnet → anvil-devnet" in one.value for one in page.warning)


def test_blind_is_never_quiet(look, situation, table):
    situation.add_node()
    situation.deliver()
    situation.go_blind()
    page = look("overview", *situation.urls)
    assert metrics(page)[words.METRIC_NODES] == "0 of 1"
    assert set(table(page, "source", "dest", "state")["state"]) == {"blind"}
    assert not page.success
    assert any("geth-testnet" in one.value for one in page.warning)


def test_a_silent_node_is_said_to_be_silent(look, situation, table):
    situation.add_node()
    situation.deliver()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        page = look("overview", *situation.urls, silent)
        assert any(words.SILENT_NODES in one.value for one in page.warning)
        assert list(table(page, "node", "posture")["state"]) == ["fresh", "silent"]
        page = look("overview", silent)
        assert [one.value for one in page.error] == [words.ALL_SILENT]


def test_a_root_that_cannot_be_true_is_told_and_one_that_is_only_early_is_not(look, situation):
    nodes = [situation.add_node(), situation.add_node()]
    situation.deliver()
    situation.ccip.send(LANE)
    early = situation.ccip.claim(LANE, 2, 2)

    def ask(last, root):
        asked = {"source": str(LANE.source), "dest": str(LANE.dest), "on_ramp": "0x" + early.on_ramp.hex()}
        asked |= {"min_seq": "2", "max_seq": last, "root": "0x" + root.hex()}
        for node in nodes:
            (told,) = node.http.post("/blessings", json={"roots": [asked]}).json()["results"]
            assert told["verdict"] == "withheld"

    ask("2", early.root)
    situation.ccip.mine_all(3)
    situation.tick()
    assert not look("overview", *situation.urls).warning
    ask("9", b"\x07" * 32)
    situation.ccip.mine_all(3)
    situation.tick()
    (told,) = [one.value for one in look("overview", *situation.urls).warning]
    assert "messages 2 to 9" in told
    assert "geth-testnet → anvil-devnet" in told
    assert "by 2 nodes" in told
