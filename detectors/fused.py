"""All statistics of a chain as one compiled fold: surprises, what they mean, and what they mean together.

One call folds any number of flows, so a live event is a batch of one and a batch is a loop: live, batch and chunked
agree with `==`. The last line of the tails is the *combination*: of the last ten minutes the rarest of each kind of
evidence, in bits, the highest kind set aside and the others added up. So it asks what still speaks when the strongest
witness is sent out: a whale is a large amount and nothing else, an airdrop a crowd and nothing else. The sum is
calibrated like any other surprise, so that kinds which often speak together on quiet days are not counted as if they
were independent. It has no opinion before two kinds have one.

Each chain keeps an *account* of the alarms that it stated in the calendar quarter (`account`). When as many came as
were promised, none is stated before more days have earned one, and the limits are the curse budget's: what is learnt
meanwhile is learnt of a wilder chain. What may curse is never held back.

A statistic may also name bits from which on its surprise is a claim whatever the chain's past was like: a loss that is
one in itself. It waits for the same days and takes from the same account.

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

from detectors import account as accounts
from detectors import flows, tail
from detectors.compiled import kernel
from detectors.registry import all_statistics
from detectors.stats import drawdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from detectors.settings import Settings

TOGETHER_S = 600
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
    alarm_bits: tuple[float, ...]
    """From which surprise on a claim is an alarm whatever its rate; infinite for what only its rarity makes one."""
    strict_bits: tuple[float, ...]
    """From which on it may curse."""
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
        alarm_bits=_bits_of(settings.drawdown_alarm_share),
        strict_bits=_bits_of(settings.drawdown_curse_share),
        grace_days=settings.grace_days,
        cooldown_s=settings.cooldown_s,
    )


def _bits_of(share: float) -> tuple[float, ...]:
    """Of each line: what losing this share of the liquidity surprises by; infinite for those that don't tell."""
    bits = drawdown.bits_of_share(share)
    return (*(bits if of is drawdown.Drawdown else math.inf for of in STATISTICS), math.inf)


def empty_states(token_lines: int) -> tuple[NDArray[Any], ...]:
    """Each statistic's own array, that has seen nothing."""
    return tuple(statistic.empty_state(token_lines) for statistic in STATISTICS)


def empty_together() -> NDArray[np.float64]:
    """For each statistic: the bits of its rarest lately (-1: none), and when."""
    return np.vstack([np.full(_COUNT, -1.0), np.zeros(_COUNT)])


def _in_turn(steps: Sequence[Callable[..., float]]) -> Callable[..., None]:
    """One compiled function that calls all steps, each with its own state: the first, then the rest."""
    if not steps:

        @kernel()
        def nothing(states: object, flow: object, ceilings: object, surprises: object, at: int) -> None:
            pass

        return nothing
    first, rest = steps[0], _in_turn(steps[1:])

    @kernel()
    def each(states: Any, flow: Any, ceilings: Any, surprises: Any, at: int) -> None:
        surprises[at] = first(states[0], flow, ceilings[at])
        rest(states[1:], flow, ceilings, surprises, at + 1)

    return each


_surprise = _in_turn([statistic.step for statistic in STATISTICS])


@kernel(makes_arrays=True)
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


@kernel()
def _claim(  # noqa: PLR0917  compiled, by position
    line: Any, surprise: float, rate: float, strict_rate: float, alarm_bits: float, strict_bits: float
) -> int:
    """What a surprise is: rarer than a budget allows or, once enough was seen, beyond what any past excuses."""
    if line[tail.CEILING] == np.inf or surprise < min(line[tail.CEILING], alarm_bits):
        return QUIET
    return STRICT if strict_rate > 0.0 and (rate <= strict_rate or surprise >= strict_bits) else ALARM


@kernel()
def _level(line: Any, claim: int, has_room: bool, time_s: int, cooldown_s: int) -> int:
    """The level to state now: none while an alarm that was stated goes on, unless it became graver."""
    if claim == QUIET:
        return QUIET
    level = claim if claim == STRICT or has_room else QUIET
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
    _reach(accounts, reached)
    sources = [Path(module.__file__ or "") for _, module in sorted(reached.items())]
    models = sorted(Path(__file__).parent.glob("models/*.npz"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (Path(flows.__file__), *sources, *models))).hexdigest()


def _cached_fold(digest: str) -> Callable[..., None]:
    @kernel(makes_arrays=True, cache=True)
    def fold(  # noqa: PLR0917  compiled, by position
        states: Any,
        tails: Any,
        together: Any,
        account: Any,
        batch: Any,
        alarm_rates: Any,
        strict_rates: Any,
        alarm_bits: Any,
        strict_bits: Any,
        grace_days: int,
        cooldown_s: int,
        rates: Any,
        levels: Any,
    ) -> None:
        assert digest
        surprises = np.empty(_COUNT + 1)
        ceilings = np.empty(_COUNT + 1)
        learnt = np.empty(_COUNT + 1)
        promised = 0.0
        for line in range(_COUNT + 1):
            promised += alarm_rates[line]
        for row in range(len(batch)):
            flow = batch[row]
            time_s = flow[flows.TIME_S]
            accounts.open_day(account, time_s)
            is_open = accounts.has_room(account, promised)
            for line in range(_COUNT + 1):
                limit = alarm_rates[line] if is_open else strict_rates[line]
                # The combination's bits come from days that were waited for already.
                days = grace_days if line < _COUNT else 0.0
                learnt[line] = tail.ceiling_at(tails[line], time_s, days, limit)
                ceilings[line] = min(learnt[line], alarm_bits[line]) if learnt[line] < np.inf else np.inf
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
                    claim = _claim(tails[line], surprise, rate, strict_rates[line], alarm_bits[line], strict_bits[line])
                    has_room = accounts.has_room(account, promised)
                    levels[row, line] = _level(tails[line], claim, has_room, time_s, cooldown_s)
                    tail.learn(tails[line], surprise, learnt[line])
                    if levels[row, line] == ALARM:
                        accounts.spend(account)

    return fold


MODELS_HASH = _digest()
"""Names the statistics' code and their frozen models."""
fold = _cached_fold(MODELS_HASH)
"""`fold(states, tails, together, account, batch, *limits, rates, levels)`: folds the flows of `batch` in their order.

All that it carries is changed in place.

`rates` (float64) and `levels` (int8) are filled, a line a flow: statistics first, the combination last. A rate is
infinite where a statistic has no opinion or has not seen enough.
"""
