"""`rmn export`: a node's own history as a file that `rmn backtest` reads anywhere."""

from pathlib import Path
from typing import Annotated

import typer

from rmn_service.cli.failures import WrongInputError


def export(
    store: Annotated[Path, typer.Argument(help="The node's SQLite database; the node may be running.")],
    out: Annotated[Path, typer.Option(help="The file to write: .parquet or .csv.")],
    *,
    config: Annotated[Path | None, typer.Option(help="The node.toml that names the deployment.")] = None,
    deployment: Annotated[Path | None, typer.Option(help="The deployment; else deployment.json beside it.")] = None,
) -> None:
    """Write every message that the node saw sent or executed, in the columns of data/README.md."""
    import pyarrow as pa  # noqa: PLC0415  slow to load; only here needed
    import pyarrow.csv as pa_csv  # noqa: PLC0415
    import pyarrow.parquet as pa_parquet  # noqa: PLC0415

    from rmn_service.recorded import TYPES, export_table, open_recorded  # noqa: PLC0415

    if not store.is_file():
        raise WrongInputError(f"store = {store}: no such file; name the node's SQLite database")
    if out.suffix not in {".parquet", ".csv"}:
        raise WrongInputError(f"out = {out}: unknown kind of file; end its name in .parquet or .csv")
    opened, contracts = open_recorded(store, config, deployment)
    with opened:
        columns = export_table(opened, contracts)
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in TYPES.items()])
    table = pa.table(columns, schema=schema)
    try:
        (pa_parquet.write_table if out.suffix == ".parquet" else pa_csv.write_csv)(table, out)
    except OSError as error:
        raise WrongInputError(f"out = {out}: {error.strerror or error}; name a file you may write") from None
    typer.echo(f"{table.num_rows} rows in {out}")
