"""Would a limit that was fitted on the past have kept its promise afterwards? Fold by fold, never looking ahead.

Statistics are folds, so a rate at any time rests on what came before it. What is fitted is one number, the *scale*:
by how much the limits that follow from the budget could have been widened in the fit span without more false alerts
than promised there. Each test span is judged at the scale of all that lies before it; the next fit span includes it.
Known attacks of the fit span are left out of its count, as an operator would.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.backtest.metrics import benign_days
from detectors.backtest.sweep import alert_times, in_order, is_during, limits_at, of_span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from detectors.backtest.rates import Rates
    from detectors.backtest.report import Judged

FOLDS = 4
SCALES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0)
"""Candidates; 1 is what the budget says. The fit may widen, but a quiet past is a weak reason to: at most by four."""


class Fold(NamedTuple):
    """One fit span, from the beginning to `split_s`, and the test span that follows it."""

    split_s: int
    until_s: int
    """The test span ends before it."""
    scale: float
    fit_days: float
    fit_false_alerts: int
    test_days: float
    test_false_alerts: int
    expected_false_alerts: float
    """What the promise allows of the test span, on average."""
    attacks: int
    """That began in the test span."""
    detected: int


def walk_forward(rates: Rates, judged: Judged, chains: int, folds: int = FOLDS) -> list[Fold]:
    """Equal spans of time: the first is only fitted on, each later one is tested once.

    Args:
        rates: of the replay.
        judged: its outcomes, attacks and settings; the promise is that of the settings.
        chains: over which the budget is shared out.
        folds: how many spans are tested.
    """
    if not judged.outcomes:
        return []
    first_s, until_s = judged.outcomes[0].time_s, judged.outcomes[-1].time_s + 1
    edges = [first_s + (until_s - first_s) * part // (folds + 1) for part in range(1, folds + 2)]
    within = of_span(rates, judged)
    limits = limits_at(judged.settings, chains, judged.settings.false_alarms_per_day)
    alerts = {
        scale: in_order(
            [alert_times(within, line, scale * limit, judged.settings.cooldown_s) for line, limit in enumerate(limits)]
        )
        for scale in SCALES
    }
    return [_fold(alerts, judged, span) for span in pairwise(edges)]


def as_json(folds: Sequence[Fold]) -> list[dict[str, Any]]:
    """Folds as objects."""
    return [fold._asdict() for fold in folds]


def render_walk_forward(folds: Sequence[Fold]) -> str:
    """A line a fold."""
    lines = [f"{'fit days':>9}{'scale':>8}{'test days':>11}{'false':>7}{'expected':>10}{'attacks':>9}{'detected':>10}"]
    lines += [
        f"{fold.fit_days:>9.0f}{fold.scale:>8.4g}{fold.test_days:>11.0f}{fold.test_false_alerts:>7}"
        f"{fold.expected_false_alerts:>10.2f}{fold.attacks:>9}{fold.detected:>10}"
        for fold in folds
    ]
    return "\n".join(lines)


def _fold(alerts: Mapping[float, NDArray[np.int64]], judged: Judged, span: tuple[int, int]) -> Fold:
    outcomes, attacks, promised_per_day = judged.outcomes, judged.attacks, judged.settings.false_alarms_per_day
    split_s, until_s = span
    fit_days = benign_days(outcome for outcome in outcomes if outcome.time_s < split_s)
    test_days = benign_days(outcome for outcome in outcomes if split_s <= outcome.time_s < until_s)
    known = [attack for attack in attacks if attack.first_s < split_s]
    false = {scale: int((~is_during(times[times < split_s], known)).sum()) for scale, times in alerts.items()}
    fitting = [scale for scale, count in false.items() if count <= promised_per_day * fit_days]
    scale = max(fitting, default=min(SCALES))
    tested = alerts[scale][(alerts[scale] >= split_s) & (alerts[scale] < until_s)]
    begun = [attack for attack in attacks if split_s <= attack.first_s < until_s]
    return Fold(
        split_s=split_s,
        until_s=until_s,
        scale=scale,
        fit_days=fit_days,
        fit_false_alerts=false[scale],
        test_days=test_days,
        test_false_alerts=int((~is_during(tested, attacks)).sum()),
        expected_false_alerts=promised_per_day * test_days,
        attacks=len(begun),
        detected=sum(bool(is_during(tested, [attack]).any()) for attack in begun),
    )
