"""Generated histories are histories: readable, possible, the same for the same seed, with the truth kept apart."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.backtest.history import read_history
from detectors.backtest.scenarios import quiet
from detectors.backtest.scenarios.bridge import draw_bridge
from detectors.backtest.scenarios.catalogue import SHAPES, SIZES, THIN, Rate, Scenario, attack_scenarios, draw
from detectors.backtest.scenarios.quiet import draw_traffic
from detectors.backtest.scenarios.shapes.target import draw_target
from detectors.backtest.scenarios.write import COLUMNS, write_history
from detectors.frames import Executed, Sent

BRIEF = Rate("brief", a_day=20, chains=3, tokens=4, days=12, quiet_days=12)
TRUTH = {"matched", "match_tx_hash", "match_timestamp", "latency_s", "label", "label_detail", "window"}
MATCHED_ON_BOTH_SIDES = {"finality_break", "config_change", "poisoned_view"}


def written(tmp_path, scenario, seed):
    drawn = draw(scenario, seed)
    path = tmp_path / f"{scenario.name}-{seed}.parquet"
    write_history(path, drawn.bridge, drawn.messages)
    return drawn, path


def test_there_are_forty_attack_scenarios_of_ten_shapes():
    scenarios = attack_scenarios()
    assert len({scenario.name for scenario in scenarios}) >= 40
    assert {scenario.shape for scenario in scenarios} == set(SHAPES)


def test_the_same_seed_gives_the_same_history_and_another_seed_another(tmp_path):
    scenario = Scenario(BRIEF, "crowd", "small")
    first, second = (draw(scenario, 1) for _ in range(2))
    assert first.messages == second.messages
    assert first.messages != draw(scenario, 2).messages
    _, path = written(tmp_path, scenario, 1)
    once = pq.read_table(path)
    written(tmp_path, scenario, 1)
    assert pq.read_table(path).equals(once)


def test_a_history_has_the_columns_of_the_data_readme_and_reads_back(tmp_path):
    drawn, path = written(tmp_path, Scenario(BRIEF), 3)
    assert tuple(pq.read_schema(path).names) == COLUMNS
    assert set(COLUMNS) >= TRUTH
    rows = read_history(path).rows
    assert sum(isinstance(row, Sent) for row in rows) == len(drawn.messages)
    assert sum(isinstance(row, Executed) for row in rows) == sum(m.executed_s is not None for m in drawn.messages)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_truth_stands_in_the_truth_columns_alone(tmp_path, shape):
    drawn, path = written(tmp_path, Scenario(BRIEF, shape, "large"), 1)
    for row in pq.read_table(path).to_pylist():
        telling = {name: value for name, value in row.items() if name not in TRUTH}
        assert "attack" not in repr(telling)
        assert shape not in repr(telling)
    labels = pq.read_table(path, columns=["label"]).column("label").to_pylist()
    sides = sum((message.sent_s is not None) + (message.executed_s is not None) for message in drawn.attack)
    assert labels.count("attack") == sides > 0


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_an_attack_takes_its_share_and_is_matched_only_where_its_shape_says_so(shape, size):
    for seed in range(3):
        drawn = draw(Scenario(BRIEF, shape, size), seed)
        forged = [message for message in drawn.attack if message.sent_s is None]
        assert bool(forged) is (shape not in MATCHED_ON_BOTH_SIDES)
        for message in drawn.attack:
            assert message.executed_s is not None
            assert drawn.bridge.start_s < message.executed_s < drawn.bridge.end_s
            assert message.sent_s is None or message.sent_s < message.executed_s
            assert message.amount_micro > 0


@pytest.mark.parametrize("shape", sorted(SHAPES.keys() - {"sweep", "crowd", "hop_and_split", "poisoned_view"}))
def test_a_shape_of_one_token_takes_the_share_it_was_told_to(shape):
    random = np.random.default_rng(4)
    bridge = draw_bridge(random, days=12, a_day=40, chains=3, tokens=6)
    traffic = draw_traffic(random, bridge)
    at_s = bridge.start_s + 8 * 86_400
    target = draw_target(random, bridge, traffic, at_s, 0.4)
    stolen = SHAPES[shape](random, target)
    assert {message.token for message in stolen} == {target.token}
    escrow = traffic.liquidity_micro(target.token, at_s)
    assert sum(message.amount_micro for message in stolen) == pytest.approx(0.4 * escrow, rel=0.01)
    assert min(message.executed_s for message in stolen) == at_s


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), chains=st.integers(3, 4), tokens=st.integers(6, 10))
def test_nobody_sends_what_is_not_there(seed, chains, tokens):
    random = np.random.default_rng(seed)
    bridge = draw_bridge(random, days=8, a_day=40, chains=chains, tokens=tokens)
    with pytest.MonkeyPatch.context() as poor:
        poor.setattr(quiet, "_ESCROW_DAYS", (0.2, 0.5))
        traffic = draw_traffic(random, bridge)
    held = defaultdict(int, traffic.held_micro)
    moves = []
    for message in traffic.messages:
        moves.append((message.sent_s, 0, message.lane.source, message.token, -message.amount_micro))
        if message.executed_s is not None:
            assert message.executed_s > message.sent_s
            moves.append((message.executed_s, -1, message.lane.dest, message.token, message.amount_micro))
        assert message.amount_micro % bridge.tokens[message.token].grain_micro == 0
    for _, _, chain, token, amount in sorted(moves):
        held[chain, token] += amount
        assert held[chain, token] >= 0


def test_a_thin_bridge_carries_what_ccip_carried():
    drawn = draw(Scenario(THIN._replace(quiet_days=90)), 5)
    usd = [drawn.bridge.usd(m.token, m.amount_micro, m.sent_s) for m in drawn.messages]
    assert 30 < len(drawn.messages) / 90 < 150
    assert len(drawn.bridge.lanes) == 6
    assert 351 / 4 < np.quantile(usd, 0.25) < 351 * 4
    assert 1_665 / 3 < np.quantile(usd, 0.5) < 1_665 * 3
