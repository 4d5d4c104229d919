"""Configurations that somebody proposes for the nodes: kept beside the runs, with who, why and on what findings.

A node reads its node.toml and nothing else, so a proposal is a file for whoever runs it: the lab writes it down with
its grounds; adopting it is an edit of node.toml and a restart.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = "proposed"


def propose(folder: Path, *, config: str, by: str, reason: str, run: str, findings: list[str]) -> None:
    """Write a proposal down."""
    here = folder / _FOLDER
    here.mkdir(parents=True, exist_ok=True, mode=0o700)
    at = datetime.now(UTC)
    body = {"at": at.isoformat(), "by": by, "reason": reason, "run": run, "findings": findings, "config": config}
    path = here / f"{at:%Y-%m-%d %H.%M.%S.%f}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(body, indent=2))
    partial.replace(path)


def proposed(folder: Path) -> list[dict[str, Any]]:
    """All proposals, newest first: at, by, reason, run, findings, config (TOML)."""
    return [json.loads(path.read_text()) for path in sorted((folder / _FOLDER).glob("*.json"), reverse=True)]
