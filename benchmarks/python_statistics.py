"""The rival in the scoring benchmark: six of our statistics as one would write them in plain Python.

Dictionaries, lists, bisect and deques instead of fixed lines of numbers; the same arithmetic, so that the surprises can
be compared with the compiled ones before anything is timed. Only what a table of fixed size forgets differs.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import defaultdict, deque
from typing import Protocol

ONE = 1 << 16
NO_LEVEL = -(1 << 40)
NOT_MINE = -1.0
DAY_S = 86_400

Flow = tuple[int, ...]


class PlainStatistic(Protocol):
    """What they all are."""

    def step(self, flow: Flow, ceiling: float) -> float:
        """The flow's surprise in bits; from the ceiling on nothing is learnt."""


def level_of(value: int) -> int:
    """log2 in fixed point."""
    return math.floor(math.log2(value) * ONE) if value > 0 else NO_LEVEL


class Window:
    """The sum of the last so many buckets of time."""

    __slots__ = ("bucket_s", "buckets", "newest", "parts", "total")

    def __init__(self, buckets: int, bucket_s: int) -> None:
        self.buckets = buckets
        self.bucket_s = bucket_s
        self.parts: deque[list[int]] = deque()
        self.newest = 0
        self.total = 0

    def add(self, time_s: int, value: int) -> int:
        """Add a value at this time; the sum."""
        bucket = time_s // self.bucket_s
        parts = self.parts
        if bucket > self.newest or not parts:
            self.newest = max(bucket, self.newest)
            while parts and parts[0][0] <= self.newest - self.buckets:
                self.total -= parts.popleft()[1]
            parts.append([self.newest, 0])
        parts[-1][1] += value
        self.total += value
        return self.total


