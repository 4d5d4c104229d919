"""Are the contracts' tests any good? Break one line at a time and see whether a test notices.

A mutant is a contract with one line changed: a comparison turned, a check or an assignment left out, a one forgotten.
It is compiled alone and takes its contract's place among the artifacts that forge's tests deploy, so the tests are
compiled once for all mutants. One that no test notices survives, and must have its reason in `mutants.toml`: the line,
what was made of it, and why nobody outside could tell.

Most of the time is the compiler's, so a batch of mutants shares one process, whose engine warms up, and is hardly
optimized. That the unbroken contracts pass their tests when compiled so is asked first: else every mutant would seem
to be noticed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ccip_core.localnet.contract_set import chainlink_contracts
from ccip_core.toolchain import ARTIFACTS, CONTRACTS, ROOT, ToolchainError, node_path, run_forge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        "src/libraries/RateLimiter.sol",
        "test/props/BucketCaller.sol:BucketCaller",
        "test/RateLimiter/*",
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

_BATCH_MAX = 12

_COMPILER = """
const fs = require("fs"), solc = require("solc"), [from, to] = process.argv.slice(1);
const questions = JSON.parse(fs.readFileSync(from, "utf8"));
fs.writeFileSync(to, JSON.stringify(questions.map((question) => JSON.parse(solc.compile(JSON.stringify(question))))));
"""

_OPTIMIZER = {
    "runs": 200,
    "details": {"peephole": True, "jumpdestRemover": True, "yul": True, "yulDetails": {"optimizerSteps": ":"}},
}
"""As little as the contracts compile with: without any, their assembly would find the stack too deep."""


def noticed(target: Target, batch: Sequence[Mutant | None], folder: Path) -> list[bool]:
    """Of each, whether a test fails with it or the compiler refuses it; None stands for the unbroken contract.

    `folder` lies below `contracts/cache/mutants` and is this batch's own.
    """
    return [artifact is None or _is_noticed(target, artifact, folder) for artifact in _compile(target, batch)]


def _is_noticed(target: Target, artifact: dict[str, object], folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ARTIFACTS, folder)
    (folder / f"{artifact['contractName']}.json").write_text(json.dumps(artifact))
    done = run_forge(
        "test",
        "--fail-fast",
        "--fuzz-seed=0x1",  # the same mutants survive every time
        "--match-path",
        target.tests,
        env={"CCIP_CODE": str(folder.relative_to(CONTRACTS)), "RMN_REMOTE_BYTECODE": _official_rmn_remote()},
        capture=True,
    )
    shutil.rmtree(folder)
    if "Compiler run failed" in done.stdout + done.stderr or "No tests" in done.stdout + done.stderr:
        raise ToolchainError(f"forge did not run {target.tests}: {(done.stderr or done.stdout).strip()}")
    return done.returncode != 0


def _compile(target: Target, batch: Sequence[Mutant | None]) -> list[dict[str, object] | None]:
    """The contract with each change, as an artifact; None when it isn't Solidity any more."""
    path, _, name = target.contract.partition(":")
    sources = _imported(path)
    questions = [
        {
            "language": "Solidity",
            "sources": sources if mutant is None else sources | {target.source: {"content": _changed(mutant)}},
            "settings": {
                "evmVersion": "paris",
                "optimizer": _OPTIMIZER,
                "outputSelection": {path: {name: ["abi", "evm.bytecode.object"]}},
            },
        }
        for mutant in batch
    ]
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch) / "asked.json", Path(scratch) / "answered.json"
        asked.write_text(json.dumps(questions))
        command = [str(node_path()), "-e", _COMPILER, str(asked), str(answered)]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own compiler
        return [_artifact(answer, path, name) for answer in json.loads(answered.read_text())]


def _artifact(answer: dict[str, Any], path: str, name: str) -> dict[str, object] | None:
    if any(error["severity"] == "error" for error in answer.get("errors", ())):
        return None
    compiled = answer["contracts"][path][name]
    return {"contractName": name, "abi": compiled["abi"], "bytecode": "0x" + compiled["evm"]["bytecode"]["object"]}


def _changed(mutant: Mutant) -> str:
    lines = (CONTRACTS / mutant.target.source).read_text().splitlines()
    lines[mutant.line_number - 1] = mutant.after
    return "\n".join(lines) + "\n"


@cache
def _imported(path: str) -> dict[str, dict[str, str]]:
    """A source and all that it imports, as the compiler takes them."""
    found: dict[str, dict[str, str]] = {}
    missing = [CONTRACTS / path]
    while missing:
        file = missing.pop().resolve()
        if (name := str(file.relative_to(CONTRACTS))) in found:
            continue
        found[name] = {"content": file.read_text()}
        missing += [
            file.parent / other for other in re.findall(r'^import [^"]*"(.+)";', file.read_text(), re.MULTILINE)
        ]
    return found


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
    count = min(at_most, len(every))
    chosen = [every[index * len(every) // count] for index in range(count)]
    batches: list[tuple[Target, list[Mutant | None]]] = []
    for target in dict.fromkeys(mutant.target for mutant in chosen):
        its = [mutant for mutant in chosen if mutant.target == target]
        batches += [(target, [None])]
        batches += [(target, [*its[start : start + _BATCH_MAX]]) for start in range(0, len(its), _BATCH_MAX)]
    excused = reasons()

    def tried(index: int) -> list[bool]:
        return noticed(*batches[index], _FOLDER / str(index))

    survived = unexcused = 0
    with ThreadPoolExecutor(processes) as threads:
        for (target, batch), outcome in zip(batches, threads.map(tried, range(len(batches))), strict=True):
            for mutant, is_noticed in zip(batch, outcome, strict=True):
                if mutant is None:
                    if is_noticed:
                        raise ToolchainError(f"{target.source}: unbroken, and yet {target.tests} fail")
                    continue
                if is_noticed:
                    continue
                survived += 1
                reason = excused.get((target.source, mutant.before.strip(), mutant.after.strip()))
                unexcused += reason is None
                typer.echo(f"survived {mutant}: {reason or 'NO REASON'}")
    typer.echo(f"{len(chosen)} of {len(every)} mutants: {survived} survived, {unexcused} of them without a reason")
    if unexcused:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
