"""Are the contracts' tests any good? Break one line at a time and see whether a test notices.

A mutant is a contract with one line changed: a comparison turned, a check or an assignment left out, a one forgotten.
It is compiled alone and takes its contract's place among the artifacts that forge's tests deploy, so the tests are
compiled once for all mutants. One that no test notices survives, and must have its reason in `mutants.toml`: the line,
what was made of it, and why nobody outside could tell.

`python -m ccip_core.contract_mutants` takes a while: about ten seconds a mutant.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ccip_core.localnet.contract_set import chainlink_contracts
from ccip_core.toolchain import ARTIFACTS, CONTRACTS, ToolchainError, node_path, run_forge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REASONS = CONTRACTS / "mutants.toml"
_FOLDER = CONTRACTS / "cache" / "mutants"


class Target(NamedTuple):
    """A source that is broken, the contract that shows it, and the tests that should notice."""

    source: str
    contract: str
    """Path and name of what is deployed."""
    tests: str
    """As forge's --match-path takes it."""


TARGETS = (
    Target("src/offRamp/OffRamp.sol", "src/offRamp/OffRamp.sol:OffRamp", "test/{OffRamp,attacks}/*"),
    Target("src/ocr/MultiOCR3Base.sol", "src/offRamp/OffRamp.sol:OffRamp", "test/{OffRamp,attacks}/*"),
    Target("src/rmn/RMNRemote.sol", "src/rmn/RMNRemote.sol:RMNRemote", "test/{RMNRemote,RMNProxy}/*"),
    Target(
        "src/libraries/MerkleMultiProof.sol",
        "test/props/MerkleCaller.sol:MerkleCaller",
        "test/MerkleMultiProof/*",
    ),
    Target(
        "src/rmn/CurseVoting.sol", "src/rmn/CurseVoting.sol:CurseVoting", "test/{CurseVoting,invariant}/CurseVoting*"
    ),
)


class Mutant(NamedTuple):
    """One changed line."""

    target: Target
    line_number: int
    """From 1."""
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.target.source}:{self.line_number}: `{self.before.strip()}` became `{self.after.strip()}`"


# ---- making mutants --------------------------------------------------------------------------------------------------

_SWAPS = (
    (r" <= ", " < "),
    (r" < ", " <= "),
    (r" >= ", " > "),
    (r" > ", " >= "),
    (r" == ", " != "),
    (r" != ", " == "),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \+ 1\b", ""),
    (r"\bif \(!", "if ("),
)
_LEFT_OUT = re.compile(
    r"^\s*(if \(.*\) (revert .*|continue|return.*);|[\w.\[\]]+ (=|\+=|-=|\|=|&=) .*;|delete .*;|emit .*;)$"
)
_NOT_CODE = re.compile(r"^\s*(//|/?\*|import |for \(|pragma |error |event |using )")


def mutants_of(target: Target) -> list[Mutant]:
    """One for each place of the source where something can be turned or left out, in order of lines."""
    made = []
    for number, line in enumerate((CONTRACTS / target.source).read_text().splitlines(), 1):
        if _NOT_CODE.match(line):
            continue
        made += [Mutant(target, number, line, after) for after in dict.fromkeys(_changes(line)) if after != line]
    return made


def _changes(line: str) -> Iterator[str]:
    code = line.partition(" // ")[0]
    if _LEFT_OUT.match(code):
        yield ""
    for pattern, replacement in _SWAPS:
        if re.search(pattern, code):
            yield re.sub(pattern, replacement, code, count=1)
            return  # one turn a line: the rest would ask the same tests


# ---- trying them -----------------------------------------------------------------------------------------------------


def is_noticed(mutant: Mutant, folder: Path) -> bool:
    """Whether a test fails with it, or the compiler refuses it. `folder` is this mutant's own."""
    artifact = _compile(mutant)
    if artifact is None:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ARTIFACTS, folder)
    (folder / f"{mutant.target.contract.partition(':')[2]}.json").write_text(json.dumps(artifact))
    done = run_forge(
        "test",
        "--fail-fast",
        "--match-path",
        mutant.target.tests,
        env={"CCIP_CODE": str(folder.relative_to(CONTRACTS)), "RMN_REMOTE_BYTECODE": _official_rmn_remote()},
        capture=True,
    )
    if "Compiler run failed" in done.stdout + done.stderr:
        raise ToolchainError(f"forge could not compile the tests: {(done.stderr or done.stdout).strip()}")
    return done.returncode != 0


def _compile(mutant: Mutant) -> dict[str, object] | None:
    """The contract with its line changed, as an artifact; None when it isn't Solidity any more."""
    path, _, name = mutant.target.contract.partition(":")
    paths = [*(CONTRACTS / "src").rglob("*.sol"), CONTRACTS / path]
    sources = {str(each.relative_to(CONTRACTS)): {"content": each.read_text()} for each in paths}
    lines = sources[mutant.target.source]["content"].splitlines()
    lines[mutant.line_number - 1] = mutant.after
    sources[mutant.target.source] = {"content": "\n".join(lines) + "\n"}
    question = {
        "language": "Solidity",
        "sources": sources,
        "settings": {
            "evmVersion": "paris",
            "optimizer": {"enabled": True, "runs": 200},
            "outputSelection": {path: {name: ["abi", "evm.bytecode.object"]}},
        },
    }
    command = [str(node_path()), str(CONTRACTS / "bin" / "solc"), "--standard-json"]
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, check=True)  # noqa: S603 - our own compiler
    answer = json.loads(done.stdout)
    if any(error["severity"] == "error" for error in answer.get("errors", ())):
        return None
    compiled = answer["contracts"][path][name]
    return {"contractName": name, "abi": compiled["abi"], "bytecode": "0x" + compiled["evm"]["bytecode"]["object"]}


@cache
def _official_rmn_remote() -> str:
    """CurseVoting's tests stand before upstream's RMNRemote."""
    return "0x" + chainlink_contracts().artifact("RMNRemote").bytecode.hex()


def reasons() -> dict[tuple[str, str, str], str]:
    """Why some mutants may survive: by source, line before and line after."""
    entries = tomllib.loads(REASONS.read_text()).get("survivor", [])
    return {(entry["source"], entry["before"], entry["after"]): entry["reason"] for entry in entries}


# ---- the command -----------------------------------------------------------------------------------------------------


def main(
    only: Annotated[str, typer.Option("--only", help="sources whose path holds this word")] = "",
    at_most: Annotated[int, typer.Option("--at-most", min=1, help="so many, evenly over all")] = 10_000,
    processes: Annotated[int, typer.Option("--processes", min=1, help="at the same time")] = 2,
) -> None:
    """Try the mutants; exit 1 if one survives without a reason."""
    every = [mutant for target in TARGETS if only in target.source for mutant in mutants_of(target)]
    chosen = every[:: max(1, len(every) // at_most)][:at_most]
    excused = reasons()

    def tried(index: int) -> bool:
        return is_noticed(chosen[index], _FOLDER / str(index))

    survived = unexcused = 0
    with ThreadPoolExecutor(processes) as threads:
        for mutant, noticed in zip(chosen, threads.map(tried, range(len(chosen))), strict=True):
            if noticed:
                continue
            survived += 1
            reason = excused.get((mutant.target.source, mutant.before.strip(), mutant.after.strip()))
            unexcused += reason is None
            typer.echo(f"survived {mutant}: {reason or 'NO REASON'}")
    shutil.rmtree(_FOLDER, ignore_errors=True)
    typer.echo(f"{len(chosen)} of {len(every)} mutants: {survived} survived, {unexcused} of them without a reason")
    if unexcused:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
