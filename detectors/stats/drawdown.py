"""So much of what the bridge holds has left, against what came in, that it is a loss whatever the past was like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import escrow, usual, windows
from detectors.compiled import kernel
from detectors.flows import IS_MINTED, IS_PRICED, IS_RELEASE, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HOURS = 24
_PARTS = 28  # of six hours: the week
_PART_S = 21_600

_HOUR = escrow.WIDTH  # the newest hour, and the balance at the beginning of each of the last 24
_PART = _HOUR + 1 + _HOURS  # the same of the week
_TODAY = _PART + 1 + _PARTS  # the day's highest quiet level, of 24 hours and of a week
_LATELY = _TODAY + 2  # that of each of the last seven days, by day
_TOP = _LATELY + 14  # the highest of the days before those, fading
_ACTIVE = _TOP + 2  # days with a flow
_UNSEEN = _ACTIVE + 1  # all that was ever released beyond the known balance: it came from nowhere we saw
_WIDTH = _UNSEEN + 1

_LIMIT_SHARE = 0.30
_AT_LIMIT_BITS = 10.0  # of a share that stands at its limit: a thousandth of its odds says 0
_WEEK_DAYS = 7  # what a week takes must not excuse itself: days tell what is usual when they are out of the window
_WEEK = usual.ONE  # seven days may lose twice the odds of one: what honest people take in a week partly comes back
_TOKEN = 2 * usual.ONE  # one token's escrow is a few people's, and may lose four times the odds of the whole
_MARGIN = usual.ONE  # twice the odds of the highest quiet day are without precedent
_FADE = usual.ONE // 64  # a day: what was the highest is a bit lower after two months
_FADED_OUT_DAYS = 1_000
_OWN_DAYS = 7  # a token's first days are its filling and tests with dust
_LEFT_SHARE = 64  # who leaves a 64th leaves nothing
_MATERIAL_SHARE = 32  # a token that held less of the chain's value is small change
_UNSEEN_SHARE = 16  # where more than that of a balance was ever unseen, as on every chain that mints, it is no escrow
_TOKEN_BITS_MAX = 0.75  # beyond its limit: one token leaving is an alarm, no reason to stop a chain


def bits_of_share(share: float) -> float:
    """The surprise from which on a chain has lost more than this share, in (0, 1], within a day; infinite for all."""
    if share >= 1.0:
        return math.inf
    return _AT_LIMIT_BITS + math.log2(share / (1.0 - share)) - math.log2(_LIMIT_SHARE / (1.0 - _LIMIT_SHARE))


_LIMIT = math.floor(math.log2(_LIMIT_SHARE / (1.0 - _LIMIT_SHARE)) * usual.ONE)


@kernel()
def _start(line: NDArray[Any], at: int, buckets: int, bucket: int) -> int:
    """Bring the balances at buckets' beginnings up to date; the one at the beginning of the window."""
    newest = line[at]
    if bucket > newest:
        for passed in range(max(newest + 1, bucket - buckets + 1), bucket + 1):
            line[at + 1 + passed % buckets] = line[escrow.BALANCE]
        line[at] = bucket
        newest = bucket
    return int(line[at + 1 + (newest + 1) % buckets])


@kernel()
def _end_days(line: NDArray[Any], day: int) -> None:
    passed = day - line[escrow.DAY]
    if passed > 0:
        escrow.fade(line, passed)
        for window in range(2):
            top = line[_TOP + window] - min(passed, _FADED_OUT_DAYS) * _FADE
            for ended in range(min(passed, _WEEK_DAYS + 1)):
                slot = _LATELY + window * _WEEK_DAYS + (line[escrow.DAY] + ended) % _WEEK_DAYS
                top = max(top, line[slot])
                line[slot] = line[_TODAY + window] if ended == 0 else usual.NO_LEVEL
            line[_TOP + window] = max(top, usual.NO_LEVEL)
            line[_TODAY + window] = usual.NO_LEVEL
        line[_ACTIVE] += 1
        line[escrow.DAY] = day


