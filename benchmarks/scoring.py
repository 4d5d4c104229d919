"""What it costs to score a flow, beside plain Python, pandas, river and pyod.

Six compiled statistics and the same six in Python must state equal surprises before anything is timed. The pandas side
computes the features of the six (`pandas_features`) and judges nothing. river and pyod are timed on four numbers of a
flow, on fewer rows since they are slow. The last lines are the whole fold that a node runs: all statistics, their
calibration and their combination.

Batches are timed in CPU time of one thread, which a busy machine lengthens less; single flows by the clock.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import python_statistics as plain
from benchmarks.flow_stream import draw_flows
from benchmarks.pandas_features import pandas_features
from detectors import fused
from detectors.compiled import kernel
from detectors.flows import IS_RELEASE, TIME_S, TOKEN, VALUE
from detectors.folding import LINES, State
from detectors.registry import all_statistics
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_ROWS = 100_000
_RIVAL_ROWS = 2_000
_LIVE_ROWS = 20_000
_REPEATS = 3
_CEILING = 12.0
"""Bits from which on nothing is learnt: so that the branch is taken now and then."""
_START_S = 1_700_006_400
_DAYS = 120
_TOKENS = 64
_EQUAL_SHARE = 0.995
"""A table of fixed size forgets a party now and then, a dictionary never does."""

PLAIN: dict[str, Callable[[], plain.PlainStatistic]] = {
    "net_flow_drift": plain.NetFlowDrift,
    "outflow_share_of_liquidity": plain.OutflowShareOfLiquidity,
    "outflow_spike": plain.OutflowSpike,
    "outflow_value": plain.OutflowValue,
    "transfer_rate": plain.TransferRate,
    "unusual_amount": plain.UnusualAmount,
}
"""By the name of the statistic that it says the same as."""
_SIX = [statistic for statistic in all_statistics() if statistic.name in PLAIN]
_S0, _S1, _S2, _S3, _S4, _S5 = (statistic.step for statistic in _SIX)


@kernel()
def score_six(states: Any, flow: Any, surprises: Any) -> None:
    """One live event."""
    surprises[0] = _S0(states[0], flow, _CEILING)
    surprises[1] = _S1(states[1], flow, _CEILING)
    surprises[2] = _S2(states[2], flow, _CEILING)
    surprises[3] = _S3(states[3], flow, _CEILING)
    surprises[4] = _S4(states[4], flow, _CEILING)
    surprises[5] = _S5(states[5], flow, _CEILING)


@kernel()
def score_six_batch(states: Any, flows: Any, surprises: Any) -> None:
    """Many, in order, one statistic after the other: each rests on its own state alone."""
    for row in range(len(flows)):
        surprises[row, 0] = _S0(states[0], flows[row], _CEILING)
    for row in range(len(flows)):
        surprises[row, 1] = _S1(states[1], flows[row], _CEILING)
    for row in range(len(flows)):
        surprises[row, 2] = _S2(states[2], flows[row], _CEILING)
    for row in range(len(flows)):
        surprises[row, 3] = _S3(states[3], flows[row], _CEILING)
    for row in range(len(flows)):
        surprises[row, 4] = _S4(states[4], flows[row], _CEILING)
    for row in range(len(flows)):
        surprises[row, 5] = _S5(states[5], flows[row], _CEILING)


def empty_six() -> tuple[NDArray[Any], ...]:
    """The six states, that have seen nothing."""
    return tuple(statistic.empty_state(_TOKENS) for statistic in _SIX)


class PlainSix:
    """The same six for a loop in plain Python."""

    def __init__(self) -> None:
        self._steps = [PLAIN[statistic.name]().step for statistic in _SIX]

    def score(self, flow: plain.Flow) -> list[float]:
        """Their surprises."""
        return [step(flow, _CEILING) for step in self._steps]


def run() -> Iterator[tuple[str, float, float, str]]:
    """What was measured: name, ours, the rival's, unit."""
    flows = draw_flows(np.random.default_rng(8), _ROWS, _START_S, _START_S + _DAYS * 86_400)
    _check_equal(flows)
    rows = [tuple(flow) for flow in flows.tolist()]
    batch_s, plain_s, pandas_s, live_s, plain_live_s = [], [], [], [], []
    for _ in range(_REPEATS):  # in turns, so that a noisy neighbour hurts all
        batch_s.append(_seconds(lambda: score_six_batch(empty_six(), flows, np.empty((_ROWS, 6)))))
        plain_s.append(_seconds(lambda: list(map(PlainSix().score, rows))))
        pandas_s.append(_seconds(lambda: pandas_features(flows)))
        live_s += _live_six(flows)
        plain_live_s += _each_s(PlainSix().score, rows[:_LIVE_ROWS])
    ours, python, pandas = (_ROWS / statistics.median(each) for each in (batch_s, plain_s, pandas_s))
    yield "score six statistics, batch (rival: the same in Python)", ours, python, "flows/s"
    yield "score six statistics, batch (rival: the same features in pandas, nothing judged)", ours, pandas, "flows/s"
    live = 1 / statistics.median(live_s)
    yield (
        "score six statistics, one live flow (rival: the same in Python)",
        live,
        1 / statistics.median(plain_live_s),
        "flows/s",
    )
    yield "the same, 99th percentile", _p99(live_s) * 1e6, _p99(plain_live_s) * 1e6, "µs"
    for name, rate in (("river HalfSpaceTrees, scaled, score and learn", _river), ("pyod ECOD, one point", _pyod)):
        found = rate(flows[:_RIVAL_ROWS])
        if found is not None:
            yield f"score six statistics, one live flow (rival: {name})", live, found, "flows/s"
    whole_s = _live_whole(flows)
    name = f"all {LINES - 1} statistics, calibrated and combined, one live flow, {{}} (rival: the six in Python)"
    yield name.format("median"), statistics.median(whole_s) * 1e6, statistics.median(plain_live_s) * 1e6, "µs"
    yield name.format("99th percentile"), _p99(whole_s) * 1e6, _p99(plain_live_s) * 1e6, "µs"


