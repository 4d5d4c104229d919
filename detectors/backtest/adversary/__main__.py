"""Runs the search on several grounds and prints what was found."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from detectors import fused
from detectors.backtest.adversary.ground import CAPITAL_USD
from detectors.backtest.adversary.search import Result, attack
from detectors.backtest.report import code_version
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

_RATES = (40.0, 400.0)
"""Movements a day of the chain: one of CCIP's today, and a busy one."""
_WITHOUT = {fused.ALARM: "without an alert", fused.STRICT: "without a curse"}
_HEAD = """\
# What an attacker gets away with

Release {version}, default settings (`config_hash` {hash}), {attempts} attempts a search, made by `make adversary`: the
largest value found that leaves one chain within a day while no statistic says a word. Exact rules see nothing, since
the attacker is taken to have forged the source's view, and he knows the code and all that the statistics have seen. His
own money is {capital:,} USD. He may rehearse: take a part a week before and bring it back, so that such days seem
usual. The background is quiet traffic of 90 days. A lower bound of what can be taken: a longer search finds more. Naive
is the best even split (1, 24 or 96 releases of the richest token, one lane, one receiver), where the search begins.

What stops him short of an alert is nearly always `drawdown`, which no splitting excuses: 30 % of what the chain holds
within a day (`drawdown_alarm_share`), and at most 46 % of it however wild its past was, or was made to seem by
rehearsals. Where one token holds most of the value and is too new for a rehearsal, an even split comes close to that.

| movements a day | seed | | naive USD | found USD | of the escrow | mean honest outflow a day, USD | strategy |
|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Search, print, write."""
    parser = argparse.ArgumentParser(description="what an attacker who knows everything gets away with")
    parser.add_argument("--attempts", type=int, default=1_000, help="of each search")
    parser.add_argument("--seeds", type=int, default=2, help="backgrounds at each rate")
    parser.add_argument("--false-alarms-per-day", type=float, default=Settings().false_alarms_per_day)
    parser.add_argument("--false-curses-per-month", type=float, default=Settings().false_curses_per_month)
    parser.add_argument("--out", type=Path, help="write the report there, too; make adversary gives docs/adversary.md")
    arguments = parser.parse_args()
    settings = Settings(
        false_alarms_per_day=arguments.false_alarms_per_day, false_curses_per_month=arguments.false_curses_per_month
    )
    lines = [render_head(settings, arguments.attempts)]
    sys.stdout.write(lines[0])
    for a_day in _RATES:
        for seed in range(1, arguments.seeds + 1):
            for result in attack(seed, a_day=a_day, attempts=arguments.attempts, settings=settings):
                lines.append(render_line(a_day, seed, result))
                sys.stdout.write(lines[-1])
                sys.stdout.flush()
    if arguments.out is not None:
        arguments.out.write_text("".join(lines), encoding="utf-8")
    return 0


def render_head(settings: Settings, attempts: int) -> str:
    """What the table is about."""
    return _HEAD.format(version=code_version(), hash=settings.hash[:12], attempts=attempts, capital=CAPITAL_USD)


def render_line(a_day: float, seed: int, result: Result) -> str:
    """One search."""
    cells: Sequence[str] = (
        f"{a_day:.0f}",
        str(seed),
        _WITHOUT[result.level],
        f"{result.naive.value_usd:,.0f}",
        f"{result.best.value_usd:,.0f}",
        f"{result.best.value_usd / result.escrow_usd:.0%}",
        f"{result.outflow_usd:,.0f}",
        str(result.best.strategy),
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main())
