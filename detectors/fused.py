"""All statistics of a chain as one compiled fold: surprises, what they mean, and what they mean together.

One call folds any number of flows, so a live event is a batch of one and a batch is a loop: live, batch and chunked
agree with `==`. The last line of the tails is the *combination*: of the last ten minutes the rarest of each kind of
evidence, in bits, the highest kind set aside and the others added up. So it asks what still speaks when the strongest
witness is sent out: a whale is a large amount and nothing else, an airdrop a crowd and nothing else. The sum is
calibrated like any other surprise, so that kinds which often speak together on quiet days are not counted as if they
were independent. It has no opinion before two kinds have one.

Each chain keeps an *account* of the alarms that it stated. When more came within a quarter than its share of the budget
promises, every limit is halved for each alarm beyond, down to the curse budget's, until they have faded: a chain whose
days have become wilder than its past says less often what is only somewhat rare. What may curse is never tightened.

Compiled code is cached. numba looks for changes in the file of the cached function only, though it compiles into it
what it calls from others; so a digest of them all is part of that function.
"""

from __future__ import annotations

import hashlib
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors import flows, tail
from detectors.compiled import njit
from detectors.registry import all_statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from detectors.settings import Settings

TOGETHER_S = 600
_ACCOUNT_DAYS = 91.0  # a quarter: for so long, in the mean, an alarm stands in the account
_SPENT = 0
_SPENT_DAY = 1
QUIET, ALARM, STRICT = 0, 1, 2
"""Levels of a claim: nothing to say; rarer than the alarm budget allows; rarer than the curse budget allows."""


STATISTICS = all_statistics()
"""In the order of states, tails, rates and levels; the combination stands last in the latter three."""
_KINDS = sorted({statistic.kind for statistic in STATISTICS if statistic.kind is not None})
_KIND_OF = np.array([_KINDS.index(of.kind) if of.kind else -1 for of in STATISTICS], dtype=np.int64)
_COUNT = len(STATISTICS)
_KIND_COUNT = len(_KINDS)


class Limits(NamedTuple):
    """From which rate on (quiet days a day) a claim on one chain is worth stating; of each line, in their order."""

    alarm_rates: tuple[float, ...]
    strict_rates: tuple[float, ...]
    grace_days: int
    """Days that a chain must have been watched before anything is claimed of it."""
    cooldown_s: int
    """A statistic that stays in alarm is not stated again before it was quiet for this long."""


def limits_of(settings: Settings, chains: int) -> Limits:
    """The budgets, shared out evenly over chains.

    On each, half goes to the combination, a quarter to the statistics of value, since value is what is lost, and a
    quarter to all others.
    """
    of_value = [statistic.kind == "value" for statistic in STATISTICS]
    shares = [0.25 / of_value.count(is_value) for is_value in of_value] + [0.5]
    alarm, strict = (
        budget / max(1, chains) for budget in (settings.false_alarms_per_day, settings.false_curses_per_day)
    )
    return Limits(
        alarm_rates=tuple(alarm * share for share in shares),
        strict_rates=tuple(strict * share for share in shares),
        grace_days=settings.grace_days,
        cooldown_s=settings.cooldown_s,
    )


def empty_states(token_lines: int) -> tuple[NDArray[Any], ...]:
    """Each statistic's own array, that has seen nothing."""
    return tuple(statistic.empty_state(token_lines) for statistic in STATISTICS)


def empty_together() -> NDArray[np.float64]:
    """For each statistic: the bits of its rarest lately (-1: none), and when."""
    return np.vstack([np.full(_COUNT, -1.0), np.zeros(_COUNT)])


def empty_account() -> NDArray[np.float64]:
    """The alarms that were stated on the chain of late, fading, and the day up to which they faded."""
    return np.zeros(2)


def _in_turn(steps: Sequence[Callable[..., float]]) -> Callable[..., None]:
    """One compiled function that calls all steps, each with its own state: the first, then the rest."""
    if not steps:

        @njit(cache=False)
        def nothing(states: object, flow: object, ceilings: object, surprises: object, at: int) -> None:
            pass

        return nothing
    first, rest = steps[0], _in_turn(steps[1:])

    @njit(cache=False)
    def each(states: Any, flow: Any, ceilings: Any, surprises: Any, at: int) -> None:
        surprises[at] = first(states[0], flow, ceilings[at])
        rest(states[1:], flow, ceilings, surprises, at + 1)

    return each


_surprise = _in_turn([statistic.step for statistic in STATISTICS])


