"""What slither finds in our contracts, beside what we answered.

Each finding has its answer in `contracts/slither.toml`: the check, the places, and why it stays. A finding at another
place, and an answer to what is no longer found, fail. slither stands in `.venv-proofs`, which `make slither` sets up;
it reads what forge builds with our own compiler, so it needs no network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import typer

from ccip_core.contract_proofs import PROOFS_VENV
from ccip_core.toolchain import CONTRACTS, ToolchainError, forge_path, node_path

ANSWERS = CONTRACTS / "slither.toml"


class Finding(NamedTuple):
    """One check at one place. What a check finds several times in a function counts as one."""

    check: str
    """slither's name of it: `reentrancy-events`."""
    place: str
    """`Contract.function` or, outside of contracts, the source."""


def found() -> dict[Finding, str]:
    """Each finding of all of slither's checks, with slither's own words.

    Raises:
        ToolchainError: slither is not installed or did not run.
    """
    slither = PROOFS_VENV / "bin" / "slither"
    if not slither.is_file():
        raise ToolchainError("slither is not in .venv-proofs: run `make slither`, which installs it")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copytree(CONTRACTS / "src", folder / "src")
        shutil.copy(CONTRACTS / "foundry.toml", folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "solc").symlink_to(CONTRACTS / "bin" / "solc")
        places = [PROOFS_VENV / "bin", forge_path().parent, node_path().parent, os.environ.get("PATH", os.defpath)]
        answer = folder / "answer.json"
        done = subprocess.run(  # noqa: S603 - a pinned package, no shell
            [str(slither), ".", "--json", str(answer), "--disable-color"],
            cwd=folder,
            env=os.environ | {"PATH": os.pathsep.join(map(str, places)), "HOME": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        results: dict[str, Any] = json.loads(answer.read_text()) if answer.is_file() else {"success": False}
    if not results["success"]:
        raise ToolchainError(f"slither exited {done.returncode}: {done.stdout.strip()}")
    return {
        Finding(each["check"], _place(each["elements"][0])): each["description"].strip().partition("\n")[0]
        for each in results["results"].get("detectors", [])
    }


def _place(element: dict[str, Any]) -> str:
    names = [element["name"]]
    above = element.get("type_specific_fields", {}).get("parent")
    while above and above["type"] in ("contract", "function"):
        names.insert(0, above["name"])
        above = above.get("type_specific_fields", {}).get("parent")
    return ".".join(names) if element["type"] != "pragma" else str(element["source_mapping"]["filename_relative"])


def answers() -> dict[Finding, str]:
    """Why each finding stays."""
    entries = tomllib.loads(ANSWERS.read_text()).get("answer", [])
    return {Finding(entry["check"], place): entry["reason"] for entry in entries for place in entry["places"]}


def complaints(findings: dict[Finding, str], answered: dict[Finding, str]) -> list[str]:
    """One line a finding without an answer and an answer without a finding; none: all is well."""
    unanswered = [
        f"{finding.check} at {finding.place}: no answer in {ANSWERS.name}: {words}"
        for finding, words in findings.items()
        if finding not in answered
    ]
    stale = [
        f"{finding.check} at {finding.place}: answered in {ANSWERS.name}, but not found any more; take it out"
        for finding in answered
        if finding not in findings
    ]
    return sorted(unanswered) + sorted(stale)


def main() -> None:
    """Exit 1 if a finding has no answer, or an answer no finding."""
    findings = found()
    lines = complaints(findings, answers())
    for line in lines:
        typer.echo(line)
    typer.echo(f"slither: {len(findings)} findings, {len(lines)} complaints")
    if lines:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
