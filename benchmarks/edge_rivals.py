"""MIDAS, MIDAS-R and MIDAS-F (Bhatia and others, 2020 and 2022), after their papers: the rivals of `rmn score-edges`.

Count-min sketches of 2 rows count edges in this tick and ever; the score is how far this tick's count lies from the
mean tick's, squared, in the manner of chi-squared. -R adds sources and destinations and lets a tick's counts fade by
half instead of forgetting them; -F also doesn't add to the mean what scored above a threshold. Sizes, threshold and
fading are the authors' (2 rows of 1,024, 1,000, 0.5).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

MIDAS, MIDAS_R, MIDAS_F = range(3)
NAMES = ("MIDAS", "MIDAS-R", "MIDAS-F")

_ROWS = 2
_COLUMNS = 1024
_FADE = 0.5
_THRESHOLD = 1000.0
_KINDS = 3  # edge, source, destination
_MULTIPLIERS = np.random.default_rng(20).integers(1, 1 << 62, (_ROWS, _KINDS), dtype=np.int64) * 2 + 1


@njit(cache=True, inline="always")
def _column(number: int, row: int, kind: int) -> int:
    mixed = np.uint64(number) * np.uint64(_MULTIPLIERS[row, kind])
    return int((mixed ^ (mixed >> np.uint64(29))) >> np.uint64(20)) % _COLUMNS


@njit(cache=True)
def _end_tick(now: np.ndarray, ever: np.ndarray, scores: np.ndarray, ticks: int, variant: int) -> None:
    flat_now, flat_ever, flat_scores = now.reshape(-1), ever.reshape(-1), scores.reshape(-1)
    for at in range(len(flat_now)):
        if variant == MIDAS_F:
            if flat_scores[at] < _THRESHOLD:
                flat_ever[at] += flat_now[at]
            elif ticks > 1:
                flat_ever[at] += flat_ever[at] / np.float32(ticks - 1)
        flat_now[at] *= np.float32(0.0 if variant == MIDAS else _FADE)


@njit(cache=True)
def rival_scores(variant: int, srcs: np.ndarray, dsts: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """One score for each edge, from 0 without bound; ticks begin at 1."""
    now = np.zeros((_KINDS, _ROWS, _COLUMNS), np.float32)
    ever = np.zeros((_KINDS, _ROWS, _COLUMNS), np.float32)
    scores = np.zeros((_KINDS, _ROWS, _COLUMNS), np.float32)
    found = np.zeros(len(ticks))
    columns = np.zeros(_ROWS, np.int64)
    newest = 1
    for row in range(len(ticks)):
        tick = ticks[row]
        if tick > newest:
            _end_tick(now, ever, scores, newest, variant)
            newest = tick
        numbers = (srcs[row] * 0x9E3779B1 + dsts[row], srcs[row], dsts[row])
        for kind in range(1 if variant == MIDAS else _KINDS):
            here = mean = np.float32(math.inf)
            for sketch in range(_ROWS):
                column = _column(numbers[kind], sketch, kind)
                columns[sketch] = column
                now[kind, sketch, column] += 1
                if variant != MIDAS_F:
                    ever[kind, sketch, column] += 1
                here = min(here, now[kind, sketch, column])
                mean = min(mean, ever[kind, sketch, column])
            score = 0.0
            if mean > 0 and tick > 1:
                seen = tick - 1 if variant == MIDAS_F else tick
                score = (here - mean / seen) ** 2 * seen * seen / (mean * (tick - 1))
            for sketch in range(_ROWS):
                scores[kind, sketch, columns[sketch]] = score
            found[row] = max(found[row], score)
    return found
