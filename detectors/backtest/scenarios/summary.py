"""What the suite found, as Markdown, and which promises it breaks."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from detectors.backtest.intervals import upper_95
from detectors.backtest.scenarios.catalogue import SHAPES, SIZES
from detectors.backtest.scenarios.trial import REACTION_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from detectors.backtest.scenarios.trial import Detection, Trial
    from detectors.settings import Settings

_HEAD = """\
{scenarios} attack scenarios (shape x rate x size) x {seeds} seeds = {attacks} attacks, and {quiet} quiet histories,
{rows:,} rows; drawn by `detectors.backtest.scenarios`, judged by `run_backtest` with default settings (`config_hash`
{hash}). No threshold, constant or model was set on any of them. Made by `make scenarios`; the same seeds give the same
histories.

Small attacks take 10 to 30 % of the token's escrow, large ones 30 to 75 %. Thin bridges carry about 53 messages a day
over 6 lanes (CCIP in the second half of 2024), steady ones 300 over 12, both more during airdrops, panics and
migrations. Statistics are silent for the first {grace_days} days, which count as nothing here; nor
does what a statistic says within a day after an attack, which its longest window still holds."""
_LEGEND = f"""\
*Seen*: any true signal; *rules*, *statistics*: one of theirs; *curse by statistics*: one beyond the curse budget.
Delay: median over the attacks seen, from the attack's first row to the first signal. Averted: mean share of the loot
that leaves more than {REACTION_S} s after the first signal grave enough for a curse; the ceiling is what leaves after
the first second. `poisoned_view` and `config_change` are consistent on both sides, so only statistics can see them."""
_QUIET_HEAD = (
    "| histories | judged days | lane-days | false alarms by statistics | budget | a day (95 %: below) | a lane-day |"
    " false signals by rules | false curses |"
)


def promises_broken(trials: Sequence[Trial], settings: Settings) -> list[str]:
    """One line for each; nothing when all is kept."""
    quiet = [trial for trial in trials if trial.detection is None]
    curses = sum(sum(trial.false_curses.values()) for trial in trials)
    alarms, days = _statistical(quiet), sum(trial.days for trial in quiet)
    broken = []
    if curses:
        broken.append(f"false curses = {curses}: must be 0")
    if alarms > settings.false_alarms_per_day * days:
        allowed = settings.false_alarms_per_day * days
        broken.append(f"false alarms = {alarms} in {days:.0f} quiet days: the budget is {allowed:.0f}")
    return broken


def render(trials: Sequence[Trial], settings: Settings) -> str:
    """The report."""
    attacks = [trial for trial in trials if trial.detection is not None]
    seeds = sorted({trial.seed for trial in attacks})
    scenarios = list(dict.fromkeys(trial.scenario.name for trial in attacks))
    lines = [
        "# Generated scenarios",
        "",
        _HEAD.format(
            scenarios=len(scenarios),
            seeds=len(seeds),
            attacks=len(attacks),
            quiet=len(trials) - len(attacks),
            rows=sum(trial.rows for trial in trials),
            hash=settings.hash[:12],
            grace_days=settings.grace_days,
        ),
        "",
        "## By shape",
        "",
        _LEGEND,
        "",
        *_shape_table([(shape, [o for o in attacks if o.scenario.shape == shape]) for shape in SHAPES], attacks),
        "",
        "## By rate and size",
        "",
        *_shape_table(
            [
                (f"{rate}, {size}", [o for o in attacks if (o.scenario.rate.name, o.scenario.size) == (rate, size)])
                for rate in dict.fromkeys(o.scenario.rate.name for o in attacks)
                for size in SIZES
            ],
            attacks,
        ),
        "",
        "## Recall by shape and detector",
        "",
        "The share of a shape's attacks of which the detector gave a true signal; those that gave none are left out.",
        "",
        *_detector_table(attacks),
        "",
        "## Quiet traffic",
        "",
        *_quiet_tables(trials, settings),
    ]
    return "\n".join(lines) + "\n"


def _shape_table(groups: Iterable[tuple[str, Sequence[Trial]]], attacks: Sequence[Trial]) -> list[str]:
    lines = [
        "| | attacks | seen | rules | statistics | curse by statistics | delay s | averted | by statistics | ceiling |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, group in [*groups, ("all", attacks)]:
        seen = [trial.detection for trial in group if trial.detection is not None]
        if not seen:
            continue
        named = group[0].statistics
        delays = [min(one.delays_s.values()) for one in seen if one.delays_s]
        cells = (
            str(len(seen)),
            _share(seen, lambda one: bool(one.delays_s)),
            _share(seen, lambda one, named=named: bool(one.delays_s.keys() - named)),  # type: ignore[misc]
            _share(seen, lambda one, named=named: bool(one.delays_s.keys() & named)),  # type: ignore[misc]
            _share(seen, lambda one: one.statistic_curse_delay_s is not None),
            f"{statistics.median(delays):,.0f}" if delays else "",
            _mean([one.averted_share for one in seen]),
            _mean([one.averted_by_statistics for one in seen]),
            _mean([one.ceiling_share for one in seen]),
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _detector_table(attacks: Sequence[Trial]) -> list[str]:
    shapes = [shape for shape in SHAPES if any(trial.scenario.shape == shape for trial in attacks)]
    of_shape = {
        shape: [o.detection for o in attacks if o.scenario.shape == shape and o.detection is not None]
        for shape in shapes
    }
    detectors = sorted({name for o in attacks if o.detection is not None for name in o.detection.delays_s})
    lines = [f"| | {' | '.join(shapes)} |", "|---" * (len(shapes) + 1) + "|"]
    for name in detectors:
        hits = [sum(name in one.delays_s for one in of_shape[shape]) / len(of_shape[shape]) for shape in shapes]
        lines.append(f"| {name} | {' | '.join(f'{hit:.0%}' if hit else '' for hit in hits)} |")
    return lines


def _quiet_tables(trials: Sequence[Trial], settings: Settings) -> list[str]:
    quiet = [trial for trial in trials if trial.detection is None]
    attacks = [trial for trial in trials if trial.detection is not None]
    lines = [
        _QUIET_HEAD,
        "|---" * 9 + "|",
    ]
    for name, group in (("quiet", quiet), ("with an attack, outside of it", attacks)):
        days, lane_days = sum(o.days for o in group), sum(o.lane_days for o in group)
        if not days:
            continue
        alarms = _statistical(group)
        by_rules = sum(sum(trial.false_signals.values()) for trial in group) - alarms
        lines.append(
            f"| {len(group)} {name} | {days:,.0f} | {lane_days:,.0f} | {alarms} |"
            f" {settings.false_alarms_per_day * days:.1f} | {alarms / days:.4f} ({upper_95(alarms, days):.4f}) |"
            f" {alarms / lane_days:.5f} | {by_rules} | {sum(sum(trial.false_curses.values()) for trial in group)} |"
        )
    return [
        *lines,
        "",
        f"False signals in quiet histories by detector: {_counted(trial.false_signals for trial in quiet)}.",
        f"In histories with an attack: {_counted(trial.false_signals for trial in attacks)}.",
        f"False curses in all: {_counted(trial.false_curses for trial in trials)}{_where(trials)}.",
    ]


def _where(trials: Sequence[Trial]) -> str:
    """The histories with false curses, so that each can be drawn again."""
    named = [f"{trial.scenario.name} seed {trial.seed}" for trial in trials if trial.false_curses]
    return f" ({', '.join(named)})" if named else ""


def _counted(counts: Iterable[Mapping[str, int]]) -> str:
    """The most frequent first."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return ", ".join(f"{name} {count}" for name, count in total.most_common()) or "none"


def _statistical(trials: Iterable[Trial]) -> int:
    """False signals of detectors that are no rules."""
    return sum(count for trial in trials for name, count in trial.false_signals.items() if name in trial.statistics)


def _share(seen: Sequence[Detection], is_so: Callable[[Detection], bool]) -> str:
    return f"{sum(map(is_so, seen)) / len(seen):.0%}"


def _mean(shares: Sequence[float | None]) -> str:
    known = [share for share in shares if share is not None]
    return f"{sum(known) / len(known):.0%}" if known else ""
