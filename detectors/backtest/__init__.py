"""Replays a bridge's history through the judges of the live node and says how they did."""

from detectors.backtest.history import HistoryError
from detectors.backtest.run import run_backtest
from detectors.backtest.table import render_table

__all__ = ["HistoryError", "render_table", "run_backtest"]
