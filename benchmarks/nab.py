"""`rmn score-stream`'s scores under the rules of the Numenta Anomaly Benchmark, beside an EWMA's, in one run.

The rules (Lavin and Ahmad 2015; nab/sweeper.py): rows of the first 15 %, at most 750, never count. Within a window only
the best-placed alarm counts, its worth a sigmoid of the place, 1 at the window's left edge and 0 at its right. A window
without an alarm costs `miss`. Every alarm outside costs `false`, less within three widths after a window. One threshold
for all files, the best one: found on the labels, as NAB does it for every detector. 0 is no alarm at all, 100 perfect.

`python -m benchmarks.nab FOLDER` takes a folder of timestamp,value CSVs with their windows.json; without a folder
there are only the generated streams.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.generated_streams import generate
from benchmarks.labelled_stream import LabelledStream
from detectors import stream
from detectors.backtest.stream_file import read_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PROBATION_SHARE = 0.15
PROBATION_ROWS_MAX = 750
TUNED_SEEDS = (0, 1)
"""Generated streams that our constants were chosen on …"""
UNSEEN_SEEDS = (2, 3)
"""… and that they were not."""


THRESHOLD = 0.85
"""Where an alarm begins for whoever doesn't choose: a round number on the plateau of the seen streams."""
_NAMED_MAX = 20  # streams that are also told one by one


class Profile(NamedTuple):
    """What counts how much."""

    name: str
    hit: float
    false: float
    miss: float


PROFILES = (
    Profile("standard", 1.0, 0.11, 1.0),
    Profile("low FP", 1.0, 0.22, 1.0),
    Profile("low FN", 1.0, 0.11, 2.0),
)


class Curve(NamedTuple):
    """The benchmark's score at each threshold that changes it, from the highest on."""

    thresholds: Floats
    scores: Floats

    def best(self) -> tuple[float, float]:
        """Highest score and its threshold."""
        place = int(np.argmax(self.scores))
        return float(self.scores[place]), float(self.thresholds[place])

    def at(self, threshold: float) -> float:
        """Score when a row alarms from this threshold on."""
        return float(self.scores[int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1])


def run() -> list[tuple[str, float, float, str]]:
    """What was measured on the unseen generated streams: name, ours, the rival's, unit."""
    streams = [found for seed in UNSEEN_SEEDS for found in generate(seed)]
    ours, rival = (
        curve(streams, [detector(found) for found in streams], PROFILES[0]).best()[0] for detector in (_ours, ewma_z)
    )
    name = f"score-stream: NAB standard score on {len(streams)} generated streams (rival: EWMA z-score)"
    return [(name, ours, rival, "of 100")]


def read_labelled(folder: Path) -> list[LabelledStream]:
    """The files that windows.json names, with their windows."""
    found = []
    for name, windows in sorted(json.loads((folder / "windows.json").read_text()).items()):
        times_s, values = read_stream(folder / name)
        bounds_s = (np.array(windows, dtype="datetime64[us]").astype(np.int64) / 1e6).reshape(-1, 2)
        limits = [
            (int(np.searchsorted(times_s, since)), int(np.searchsorted(times_s, until, side="right")) - 1)
            for since, until in bounds_s
        ]
        found.append(LabelledStream(name.removesuffix(".csv"), times_s, values, limits))
    return found


def ewma_z(labelled: LabelledStream) -> Floats:
    """The rival: distance from an exponential mean in exponential standard deviations, as z / (1 + z)."""
    weight = 0.02
    mean, variance = float(labelled.values[0]), 0.0
    scores = np.zeros(len(labelled.values))
    for row, value in enumerate(labelled.values.tolist()):
        off = value - mean
        if row > 10:
            z = abs(off) / (variance + 1e-9) ** 0.5
            scores[row] = z / (1 + z)
        mean += weight * off
        variance = (1 - weight) * (variance + weight * off * off)
    return scores