@kernel()
def _is_escrow(line: NDArray[Any], held: int) -> bool:
    """Whether what was held is locked here, and all of it was seen to come."""
    return bool(held > 0 and line[_UNSEEN] <= held // _UNSEEN_SHARE)


@kernel()
def _level(start: int, left: int) -> int:
    """log2 of what has gone since for each unit that is left, in fixed point."""
    if left >= start:
        return int(usual.NO_LEVEL)
    return int(usual.level_of(start - left) - usual.level_of(max(left, start // _LEFT_SHARE, 1)))


@kernel()
def _beyond(line: NDArray[Any], of_day: int, of_week: int, allowed: int) -> float:
    """By how many bits the worse of the two is above its limit: the default, or what quiet days before showed."""
    return float(max(_above(of_day, line[_TOP], allowed), _above(of_week, line[_TOP + 1], allowed + _WEEK)) / usual.ONE)


@kernel()
def _above(level: int, top: int, allowed: int) -> int:
    """A precedent counts up to the default limit: what was quiet only by an earlier precedent sets none."""
    limit = _LIMIT + allowed
    return int(level - max(limit, min(top, limit) + _MARGIN))


@kernel()
def _note(line: NDArray[Any], of_day: int, of_week: int) -> None:
    line[_TODAY] = max(line[_TODAY], of_day)
    line[_TODAY + 1] = max(line[_TODAY + 1], of_week)


@kernel()
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Book the flow for its token and its chain; a release is judged by what both held a day and a week ago."""
    if flow[TOKEN] <= 1 or flow[IS_PRICED] != 1 or flow[IS_MINTED] == 1:
        return NOT_MINE
    line = state[flow[TOKEN]]
    chain = state[1]
    value = flow[VALUE]
    time_s = max(flow[TIME_S], chain[escrow.DAY] * windows.DAY_S)
    _end_days(line, time_s // windows.DAY_S)
    _end_days(chain, time_s // windows.DAY_S)
    line_day = _start(line, _HOUR, _HOURS, time_s // windows.HOUR_S)
    line_week = _start(line, _PART, _PARTS, time_s // _PART_S)
    chain_day = _start(chain, _HOUR, _HOURS, time_s // windows.HOUR_S)
    chain_week = _start(chain, _PART, _PARTS, time_s // _PART_S)
    if flow[IS_RELEASE] != 1:
        escrow.receive(line, value)
        escrow.receive(chain, value)
        return NOT_MINE
    line[_UNSEEN] = windows.add_saturating(line[_UNSEEN], escrow.release(line, value))
    chain[_UNSEEN] = windows.add_saturating(chain[_UNSEEN], escrow.release(chain, value))
    of_day = _level(line_day, line[escrow.BALANCE])
    of_week = _level(line_week, line[escrow.BALANCE])
    chain_of_day = _level(chain_day, chain[escrow.BALANCE])
    chain_of_week = _level(chain_week, chain[escrow.BALANCE])
    surprise = NOT_MINE
    if _is_escrow(chain, max(chain_day, chain_week)):
        surprise = max(0.0, _AT_LIMIT_BITS + _beyond(chain, chain_of_day, chain_of_week, 0))
    held = max(line_day, line_week)
    is_material = held > chain[escrow.HIGH] // _MATERIAL_SHARE and line[_ACTIVE] >= _OWN_DAYS
    if is_material and _is_escrow(line, held):
        beyond = min(_TOKEN_BITS_MAX, _beyond(line, of_day, of_week, _TOKEN))
        surprise = max(0.0, surprise, _AT_LIMIT_BITS + beyond)
    if surprise < ceiling:
        _note(line, of_day, of_week)
        _note(chain, chain_of_day, chain_of_week)
    return surprise


class Drawdown(Statistic):
    """How much less all priced tokens of a chain, or one of them, hold than they held 24 hours and 7 days ago.

    Measured in bits: the odds of what has gone, net of what came in, against what is left, log2, less the odds at
    which that is a loss in itself. At ten bits an alarm is stated whatever the chain's days were like: by default at
    30 % of the whole within 24 hours (`drawdown_alarm_share`); it curses only where `drawdown_curse_share` says so;
    so nobody can take half of an escrow because its past was wild. Seven days are allowed twice the odds of one (46
    %), one token four times those of the whole (63 %, in a week 77 %); one token's loss alone is no reason to curse
    by default. Quiet days raise a limit, never lower it: what is less than twice the odds of the highest quiet day,
    which fades by half in two months, is no loss without precedent; the last seven days set none, so that a drip does
    not excuse itself, and a day beyond the default limit counts as one that just reached it, so that a thief who takes,
    brings back and takes more a week later doesn't either. So no past excuses 46 % of the whole within 24 hours, 63 %
    within seven days.

    The default is from Nomad's Ethereum in the 90 days from 2022-02-10, before any span that is tested: the worst day
    took 13 % of what was held, the worst week 21 %, the worst day of one material token 56 %. 30 % are nearly three
    times the odds of 13 %, 46 % more than three times those of 21 %.

    Assumes that liquidity comes in through the bridge that is watched: no opinion where more than a 16th of what was
    held was ever released without having been seen to come (an escrow that was filled before the watch began), on a
    token that the chain mints (what nobody locked can't be drained), on one without a price, on one that held less
    than a 32nd of the whole, or in its first week. Fails on an honest migration or a bank run, which are losses of
    liquidity too; on a drip below the limits, over and over; after a fall in price, when the balance, counted at what
    it was worth when it came, hides a part of the loss; after a rise, when it overstates it.

    Says 0 until a thousandth of the limit's odds has gone. Does not learn from what was anomalous. Rests on both
    releases and the messages that lock.

    Source: outflow over what the lane holds as in research/detection.md section 3 (B6) and the drawdowns of its
    section 4; the rest is ours.
    """

    name: ClassVar[str] = "drawdown"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "A large part of what the bridge holds, or holds of {token}, left within days."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: balances now and before, the highest quiet drawdowns."""
        state = np.zeros((lines, _WIDTH), dtype=np.int64)
        state[:, _TODAY : _TOP + 2] = usual.NO_LEVEL
        return state
