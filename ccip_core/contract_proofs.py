"""The contracts' core properties, proved by halmos: for all arguments within the bounds that docs/contracts.md names.

The properties are the functions `check_…` of `contracts/test/symbolic`, one contract a rule. halmos stands in a
virtual environment of its own, `.venv-proofs`, which `make symbolic` sets up, since it needs other versions than we do.
It runs the compiled contracts with symbols for arguments and asks a solver whether an assert can fail. A proof that
can't fail is none: tests/ccip_core/contracts/test_symbolic.py breaks each rule and wants to see the counterexample.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.toolchain import CONTRACTS, ROOT, ToolchainError, forge_path, node_path

if TYPE_CHECKING:
    from pathlib import Path

PROOFS_VENV = ROOT / ".venv-proofs"

_LOOP_MAX = 6
"""Rounds of a loop that are followed. All loops of the properties are shorter: a longer one makes it UNDECIDED."""


class Verdict(Enum):
    """What halmos says of a property."""

    PROVED = "proved"
    COUNTEREXAMPLE = "counterexample"
    UNDECIDED = "undecided"
    """The solver ran out of time, a loop was cut short, no path came to its end, or halmos met what it can't model."""


class Change(NamedTuple):
    """One place of a source, to be broken before it is compiled."""

    source: str
    """Below `contracts`."""
    before: str
    after: str


def prove(contract: str, folder: Path, properties: str = "", change: Change | None = None) -> dict[str, Verdict]:
    """What holds of the properties of `test/symbolic/<contract>.sol` whose names start with `check_<properties>`.

    `folder` takes a copy of the sources, with the change; it must be empty.

    Raises:
        ToolchainError: halmos is not installed, did not run, or knows no such property; the change fits nowhere.
    """
    halmos = PROOFS_VENV / "bin" / "halmos"
    if not halmos.is_file():
        raise ToolchainError("halmos is not in .venv-proofs: run `make symbolic`, which installs it")
    _copy_sources(contract, folder)
    if change is not None:
        _break(folder / change.source, change)
    answer = folder / "answer.json"
    command = [str(halmos), "--no-status", "--contract", contract, "--match-test", f"^check_{properties}"]
    # Of the solvers in the environment, z3 is the one that decides the rate limiter's products; none is downloaded.
    command += ["--loop", str(_LOOP_MAX), "--solver", "z3", "--solver-timeout-assertion", "10m"]
    command += ["--early-exit"] if change else []
    done = subprocess.run(  # noqa: S603 - a pinned package, no shell
        [*command, "--json-output", str(answer)],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    results = json.loads(answer.read_text())["test_results"] if answer.is_file() else {}
    if not results:
        raise ToolchainError(f"halmos exited {done.returncode} without a result: {done.stdout.strip()}")
    return {result["name"].partition("(")[0]: _verdict(result) for each in results.values() for result in each}


def _verdict(result: dict[str, int]) -> Verdict:
    if result["exitcode"] == 1:
        return Verdict.COUNTEREXAMPLE
    return Verdict.PROVED if result["exitcode"] == 0 and not result["num_bounded_loops"] else Verdict.UNDECIDED


def _copy_sources(contract: str, folder: Path) -> None:
    """No other property's contract: forge compiles all that it finds."""
    shutil.copytree(CONTRACTS / "src", folder / "src")
    (folder / "bin").mkdir()
    (folder / "bin" / "solc").symlink_to(CONTRACTS / "bin" / "solc")  # it looks for its package from where it really is
    shutil.copy(CONTRACTS / "foundry.toml", folder)
    for name in ("Test.sol", "props/BucketCaller.sol", "symbolic/Symbolic.sol", f"symbolic/{contract}.sol"):
        place = folder / "test" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CONTRACTS / "test" / name, place)


def _break(path: Path, change: Change) -> None:
    text = path.read_text()
    if text.count(change.before) != 1:
        raise ToolchainError(
            f"{change.source}: `{change.before}` stands there {text.count(change.before)} times, not once"
        )
    path.write_text(text.replace(change.before, change.after))


def _environment(home: Path) -> dict[str, str]:
    """Ours, with halmos's solver, forge and node on PATH; the folder that halmos keeps at home is not the user's."""
    places = [PROOFS_VENV / "bin", forge_path().parent, node_path().parent, os.environ.get("PATH", os.defpath)]
    return os.environ | {
        "PATH": os.pathsep.join(map(str, places)),
        "HOME": str(home),
        "FOUNDRY_PROFILE": "symbolic",
        "FOUNDRY_LINT_LINT_ON_BUILD": "false",
    }
