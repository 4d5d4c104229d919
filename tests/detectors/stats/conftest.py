from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numba import njit

from detectors import flows
from detectors.flows import hash63
from detectors.quiet_traffic import quiet_flows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.statistic import Statistic

DAY_S = 86_400


@njit
def _fold(step: Any, state: np.ndarray, rows: np.ndarray, ceiling: float, surprises: np.ndarray) -> None:
    for at in range(len(rows)):
        surprises[at] = step(state, rows[at], ceiling)


class Bench:
    """Flows by hand, quiet traffic, and a compiled loop over a step."""

    @staticmethod
    def flow(
        time_s: float,
        value: int,
        *,
        release: bool = True,
        token: int = 2,
        who: object = "",
        priced: int = 1,
        minted: bool = False,
        remote: int = 1,
    ) -> Any:
        name = hash63(f"{who}") if who != "" else hash63(f"{time_s}|{token}|{value}")
        amount = hash63(f"{token}|{value}")
        return (
            int(time_s),
            int(release),
            token,
            priced,
            remote,
            0 if release else name,
            name,
            amount,
            min(value, 2**63 - 1),
            int(minted),
        )

    @staticmethod
    def array(rows: Iterable[tuple[int, ...]]) -> NDArray[np.int64]:
        return np.array(list(rows), dtype=np.int64).reshape(-1, flows.WIDTH)

    @staticmethod
    def fold(
        statistic: type[Statistic],
        rows: NDArray[np.int64],
        *,
        state: NDArray[Any] | None = None,
        ceiling: float = np.inf,
        lines: int = 64,
    ) -> tuple[NDArray[np.float64], NDArray[Any]]:
        state = statistic.empty_state(lines) if state is None else state
        surprises = np.empty(len(rows))
        _fold(statistic.step, state, rows, ceiling, surprises)
        return surprises, state

    @staticmethod
    def balance(rows: NDArray[np.int64], token: int) -> int:
        """What the token's escrow holds after these flows."""
        mine = rows[rows[:, flows.TOKEN] == token]
        signed = np.where(mine[:, flows.IS_RELEASE] == 1, -mine[:, flows.VALUE], mine[:, flows.VALUE])
        return max(0, int(signed.sum()))


@pytest.fixture(scope="session")
def bench() -> type[Bench]:
    return Bench


@pytest.fixture(scope="session")
def sparse() -> NDArray[np.int64]:
    """Half a year of a chain with 53 movements a day."""
    return quiet_flows(11, days=180, a_day=53)


@pytest.fixture(scope="session")
def busy() -> NDArray[np.int64]:
    """Seven weeks of a chain with 1,000 movements a day."""
    return quiet_flows(12, days=50, a_day=1_000)


@pytest.fixture(params=["sparse", "busy"])
def quiet(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


class Past:
    """A chain after its quiet weeks, and what a statistic would say of what comes next."""

    def __init__(self, statistic: type[Statistic], rows: NDArray[np.int64]) -> None:
        self._statistic = statistic
        quiet, self._state = Bench.fold(statistic, rows)
        self.highest = float(quiet.max())
        self.next_s = (int(rows[-1, flows.TIME_S]) // DAY_S + 1) * DAY_S + 36_000
        values = rows[rows[:, flows.IS_RELEASE] == 1, flows.VALUE]
        self.usual, self.large, self.largest = (float(np.quantile(values, share)) for share in (0.5, 0.99, 0.999))

    @staticmethod
    def release(time_s: float, who: object, value: float, *, token: int = 2, remote: int = 1) -> tuple[int, ...]:
        amount = hash63(f"{token}|{int(value)}")
        return (int(time_s), 1, token, 1, remote, 0, hash63(f"person {who}"), amount, int(value), 0)

    @staticmethod
    def message(
        time_s: float, sender: object, receiver: object, value: float, *, token: int = 2, remote: int = 1
    ) -> tuple[int, ...]:
        amount = hash63(f"{token}|{int(value)}")
        people = hash63(f"person {sender}"), hash63(f"person {receiver}")
        return (int(time_s), 0, token, 1, remote, *people, amount, int(value), 0)

    def surprises(self, rows: list[tuple[int, ...]], *, ceiling: float = np.inf) -> NDArray[np.float64]:
        return Bench.fold(self._statistic, Bench.array(rows), state=self._state.copy(), ceiling=ceiling)[0]

    def after(self, rows: list[tuple[int, ...]], then: list[tuple[int, ...]], *, ceiling: float = np.inf) -> float:
        """The highest surprise of what comes then."""
        return float(self.surprises(rows + then, ceiling=ceiling)[len(rows) :].max())


@pytest.fixture
def past(request: pytest.FixtureRequest, quiet: NDArray[np.int64]) -> Past:
    """Of the statistic that the module of the test names."""
    return Past(request.module.STATISTIC, quiet)