@njit(cache=False)
def _combine(together: Any, rates: Any, time_s: int, alarm_rates: Any) -> float:
    """The bits of the last ten minutes, the most of each kind, added up but for the highest; -1 for no opinion."""
    most = np.full(_KIND_COUNT, -1.0)
    for index in range(_COUNT):
        if _KIND_OF[index] < 0:
            continue
        is_over = time_s - together[1, index] > TOGETHER_S
        bits = tail.bits_of(max(rates[index], alarm_rates[index])) if rates[index] < np.inf else -1.0
        if bits >= together[0, index] or is_over:
            together[0, index] = bits
            together[1, index] = time_s
        most[_KIND_OF[index]] = max(most[_KIND_OF[index]], together[0, index])
    said = highest = total = 0.0
    for bits in most:
        if bits >= 0:
            said += 1
            total += bits
            highest = max(highest, bits)
    return float(total - highest) if said > 1 else -1.0


@njit(cache=False)
def _share_left(account: Any, time_s: int, promised: float) -> float:
    """The part of its budget that each line may still use: half for each alarm beyond those promised for a quarter."""
    day = max(float(time_s // 86400), account[_SPENT_DAY])
    account[_SPENT] *= math.exp((account[_SPENT_DAY] - day) / _ACCOUNT_DAYS)
    account[_SPENT_DAY] = day
    return float(2.0 ** -max(0.0, account[_SPENT] - promised))


@njit(cache=False)
def _level(  # noqa: PLR0917  compiled, by position
    line: Any, surprise: float, rate: float, strict_rate: float, time_s: int, cooldown_s: int
) -> int:
    """The level to state now: none while an alarm that was stated goes on, unless it became graver."""
    if surprise < line[tail.CEILING]:
        return QUIET
    level = STRICT if strict_rate > 0.0 and rate <= strict_rate else ALARM
    is_going_on = time_s < line[tail.ALARM_UNTIL_S]
    line[tail.ALARM_UNTIL_S] = time_s + cooldown_s
    if is_going_on and level <= line[tail.ALARM_LEVEL]:
        return QUIET
    line[tail.ALARM_LEVEL] = level
    return level


def _reach(module: ModuleType, reached: dict[str, ModuleType]) -> None:
    """Add the module and those of ours that its names come from."""
    if module.__name__ not in reached:
        reached[module.__name__] = module
        for thing in vars(module).values():
            name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", None) or ""
            if (origin := sys.modules.get(name)) is not None and name.startswith("detectors."):
                _reach(origin, reached)


def _digest() -> str:
    """Of every file that is compiled into the fold, the flows' columns and the frozen models."""
    reached: dict[str, ModuleType] = {}
    for statistic in STATISTICS:
        _reach(sys.modules[statistic.__module__], reached)
    _reach(tail, reached)
    sources = [Path(module.__file__ or "") for _, module in sorted(reached.items())]
    models = sorted(Path(__file__).parent.glob("models/*.npz"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (Path(flows.__file__), *sources, *models))).hexdigest()


def _cached_fold(digest: str) -> Callable[..., None]:
    @njit(cache=True)
    def fold(  # noqa: PLR0917  compiled, by position
        states: Any,
        tails: Any,
        together: Any,
        account: Any,
        batch: Any,
        alarm_rates: Any,
        strict_rates: Any,
        grace_days: int,
        cooldown_s: int,
        rates: Any,
        levels: Any,
    ) -> None:
        assert digest
        surprises = np.empty(_COUNT + 1)
        ceilings = np.empty(_COUNT + 1)
        promised = 0.0
        for line in range(_COUNT + 1):
            promised += alarm_rates[line] * _ACCOUNT_DAYS
        for row in range(len(batch)):
            flow = batch[row]
            time_s = flow[flows.TIME_S]
            share = _share_left(account, time_s, promised)
            for line in range(_COUNT + 1):
                limit = max(alarm_rates[line] * share, strict_rates[line])
                # The combination's bits come from days that were waited for already.
                days = grace_days if line < _COUNT else 0.0
                ceilings[line] = tail.ceiling_at(tails[line], time_s, days, limit)
            _surprise(states, flow, ceilings, surprises, 0)
            for line in range(_COUNT + 1):
                if line == _COUNT:
                    surprises[line] = _combine(together, rates[row], time_s, alarm_rates)
                surprise = surprises[line]
                rates[row, line] = np.inf
                levels[row, line] = QUIET
                if surprise >= 0:
                    rate = tail.rate_of(tails[line], surprise)
                    rates[row, line] = rate
                    levels[row, line] = _level(tails[line], surprise, rate, strict_rates[line], time_s, cooldown_s)
                    tail.learn(tails[line], surprise, ceilings[line])
                    account[_SPENT] += levels[row, line] != QUIET

    return fold


MODELS_HASH = _digest()
"""Names the statistics' code and their frozen models."""
fold = _cached_fold(MODELS_HASH)
"""`fold(states, tails, together, account, batch, *limits, rates, levels)`: folds the flows of `batch` in their order.

All that it carries is changed in place.

`rates` (float64) and `levels` (int8) are filled, a line a flow: statistics first, the combination last. A rate is
infinite where a statistic has no opinion or has not seen enough.
"""
