"""What the token pages do, as the commands of `ccip` that do it. The only file that runs `ccip`.

A page never signs: it shows what `ccip … --plan` would send, and either lets `ccip` send it with the local network's
own dev keys, or hands out the same plan as Safe batches and raw calldata for whoever holds real keys.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEMO = Path(".demo/demo.json")
_WAIT_S = 300
"""A plan that is carried out waits for a block a step."""


class CommandError(RuntimeError):
    """`ccip` did not do it; the text is its own one line."""


def is_local() -> bool:
    """Whether a demo runs here, whose dev keys `ccip` knows: elsewhere plans are only shown and exported."""
    return _DEMO.exists() or words.DEPLOYMENT_VARIABLE in os.environ


def run(*command: str) -> dict[str, Any]:
    """The JSON that `ccip COMMAND --json` prints.

    Raises:
        CommandError: it did not work; nothing was half-sent that asking again would not complete.
    """
    return dict(json.loads(_run(*command, "--json")))


def safe_batches(*command: str) -> bytes:
    """The plan of `ccip token …` as a ZIP of files for Safe's transaction builder. Raises CommandError."""
    with tempfile.TemporaryDirectory() as folder:
        _run(*command, "--safe", folder)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)
    return packed.getvalue()


def lockdown(symbol: str, chain: str, remote: str) -> tuple[str, ...]:
    """Next to nothing passes, in the form that this pool's version takes."""
    return ("token", "limits", symbol, "--chain", chain, "--remote", remote, "--lockdown")


def with_limits(base: Sequence[str], capacity: float, rate: float) -> tuple[str, ...]:
    """The command with a bucket in whole tokens; none where the capacity is 0."""
    if not capacity:
        return tuple(base)
    return (*base, "--capacity", _plain(capacity), "--rate", _plain(rate))


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _run(*command: str) -> str:
    given = os.environ.get(words.DEPLOYMENT_VARIABLE)
    where = () if given is None else ("--deployment", given)
    try:
        done = subprocess.run(  # noqa: S603  # our own program; what people typed is one argument each
            (str(Path(sys.executable).with_name("ccip")), *command, *where),
            capture_output=True,
            text=True,
            timeout=_WAIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CommandError(words.COMMAND_TOO_SLOW) from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [words.COMMAND_FAILED]
        raise CommandError(lines[-1])
    return done.stdout