class Days:
    """The levels of the last 128 days, their median and spread."""

    __slots__ = ("centre", "count", "ranked", "ring", "spread", "today")

    def __init__(self) -> None:
        self.today = NO_LEVEL
        self.count = self.centre = self.spread = 0
        self.ring: deque[int] = deque()
        self.ranked: list[int] = []

    def remember(self, level: int) -> None:
        """Add a day."""
        ranked = self.ranked
        if len(ranked) == 128:
            del ranked[bisect_left(ranked, self.ring.popleft())]
        insort(ranked, level)
        self.ring.append(level)
        self.count += 1
        self.centre = ranked[len(ranked) // 2]
        self.spread = int((ranked[9 * len(ranked) // 10] - self.centre) / 1.2815515655446004)

    def close(self, prior: Days | None, is_priced: int) -> None:
        """The day is over."""
        if self.today > NO_LEVEL:
            if prior is not None and is_priced:
                prior.remember(self.today)
            elif prior is not None and self.count >= 7:
                prior.remember(self.today - self.centre)
            self.remember(self.today)
            self.today = NO_LEVEL

    def is_cold(self, prior: Days, is_priced: int) -> bool:
        """Too little was seen."""
        return prior.count < 10 or (not is_priced and self.count < 7)

    def usual(self, prior: Days, is_priced: int) -> int:
        """The median day."""
        if not is_priced:
            return self.centre
        days = len(self.ranked)
        return (days * self.centre + 10 * prior.centre) // (days + 10)

    def spread_with(self, prior: Days) -> int:
        """The spread of days."""
        days = len(self.ranked)
        return (days * self.spread + 10 * prior.spread) // (days + 10)

    def deviation(self, prior: Days, is_priced: int, level: int) -> float:
        """How many spreads above the usual."""
        return (level - self.usual(prior, is_priced)) / max(self.spread_with(prior), ONE // 2)

    def bits_above(self, is_priced: int, spreads: float) -> float:
        """How rare so many spreads are."""
        days = len(self.ranked) + (10 if is_priced else 0)
        t = min(spreads, 1e6) / math.sqrt(1.0 + 1.0 / days)
        degrees = min(days - 1.0, 30.0)
        z = math.sqrt(degrees * math.log1p(t * t / degrees)) * (8.0 * degrees + 1.0) / (8.0 * degrees + 3.0)
        return max(0.0, -math.log2(0.5 * math.erfc(min(math.copysign(z, t), 37.0) / math.sqrt(2.0))))


class _Outflow:
    __slots__ = ("day", "days", "windows")

    def __init__(self, spans: tuple[tuple[int, int], ...]) -> None:
        self.day = 0
        self.windows = [Window(*span) for span in spans]
        self.days = [Days() for _ in spans]


class OutflowSpike:
    """Value of a token that leaves in 10 minutes, 1 hour, 24 hours."""

    _SPANS = ((10, 60), (12, 300), (24, 3600))

    def __init__(self) -> None:
        self.tokens: dict[int, _Outflow] = defaultdict(lambda: _Outflow(self._SPANS))
        self.priors = [_Outflow(self._SPANS), _Outflow(self._SPANS)]

    def step(self, flow: Flow, ceiling: float) -> float:
        """Its surprise."""
        time_s, is_release, token, is_priced, _, _, _, _, value, _ = flow
        if not is_release:
            return NOT_MINE
        line = self.tokens[token] if token > 1 else self.priors[token]
        prior = self.priors[is_priced]
        day = time_s // DAY_S
        if day > line.day:
            for mine, others in zip(line.days, prior.days, strict=True):
                mine.close(others, is_priced)
            line.day = day
        levels = [level_of(window.add(time_s, value)) for window in line.windows]
        surprise = NOT_MINE
        if not line.days[-1].is_cold(prior.days[-1], is_priced):
            spreads = max(
                mine.deviation(others, is_priced, level)
                for mine, others, level in zip(line.days, prior.days, levels, strict=True)
            )
            surprise = line.days[-1].bits_above(is_priced, spreads)
        if surprise < ceiling:
            for mine, level in zip(line.days, levels, strict=True):
                mine.today = max(mine.today, level)
        return surprise


class OutflowValue:
    """Value of all tokens that leaves in 10 minutes, 1 hour."""

    def __init__(self) -> None:
        self.line = _Outflow(((10, 60), (12, 300)))

    def step(self, flow: Flow, ceiling: float) -> float:
        """Its surprise."""
        if not flow[1] or not flow[3]:
            return NOT_MINE
        line = self.line
        day = flow[0] // DAY_S
        if day > line.day:
            for mine in line.days:
                mine.close(None, 0)
            line.day = day
        levels = [level_of(window.add(flow[0], flow[8])) for window in line.windows]
        surprise = NOT_MINE
        last = line.days[-1]
        if last.count >= 10 and last.count >= 7:
            spreads = max(mine.deviation(mine, 0, level) for mine, level in zip(line.days, levels, strict=True))
            surprise = last.bits_above(0, spreads)
        if surprise < ceiling:
            for mine, level in zip(line.days, levels, strict=True):
                mine.today = max(mine.today, level)
        return surprise


class _Net:
    __slots__ = ("day", "days", "drift", "is_active", "net", "quiet_net", "turnover", "usual_turnover")

    def __init__(self) -> None:
        self.day = self.drift = self.net = self.quiet_net = self.turnover = self.usual_turnover = 0
        self.is_active = False
        self.days = Days()


class NetFlowDrift:
    """Outflow less inflow of a token, piled up over days."""

    def __init__(self) -> None:
        self.tokens: dict[int, _Net] = defaultdict(_Net)
        self.priors = [Days(), Days()]

    def step(self, flow: Flow, ceiling: float) -> float:
        """Its surprise."""
        time_s, is_release, token, is_priced, _, _, _, _, value, _ = flow
        if token <= 1:
            return NOT_MINE
        line = self.tokens[token]
        prior = self.priors[is_priced]
        day = time_s // DAY_S
        if day > line.day:
            self._close(line, prior, is_priced, day)
        capped = min(value, 1 << 54)
        signed = capped if is_release else -capped
        line.net = max(-(1 << 54), min(1 << 54, line.net + signed))
        surprise = NOT_MINE
        if is_release and not line.days.is_cold(prior, is_priced):
            surprise = self._drift(line, prior, is_priced) / ONE / math.log(2.0)
        if surprise < ceiling:
            line.quiet_net = max(-(1 << 54), min(1 << 54, line.quiet_net + signed))
            line.turnover += value
            line.is_active = True
        return surprise

    def _close(self, line: _Net, prior: Days, is_priced: int, day: int) -> None:
        if not line.days.is_cold(prior, is_priced):
            idle = math.floor(min(day - line.day - 1, 32.0) * 0.5 * ONE)
            line.drift = max(0, self._drift(line, prior, is_priced) - idle)
        if line.is_active:
            line.days.remember(line.quiet_net)
            prior.remember(line.quiet_net)
            line.usual_turnover += (line.turnover - line.usual_turnover) // 16
        line.net = line.quiet_net = line.turnover = 0
        line.is_active = False
        line.day = day

    @staticmethod
    def _drift(line: _Net, prior: Days, is_priced: int) -> int:
        usual = max(0, line.days.usual(prior, is_priced))
        spread = max(1, line.days.spread_with(prior if is_priced else line.days), line.usual_turnover // 4)
        today = min(3.0, max(-3.0, (line.net - usual) / spread)) - 0.5
        return int(min(16.0 * ONE, max(0.0, line.drift + math.floor(today * ONE))))


class _Amounts:
    __slots__ = ("bins", "day", "median", "parties", "seen", "top", "total")

    def __init__(self) -> None:
        self.day = self.total = self.seen = self.median = self.top = 0
        self.bins = [0] * 128
        self.parties: dict[int, tuple[int, int, int]] = {}

    def fade(self) -> None:
        """A day is over."""
        self.bins = [held - held // 64 for held in self.bins]
        self.total = sum(self.bins)
        below = 0
        self.median = 0
        for place, held in enumerate(self.bins):
            if 2 * below <= self.total:
                self.median = place
            below += held
            if held >= (1 << 20) // 64:
                self.top = place

    def count(self, place: int) -> None:
        """One release more."""
        kept = min(max(place, 0), 127)
        self.bins[kept] += 1 << 20
        self.total += 1 << 20
        self.seen += 1
        self.top = max(self.top, kept)

    def above(self, place: int) -> float:
        """Releases as large."""
        held = sum(self.bins[min(max(place, 0), 127) : self.top + 1])
        return float(held / (1 << 20) + 2.0 ** (-max(0, place - self.top) / 2.0))

    def learn(self, party: int, day: int, place: int) -> None:
        """Remember who moved how much."""
        if party > 0:
            known_day, today, before = self.parties.get(party, (day, 0, 0))
            if day > known_day:
                before, today = max(before, today), 0
            self.parties[party] = (max(day, known_day), max(today, place), before)


class UnusualAmount:
    """One release among those of its token, and against its receiver's past."""

    def __init__(self) -> None:
        self.tokens: dict[int, _Amounts] = defaultdict(_Amounts)
        self.priors = [_Amounts(), _Amounts()]

    def step(self, flow: Flow, ceiling: float) -> float:  # noqa: C901  one loop body, as one would write it
        """Its surprise."""
        time_s, is_release, token, is_priced, _, sender, receiver, _, value, _ = flow
        if token <= 1:
            return NOT_MINE
        line, prior = self.tokens[token], self.priors[is_priced]
        day = max(time_s // DAY_S, line.day)
        place = math.floor(math.log2(value) * 2.0) if value > 1 else 0
        if not is_release:
            line.learn(sender, day, place)
            return NOT_MINE
        for each in (line, prior):
            if day > each.day:
                each.fade()
                each.day = day
        surprise = NOT_MINE
        if prior.seen >= 50 and (is_priced or line.seen >= 50):
            share = prior.above(place if is_priced else place - line.median + 64) / (prior.total / (1 << 20) + 1.0)
            above = line.above(place) + 20.0 * share
            surprise = max(0.0, -math.log2(above / (line.total / (1 << 20) + 1.0 + 20.0)))
            known = line.parties.get(receiver)
            if known is not None:
                highest = max(known[2], known[1]) if known[0] < day else known[2]
                if highest > 0:
                    surprise = min(surprise, 2.0 + max(0, place - highest) / 2.0)
        if surprise < ceiling:
            if is_priced:
                prior.count(place)
            elif line.seen >= 50:
                prior.count(place - line.median + 64)
            line.count(place)
            line.learn(receiver, day, place)
        return surprise


class _Pace:
    __slots__ = ("excess", "hour", "hours", "in_hour", "in_minutes", "quiet", "rate", "square")

    def __init__(self) -> None:
        self.hour = 0
        self.quiet = self.hours = self.rate = self.excess = self.square = 0.0
        self.in_minutes = Window(10, 60)
        self.in_hour = Window(12, 300)

    def surprise(self, factor: float, time_s: int) -> float:
        """Count a release."""
        minutes, hour = self.in_minutes.add(time_s, 1), self.in_hour.add(time_s, 1)
        return max(self._bits(factor, 1.0 / 6.0, minutes - 1), self._bits(factor, 1.0, hour - 1))

    def _bits(self, factor: float, hours: float, others: int) -> float:
        expected = max(self.rate * factor * hours, 1e-3)
        if others <= expected:
            return 0.0
        held = min(self.hours, 336.0)
        prior = 168.0 * self.rate * self.rate
        spread = (max(0.0, self.excess) * held + prior) / max(self.square * held + prior, 1e-3)
        shape = 1.0 / min(20.0, max(0.05, spread))
        nats = others * math.log(others / expected) - (others + shape) * math.log((others + shape) / (expected + shape))
        return max(0.0, -math.log2(math.exp(-nats) + (expected / others) ** 2 / 64.0))


class TransferRate:
    """Releases of the chain, of a token and of a lane in 10 minutes, 1 hour, against the hour of the week."""

    def __init__(self) -> None:
        self.chain = _Pace()
        self.tokens: dict[int, _Pace] = defaultdict(_Pace)
        self.lanes: dict[int, _Pace] = defaultdict(_Pace)
        self.came = [0.0] * 168
        self.seen = [0.0] * 168
        self.factors = [1.0] * 168

    def step(self, flow: Flow, ceiling: float) -> float:
        """Its surprise."""
        if not flow[1]:
            return NOT_MINE
        chain, time_s = self.chain, flow[0]
        lines = [self.tokens[flow[2]], *([self.lanes[flow[4]]] if flow[4] else ())]
        hour = max(time_s // 3600, chain.hour)
        if hour > chain.hour:
            if chain.hour > 0:
                self._close(chain, hour, is_chain=True)
            chain.hour = hour
        for line in lines:
            if line.hour == 0:
                line.rate, line.hours, line.hour = chain.rate * 0.25, 72.0, hour
                line.square = line.rate * line.rate
            elif hour > line.hour:
                self._close(line, hour, is_chain=False)
        factor = self.factors[hour % 168]
        surprise = max(line.surprise(factor, time_s) for line in (chain, *lines))
        if chain.hours < 168.0:
            surprise = NOT_MINE
        if surprise < ceiling:
            for line in (chain, *lines):
                line.quiet += 1.0
        return surprise

    def _close(self, line: _Pace, hour: int, *, is_chain: bool) -> None:
        came = line.quiet
        for closed in range(max(line.hour, hour - 672), hour):
            factor = self.factors[closed % 168]
            expected = line.rate * factor
            line.hours += 1.0
            weight = 1.0 / min(line.hours, 336.0)
            line.excess += ((came - expected) ** 2 - expected - line.excess) * weight
            line.square += (expected * expected - line.square) * weight
            line.rate += (came / factor - line.rate) * weight
            if is_chain:
                self._learn_hour(closed, came)
            came = 0.0
        line.hour = hour
        line.quiet = 0.0

    def _learn_hour(self, hour: int, came: float) -> None:
        slot = hour % 168
        self.came[slot] = self.came[slot] * 0.875 + came
        self.seen[slot] = self.seen[slot] * 0.875 + 1.0
        if hour % 24 != 23:
            return
        mean = sum(self.came) / sum(self.seen)
        for of_day in range(24):
            slots = range(of_day, 168, 24)
            busy = (16.0 + sum(self.came[slot] for slot in slots)) / (
                16.0 + sum(self.seen[slot] * mean for slot in slots)
            )
            for slot in slots:
                self.factors[slot] = busy * (self.came[slot] + 16.0) / (self.seen[slot] * mean * busy + 16.0)


class _Held:
    __slots__ = ("balance", "day", "days", "high", "released", "uncovered", "unknown_until_s", "windows")

    def __init__(self) -> None:
        self.day = self.balance = self.high = self.released = self.uncovered = self.unknown_until_s = 0
        self.windows = [Window(10, 60), Window(12, 300), Window(24, 3600)]
        self.days = [Days(), Days(), Days()]

    def fade(self, days: int) -> None:
        """So many days passed."""
        for _ in range(min(days, 1000)):
            self.high -= self.high // 32
            self.released -= self.released // 32
            self.uncovered -= self.uncovered // 32
        self.high = max(self.high, self.balance)

    def receive(self, value: int) -> None:
        """Value came in."""
        self.balance += value
        self.high = max(self.high, self.balance)

    def release(self, value: int) -> int:
        """Value went out; what was not there."""
        uncovered = max(0, value - self.balance)
        self.balance = max(0, self.balance - value)
        return uncovered

    def learn(self, value: int, uncovered: int) -> None:
        """It was a usual release."""
        self.released += value
        self.uncovered += uncovered

    def odds(self, dust: int, time_s: int, value: int) -> list[int]:
        """What has gone in each window, for each unit that is left."""
        left = level_of(max(1, self.high // 64, dust, self.balance))
        gone = [window.add(time_s, value) for window in self.windows]
        return [level_of(each) - left if each else NO_LEVEL for each in gone]

    def is_known(self) -> bool:
        """We saw come what goes."""
        return self.high > 0 and self.uncovered <= self.released // 4

    def is_yardstick(self, value: int, uncovered: int, time_s: int) -> bool:
        """The balance held nearly all of each release of the last day, this one included."""
        if uncovered > value // 4:
            self.unknown_until_s = time_s + DAY_S
        return time_s >= self.unknown_until_s


class OutflowShareOfLiquidity:
    """What leaves in 10 minutes, 1 hour, 24 hours for each unit that is left."""

    def __init__(self) -> None:
        self.tokens: dict[int, _Held] = defaultdict(_Held)
        self.chains = [_Held(), _Held()]
        self.chain_days = [[Days(), Days()], [Days(), Days()]]

    def step(self, flow: Flow, ceiling: float) -> float:
        """Its surprise."""
        time_s, is_release, token, is_priced, _, _, _, _, value, _ = flow
        if token <= 1:
            return NOT_MINE
        line, chain, own = self.tokens[token], self.chains[is_priced], self.chain_days[is_priced]
        self._end_days(line, chain, own, time_s // DAY_S)
        if not is_release:
            line.receive(value)
            if is_priced:
                chain.receive(value)
            return NOT_MINE
        uncovered = line.release(value)
        odds = line.odds(chain.high // 1024 if is_priced else 0, time_s, value)
        surprise = NOT_MINE
        if (
            line.is_yardstick(value, uncovered, time_s)
            and line.is_known()
            and not line.days[1].is_cold(chain.days[1], 1)
        ):
            spreads = max(
                mine.deviation(others, 1, level)
                for mine, others, level in zip(line.days, chain.days, odds, strict=True)
            )
            surprise = line.days[1].bits_above(1, spreads)
        of_chain = [NO_LEVEL, NO_LEVEL]
        if is_priced:
            chain_uncovered = chain.release(value)
            of_chain = chain.odds(0, time_s, value)[1:]
            if (
                chain.is_yardstick(value, chain_uncovered, time_s)
                and chain.is_known()
                and not own[0].is_cold(own[0], 1)
            ):
                spreads = max(mine.deviation(mine, 1, level) for mine, level in zip(own, of_chain, strict=True))
                surprise = max(surprise, own[0].bits_above(1, spreads))
            if surprise < ceiling:
                chain.learn(value, chain_uncovered)
        if surprise < ceiling:
            line.learn(value, uncovered)
            for mine, level in zip([*line.days, *own], [*odds, *of_chain], strict=True):
                mine.today = max(mine.today, level)
        return surprise

    @staticmethod
    def _end_days(line: _Held, chain: _Held, own: list[Days], day: int) -> None:
        if day > line.day:
            line.fade(day - line.day)
            for mine, others in zip(line.days, chain.days, strict=True):
                mine.close(others, 1)
            line.day = day
        if day > chain.day:
            chain.fade(day - chain.day)
            for mine in own:
                mine.close(None, 0)
            chain.day = day
