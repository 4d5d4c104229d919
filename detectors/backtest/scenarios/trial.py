"""One history drawn, judged by `run_backtest` and compared with what is true, which drawing it has told."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.backtest.run import run_backtest
from detectors.backtest.scenarios.bridge import DAY_S
from detectors.backtest.scenarios.catalogue import Drawn, Scenario, draw
from detectors.backtest.scenarios.write import order_of, write_history
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.backtest.scenarios.bridge import Message

REACTION_S = 60
AFTERMATH_S = DAY_S
"""So long after an attack a statistic may still hold it in its longest window: what it says then is neither right nor
wrong."""


class Detection(NamedTuple):
    """The first true signals of an attack and what they would save."""

    delays_s: dict[str, float]
    """Of each detector that saw it."""
    averted_share: float | None
    """By a curse 60 s after the first signal grave enough for one; None: the loot has no price."""
    averted_by_statistics: float | None
    """The same with the statistics alone."""
    ceiling_share: float | None
    """By a curse in the attack's first second."""
    curse_delay_s: float | None
    """To the first signal grave enough for a curse."""
    statistic_curse_delay_s: float | None
    """The same with the statistics alone."""


class Trial(NamedTuple):
    """What one history showed."""

    scenario: Scenario
    seed: int
    rows: int
    elapsed_s: float
    lane_days: float
    """Judged: lanes times days with traffic after the grace."""
    days: float
    """Judged days of the bridge."""
    false_signals: Mapping[str, int]
    """By detector."""
    false_curses: Mapping[str, int]
    """Those of them that are grave enough for a curse, the critical ones."""
    statistics: frozenset[str]
    """The names of the detectors that are no rules."""
    detection: Detection | None
    """None in quiet histories."""


def judge(scenario: Scenario, seed: int, settings: Settings | None = None) -> Trial:
    """Draw a history, backtest it, compare."""
    settings = settings or Settings()
    started_s = time.perf_counter()
    drawn = draw(scenario, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{scenario.name}-{seed}.parquet"
        rows = write_history(path, drawn.bridge, drawn.messages)
        result = run_backtest(path, settings)
    named = {line["name"] for line in result["detectors"] if line["kind"] == "statistic"}
    stolen = drawn.attack
    first_s, last_s = _span_s(stolen)
    is_attack = [message.label == "attack" for message in order_of(drawn.messages)]
    right: list[Mapping[str, Any]] = []
    wrong: list[Mapping[str, Any]] = []
    for signal in result["signals"]:
        is_statistic, at_s = signal["detector"] in named, _second(signal["at"])
        if (is_statistic and first_s <= at_s <= last_s) or is_attack[_position(signal)]:
            right.append(signal)
        elif not (is_statistic and last_s < at_s <= last_s + AFTERMATH_S):
            wrong.append(signal)
    days = drawn.bridge.days - settings.grace_days
    return Trial(
        scenario,
        seed,
        rows,
        time.perf_counter() - started_s,
        float(_lane_days(drawn, settings.grace_days)),
        float(days),
        Counter(signal["detector"] for signal in wrong),
        Counter(signal["detector"] for signal in wrong if signal["severity"] == "critical"),
        frozenset(named),
        _detection(drawn, right, named) if stolen else None,
    )


def _span_s(stolen: Sequence[Message]) -> tuple[int, int]:
    times_s = [at_s for message in stolen for at_s in (message.sent_s, message.executed_s) if at_s is not None]
    return (min(times_s), max(times_s)) if times_s else (0, 0)


def _position(signal: Mapping[str, Any]) -> int:
    """Of the message that a signal accuses, in the order in which the history was written."""
    return int(signal["rows"][0].partition("-")[0])


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _lane_days(drawn: Drawn, grace_days: int) -> int:
    """Pairs of an open lane and a day after the grace."""
    bridge = drawn.bridge
    since = bridge.start_s + grace_days * DAY_S
    return sum(max(0, (bridge.end_s - max(since, opens_s)) // DAY_S) for opens_s in bridge.lanes_since_s)


def _detection(drawn: Drawn, right: Sequence[Mapping[str, Any]], named: set[str]) -> Detection:
    bridge, stolen = drawn.bridge, drawn.attack
    first_s, _ = _span_s(stolen)
    losses = [
        (message.executed_s, bridge.usd(message.token, message.amount_micro, message.executed_s))
        for message in stolen
        if message.executed_s is not None
    ]
    total = sum(usd for _, usd in losses)
    delays_s: dict[str, float] = {}
    grave: dict[bool, int] = {}
    for signal in sorted(right, key=lambda one: str(one["known_at"])):
        at_s = _second(signal["known_at"])
        delays_s.setdefault(signal["detector"], float(at_s - first_s))
        if signal["severity"] == "critical":
            grave.setdefault(signal["detector"] in named, at_s)

    def averted(at_s: int | None) -> float | None:
        if total <= 0:
            return None
        return 0.0 if at_s is None else sum(usd for when_s, usd in losses if when_s > at_s) / total

    curse_s, by_statistics_s = min(grave.values(), default=None), grave.get(True)
    return Detection(
        delays_s,
        averted(None if curse_s is None else curse_s + REACTION_S),
        averted(None if by_statistics_s is None else by_statistics_s + REACTION_S),
        averted(min(at_s for at_s, _ in losses)),
        None if curse_s is None else float(curse_s - first_s),
        None if by_statistics_s is None else float(by_statistics_s - first_s),
    )