def curve(streams: Sequence[LabelledStream], scores: Sequence[Floats], profile: Profile) -> Curve:
    """NAB's score of all streams as one threshold sinks over them."""
    changes: list[tuple[Floats, Floats]] = []  # threshold, change of the sum there
    windows = 0
    for labelled, row_scores in zip(streams, scores, strict=True):
        first = min(int(PROBATION_SHARE * len(row_scores)), PROBATION_ROWS_MAX)
        worth, is_outside = _worth(labelled)
        is_outside[:first] = False
        changes.append((row_scores[is_outside], profile.false * worth[is_outside]))
        for since, until in labelled.windows:
            if until < first:
                continue
            windows += 1
            inside = slice(max(since, first), until + 1)
            order = np.argsort(-row_scores[inside], kind="stable")
            best = np.maximum.accumulate(profile.hit * worth[inside][order])
            changes.append((row_scores[inside][order], np.diff(best, prepend=-profile.miss)))
    thresholds = np.concatenate([at for at, _ in changes])
    order = np.argsort(-thresholds, kind="stable")
    thresholds = thresholds[order]
    sums = np.cumsum(np.concatenate([change for _, change in changes])[order])
    is_last = np.append(thresholds[1:] != thresholds[:-1], True)
    whole = (profile.hit + profile.miss) * windows
    return Curve(np.append(np.inf, thresholds[is_last]), np.append(0.0, 100.0 * sums[is_last] / whole))


def _worth(labelled: LabelledStream) -> tuple[Floats, NDArray[np.bool_]]:
    """Each row's worth as an alarm before the profile weighs it, and whether it lies outside of all windows."""
    rows = len(labelled.values)
    worth, is_outside = np.full(rows, -1.0), np.ones(rows, dtype=bool)
    for since, until in labelled.windows:
        width = until - since + 1
        inside = np.arange(since, until + 1)
        worth[inside] = _sigmoid(-(until - inside + 1) / width) / _sigmoid(np.array(-1.0))
        is_outside[inside] = False
        after = np.arange(until + 1, rows)
        place = (after - until) / max(1, width - 1)
        worth[after] = np.where(place < 3.0, _sigmoid(np.minimum(place, 3.0)), -1.0)
    return worth, is_outside


def _sigmoid(place: Floats) -> Floats:
    return 2.0 / (1.0 + np.exp(5.0 * place)) - 1.0


def _ours(labelled: LabelledStream) -> Floats:
    return stream.score(labelled.times_s, labelled.values)


def _left_out(streams: Sequence[LabelledStream], scores: Sequence[Floats]) -> float:
    """Standard score of the streams that have windows when each one's threshold is the best of all others."""
    total = 0.0
    for place, labelled in enumerate(streams):
        if not labelled.windows:
            continue
        others = [other for other in range(len(streams)) if other != place]
        threshold = curve([streams[at] for at in others], [scores[at] for at in others], PROFILES[0]).best()[1]
        alone = curve([labelled], [scores[place]], PROFILES[0]).at(threshold)
        total += alone * len(labelled.windows)
    return total / sum(len(labelled.windows) for labelled in streams)


def _print_table(name: str, streams: Sequence[LabelledStream], threshold: float) -> None:
    """A paragraph a detector; `threshold` is the best one of our scores on other streams."""
    sys.stdout.write(f"\n{name}: {len(streams)} streams, {sum(len(found.windows) for found in streams)} windows\n")
    for title, detector in (("score-stream", _ours), ("EWMA z-score", ewma_z)):
        started = time.perf_counter()
        scores = [detector(found) for found in streams]
        seconds = time.perf_counter() - started
        curves = [curve(streams, scores, profile) for profile in PROFILES]
        best = curves[0].best()[1]
        cells = [f"{profile.name} {found.best()[0]:.1f}" for profile, found in zip(PROFILES, curves, strict=True)]
        cells.append(f"best threshold {best:.3f}")
        if detector is _ours:
            cells += [f"standard at {fixed} {curves[0].at(fixed):.1f}" for fixed in (threshold, THRESHOLD)]
        rows = sum(len(found.values) for found in streams)
        sys.stdout.write(f"  {title}: {', '.join(cells)}, {rows / seconds:,.0f} rows/s\n")
        if len(streams) > _NAMED_MAX:
            continue
        sys.stdout.write(f"    each by the threshold of the others: {_left_out(streams, scores):.1f}\n")
        for found, found_scores in zip(streams, scores, strict=True):
            if not found.windows:
                continue
            alone = curve([found], [found_scores], PROFILES[0]).at(best)
            sys.stdout.write(f"    {found.name}: {alone:.1f}\n")


def main() -> None:
    """Print every table."""
    tuned = [found for seed in TUNED_SEEDS for found in generate(seed)]
    threshold = round(curve(tuned, [_ours(found) for found in tuned], PROFILES[0]).best()[1], 2)
    for folder in sys.argv[1:]:
        _print_table(Path(folder).name, read_labelled(Path(folder)), threshold)
    _print_table("generated, seen", tuned, threshold)
    _print_table("generated, unseen", [found for seed in UNSEEN_SEEDS for found in generate(seed)], threshold)


if __name__ == "__main__":
    main()
