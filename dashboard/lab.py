"""What the backtest lab asks: histories and configurations. Pure but for keeping an uploaded history."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path

from detectors.settings import Settings

FALSE_ALARMS_PER_DAY = Settings().false_alarms_per_day
FALSE_CURSES_PER_MONTH = Settings().false_curses_per_month
_HISTORIES = "histories"
_WHERE = ("../shared/data", "data", ".")
"""Folders, from where the dashboard was started, whose histories are offered."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a run is judged with."""

    false_alarms_per_day: float = FALSE_ALARMS_PER_DAY
    false_curses_per_month: float = FALSE_CURSES_PER_MONTH
    posture: str = "curse"
    left_out: tuple[str, ...] = ()
    """Detectors that say nothing."""

    def toml(self) -> str:
        """As `rmn backtest --config` and a node.toml read it."""
        lines = [
            f'posture = "{self.posture}"\n\n[detectors]',
            f"false_alarms_per_day = {self.false_alarms_per_day!r}",
            f"false_curses_per_month = {self.false_curses_per_month!r}",
        ]
        if self.left_out:
            lines.append(f"left_out = {json.dumps(self.left_out)}")
        return "\n".join(lines) + "\n"


def histories(folder: Path) -> list[Path]:
    """Histories that lie near: uploaded ones, and transfers and deposits in the usual places."""
    found = sorted((folder / _HISTORIES).glob("*"))
    for where in _WHERE:
        found += sorted(Path(where).glob("*_transfers.parquet")) + sorted(Path(where).glob("*_deposits.parquet"))
    return [path.absolute() for path in found]


def keep(folder: Path, name: str, content: bytes) -> Path:
    """Write an uploaded history down under a harmless name."""
    place = folder / _HISTORIES
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / re.sub(r"[^\w.-]", "_", Path(name).name).lstrip(".")[-100:]
    path.write_bytes(content)
    return path.absolute()


def framed(html: str) -> str:
    """A report for an iframe of an origin of its own: what it was made from may be anybody's file."""
    return "data:text/html;charset=utf-8;base64," + base64.b64encode(html.encode()).decode()
