"""How long the rules take over a whole history: every row into the record, every question asked, no statistics.

`BENCH_HISTORY` names the history; the published Nomad transfers, where they lie beside the checkout. The figure to
compare with, CPU time of one thread, is Souffle's on the same events, a Datalog engine that XChainWatcher's rules are
written for (0.40 s; not run here, and of fewer and other rules).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from detectors.backtest.history import read_history
from detectors.backtest.replay import replay
from detectors.backtest.shards import Share, SharedJudge
from detectors.collection import no_collection

_HISTORY = Path(__file__).parents[2] / "shared" / "data" / "nomad_transfers.parquet"
_SOUFFLE_MS = 400.0
_REPEATS = 5


def run() -> list[tuple[str, float, float, str]]:
    """What was measured: name, ours, the rival's, unit."""
    path = Path(os.environ.get("BENCH_HISTORY", _HISTORY))
    if not path.is_file():
        sys.stderr.write(f"BENCH_HISTORY = {path}: no such file: the rules were not timed\n")
        return []
    history = read_history(path)
    took_s = []
    with no_collection():
        for _ in range(_REPEATS):
            judge = SharedJudge(Share(frozenset(), 0, 1), history.network, None)
            start = time.process_time()
            replay(history.network, history.rows, judge=judge)
            took_s.append(time.process_time() - start)
    name = f"all rules over {history.events:,} {path.stem} events, CPU (rival: Souffle's published 0.40 s on Nomad)"
    return [(name, statistics.median(took_s) * 1000, _SOUFFLE_MS, "ms")]


if __name__ == "__main__":
    for what, ours, rival, unit in run():
        sys.stdout.write(f"{what}: {ours:,.4g} against {rival:,.4g} {unit}\n")
