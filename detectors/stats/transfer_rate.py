"""Releases follow each other faster than this hour of the week explains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import season, windows
from detectors.compiled import kernel
from detectors.flows import IS_RELEASE, REMOTE, TIME_S, TOKEN
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MINUTES = 10
_PARTS = 12  # of five minutes: the hour
_PART_S = 300

_HOUR = 0
_QUIET = 1  # releases of this hour that were not anomalous
_HOURS = 2  # hours that the rate rests on
_RATE = 3  # releases in a mean hour
_EXCESS = 4  # mean of what the variance of an hour's count exceeds its expectation by
_SQUARE = 5  # mean of the squared expectation
_MINUTES_WINDOW = 6
_HOUR_WINDOW = _MINUTES_WINDOW + windows.OVERHEAD + _MINUTES
_SEASON = _HOUR_WINDOW + windows.OVERHEAD + _PARTS  # of the chain; a token's stays empty
_LANE = _SEASON + season.WIDTH  # the same again, but for the season, of the lane of this number
_WIDTH = _LANE + _SEASON

_CHAIN = 0  # the line of all releases
_GRACE_HOURS = 168.0  # a week: before, no weekend was seen
_RATE_HOURS = 336.0  # a fortnight: a bridge's traffic doubles within months
_NEW_SHARE = 0.25  # of the chain's rate: a new token or lane that draws a quarter of all releases is no wonder
_NEW_HOURS = 72.0
_GAP_HOURS_MAX = 672  # four weeks of silence have said everything
_SPREAD_PRIOR = 1.0  # relative variance of an hour's rate; 1 is that of an exponentially distributed one
_SPREAD_PRIOR_HOURS = 168.0
_SPREAD_MIN = 0.05
_SPREAD_MAX = 20.0
_BURST_CHANCE = 1.0 / 64.0  # of a burst with a reason of its own, whose size follows a power law of index 2
_EXPECTED_MIN = 1e-3  # in a window: what comes less often is judged as if it came so often


@kernel()
def _close_hours(line: NDArray[Any], chain: NDArray[Any], hour: int, is_chain: bool) -> None:
    """Learn from the hours since the last release, which were silent but for the first."""
    last = int(line[_HOUR])
    came = line[_QUIET]
    for closed in range(max(last, hour - _GAP_HOURS_MAX), hour):
        factor = season.factor_of(chain, _SEASON, closed)
        expected = line[_RATE] * factor
        line[_HOURS] += 1.0
        weight = 1.0 / min(line[_HOURS], _RATE_HOURS)
        line[_EXCESS] += ((came - expected) ** 2 - expected - line[_EXCESS]) * weight
        line[_SQUARE] += (expected * expected - line[_SQUARE]) * weight
        line[_RATE] += (came / factor - line[_RATE]) * weight
        if is_chain:
            season.learn_hour(line, _SEASON, closed, came)
        came = 0.0
    line[_HOUR] = hour
    line[_QUIET] = 0.0


@kernel()
def _reach_hour(line: NDArray[Any], chain: NDArray[Any], hour: int) -> None:
    """Bring a token's or a lane's line to this hour; a new one begins with what is expected of it."""
    if line[_HOUR] == 0:
        line[_RATE] = chain[_RATE] * _NEW_SHARE
        line[_HOURS] = _NEW_HOURS
        line[_SQUARE] = line[_RATE] * line[_RATE]
        line[_HOUR] = hour
    elif hour > line[_HOUR]:
        _close_hours(line, chain, hour, False)


@kernel()
def _bits(line: NDArray[Any], factor: float, hours: float, others: int) -> float:
    """How rare so many others within a window are, in bits: negative binomial, but for bursts."""
    expected = max(line[_RATE] * factor * hours, _EXPECTED_MIN)
    if others <= expected:
        return 0.0
    held = min(line[_HOURS], _RATE_HOURS)
    squares = line[_SQUARE] * held
    prior = _SPREAD_PRIOR_HOURS * line[_RATE] * line[_RATE]
    spread = (max(0.0, line[_EXCESS]) * held + _SPREAD_PRIOR * prior) / max(squares + prior, _EXPECTED_MIN)
    shape = 1.0 / min(_SPREAD_MAX, max(_SPREAD_MIN, spread))
    nats = others * math.log(others / expected) - (others + shape) * math.log((others + shape) / (expected + shape))
    ratio = expected / others
    return float(max(0.0, -math.log2(math.exp(-nats) + _BURST_CHANCE * ratio * ratio)))


@kernel()
def _surprise(line: NDArray[Any], factor: float, time_s: int) -> float:
    """Count a release; how surprising those before it within 10 minutes and 1 hour are, given that it came."""
    in_minutes = windows.slide(line, _MINUTES_WINDOW, _MINUTES, windows.MINUTE_S, time_s, 1)
    in_hour = windows.slide(line, _HOUR_WINDOW, _PARTS, _PART_S, time_s, 1)
    return float(max(_bits(line, factor, 1.0 / 6.0, in_minutes - 1), _bits(line, factor, 1.0, in_hour - 1)))


@kernel()
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Count a release for its chain, its token and its lane; the most surprising count says."""
    if flow[IS_RELEASE] != 1:
        return NOT_MINE
    chain = state[_CHAIN]
    token = state[flow[TOKEN]]
    lane = state[flow[REMOTE], _LANE:]
    hour = max(flow[TIME_S] // windows.HOUR_S, int(chain[_HOUR]))
    time_s = max(flow[TIME_S], hour * windows.HOUR_S)
    if hour > chain[_HOUR]:
        if chain[_HOUR] > 0:
            _close_hours(chain, chain, hour, True)
        chain[_HOUR] = hour
    _reach_hour(token, chain, hour)
    factor = season.factor_of(chain, _SEASON, hour)
    surprise = max(_surprise(chain, factor, time_s), _surprise(token, factor, time_s))
    if flow[REMOTE] > 0:
        _reach_hour(lane, chain, hour)
        surprise = max(surprise, _surprise(lane, factor, time_s))
    if chain[_HOURS] < _GRACE_HOURS:
        surprise = NOT_MINE
    if surprise < ceiling:
        chain[_QUIET] += 1.0
        token[_QUIET] += 1.0
        if flow[REMOTE] > 0:
            lane[_QUIET] += 1.0
    return surprise


class TransferRate(Statistic):
    """How many releases of the chain, of one token, and of one lane came within 10 minutes and 1 hour before this one.

    Measured in bits: how rare so many are, given that this one came. The count is negative binomial (Chernoff's bound):
    its expectation is the rate of the last fortnight times the factor of the hour of the week, its dispersion learnt
    from how hours deviate; but one time in 64 it may be a burst with a reason of its own, whose size follows a power
    law, so that ten times as many are never more than 6.6 bits rarer. The largest of the six counts. A lane's own rate
    shows a burst on a quiet lane beside a busy one, where the chain's whole count is as usual.

    Assumes that arrivals follow the hours of the week and are otherwise a bursty, but steady stream. Fails on an attack
    of few transfers; an airdrop, a panic and a relay that delivers what piled up during an outage look the same. Ten
    minutes are taken to be as bursty as hours. A flood of worthless releases hides nothing, but wears down the rate.

    Says 0 until a count exceeds its expectation, and has no opinion in the chain's first week. A token or a lane that
    appears is expected to draw a quarter of the chain's releases, which weighs as 3 days of its own; the hours of the
    week are the chain's for all. A release that does not name its remote (1.5.1) counts for no lane. Does not learn
    from what was anomalous. Rests on releases alone.

    Source: Chernoff bound of the negative binomial distribution; hour-of-week factors as in operations practice.
    """

    name: ClassVar[str] = "transfer_rate"
    kind: ClassVar[Kind | None] = "pace"
    summary: ClassVar[str] = "Releases come faster than usual for this hour of the week."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token, and the lane of the same number; line 0 counts all releases and holds the season."""
        return np.zeros((lines, _WIDTH), dtype=np.float64)
