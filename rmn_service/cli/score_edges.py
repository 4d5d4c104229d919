"""`rmn score-edges`: how anomalous each edge of any stream of edges is."""

import heapq
import time
from pathlib import Path
from typing import Annotated

import typer

from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.printing import print_table
from rmn_service.cli.written import write, write_scores

_SHOWN = 5


def score_edges(
    file: Annotated[Path, typer.Argument(help="A Parquet or CSV file with the columns src, dst and tick.")],
    json_path: Annotated[Path | None, typer.Option("--json", help="Write every score here; - for stdout.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the scores as the column `score` of a Parquet file.")] = None,
) -> None:
    """Score each edge in [0, 1) from the edges before it and itself; prints the highest, or writes them all."""
    import msgspec  # noqa: PLC0415  slow to load; only here needed
    import numpy as np  # noqa: PLC0415

    from detectors import edges  # noqa: PLC0415
    from detectors.backtest.edge_file import EdgeFileError, read_edges  # noqa: PLC0415

    edges.warm_up()  # loads the compiled code, which is no edge's fault
    started = time.perf_counter()
    scoring_s = 0.0
    state = edges.empty_state()
    parts = [np.empty(0)]
    highest: list[tuple[float, int, tuple[str, str, str]]] = []
    try:
        for part in read_edges(file):
            read = time.perf_counter()
            found = edges.batch(state, part.srcs, part.dsts, part.ticks)
            scoring_s += time.perf_counter() - read
            parts.append(found)
            best = np.argsort(-found, kind="stable")[:_SHOWN]
            fresh = [(found[row], -part.first_row - int(row), part.describe(int(row))) for row in best]
            highest = heapq.nlargest(_SHOWN, highest + fresh)
    except EdgeFileError as error:
        raise WrongInputError(str(error)) from None
    scores = np.concatenate(parts)
    with_reading_s = time.perf_counter() - started
    rows_per_s = len(scores) / scoring_s if len(scores) else 0.0
    if out is not None:
        write_scores("out", out, scores)
    if json_path is not None:
        answer = {"rows": len(scores), "scores": scores.tolist(), "rows_per_s": round(rows_per_s, 1)}
        text = msgspec.json.encode(answer) + b"\n"
        if str(json_path) == "-":
            typer.echo(text, nl=False)
            return
        write("json", json_path, text)
    typer.echo(f"{len(scores):,} edges, {rows_per_s:,.0f} a second; {len(scores) / with_reading_s:,.0f} with reading.")
    cells = [(-row, *edge, f"{score:.6f}") for score, row, edge in highest]
    print_table(("row", "src", "dst", "tick", "score"), cells, "No edges.")
