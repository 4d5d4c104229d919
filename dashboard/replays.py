"""Backtests that outlive the page: each is a folder with what was asked, a process of its own, and what it found.

    folder/  config.toml · other.toml (compared) · asked.json · pid · progress · result.json · report.html · said

The process is `rmn backtest` itself, so a run here and a run on the command line are one thing. Nothing of a run is in
the browser or in this server's memory: a page that is closed, or a server that is restarted, finds it again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

RUNS_VARIABLE = "RMN_DASHBOARD_RUNS"
RunState = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Run:
    """One backtest."""

    folder: Path

    @property
    def name(self) -> str:
        """When it was started and on which history."""
        return f"{self.folder.name} · {Path(self.asked['history']).name}"

    @property
    def asked(self) -> dict[str, Any]:
        """What it was started with."""
        return dict(json.loads((self.folder / "asked.json").read_text()))

    @property
    def state(self) -> RunState:
        """Where it stands."""
        if (self.folder / "result.json").exists() and (self.folder / "report.html").exists():
            return "done"
        if (self.folder / "cancelled").exists():
            return "cancelled"
        return "running" if self._is_alive() else "failed"

    @property
    def progress(self) -> float:
        """The share that is done, 0 to 1."""
        try:
            done, total = (self.folder / "progress").read_text().split()
            return min(1.0, int(done) / max(1, int(total)))
        except (OSError, ValueError):  # not begun yet
            return 0.0

    @property
    def said(self) -> str:
        """Why it failed, in its own words; the history by its file's name, wherever it lies."""
        lines = (self.folder / "said").read_text().strip().splitlines()
        history = self.asked["history"]
        return lines[-1].replace(history, Path(history).name) if lines else ""

    @property
    def result(self) -> dict[str, Any]:
        """What it found."""
        return dict(json.loads((self.folder / "result.json").read_text()))

    @property
    def report(self) -> str:
        """The whole report as HTML."""
        return (self.folder / "report.html").read_text()

    def cancel(self) -> None:
        """End it; what it was asked stays."""
        (self.folder / "cancelled").touch()
        if self._is_alive():
            os.killpg(self._pid(), signal.SIGTERM)

    def forget(self) -> None:
        """Remove it for good."""
        if self.state == "running":
            self.cancel()
        shutil.rmtree(self.folder)

    def _pid(self) -> int:
        return int((self.folder / "pid").read_text().split()[0])

    def _is_alive(self) -> bool:
        """Whether our process still runs: the same number may be somebody else's by now, so its start must fit too."""
        try:
            pid, started = (self.folder / "pid").read_text().split()
        except (OSError, ValueError):
            return False
        return _started(int(pid)) == started


def start(folder: Path, history: Path, config: str, *, compare: str | None = None, is_swept: bool = False) -> Run:
    """Start a backtest of `history` with the TOML text `config`; it goes on when whoever started it has gone."""
    here = folder / datetime.now(UTC).strftime("%Y-%m-%d %H.%M.%S.%f")[:-3]
    here.mkdir(parents=True, mode=0o700)
    (here / "config.toml").write_text(config)
    asked = {"history": str(history), "config": tomllib.loads(config), "is_swept": is_swept}
    words = ["backtest", str(history), "--config", str(here / "config.toml")]
    words += ["--json", str(here / "result.json"), "--html", str(here / "report.html")]
    words += ["--progress-file", str(here / "progress")]
    if compare is not None:
        (here / "other.toml").write_text(compare)
        words += ["--compare", str(here / "other.toml")]
    if is_swept:
        words.append("--sweep")
    (here / "asked.json").write_text(json.dumps(asked))
    with (here / "said").open("wb") as said:
        process = subprocess.Popen(  # noqa: S603  # our own program; the history is a path among its arguments
            (str(Path(sys.executable).with_name("rmn")), *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
    (here / "pid").write_text(f"{process.pid} {_started(process.pid)}")
    threading.Thread(target=process.wait, name="backtest ended", daemon=True).start()  # so that no dead one remains
    return Run(here)


def runs(folder: Path) -> list[Run]:
    """All runs, newest first."""
    if not folder.exists():
        return []
    return [Run(each) for each in sorted(folder.iterdir(), reverse=True) if (each / "asked.json").exists()]


def runs_folder() -> Path:
    """Where runs are kept: `RMN_DASHBOARD_RUNS`, else beside a demo."""
    return Path(os.environ.get(RUNS_VARIABLE, ".demo/runs")).absolute()


def _started(pid: int) -> str:
    """When a process began, as the system counts; empty when there is none (or it has ended and nobody reaped it)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except OSError:
        return ""
