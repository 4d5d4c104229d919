"""`rmn backtest`: the production detectors, incidents and policy over a history."""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detectors.collection import no_collection
from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.cli.written import write

if TYPE_CHECKING:
    from detectors.backtest.history import History
    from detectors.backtest.studies import Studies
    from detectors.settings import Settings
    from rmn_service.rehearsal import RehearsalConfig

Since = Annotated[str | None, typer.Option(help="Only rows from this time on (ISO 8601; UTC by default).")]
Until = Annotated[str | None, typer.Option(help="Only rows before this time.")]
Config = Annotated[
    Path | None, typer.Option(help="A TOML with posture, [detectors] and [incidents], or a node.toml. Posture: curse.")
]
LeakCheck = Annotated[
    bool, typer.Option("--leak-check", help="Instead, show that no judge looks ahead or at the truth; else exit 1.")
]
Progress = Annotated[bool, typer.Option(help="Show how far it is, on a terminal.")]
Sweep = Annotated[bool, typer.Option("--sweep", help="Also tell what other alarm budgets would have stated.")]
WalkForward = Annotated[
    bool, typer.Option("--walk-forward", help="Also fit limits on the past and try them on what followed.")
]
Compare = Annotated[
    Path | None,
    typer.Option(
        help="A candidate, written like --config: tell signal by signal, message by message what it would change."
    ),
]
Resample = Annotated[
    int | None,
    typer.Option(min=1, help="Instead, judge so many dealings of the times that ts_quality calls imputed: the ranges."),
]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=1, help="Shares to divide the work into; the same result.")
]
Dask = Annotated[str | None, typer.Option(help="Let a Dask cluster's workers do the shares: its scheduler's address.")]
ProgressFile = Annotated[
    Path | None, typer.Option("--progress-file", help="Keep `DONE TOTAL` in this file, for another program to read.")
]
Html = Annotated[Path | None, typer.Option(help="Write a report for people: one file, charts and all.")]


def backtest(
    history: Annotated[Path, typer.Argument(help="A Parquet or CSV history (data/README.md), or a node's database.")],
    *,
    config: Config = None,
    since: Since = None,
    until: Until = None,
    leak_check: LeakCheck = False,
    sweep: Sweep = False,
    walk_forward: WalkForward = False,
    compare: Compare = None,
    resample: Resample = None,
    html: Html = None,
    workers: WorkersOption = 1,
    dask: Dask = None,
    progress: Progress = True,
    progress_file: ProgressFile = None,
    out: Annotated[Path | None, typer.Option("--json", help="Write the whole result here; - for stdout.")] = None,
) -> None:
    """Replay a history through the very same detectors and tell what they would have signalled and done, and when."""
    with no_collection():
        from detectors.backtest import HistoryError, run_backtest  # noqa: PLC0415  slow to load; `--help` does without
        from detectors.backtest.shards import Workers, WorkersError  # noqa: PLC0415
        from detectors.backtest.studies import Studies  # noqa: PLC0415
        from rmn_service.rehearsal import load_rehearsal  # noqa: PLC0415

        shared = None if workers == 1 and dask is None else Workers(workers, dask)
        rehearsal = load_rehearsal(config)
        candidate = None if compare is None else load_rehearsal(compare)
        recorded = _recorded(history, config)
        studies = Studies()

        def judge(one: "RehearsalConfig") -> dict[str, Any]:
            return run_backtest(
                history,
                one.settings,
                since,
                until,
                responder=one.responder(),
                history=recorded,
                on_progress=on_progress,
                on_judged=studies.hear,
                workers=shared,
            )

        try:
            with _told(progress_file, is_shown=progress and sys.stderr.isatty()) as on_progress:
                if leak_check:
                    _check_leaks(history, recorded, rehearsal.settings, on_progress)
                    return
                if resample is not None:
                    _resample(history, resample, rehearsal, since, until, out)
                    return
                other = None if candidate is None else judge(candidate)
                result = judge(rehearsal)
        except (HistoryError, WorkersError) as error:
            raise WrongInputError(str(error)) from None
        gc.freeze()  # the process ends soon: nobody need look once more through all that was read
        result["posture"] = rehearsal.posture
        told = _study(studies, result, other, sweep=sweep, walk_forward=walk_forward)
        if html is not None:
            write("html", html, studies.html(dict(result)))  # the JSON holds only what was asked for
        if out is not None:
            text = json.dumps(result, indent=2, ensure_ascii=False)
            if str(out) == "-":
                typer.echo(text)
                return
            write("json", out, text + "\n")
        typer.echo("\n\n".join(told))


def _study(
    studies: "Studies", result: dict[str, Any], candidate: dict[str, Any] | None, *, sweep: bool, walk_forward: bool
) -> list[str]:
    """Adds what was asked for to the result; the parts of the answer for a terminal."""
    from detectors.backtest import render_table  # noqa: PLC0415

    told = [render_table(result)]
    if sweep:
        told.append(studies.sweep(result))
    if walk_forward:
        told.append(studies.walk_forward(result))
    if candidate is not None:
        told.append(studies.compare(result, candidate))
    return told


def _recorded(history: Path, config: Path | None) -> "History | None":
    """What a node's database holds; None for any other file."""
    with suppress(OSError), history.open("rb") as file:
        if file.read(15) == b"SQLite format 3":
            from rmn_service.recorded import open_recorded, read_recorded  # noqa: PLC0415  slow to load

            store, deployment = open_recorded(history, config)
            with store:
                return read_recorded(store, deployment)
    return None


def _resample(  # noqa: PLR0917  what was asked for, each once
    history: Path, times: int, rehearsal: "RehearsalConfig", since: str | None, until: str | None, out: Path | None
) -> None:
    from detectors.backtest import run_backtest  # noqa: PLC0415
    from detectors.backtest.resample import render_resampled, resample  # noqa: PLC0415

    def judge(dealt: Path) -> dict[str, Any]:
        return run_backtest(dealt, rehearsal.settings, since, until, responder=rehearsal.responder())

    found = resample(history, times, judge)
    if out is None:
        typer.echo(render_resampled(found))
    elif str(out) == "-":
        typer.echo(json.dumps(found, indent=2))
    else:
        write("json", out, json.dumps(found, indent=2) + "\n")


def _check_leaks(
    history: Path,
    recorded: "History | None",
    settings: "Settings",
    on_progress: Callable[[int, int], None] | None,
) -> None:
    from detectors.backtest.leak import check_leaks  # noqa: PLC0415

    checked = check_leaks(history, settings, on_progress, recorded=recorded)
    if checked.difference is not None:
        raise NotDoneError(f"leak in {history}: {checked.difference}; a judge knows what it can't")
    told = f"no leak: {checked.signals} signals and {checked.scores} rows of scores are equal at {checked.cuts} cuts"
    typer.echo(told if recorded is not None else f"{told} and without the truth columns")


@contextmanager
def _told(file: Path | None, *, is_shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Who hears how far it is: a bar on a terminal, or a file that always holds one whole line."""
    if file is None:
        with _bar(is_shown=is_shown) as shown:
            yield shown
        return
    partial = file.with_suffix(".partial")

    def move(done: int, total: int) -> None:
        write("progress-file", partial, f"{done} {total}\n")
        partial.replace(file)

    yield move


@contextmanager
def _bar(*, is_shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """What draws how far it is: rate and time left; None where nobody looks."""
    if not is_shown:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", rate="")

        def move(done: int, total: int) -> None:
            speed = shown.tasks[task].speed
            shown.update(task, completed=done, total=total, rate="" if speed is None else f"{speed:,.0f}/s")

        yield move
