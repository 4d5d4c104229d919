"""`rmn score-edges` beside MIDAS, MIDAS-R, MIDAS-F: speed and area under the ROC curve, on the same edges in one run.

`python -m benchmarks.edges FILE` takes a Parquet file with src, dst, tick, label and, if it has it, attack_type, and
adds what it shows: each part of the file, coarser ticks, other orders and names, and every type of attack. The file's
quiet edges also stand as a background for generated attacks. Without a file there are only the generated streams.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pa_parquet
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.edge_rivals import MIDAS_F, NAMES, rival_scores
from benchmarks.edge_streams import SHAPES, LabelledEdges, sessions, with_attacks
from detectors import edges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 1
_REPEATS = 5
_LONG_TICKS = (500, 4000)


def run() -> list[tuple[str, float, float, str]]:
    """What was measured: name, ours, MIDAS-F's, unit. The ratio is ours / MIDAS-F's."""
    streams = list(_generated())
    longest = max(streams, key=lambda stream: len(stream.ticks))
    ours_s, rival_s = _seconds(longest)
    count = len(longest.ticks)
    ranked = [
        (
            f"score edges: tell a generated {stream.name} from quiet edges (rival: MIDAS-F)",
            _auc(stream, ours(stream)),
            _auc(stream, rival(stream, MIDAS_F)),
            "AUC",
        )
        for stream in streams
    ]
    return [("score edges (rival: MIDAS-F, compiled as ours)", count / ours_s, count / rival_s, "edges/s"), *ranked]


def ours(stream: LabelledEdges, config: edges.EdgeConfig = edges.DEFAULT) -> Floats:
    """The scores of `rmn score-edges`."""
    return edges.batch(edges.empty_state(config), stream.srcs, stream.dsts, stream.ticks)


def rival(stream: LabelledEdges, variant: int) -> Floats:
    """The scores of one of `edge_rivals.NAMES`."""
    return rival_scores(variant, stream.srcs, stream.dsts, stream.ticks)


def _generated() -> Iterator[LabelledEdges]:
    background = sessions(SEED)
    for shape in SHAPES:
        yield with_attacks(background, shape, SEED)


def _auc(stream: LabelledEdges, scores: Floats) -> float:
    return float(roc_auc_score(stream.labels, scores))


def _seconds(stream: LabelledEdges) -> tuple[float, float]:
    """The best of some turns for ours and for MIDAS-F, in turns, so that a noisy neighbour hurts both."""
    ours_s, rival_s = [], []
    for _ in range(1 + _REPEATS):
        started = time.perf_counter()
        ours(stream)
        ours_s.append(time.perf_counter() - started)
        started = time.perf_counter()
        rival(stream, MIDAS_F)
        rival_s.append(time.perf_counter() - started)
    return min(ours_s), min(rival_s)  # the first turn, which compiles, is never the best


# -- a labelled file, looked at from all sides


def _views(whole: LabelledEdges) -> Iterator[LabelledEdges]:
    yield whole
    count = len(whole.ticks)
    for parts in (2, 4):
        for part in range(parts):
            rows = slice(part * count // parts, (part + 1) * count // parts)
            yield _rows(whole, rows, f"part {part + 1} of {parts}, alone")
    for ticks in (5, 60):
        yield whole._replace(name=f"{ticks} ticks as one", ticks=whole.ticks // ticks + 1)
    rng = np.random.default_rng(SEED)
    order = np.lexsort((rng.random(count), whole.ticks))
    yield _rows(whole, order, "shuffled within ticks")
    yield _rows(whole, np.lexsort((-whole.labels, whole.ticks)), "attacks first in each tick")
    yield whole._replace(name="other ids", srcs=_renamed(whole.srcs), dsts=_renamed(whole.dsts))
    yield _again(whole, "five times over, same attackers and victims", rename=False)
    yield _again(whole, "five times over, attacks' ids changed", rename=True)
    quiet = _rows(whole, whole.labels == 0, "")
    for shape in SHAPES:
        stream = with_attacks((quiet.srcs, quiet.dsts, quiet.ticks - 1), shape, SEED)
        yield stream._replace(name=f"its quiet edges and generated {shape}")
    for crowd in (False, True):
        yield _long_floods(quiet, crowd=crowd)


def _rows(stream: LabelledEdges, rows: slice | NDArray[np.intp] | NDArray[np.bool_], name: str) -> LabelledEdges:
    srcs, dsts, ticks, labels = (column[rows] for column in stream[1:])
    return LabelledEdges(name, srcs, dsts, ticks - ticks[0] + 1, labels)


def _renamed(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    return ids * np.int64(0x9E3779B97F4A7C1) ^ np.int64(0x5DEECE66D)


def _again(whole: LabelledEdges, name: str, *, rename: bool) -> LabelledEdges:
    rng = np.random.default_rng(SEED)
    found = []
    for turn in range(5):
        names = rng.permutation(1 + max(whole.srcs.max(), whole.dsts.max()))
        ends = [np.where(whole.labels, names[ids], ids) if rename else ids for ids in (whole.srcs, whole.dsts)]
        found.append((*ends, whole.ticks + turn * whole.ticks[-1], whole.labels))
    return LabelledEdges(name, *(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _long_floods(quiet: LabelledEdges, *, crowd: bool) -> LabelledEdges:
    """Six floods of hours: longer than what our windows hold, so that they become a habit."""
    rng = np.random.default_rng(SEED)
    columns = [quiet[1:]]
    for _ in range(6):
        ticks = int(np.exp(rng.uniform(*np.log(_LONG_TICKS))))
        each = int(np.exp(rng.uniform(np.log(20), np.log(300))))
        when = rng.integers(1000, max(1001, quiet.ticks[-1] - ticks)) + np.repeat(np.arange(ticks), each)
        srcs = 10**8 + rng.integers(0, 200 if crowd else 1, len(when))
        columns.append((srcs, np.full(len(when), rng.choice(quiet.dsts)), when, np.ones(len(when), np.int64)))
    srcs, dsts, when, labels = (np.concatenate(parts).astype(np.int64) for parts in zip(*columns, strict=True))
    name = f"its quiet edges and long floods from {'200 sources' if crowd else 'one source'}"
    return _rows(LabelledEdges("", srcs, dsts, when, labels), np.lexsort((rng.random(len(when)), when)), name)


def _types(stream: LabelledEdges, types: NDArray[np.str_]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Rows of one type of attack together with all quiet ones, the most frequent type first."""
    names, counts = np.unique(types[stream.labels == 1], return_counts=True)
    for at in np.argsort(-counts)[:14]:
        yield f"{names[at]} ({counts[at]:,})", (stream.labels == 0) | (types == names[at])


