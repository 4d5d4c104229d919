"""One anomaly score a row for any univariate stream: eight questions, each judged by its own past.

Row by row a *question* turns the stream into one number, its strength: how far the value jumped, how far it lies off
the hour of the day, how little it moved … The past keeps each question's sixteen strongest events; fifty rows count as
one. Their tail, exponential in the logarithm and so a power law in the strength, tells how many events at least this
strong a past as long as this one holds: E. The strongest so far has an E of about 1, whatever the stream, its unit, its
noise and its sampling: that makes the scores of different streams comparable. An event joins the past when it is over.

    score = 1 - product over the questions of min(1, E / 4)

Rows 1…k alone decide the score of row k: `step` scores a row against the state, then learns from it in place, and a
batch is a loop over `step`. State is one plain float64 array of fixed size.

Assumes that anomalies are rarer than ordinary events and that a season, where there is one, is a day or a week. Fails
on a drift slower than its longest memory, on what is no stronger than an earlier honest event, on a changed shape that
keeps level, movement and hour of the day. Says 0 for the first `GRACE_ROWS` rows. Once it has spoken it stays low for
`REST_ROWS` rows unless the evidence grows: one event is one peak, so the last of two events that lie close may be
missed. What is stronger than the past teaches only so much that the bar rises by a bounded step. A value that is
missing (NaN) or infinite scores 0 and teaches nothing: blind, not quiet. A giant among the first rows sets a scale from
which the level needs thousands of rows to come back.

Source: extreme-value tails over a running record as in Siffer et al., Anomaly detection in streams with extreme value
theory (2017); peaks declustered by runs; quiet after an alarm as in NAB's KNN-CAD and CAD OSE. The questions and the
constants are ours; docs/streams.md tells which data they have seen.
"""

from __future__ import annotations

import math

import numpy as np

from detectors.compiled import kernel

REST_ROWS = 300
"""Rows until the next event is as welcome as if there had been none."""

_RUN_ROWS = 50  # rows that count as one event
_EVENTS = 16  # a tail takes about ten to tell, and more would reach into the body
_EVENTS_MIN = 4
GRACE_ROWS = _EVENTS_MIN * _RUN_ROWS
"""Rows before the first score that isn't 0."""
_PAST_ROWS_MIN = 1000.0  # a shorter past is judged as if it had gone on as quietly for so long
_TAIL_MIN = 0.1  # no tail is believed to fall by more than a factor e for 10 % more strength
_PER_PAST = 4.0  # events in a past that are still no evidence at all
_EVIDENCE_MAX = 12.0  # of one question, in nats
_LEARN_BEYOND = math.log(20.0)  # an event teaches at most what one past in twenty would hold
_FADE_ROWS = 1000
_FADE = 0.01  # every so many rows a remembered event weakens by 1 %: by a factor e in 100,000
_GROWTH = 1.0  # nats by which evidence must grow to speak again at once
_HUSHED = 0.1  # share of the score that is left while resting

_SLOW = 0.002  # weight of a row in the slow level: a memory of 500 rows
_FAST = 0.3
_CLIP = 8.0  # spreads that one row may pull the slow level and its slot
_FLOOR = 0.01  # of a spread: strengths below are all alike
_SHORT_ROWS = 8
_LONG_ROWS = 100
_MOVE_ROWS = 50
_VALUES = 128  # ring: a power of two, at least _SHORT_ROWS + _LONG_ROWS
_RING_MASK = _VALUES - 1

_WEEK_S = 604_800.0
_DAY_SLOTS = 48  # half hours
_WEEK_SLOTS = 7 * _DAY_SLOTS
_PROFILE = 0.1  # weight of a row in its slot's mean
_SLOT_ROWS_MIN = 2
_DAY_SMOOTH = 0.3
_WEEK_SMOOTH = 0.1
_SCALE = 2.0**-10  # exact, and makes room: sums and differences of the largest floats overflow
_LEAST = 1e-305  # strengths below, of scaled values, are all alike
_GIANT = 1000.0  # a value this many times as far off as any before is taken to be no farther: means recover from it

# the state's layout
_ROWS = 0
_LEVEL = 1
_SPREAD = 2
_NEAR = 3  # fast mean
_OFF_DAY = 4  # smoothed residuals
_OFF_DAY_SLOW = 5
_OFF_WEEK_SLOW = 6
_HOLD = 7  # evidence to be exceeded
_HOLD_FALLS = 8  # … and by how much it falls a row
_WIDEST = 9  # farthest that a value ever lay from the level
_RING = 10
_DAY = _RING + _VALUES
_DAY_COUNT = _DAY + _DAY_SLOTS
_WEEK = _DAY_COUNT + _DAY_SLOTS
_WEEK_COUNT = _WEEK + _WEEK_SLOTS
_PASTS = _WEEK_COUNT + _WEEK_SLOTS
_QUESTIONS = 8
_KEPT = 0  # a past's layout: events kept; rows and strength of the event that is on; the strongest events before it
_EVENT_ROWS = 1
_EVENT = 2
_STRONGEST = 3
_PAST_WIDTH = _STRONGEST + _EVENTS
WIDTH = _PASTS + _QUESTIONS * _PAST_WIDTH
"""Numbers that the state of one stream holds."""


