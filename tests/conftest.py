"""Hypothesis profiles: few examples in everyday runs, many in `make verify`. Failing examples replay by themselves.

And the contract set on which local networks run: ours every day, upstream's in `make verify`.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("everyday", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("verify", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("everyday")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--contracts", choices=("own", "chainlink"), default="own", help="set for journeys and attacks")


@pytest.fixture(scope="session")
def contracts(pytestconfig: pytest.Config) -> str:
    """The contract set that this run is about."""
    return str(pytestconfig.getoption("contracts"))
