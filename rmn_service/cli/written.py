"""Files that commands write: an answer as text, scores as a column; one line says why one can't be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rmn_service.cli.failures import WrongInputError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def write(name: str, path: Path, text: str | bytes) -> None:
    """Write a file that an option names.

    Raises:
        WrongInputError: it can't be written.
    """
    try:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    except OSError as error:
        raise WrongInputError(f"{name} = {path}: {error.strerror}; name a file you may write") from None


def write_scores(name: str, path: Path, scores: NDArray[np.float64]) -> None:
    """Write the column `score` as a Parquet file.

    Raises:
        WrongInputError: it can't be written.
    """
    import pyarrow as pa  # noqa: PLC0415  slow to load; only here needed
    import pyarrow.parquet as pa_parquet  # noqa: PLC0415

    column = pa.Array.from_buffers(pa.float64(), len(scores), [None, pa.py_buffer(scores)])  # without pandas
    try:
        pa_parquet.write_table(pa.table({"score": column}), path)
    except OSError as error:
        raise WrongInputError(f"{name} = {path}: {error.strerror or error}; name a file you may write") from None