@kernel("void(float64[::1], int64, float64)", cache=True)
def _remember(state: np.ndarray, past: int, strength: float) -> None:
    """The event that is on is at least so strong; once over it takes its place among the strongest, in their order."""
    if state[past + _EVENT_ROWS] > 0.0:
        strength = max(strength, state[past + _EVENT])
    state[past + _EVENT] = strength
    state[past + _EVENT_ROWS] += 1.0
    if state[past + _EVENT_ROWS] < _RUN_ROWS:
        return
    state[past + _EVENT_ROWS] = 0.0
    first = past + _STRONGEST
    kept = int(state[past + _KEPT])
    if kept < _EVENTS:
        state[past + _KEPT] = kept + 1
        place = kept
    elif strength > state[first + _EVENTS - 1]:
        place = _EVENTS - 1
    else:
        return
    while place > 0 and state[first + place - 1] < strength:
        state[first + place] = state[first + place - 1]
        place -= 1
    state[first + place] = strength


@kernel("float64(float64[::1], int64, int64, float64)", cache=True)
def _evidence(state: np.ndarray, question: int, row: int, strength: float) -> float:
    """max(0, log(4 / E)) of a strength given in logarithms; the past then learns from it."""
    past = _PASTS + question * _PAST_WIDTH
    first = past + _STRONGEST
    kept = int(state[past + _KEPT])
    if row % _FADE_ROWS == 0:
        for event in range(kept):
            state[first + event] -= _FADE
    evidence = 0.0
    if kept >= _EVENTS_MIN:
        weakest = state[first + kept - 1]
        tail = 0.0
        for event in range(kept - 1):
            tail += state[first + event] - weakest
        tail = max(tail / (kept - 1), _TAIL_MIN)
        beyond = (strength - weakest) / tail
        if beyond > 0.0:
            evidence = math.log(_PER_PAST / kept) + beyond - math.log(max(1.0, _PAST_ROWS_MIN / row))
            evidence = min(max(0.0, evidence), _EVIDENCE_MAX)
        strength = min(strength, weakest + tail * (math.log(kept) + _LEARN_BEYOND))
    _remember(state, past, strength)
    return evidence


@kernel("float64(float64[::1], int64, int64, int64)", cache=True)
def _mean(state: np.ndarray, row: int, back: int, rows: int) -> float:
    """Mean of `rows` values, the newest of them `back` rows ago. Summed anew: no rounding error outlives its row."""
    total = 0.0
    for age in range(back, back + rows):
        total += state[_RING + ((row - age) & _RING_MASK)]
    return total / rows


@kernel("float64(float64[::1], int64)", cache=True)
def _movement(state: np.ndarray, row: int) -> float:
    """Mean step from one value to the next, over the last rows."""
    total = 0.0
    for age in range(_MOVE_ROWS):
        total += abs(state[_RING + ((row - age) & _RING_MASK)] - state[_RING + ((row - age - 1) & _RING_MASK)])
    return total / _MOVE_ROWS


@kernel("void(float64[::1], int64, int64, float64, float64)", cache=True)
def _learn_slot(state: np.ndarray, mean: int, count: int, value: float, reach: float) -> None:
    """Move a slot's mean towards the value, by no more than `reach` would; a new slot begins at the slow level."""
    if state[count] == 0.0:
        state[mean] = state[_LEVEL]
    state[count] += 1.0
    state[mean] += max(_PROFILE, 1.0 / state[count]) * min(max(value - state[mean], -reach), reach)


@kernel("float64(float64[::1], int64, float64, float64, float64, float64)", cache=True)
def _off_season(  # noqa: PLR0917  kernels take plain numbers
    state: np.ndarray, row: int, value: float, time_s: float, floor: float, reach: float
) -> float:
    """Evidence of the seasonal questions: off the hour of the day; off that of the day and of the week, for long."""
    slot = min(int((time_s % _WEEK_S) / _WEEK_S * _WEEK_SLOTS), _WEEK_SLOTS - 1)
    day, day_count = _DAY + slot % _DAY_SLOTS, _DAY_COUNT + slot % _DAY_SLOTS
    week, week_count = _WEEK + slot, _WEEK_COUNT + slot
    evidence = 0.0
    if state[day_count] >= _SLOT_ROWS_MIN:
        residual = value - state[day]
        state[_OFF_DAY] += _DAY_SMOOTH * (residual - state[_OFF_DAY])
        state[_OFF_DAY_SLOW] += _WEEK_SMOOTH * (residual - state[_OFF_DAY_SLOW])
        least = abs(state[_OFF_DAY_SLOW])
        if state[week_count] >= _SLOT_ROWS_MIN:
            state[_OFF_WEEK_SLOW] += _WEEK_SMOOTH * (value - state[week] - state[_OFF_WEEK_SLOW])
            least = min(least, abs(state[_OFF_WEEK_SLOW]))
        else:
            state[_OFF_WEEK_SLOW] = state[_OFF_DAY_SLOW]
        evidence += _evidence(state, 6, row, math.log(abs(state[_OFF_DAY]) + floor))
        evidence += _evidence(state, 7, row, math.log(least + floor))
    _learn_slot(state, day, day_count, value, reach)
    _learn_slot(state, week, week_count, value, reach)
    return evidence


