"""Streams with known anomalies, from a seed: what public descriptions of monitored systems say they look like.

58 a seed in six families (counts of posts, servers, advertising, roads, machines that stay quiet, daily shapes), with
honest oddities such as lone spikes and bursts. As in NAB the windows of a stream hold a tenth of its rows, each about
the beginning of an anomaly. No stream of NAB was copied or fitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.labelled_stream import LabelledStream

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_DAY_S = 86_400
_SINCE_S = 1_388_534_400  # Wednesday, 2014-01-01


def generate(seed: int) -> list[LabelledStream]:
    """The streams of one seed."""
    rng = np.random.default_rng(seed)
    return [
        *(_posts(rng) for _ in range(10)),
        *(_server(rng) for _ in range(17)),
        *(_advertising(rng) for _ in range(6)),
        *(_road(rng) for _ in range(7)),
        *_quiet(rng),
        *(_shape(rng, number) for number in range(13)),
    ]


def _posts(rng: Generator) -> LabelledStream:
    """Counts in five minutes: seasonal, overdispersed, bursts of any size; the large ones are anomalies."""
    rows = 15_850
    times_s, begins = _times(rng, rows), _places(rng, rows, 4, 60)
    rate = np.exp(rng.uniform(1.5, 4.0) + 0.5 * _season(rng, times_s) + _wander(rng, rows, 0.99, 0.04))
    for begin in rng.integers(0, rows - 40, rng.integers(10, 40)):
        length = rng.integers(2, 25)
        rate[begin : begin + length] *= 1.0 + rng.pareto(2.5) * np.exp(-np.arange(length) / 6)
    for begin in begins:
        length = rng.integers(10, 60)
        rate[begin : begin + length] *= 1.0 + rng.uniform(4.0, 25.0) * np.exp(-np.arange(length) / 15)
    dispersion = rng.uniform(0.05, 0.4)
    values = rng.poisson(rate * rng.gamma(1 / dispersion, dispersion, rows))
    return _labelled("posts", times_s, values.astype(np.float64), begins)


def _server(rng: Generator) -> LabelledStream:
    """Load, latency, traffic: steady, heavy-tailed, idle with spikes, seasonal or pulsed; a few honest spikes."""
    rows = 4032
    times_s, begins = _times(rng, rows), _places(rng, rows, 3, 150)
    values = _load(rng, times_s)
    values[rng.integers(0, rows, rng.integers(0, 4))] += rng.choice([-1, 1]) * rng.uniform(3.0, 8.0) * values.std()
    spread = values.std()
    for begin in begins:
        part = values[begin : begin + rng.integers(30, 150)]
        match rng.integers(0, 6):
            case 0:
                part[: rng.integers(1, 4)] += rng.uniform(8.0, 20.0) * spread
            case 1:
                values[begin:] += rng.choice([-1, 1]) * rng.uniform(2.0, 6.0) * spread
            case 2:
                part += rng.normal(0.0, rng.uniform(2.0, 4.0) * spread, len(part))
            case 3:
                part[:] = part[0]
            case 4:
                part += rng.uniform(3.0, 8.0) * spread
            case _:
                part -= rng.uniform(3.0, 8.0) * spread
    return _labelled("server", times_s, values, begins)


def _load(rng: Generator, times_s: Floats) -> Floats:
    rows = len(times_s)
    match rng.integers(0, 5):
        case 0:
            base = rng.uniform(2.0, 50.0)
            values = base + _wander(rng, rows, rng.uniform(0.0, 0.6), 0.03 * base)
        case 1:
            values = rng.uniform(1.0, 5.0) * np.exp(_wander(rng, rows, 0.3, 0.5))
            values[rng.random(rows) < 0.01] *= rng.uniform(3.0, 8.0)
        case 2:
            values = rng.uniform(0.0, 1.0) + np.where(rng.random(rows) < 0.03, rng.exponential(50.0, rows), 0.0)
        case 3:
            values = 50.0 + 10.0 * _season(rng, times_s) + _wander(rng, rows, 0.8, 1.5)
        case _:
            pulse = np.arange(rows) % rng.integers(12, 72) < 3
            values = 30.0 + _wander(rng, rows, 0.5, 0.5) + 5.0 * pulse
    return np.asarray(values, dtype=np.float64)


def _advertising(rng: Generator) -> LabelledStream:
    """Hourly prices: lognormal, seasonal, with jumps and days off."""
    rows = 1620
    times_s, begins = _times(rng, rows, 3600), _places(rng, rows, 3, 24)
    values = np.exp(rng.uniform(-2.0, 1.0) + 0.3 * _season(rng, times_s) + _wander(rng, rows, 0.7, 0.15))
    values[rng.random(rows) < 0.006] *= rng.uniform(1.5, 2.5)
    for begin in begins:
        length, low, high = [(rng.integers(1, 3), 3.0, 6.0), (24, 0.1, 0.4), (24, 2.0, 3.0)][rng.integers(0, 3)]
        values[begin : begin + length] *= rng.uniform(low, high)
    return _labelled("advertising", times_s, values, begins)


def _road(rng: Generator) -> LabelledStream:
    """Occupancy or speed at uneven times, with gaps."""
    rows = 2450
    gaps_s = rng.choice([300, 600, 900, 1200, 7200], rows, p=[0.6, 0.2, 0.12, 0.07, 0.01])
    times_s, begins = _times(rng, rows) + np.cumsum(gaps_s - 300), _places(rng, rows, 3, 30)
    season = _season(rng, times_s)
    is_speed = rng.random() < 0.5
    if is_speed:
        values = 70.0 - 6.0 * np.maximum(season, 0.0) ** 2 + rng.normal(0.0, 3.0, rows) - rng.gamma(0.3, 4.0, rows)
    else:
        values = np.maximum(0.0, 8.0 + 6.0 * season + rng.gamma(1.0, 2.0, rows) * np.exp(0.3 * season))
    spread = -values.std() if is_speed else values.std()
    for begin in begins:
        values[begin : begin + rng.integers(1, 20)] += rng.uniform(4.0, 8.0) * spread
    return _labelled("road", times_s, values, begins)


def _quiet(rng: Generator) -> list[LabelledStream]:
    """Streams without an anomaly: every alarm is false."""
    rows = 4032
    times_s = _times(rng, rows)
    hour = times_s % _DAY_S / 3600
    kinds: tuple[Floats, ...] = (
        np.where((hour > 8) & (hour < 19), 80.0, 20.0),
        np.where(np.arange(rows) // 144 % 2, 80.0, 0.0),
        np.full(rows, 45.0),
        np.where(hour > 11, 80.0, 20.0) + rng.uniform(0.0, 2.0, rows),
        rng.normal(40.0, 8.0, rows),
    )
    return [_labelled("quiet", times_s, values, np.empty(0, dtype=np.int64)) for values in kinds]


def _shape(rng: Generator, number: int) -> LabelledStream:
    """Days of one shape, drifting or not, of which some are flat, low, high, missing, sunk, reversed or noisy."""
    rows = (4032, 10_000, 7200, 4032, 20_000, 5000, 5000)[number % 7]
    step_s = (300, 1800, 3600)[number % 3]
    day = _DAY_S // step_s
    times_s, begins = _times(rng, rows, step_s), _places(rng, rows, 3, 2 * day)
    hour = times_s % _DAY_S / 3600
    if number % 2:
        is_weekend = times_s // _DAY_S % 7 >= 5
        values = np.where((hour > 8) & (hour < 19), rng.uniform(3.0, 8.0), 0.0) * (1.0 - 0.2 * is_weekend)
    else:
        values = 4.0 + 2.0 * _season(rng, times_s)
    values = values + _wander(rng, rows, 0.9, 0.1) + rng.normal(0.0, 0.2, rows)
    if number % 3 == 0:
        values += np.cumsum(rng.normal(0.0, 0.02, rows))
    spread, middle, lowest = values.std(), np.median(values), values.min()
    for begin in begins:
        part = values[begin : begin + day * rng.integers(1, 3)]
        match number % 7:
            case 0:
                part[:] = middle
            case 1:
                part *= rng.uniform(0.2, 0.5)
            case 2:
                part *= rng.uniform(1.7, 2.5)
            case 3:
                part[:] = lowest + rng.normal(0.0, 0.1 * spread, len(part))
            case 4:
                part -= rng.uniform(2.0, 5.0) * spread * np.sin(np.linspace(0.0, np.pi, len(part)))
            case 5:
                part[:] = part[::-1].copy()
            case _:
                part += rng.normal(0.0, spread, len(part))
    return _labelled("shape", times_s, values, begins)


def _times(rng: Generator, rows: int, step_s: int = 300) -> Floats:
    return np.asarray(_SINCE_S + _DAY_S * rng.integers(0, 7) + step_s * np.arange(rows), dtype=np.float64)


def _season(rng: Generator, times_s: Floats) -> Floats:
    """Two harmonics of a day, weaker at weekends."""
    angle = 2 * np.pi * times_s / _DAY_S
    wave = np.sin(angle + rng.uniform(0.0, 2 * np.pi)) + 0.4 * np.sin(2 * angle + rng.uniform(0.0, 2 * np.pi))
    return np.asarray(wave * np.where(times_s // _DAY_S % 7 >= 5, 1.0 - rng.uniform(0.0, 0.5), 1.0))


def _wander(rng: Generator, rows: int, memory: float, spread: float) -> Floats:
    """An autoregression of first order."""
    values = rng.normal(0.0, spread, rows)
    for row in range(1, rows):
        values[row] += memory * values[row - 1]
    return values


def _places(rng: Generator, rows: int, count_max: int, length: int) -> Ints:
    """One to so many beginnings after the first fifth, apart from each other."""
    count = int(rng.integers(1, count_max + 1))
    while True:
        begins = np.sort(rng.integers(rows // 5, int(0.95 * rows) - length, count))
        if count < 2 or np.diff(begins).min() > 0.1 * rows / count + length:
            return np.asarray(begins, dtype=np.int64)


def _labelled(name: str, times_s: Floats, values: Floats, begins: Ints) -> LabelledStream:
    rows = len(values)
    half = int(0.05 * rows / max(1, len(begins)))
    windows = [(max(0, int(begin) - half), min(rows - 1, int(begin) + half)) for begin in begins]
    return LabelledStream(name, times_s, values, windows)
