"""`rmn score-stream`: how anomalous each row of any univariate stream is."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.printing import print_table
from rmn_service.cli.written import write, write_scores

_SHOWN = 5


def score_stream(
    file: Annotated[Path, typer.Argument(help="A CSV with the columns timestamp and value.")],
    json_path: Annotated[Path | None, typer.Option("--json", help="Write every score here; - for stdout.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the scores as the column `score` of a Parquet file.")] = None,
) -> None:
    """Score each row in [0, 1] from the rows before it and itself; prints the highest, or writes them all."""
    import numpy as np  # noqa: PLC0415  slow to load; only here needed

    from detectors import stream  # noqa: PLC0415
    from detectors.backtest.stream_file import StreamFileError, read_stream  # noqa: PLC0415

    stream.score(np.empty(0), np.empty(0))  # loads the compiled code, which is no row's fault
    started = time.perf_counter()
    try:
        times_s, values = read_stream(file)
    except StreamFileError as error:
        raise WrongInputError(str(error)) from None
    scores = stream.score(times_s, values)
    rows_per_s = len(scores) / (time.perf_counter() - started)
    if out is not None:
        write_scores("out", out, scores)
    if json_path is not None:
        answer = json.dumps({"rows": len(scores), "scores": scores.tolist(), "rows_per_s": round(rows_per_s, 1)})
        if str(json_path) == "-":
            typer.echo(answer)
            return
        write("json", json_path, answer + "\n")
    typer.echo(f"{len(scores):,} rows, {rows_per_s:,.0f} a second.")
    highest = [row for row in np.argsort(-scores, kind="stable")[:_SHOWN] if scores[row] > 0]
    moments = np.array(times_s[highest] * 1e6, dtype="datetime64[us]")
    cells = [
        (row + 1, str(moment)[:19].replace("T", " "), values[row], f"{scores[row]:.4f}")
        for row, moment in zip(highest, moments, strict=True)
    ]
    print_table(("row", "time (UTC)", "value", "score"), cells, "Nothing unusual.")
