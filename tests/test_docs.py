"""What the documents promise is there: links, files, commands, make targets, invariants."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from ccip_core.cli.app import app as ccip_app
from rmn_service.cli.app import build_app

ROOT = Path(__file__).parent.parent
DOCS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TESTS = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "ccip_core/contracts/test").rglob("*.sol")]
PROGRAMS = {"ccip": typer.main.get_command(ccip_app), "rmn": typer.main.get_command(build_app())}
INVARIANT = re.compile(r"INV-[A-Z]+-\d+")


def command_lines() -> list[str]:
    """Every line of a code block that calls one of our programs or make."""
    lines = []
    for doc in DOCS:
        for block in re.findall(r"```[a-z]*\n(.*?)```", doc.read_text(), re.DOTALL):
            lines += [line for line in block.splitlines() if line.split(" ")[0] in {*PROGRAMS, "make"}]
    return sorted(set(lines))


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: str(doc.relative_to(ROOT)))
def test_every_link_leads_somewhere(doc: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", doc.read_text()):
        if not target.startswith("http"):
            assert (doc.parent / target).exists(), f"{doc.name} links to {target}"


def test_the_architecture_names_files_that_exist() -> None:
    named = re.findall(
        r"`((?:ccip_core|detectors|rmn_service|dashboard|tests|benchmarks)/[\w/.]+)`",
        (ROOT / "docs/architecture.md").read_text(),
    )
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("line", command_lines())
def test_every_documented_command_exists(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), line
        return
    command = PROGRAMS[words[0]]
    rest = words[1:]
    while hasattr(command, "commands"):
        name = rest.pop(0)
        assert name in command.commands, f"{line}: no command {name}"
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= options, line


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_command_says_what_it_does(name: str) -> None:
    def walk(command: Any, path: str) -> None:
        assert command.help, f"{path} has no help"
        for child, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {child}")

    walk(PROGRAMS[name], name)


def test_invariants_and_their_tests_name_each_other() -> None:
    declared = set(re.findall(r"\*\*(INV-[A-Z]+-\d+)\*\*", (ROOT / "docs/invariants.md").read_text()))
    cited = {name for path in TESTS for name in INVARIANT.findall(path.read_text())}
    assert cited - declared == set(), "cited in a test but not declared"
    assert declared - cited == set(), "declared but no test cites it"
