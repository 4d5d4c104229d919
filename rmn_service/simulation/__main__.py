"""`python -m rmn_service.simulation --seed N [--nodes 4] [--count 1]`: run seeds, say what did not hold."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from rmn_service.simulation.run import Simulator


def main() -> int:
    """0 when every invariant held, 1 when one did not, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--nodes", type=int, default=4, choices=(4, 7), help="how many nodes, liars among them")
    parser.add_argument("--count", type=int, default=1, help="how many seeds")
    wanted = parser.parse_args()
    simulator = Simulator(wanted.nodes)
    counts: Counter[str] = Counter()
    failed = 0
    begun = time.perf_counter()
    try:
        for seed in range(wanted.seed, wanted.seed + wanted.count):
            outcome = simulator.run(seed)
            counts += outcome.counts
            failed += bool(outcome.broken)
            for fault in outcome.broken:
                print(f"seed {seed}: {fault}")  # noqa: T201 - its purpose
            if outcome.broken:
                print(f"again: {outcome.replay}")  # noqa: T201
            if wanted.count == 1:
                print(f"digest {outcome.digest}")  # noqa: T201
    finally:
        simulator.close()
    took_s = time.perf_counter() - begun
    print(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))  # noqa: T201
    print(f"{wanted.count} seeds of {wanted.nodes} nodes, {failed} failed, {wanted.count / took_s:.1f} seeds/s")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
