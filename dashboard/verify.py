"""Judges evidence again with `rmn evidence verify`, as anybody may who has the file. The only file that runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Mapping

_WAIT_S = 60


class Verdict(NamedTuple):
    """Whether the claim follows from the bundle."""

    follows: bool
    facts: Mapping[str, object]
    """What was checked, and what must still be believed."""
    why: str
    """Where it does not follow: the command's own line."""


def verified(text: str, address: str) -> Verdict:
    """`text`: the file as downloaded; `address`: the hash that the signal names."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.json"
        path.write_text(text)
        rmn = str(Path(sys.executable).with_name("rmn"))
        try:
            done = subprocess.run(  # noqa: S603  # our own program; the hash was checked by the API that gave it
                (rmn, "evidence", "verify", str(path), "--hash", address, "--json"),
                capture_output=True,
                text=True,
                timeout=_WAIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(follows=False, facts={}, why=words.TOO_SLOW)
    if done.returncode == 0:
        return Verdict(follows=True, facts=json.loads(done.stdout), why="")
    line = (done.stderr.strip().splitlines() or [""])[-1].replace(str(path), path.name)
    return Verdict(follows=False, facts={}, why=line)