def main() -> None:
    """Print every table that the arguments give."""
    console = Console(width=140)
    table = Table("AUC", "edges", "attacks", "score-edges", *NAMES)
    streams: list[LabelledEdges] = list(_generated())
    if len(sys.argv) > 1:
        file = pa_parquet.read_table(sys.argv[1]).to_pandas()
        columns = [file[name].to_numpy(np.int64) for name in ("src", "dst", "tick", "label")]
        streams = [*_views(LabelledEdges("the file", *columns)), *streams]
    for stream in streams:
        scores = [ours(stream), *(rival(stream, variant) for variant in range(3))]
        cells = [f"{_auc(stream, found):.4f}" for found in scores]
        table.add_row(stream.name, f"{len(stream.ticks):,}", f"{stream.labels.mean():.0%}", *cells)
        if stream.name == "the file":
            cells = [f"{average_precision_score(stream.labels, found):.4f}" for found in scores]
            table.add_row("the file, PR-AUC", "", "", *cells)
            for config in (edges.EdgeConfig(slots=1 << 14), edges.EdgeConfig(slots=1 << 18), edges.EdgeConfig(seed=7)):
                found = _auc(stream, ours(stream, config))
                table.add_row(f"the file, {config.slots} slots, seed {config.seed}", "", "", f"{found:.4f}")
            if "attack_type" in file:
                for name, rows in _types(stream, file["attack_type"].astype(str).to_numpy()):
                    cells = [f"{roc_auc_score(stream.labels[rows], found[rows]):.4f}" for found in scores]
                    table.add_row(name, "", "", *cells)
    console.print(table)
    ours_s, rival_s = _seconds(streams[0])
    count = len(streams[0].ticks)
    console.print(f"score-edges {count / ours_s:,.0f} edges/s, MIDAS-F {count / rival_s:,.0f}: {rival_s / ours_s:.2f}x")


if __name__ == "__main__":
    main()