@kernel("float64(float64[::1], int64, float64, float64)", cache=True)
def _gather(state: np.ndarray, row: int, value: float, time_s: float) -> float:
    """The evidence of all questions about this row, in nats; the state then knows the row."""
    floor = _FLOOR * state[_SPREAD] + 1e-9 * abs(state[_LEVEL]) + _LEAST
    off_level = value - state[_LEVEL]
    evidence = _evidence(state, 0, row, math.log(abs(value - state[_NEAR]) + floor))
    evidence += _evidence(state, 1, row, math.log(max(off_level, 0.0) + floor))
    evidence += _evidence(state, 2, row, math.log(max(-off_level, 0.0) + floor))
    if row >= _SHORT_ROWS + _LONG_ROWS:
        step = _mean(state, row, 0, _SHORT_ROWS) - _mean(state, row, _SHORT_ROWS, _LONG_ROWS)
        evidence += _evidence(state, 3, row, math.log(abs(step) + floor))
    if row > _MOVE_ROWS:
        movement = math.log(_movement(state, row) + floor)
        evidence += _evidence(state, 4, row, movement)
        evidence += _evidence(state, 5, row, -movement)
    reach = _CLIP * state[_SPREAD] if row >= GRACE_ROWS and state[_SPREAD] > 0.0 else math.inf
    evidence += _off_season(state, row, value, time_s, floor, reach)
    state[_NEAR] += _FAST * (value - state[_NEAR])
    weight = max(_SLOW, 1.0 / (row + 1))
    state[_LEVEL] += weight * min(max(off_level, -reach), reach)
    state[_SPREAD] += weight * (min(abs(off_level), reach) - state[_SPREAD])
    return evidence


@kernel("float64(float64[::1], float64, float64)", cache=True)
def step(state: np.ndarray, value: float, time_s: float) -> float:
    """The score of the stream's next row, in [0, 1]; the state then knows it.

    Of the time only its place in the day and the week is read: order, gaps and duplicates don't matter, and a constant
    will do for a stream without times. Both must be Unix seconds.
    """
    if not (math.isfinite(value) and math.isfinite(time_s)):
        return 0.0
    value *= _SCALE
    row = int(state[_ROWS])
    state[_ROWS] = row + 1
    if row == 0:
        state[_LEVEL] = state[_NEAR] = value
    if state[_WIDEST] > 0.0:
        far = _GIANT * state[_WIDEST]
        value = min(max(value, state[_LEVEL] - far), state[_LEVEL] + far)
    state[_WIDEST] = max(state[_WIDEST], abs(value - state[_LEVEL]))
    state[_RING + (row & _RING_MASK)] = value
    evidence = _gather(state, row, value, time_s)
    score = 1.0 - math.exp(-evidence)
    if evidence > state[_HOLD]:
        state[_HOLD] = evidence + _GROWTH
        state[_HOLD_FALLS] = state[_HOLD] / REST_ROWS
    else:
        score *= _HUSHED
    state[_HOLD] = max(state[_HOLD] - state[_HOLD_FALLS], 0.0)
    return score


@kernel("float64[::1](float64[::1], float64[::1], float64[::1])", makes_arrays=True, cache=True)
def batch(state: np.ndarray, values: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """`step` over many rows, in order; their scores."""
    scores = np.empty(len(values))
    for row in range(len(values)):
        scores[row] = step(state, values[row], times_s[row])
    return scores


def empty_state() -> np.ndarray:
    """The state of a stream that has shown nothing."""
    return np.zeros(WIDTH)


def score(times_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """One score in [0, 1] for each row of a whole stream, in its order; times are Unix seconds."""
    if len(times_s) != len(values):
        raise ValueError(f"times_s = {len(times_s)} rows, values = {len(values)}; give as many of one as of the other")
    return batch(
        empty_state(), np.ascontiguousarray(values, dtype=np.float64), np.ascontiguousarray(times_s, dtype=np.float64)
    )
