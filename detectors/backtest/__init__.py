"""Replays a bridge's history through the judges of the live node and says how they did."""

from detectors.backtest.history import HistoryError
from detectors.backtest.report import render_table
from detectors.backtest.run import run_backtest

__all__ = ["HistoryError", "render_table", "run_backtest"]
