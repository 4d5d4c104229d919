"""`rmn export`: a node's own history as a file that `rmn backtest` reads anywhere."""

from pathlib import Path
from typing import Annotated

import typer

from rmn_service.cli.failures import WrongInputError


def export(
    store: Annotated[Path, typer.Argument(help="The node's SQLite database; the node may be running.")],
    out: Annotated[Path | None, typer.Option(help="The file to write: .parquet or .csv.")] = None,
    *,
    closed: Annotated[
        Path | None, typer.Option(help="Instead, add the days that are closed to this folder: one file a day.")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, help="How long a closed range is, of a folder that is new.")] = 24,
    config: Annotated[Path | None, typer.Option(help="The node.toml that names the deployment.")] = None,
    deployment: Annotated[Path | None, typer.Option(help="The deployment; else deployment.json beside it.")] = None,
) -> None:
    """Write every message that the node saw sent or executed, in the columns of data/README.md.

    With --closed only what is final on every chain, in files that are never written again: the next export goes on.
    """
    import pyarrow as pa  # noqa: PLC0415  slow to load; only here needed
    import pyarrow.csv as pa_csv  # noqa: PLC0415
    import pyarrow.parquet as pa_parquet  # noqa: PLC0415

    from rmn_service.closed_ranges import GapError, spans_in  # noqa: PLC0415
    from rmn_service.recorded import TYPES, closed_spans, export_spans, export_table, open_recorded  # noqa: PLC0415

    if not store.is_file():
        raise WrongInputError(f"store = {store}: no such file; name the node's SQLite database")
    if (out is None) == (closed is None):
        raise WrongInputError("out: give either --out FILE or --closed FOLDER")
    if out is not None and out.suffix not in {".parquet", ".csv"}:
        raise WrongInputError(f"out = {out}: unknown kind of file; end its name in .parquet or .csv")
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in TYPES.items()])
    opened, contracts = open_recorded(store, config, deployment)
    if closed is not None:
        try:
            before = spans_in(closed)
            span_s = before[-1].until_s - before[-1].since_s if before else 3600 * hours
            rows = 0
            with opened:
                spans = [*closed_spans(opened, contracts, span_s, before[-1].until_s if before else None)]
                closed.mkdir(parents=True, exist_ok=True)
                for span, columns in export_spans(opened, contracts, spans):
                    partial = closed / f"{span.file_name}.partial"
                    table = pa.table(columns, schema=schema)
                    pa_parquet.write_table(table, partial)
                    partial.replace(closed / span.file_name)
                    rows += table.num_rows
        except GapError as error:
            raise WrongInputError(f"closed = {error}") from None
        except OSError as error:
            why = error.strerror or error
            raise WrongInputError(f"closed = {closed}: {why}; name a folder you may write") from None
        typer.echo(f"{rows} rows in {len(spans)} new files in {closed}, {len(before)} were there")
        return
    assert out is not None
    with opened:
        table = pa.table(export_table(opened, contracts), schema=schema)
    try:
        (pa_parquet.write_table if out.suffix == ".parquet" else pa_csv.write_csv)(table, out)
    except OSError as error:
        raise WrongInputError(f"out = {out}: {error.strerror or error}; name a file you may write") from None
    typer.echo(f"{table.num_rows} rows in {out}")
