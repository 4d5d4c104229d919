"""A history without its truth."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRUTH = re.compile(r"matched|match_.*|latency_s|label.*|window")


@contextmanager
def blanked_copy(path: Path) -> Iterator[Path]:
    """The same history in a file, or folder, whose truth columns are empty; gone afterwards."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        if path.is_dir():
            copy.mkdir()
            for file_path in path.glob("*.parquet"):
                with pa_parquet.ParquetFile(file_path) as file:
                    pa_parquet.write_table(_blanked(file.read()), copy / file_path.name)
        elif path.suffix == ".parquet":
            with pa_parquet.ParquetFile(path) as file:
                pa_parquet.write_table(_blanked(file.read()), copy)
        else:
            with path.open(encoding="utf-8-sig") as lines:
                header = lines.readline().rstrip("\r\n").split(",")
            options = pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False)
            pa_csv.write_csv(_blanked(pa_csv.read_csv(path, convert_options=options)), copy)
        yield copy


def _blanked(table: pa.Table) -> pa.Table:
    for index, name in enumerate(table.column_names):
        if _TRUTH.fullmatch(name):
            table = table.set_column(index, name, pa.nulls(len(table), table.schema.field(index).type))
    return table
