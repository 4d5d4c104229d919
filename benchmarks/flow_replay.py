"""A replay of a large file of flows: how fast, in how much memory, on one process and on two.

`BENCH_ROWS` says how many flows (500,000 unless set; `make bench` sets 50 million, which takes about half an hour).
The loop in plain Python is timed on 200,000 rows and taken to go on as fast. Memory is each process's peak, at a tenth
of the rows and at all of them.

`python -m benchmarks.flow_replay` prints the lines alone.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.parquet as pa_parquet

from benchmarks.flow_stream import CHAINS, write_flows
from benchmarks.scoring import PlainSix, empty_six, score_six_batch
from detectors.backtest.shards import Workers, share_out
from detectors.backtest.stream_flows import CHAIN, COLUMNS, chain_rows, score_flows
from detectors.folding import warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_ROWS = int(os.environ.get("BENCH_ROWS", "500_000"))
_PLAIN_ROWS_MAX = 200_000
_BATCH_ROWS = 1 << 16


class _Part(NamedTuple):
    path: Path
    chains: frozenset[int]


class _Folded(NamedTuple):
    alarms: int
    peak_mb: float
    cpu_s: float


class _Took(NamedTuple):
    seconds: float
    cpu_s: float
    """Of the process that worked longest: the time that is left when every worker has a core to itself."""
    peak_mb: float


def run() -> Iterator[tuple[str, float, float, str]]:
    """What was measured: name, ours, the rival's, unit."""
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "flows.parquet", Path(folder) / "small.parquet"
        write_flows(path, _ROWS)
        write_flows(small, _ROWS // 10)
        plain = _plain_rate(path)
        yield (
            f"replay {_ROWS:,} flows from Parquet, six statistics (rival: Python loop)",
            _six_rate(path),
            plain,
            "flows/s",
        )
        little, one, two = _in_own_process(small, 1), _in_own_process(path, 1), _in_own_process(path, 2)
        whole = f"replay {_ROWS:,} flows, all statistics, calibrated and combined"
        yield f"{whole} (rival: Python loop of six)", _ROWS / one.seconds, plain, "flows/s"
        yield f"{whole}: peak memory (rival: a tenth of the flows)", one.peak_mb, little.peak_mb, "MB"
        yield f"{whole}: 2 workers with their start (rival: 1)", _ROWS / two.seconds, _ROWS / one.seconds, "flows/s"
        yield f"{whole}: CPU of the busier of 2 workers (rival: of 1)", two.cpu_s * 1e3, one.cpu_s * 1e3, "ms"


def _batches(path: Path) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Chains and flows."""
    with pa_parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=[CHAIN, *COLUMNS]):
            columns = [column.to_numpy() for column in batch.columns]
            yield columns[0], np.column_stack(columns[1:])


def _plain_rate(path: Path) -> float:
    lines = (
        (int(chain), tuple(flow))
        for chains, flows in _batches(path)
        for chain, flow in zip(chains, flows.tolist(), strict=True)
    )
    rows = list(itertools.islice(lines, _PLAIN_ROWS_MAX))
    states = {chain: PlainSix() for chain in range(1, CHAINS + 1)}
    start = time.perf_counter()
    for chain, flow in rows:
        states[chain].score(flow)
    return len(rows) / (time.perf_counter() - start)


def _six_rate(path: Path) -> float:
    states = {chain: empty_six() for chain in range(1, CHAINS + 1)}
    score_six_batch(empty_six(), np.ones((1, len(COLUMNS)), dtype=np.int64), np.empty((1, 6)))
    rows = 0
    start = time.perf_counter()
    for chains, flows in _batches(path):
        for chain in np.unique(chains).tolist():
            of_chain = flows[chains == chain]
            score_six_batch(states[chain], of_chain, np.empty((len(of_chain), 6)))
        rows += len(flows)
    return rows / (time.perf_counter() - start)


def _in_own_process(path: Path, workers: int) -> _Took:
    command = [sys.executable, "-m", "benchmarks.flow_replay", str(path), str(workers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  this very file
    return _Took(*map(float, said.split()))


def _fold_part(part: _Part) -> _Folded:
    start_s = time.process_time()
    alarms = sum(1 for _ in score_flows(part.path, chain_count=CHAINS, only=part.chains))
    return _Folded(alarms, _peak_mb(), time.process_time() - start_s)


def _peak_mb() -> float:
    """The most that this process held; `ru_maxrss` would begin with what whoever started it held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _replay(path: Path, workers: int) -> None:
    warm_up()
    start = time.perf_counter()
    parts = [_Part(path, chains) for chains in share_out(chain_rows(path), workers)]
    folded = Workers(workers).map(_fold_part, parts)
    seconds = time.perf_counter() - start
    sys.stdout.write(f"{seconds} {max(each.cpu_s for each in folded)} {max(each.peak_mb for each in folded)}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _replay(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        for what, one, other, unit in run():
            sys.stdout.write(f"{what}: {one:,.4g} against {other:,.4g} {unit}\n")
