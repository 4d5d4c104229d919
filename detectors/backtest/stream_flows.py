"""Statistics over a file of flows that need not fit into memory: a batch of rows at a time, flat in their number.

The file is a Parquet table, in the order in which its rows could be known: `chain`, any whole number of 64 bits, and
the columns of `detectors.flows`, whose numbers for tokens and remotes count for each chain by itself. A chain's fold
needs that chain's rows alone, so chains may be folded apart (`shards`), with the same alarms to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from detectors.backtest.history import HistoryError
from detectors.claims import NAMES
from detectors.flows import IS_MINTED, IS_PRICED, IS_RELEASE, REMOTE, TOKEN, WIDTH
from detectors.folding import State
from detectors.fused import QUIET, limits_of
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.fused import Limits

CHAIN = "chain"
COLUMNS = ("time_s", "is_release", "token", "is_priced", "remote", "sender", "receiver", "amount", "value", "is_minted")
"""In the order of `detectors.flows`; a file without the last one is of tokens that no chain mints."""

_BATCH_ROWS = 1 << 16
"""Rows in memory at once, of each column."""
_LINES_MAX = 1 << 16
"""A chain's tokens, and its remotes: each takes about 60 KB of state."""


class Alarm(NamedTuple):
    """What a statistic, or the combination, would have stated about one row."""

    position: int
    """Of the row in the file, from 0 on."""
    chain: int
    name: str
    time_s: int
    level: int
    """`fused.ALARM` or `fused.STRICT`."""
    rate: float
    """Quiet days a day that reach it."""


def chain_rows(path: Path) -> dict[int, int]:
    """How many rows each chain has.

    Raises:
        HistoryError: the file can't be used.
    """
    counts: dict[int, int] = {}
    with _open(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=[CHAIN]):
            chains, found = np.unique(batch.column(0).to_numpy(), return_counts=True)
            for chain, count in zip(chains.tolist(), found.tolist(), strict=True):
                counts[chain] = counts.get(chain, 0) + count
    return counts


def score_flows(
    path: Path,
    settings: Settings | None = None,
    *,
    chain_count: int | None = None,
    only: Collection[int] | None = None,
    rates_path: Path | None = None,
) -> Iterator[Alarm]:
    """Fold a file of flows; what would have been stated, in the order of rows, then of statistics.

    Args:
        path: the Parquet file.
        settings: budgets, grace and cooldown; the defaults if left out.
        chain_count: over how many chains the budgets are shared out; those of the file if left out.
        only: the chains to fold; all if left out.
        rates_path: where every row's rates go, one column a statistic, as Parquet.

    Raises:
        HistoryError: the file can't be used; one line that names the column, the value and the remedy.
    """
    limits = limits_of(settings or Settings(), len(chain_rows(path)) if chain_count is None else chain_count)
    states: dict[int, State] = {}
    schema = pa.schema([(name, pa.float64()) for name in NAMES])
    writer = None if rates_path is None else pa_parquet.ParquetWriter(rates_path, schema)
    first = 0
    try:
        with _open(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=_columns(file), use_threads=False):
                chains = batch.column(0).to_numpy()
                mine = np.arange(len(chains)) if only is None else np.flatnonzero(np.isin(chains, list(only)))
                flows = _flows(batch if only is None else batch.take(pa.array(mine)), first + mine)
                rates = np.full((len(flows), len(NAMES)), np.inf)
                yield from sorted(_fold(states, chains[mine], flows, limits, rates, first + mine))
                if writer is not None:
                    whole = np.full((len(chains), len(NAMES)), np.inf)
                    whole[mine] = rates
                    writer.write_batch(pa.record_batch(list(whole.T), schema=schema))
                first += len(chains)
    finally:
        if writer is not None:
            writer.close()


def _fold(  # noqa: PLR0917
    states: dict[int, State],
    chains: NDArray[Any],
    flows: NDArray[np.int64],
    limits: Limits,
    rates: NDArray[np.float64],
    positions: NDArray[np.int64],
) -> Iterator[Alarm]:
    """Fold each chain's rows of a batch, which stand at these positions of the file; fills their rates."""
    for chain in np.unique(chains).tolist():
        rows = np.flatnonzero(chains == chain)
        state = states.setdefault(chain, State.empty())
        rates[rows], levels = state.fold(flows[rows], limits)
        for place, line in zip(*np.nonzero(levels != QUIET), strict=True):
            row = int(rows[place])
            level, rate = int(levels[place, line]), float(rates[row, line])
            yield Alarm(int(positions[row]), chain, NAMES[line], int(flows[row, 0]), level, rate)


def _open(path: Path) -> pa_parquet.ParquetFile:
    if not path.is_file():
        raise HistoryError(f"flows = {path}: no such file; name a Parquet file")
    try:
        file = pa_parquet.ParquetFile(path, pre_buffer=False)  # which would keep all that was read
    except (pa.ArrowInvalid, OSError) as error:
        raise HistoryError(f"flows = {path}: {str(error).splitlines()[0]}; give a Parquet file") from None
    known = {field.name: field.type for field in file.schema_arrow}
    for name in _columns(file):
        if name not in known or not pa.types.is_integer(known[name]):
            file.close()
            raise HistoryError(
                f"flows = {path}: {name} = {known.get(name, 'missing')}: it must be a column of integers"
            )
    return file


def _columns(file: pa_parquet.ParquetFile) -> list[str]:
    """Those to read: all, but the last only where the file has it."""
    return [CHAIN, *COLUMNS[: IS_MINTED + (COLUMNS[IS_MINTED] in file.schema_arrow.names)]]


def _flows(batch: pa.RecordBatch, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows as the fold takes them, each checked: compiled code trusts its input."""
    flows = np.zeros((batch.num_rows, WIDTH), dtype=np.int64)
    for place, name in enumerate(batch.schema.names[1:]):
        column = batch.column(1 + place)
        if column.null_count:
            raise HistoryError(
                f"flows: {name} has empty cells in the rows from {positions[0]} on; give every row a value"
            )
        flows[:, place] = column.cast(pa.int64()).to_numpy()
        lowest, highest = int(flows[:, place].min(initial=1)), int(flows[:, place].max(initial=1))
        least, most = _BOUNDS.get(place, (0, np.iinfo(np.int64).max))
        if lowest < least or highest > most:
            wrong = lowest if lowest < least else highest
            row = positions[np.flatnonzero(flows[:, place] == wrong)[0]]
            raise HistoryError(f"flows: row {row}: {name} = {wrong}: use {least} to {most}")
    return flows


_BOUNDS = {
    IS_RELEASE: (0, 1),
    IS_PRICED: (0, 1),
    IS_MINTED: (0, 1),
    TOKEN: (1, _LINES_MAX - 1),
    REMOTE: (0, _LINES_MAX - 1),
}
"""Of the columns that don't take every number of at least 0."""
