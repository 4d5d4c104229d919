"""What can be asked of one replay besides its result: other budgets, walk-forward folds, the report for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.backtest import compare, shadow, sweep, walk_forward
from detectors.backtest.rates import Rates, rates_of
from detectors.claims import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.backtest.history import History
    from detectors.backtest.report import Judged
    from detectors.folding import Scored


class Replay(NamedTuple):
    """One replay, kept."""

    judged: Judged
    rates: Rates
    chains: int
    """Over which budgets are shared out."""


class Studies:
    """Listens to `run_backtest` (`on_judged`) and answers afterwards."""

    def __init__(self) -> None:
        self._replay: Replay | None = None
        self._before: Replay | None = None
        self._cells: list[sweep.Cell] = []
        self._folds: list[walk_forward.Fold] = []

    def hear(self, judged: Judged, history: History, scored: Sequence[Scored]) -> None:
        """What the replay gave; the last one is the one that is asked about."""
        self._before = self._replay
        self._replay = Replay(judged, rates_of(NAMES, scored), len(history.network.chains))

    def sweep(self, result: dict[str, Any]) -> str:
        """Other alarm budgets: adds `sweep` to the result; the table for a terminal."""
        judged, rates, chains = self._heard()
        self._cells = sweep.sweep(rates, judged, chains)
        result["sweep"] = sweep.as_json(self._cells)
        return sweep.render_sweep(self._cells)

    def walk_forward(self, result: dict[str, Any]) -> str:
        """Limits fitted on the past: adds `walk_forward` to the result; the table for a terminal."""
        judged, rates, chains = self._heard()
        self._folds = walk_forward.walk_forward(rates, judged, chains)
        result["walk_forward"] = walk_forward.as_json(self._folds)
        return walk_forward.render_walk_forward(self._folds)

    def compare(self, result: dict[str, Any], candidate: dict[str, Any]) -> str:
        """A candidate that was replayed before: adds `comparison`, signal by signal and message by message."""
        assert self._before is not None, "hand `hear` to the candidate's run_backtest, too, and first"
        compared = compare.compare(result, candidate)
        compared["messages"] = shadow.shadow(self._heard().judged, self._before.judged)
        result["comparison"] = compared
        return f"{compare.render_comparison(compared)}\n{shadow.render_shadow(compared['messages'])}"

    def html(self, result: dict[str, Any]) -> str:
        """The report for people, with a sweep and walk-forward folds, which are added to the result if they aren't."""
        from detectors.backtest.html import render_html  # noqa: PLC0415  loads altair

        judged, rates, _ = self._heard()
        for name, study in (("sweep", self.sweep), ("walk_forward", self.walk_forward)):
            if name not in result:
                study(result)
        return render_html(result, judged, rates, self._cells, self._folds)

    def _heard(self) -> Replay:
        assert self._replay is not None, "hand `hear` to run_backtest first"
        return self._replay
