"""`make bench`: every benchmark once; prints the ratios and writes docs/benchmarks.md."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import (
    curse_path,
    dashboard,
    decode,
    distant_vote,
    edges,
    flow_replay,
    gas,
    nab,
    node_memory,
    record,
    rules,
    scoring,
    startup,
    throughput,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRO = """# Benchmarks

`make bench` writes this file. Machines differ and are noisy: read the ratios, which compare two figures of one run:
above 1x ours does better.

| what | ours | rival | ratio |
|---|---|---|---|
"""


_LESS_IS_BETTER = ("s", "ms", "µs", "MB", "round trips", "gas")


def _all() -> Iterator[tuple[str, float, float, str]]:
    """Every benchmark, one after the other: each has the machine for itself."""
    for benchmark in (
        decode,
        record,
        node_memory,
        gas,
        startup,
        throughput,
        curse_path,
        distant_vote,
        rules,
        scoring,
        flow_replay,
        nab,
        edges,
        dashboard,
    ):
        yield from benchmark.run()


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 1_000 else f"{number:.4g}"


def main() -> None:
    """Run, print, write."""
    table = Table("what", "ours", "rival", "ratio")
    rows = ""
    for name, ours, rival, unit in _all():
        ratio = rival / ours if unit in _LESS_IS_BETTER else ours / rival
        cells = (name, f"{_figure(ours)} {unit}", f"{_figure(rival)} {unit}", f"{ratio:.3g}x")
        table.add_row(*cells)
        rows += f"| {' | '.join(cells)} |\n"
    Console().print(table)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    Path("docs/benchmarks.md").write_text(f"{_INTRO}{rows}\nLast run on {system}.\n")


if __name__ == "__main__":
    main()
