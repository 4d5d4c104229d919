"""Judges every scenario and says how the detectors did: `python -m detectors.backtest.scenarios.suite`.

Each history goes through `run_backtest`, the production judges under default settings, in its own process. What is
true is known from drawing it. A history's first 30 days, in which statistics say nothing, do not count as judged.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.backtest.scenarios.catalogue import BUSY, STEADY, THIN, Scenario, attack_scenarios
from detectors.backtest.scenarios.summary import promises_broken, render
from detectors.backtest.scenarios.trial import Trial, judge
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUIET = ((Scenario(THIN), 6), (Scenario(STEADY), 3))
"""Quiet scenarios and how many seeds of each make more than 10,000 judged lane-days."""
_BUSY_QUIET = ((Scenario(BUSY), 1),)
_QUIET_SEEDS_FROM = 1_000
"""So that no quiet history shares its seed with an attack's."""


def judge_all(work: Iterable[tuple[Scenario, int]], processes: int) -> list[Trial]:
    """Every history, so many at a time; a line of progress for each on standard error."""
    work = list(work)
    trials = []
    # spawned: a fork would copy the threads' locks of the libraries that are loaded here
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(judge, scenario, seed) for scenario, seed in work]):
            trials.append(done.result())
            sys.stderr.write(f"\r{len(trials)} of {len(work)} histories")
            sys.stderr.flush()
    sys.stderr.write("\n")
    order = {each: rank for rank, each in enumerate(work)}
    return sorted(trials, key=lambda trial: order[trial.scenario, trial.seed])


def main() -> int:
    """Judge, print, write; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="of each attack scenario")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--busy", action="store_true", help="bridges of 5,000 messages a day too; takes much longer")
    parser.add_argument("--out", type=Path, help="write the report there, too; make scenarios gives docs/scenarios.md")
    arguments = parser.parse_args()
    work = [(scenario, seed) for scenario in attack_scenarios() for seed in range(1, arguments.seeds + 1)]
    quiet = list(_QUIET)
    if arguments.busy:
        work += [(scenario, 1) for scenario in attack_scenarios((BUSY,))]
        quiet += _BUSY_QUIET
    work += [(scenario, _QUIET_SEEDS_FROM + seed) for scenario, seeds in quiet for seed in range(seeds)]
    trials = judge_all(work, arguments.processes)
    text = render(trials, Settings())
    sys.stdout.write(text)
    if arguments.out is not None:
        arguments.out.write_text(text, encoding="utf-8")
    broken = promises_broken(trials, Settings())
    sys.stderr.writelines(f"{line}\n" for line in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