def _check_equal(flows: NDArray[np.int64]) -> None:
    """Both sides say the same; compiles ours by the way."""
    flows = flows[:_LIVE_ROWS]
    ours = np.empty((len(flows), 6))
    score_six_batch(empty_six(), flows, ours)
    python = PlainSix()
    theirs = np.array([python.score(tuple(flow)) for flow in flows.tolist()])
    equal = (np.abs(ours - theirs) < 1e-9).mean(axis=0)
    differ = [statistic.name for statistic, share in zip(_SIX, equal, strict=True) if share <= _EQUAL_SHARE]
    assert not differ, f"ours and plain Python disagree: {', '.join(differ)}"


def _live_six(flows: NDArray[np.int64]) -> list[float]:
    states, surprises = empty_six(), np.empty(6)
    score_six(states, flows[0], surprises)
    return _each_s(lambda flow: score_six(states, flow, surprises), flows[1:_LIVE_ROWS])


def _live_whole(flows: NDArray[np.int64]) -> list[float]:
    """As `folding` calls it for a block with one flow."""
    state, limits = State.empty(), fused.limits_of(Settings(), 1)
    rates, levels = np.empty((1, LINES)), np.empty((1, LINES), dtype=np.int8)
    state.make_room(_TOKENS)
    carried = (state.states, state.tails, state.together, state.account)
    fused.fold(*carried, flows[:1], *limits, rates, levels)
    singles = [flows[row : row + 1] for row in range(1, _LIVE_ROWS)]
    return _each_s(lambda flow: fused.fold(*carried, flow, *limits, rates, levels), singles)


def _river(flows: NDArray[np.int64]) -> float | None:
    try:
        from river import (  # type: ignore[import-not-found]  # noqa: PLC0415  in requirements.bench.lock alone
            anomaly,
            compose,
            preprocessing,
        )
    except ImportError:
        return _tell_missing("river")
    model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=8))
    points = [dict(enumerate(point)) for point in _points(flows).tolist()]

    def score(point: dict[int, float]) -> None:
        model.score_one(point)
        model.learn_one(point)

    return 1 / statistics.median(_each_s(score, points))


def _pyod(flows: NDArray[np.int64]) -> float | None:
    try:
        from pyod.models.ecod import ECOD  # type: ignore[import-not-found]  # noqa: PLC0415  in requirements.bench.lock alone
    except ImportError:
        return _tell_missing("pyod")
    points = _points(flows)
    model = ECOD()
    model.fit(points)
    return 1 / statistics.median(_each_s(model.decision_function, [points[row : row + 1] for row in range(300)]))


def _tell_missing(name: str) -> float | None:
    sys.stderr.write(f"{name}: not installed: `make bench` installs it\n")
    return None


def _points(flows: NDArray[np.int64]) -> NDArray[np.float64]:
    gaps_s = np.diff(flows[:, TIME_S], prepend=flows[0, TIME_S])
    columns = (np.log2(flows[:, VALUE]), gaps_s, flows[:, TOKEN], flows[:, IS_RELEASE])
    return np.column_stack(columns).astype(np.float64)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _each_s(work: Callable[[Any], object], items: Any) -> list[float]:
    """How long each took."""
    took: deque[float] = deque()
    for item in items:
        start = time.perf_counter()
        work(item)
        took.append(time.perf_counter() - start)
    return list(took)


def _p99(took_s: list[float]) -> float:
    return float(np.percentile(took_s, 99))


if __name__ == "__main__":
    for what, one, other, unit in run():
        sys.stdout.write(f"{what}: {one:,.4g} against {other:,.4g} {unit}\n")
