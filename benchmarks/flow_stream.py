"""Flows of a busy network that never was, for timing: 16 chains, Zipf tokens and people, lognormal amounts, a season.

What is in them says nothing about how well anything is detected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from detectors.backtest.stream_flows import CHAIN, COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CHAINS = 16
_TOKENS = 40  # a chain
_PEOPLE = 20_000
_START_S = 1_700_000_000 // 86_400 * 86_400
_DAYS = 365
_GROUP_ROWS = 1 << 17


def write_flows(path: Path, rows: int, seed: int = 8) -> None:
    """A year of flows as a Parquet file; groups of rows are drawn one after the other, so memory is flat."""
    schema = pa.schema([(name, pa.int64()) for name in (CHAIN, *COLUMNS)])
    rng = np.random.default_rng(seed)
    with pa_parquet.ParquetWriter(path, schema, compression="lz4", use_dictionary=[CHAIN, "token", "remote"]) as writer:
        for first in range(0, rows, _GROUP_ROWS):
            count = min(_GROUP_ROWS, rows - first)
            span_s = (_START_S + _DAYS * 86_400 * first // rows, _START_S + _DAYS * 86_400 * (first + count) // rows)
            chains = (_zipf(rng, CHAINS, count) + 1).astype(np.int64)
            flows = draw_flows(rng, count, *span_s)
            writer.write_batch(pa.record_batch([pa.array(chains), *map(pa.array, flows.T)], schema=schema))


def draw_flows(rng: np.random.Generator, count: int, since_s: int, until_s: int) -> NDArray[np.int64]:
    """Flows of one chain, evenly spread but for the hour of the day, in order."""
    times_s = np.sort(rng.integers(since_s, max(until_s, since_s + 1), count))
    is_busy = np.sin(times_s / 86_400 * 2 * np.pi) > rng.uniform(-1.5, 1.0, count)
    times_s = np.sort(np.where(is_busy, times_s, times_s // 43_200 * 43_200 + rng.integers(0, 43_200, count)))
    times_s = np.clip(times_s, since_s, max(until_s - 1, since_s))
    tokens = _zipf(rng, _TOKENS, count)
    is_release = rng.integers(0, 2, count)
    values = np.exp(rng.normal(19.0, 2.0, count)).astype(np.int64) + 1
    values = np.where(rng.random(count) < 0.1, 10 ** (values % 4 + 8), values)  # round amounts
    senders, receivers = (_zipf(rng, _PEOPLE, count) + 1 for _ in range(2))
    names = 0x9E3779B97F4A7C1 * np.arange(1, _PEOPLE + 2, dtype=np.int64) & 0x7FFFFFFFFFFFFFFF
    columns = (
        times_s,
        is_release,
        tokens + 2,
        (tokens % 4 != 3).astype(np.int64),
        _zipf(rng, CHAINS - 1, count) + 1,
        np.where(is_release == 1, 0, names[senders]),
        names[receivers],
        (values * 1_000_003 + tokens) & 0x7FFFFFFFFFFFFFFF,
        values,
        np.zeros_like(values),
    )
    return np.ascontiguousarray(np.column_stack(columns), dtype=np.int64)


def _zipf(rng: np.random.Generator, kinds: int, count: int) -> NDArray[np.int64]:
    """Numbers from 0 on, the k-th about k times rarer than the first."""
    shares = 1.0 / np.arange(1, kinds + 1)
    bounds = np.cumsum(shares) / shares.sum()
    return np.minimum(np.searchsorted(bounds, rng.random(count)), kinds - 1)
