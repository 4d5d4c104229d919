"""Statements of the hot path, compiled once and run on the database's own driver.

Between a log and a vote the node executes half a dozen small statements. SQLAlchemy's bookkeeping for each costs ten
times the statement itself, so these are compiled by SQLAlchemy (for whichever database it is) and executed without it.
Transactions stay SQLAlchemy's; errors are the driver's own (`driver_error`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ClauseElement, Connection, Dialect, Engine


class Prepared:
    """One statement with named parameters."""

    def __init__(self, engine: Engine, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        """`columns`: those that an INSERT is given; the others keep their defaults."""
        compiled = _compiled(statement, engine.dialect, None if columns is None else tuple(columns))
        self._text: str = compiled.string
        self._order: list[str] | None = compiled.positiontup
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}

    def first(self, connection: Connection, **values: object) -> tuple[Any, ...] | None:
        """The first row of a SELECT."""
        cursor = connection.connection.cursor()
        cursor.execute(self._text, self._bound(values))
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
        return row

    def run(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Execute once for each row."""
        cursor = connection.connection.cursor()
        cursor.executemany(self._text, [self._bound(row) for row in rows])
        cursor.close()

    def _bound(self, values: Mapping[str, object]) -> Any:
        named = {**self._fixed, **values}
        return named if self._order is None else [named[name] for name in self._order]


@lru_cache(256)
def _compiled(statement: ClauseElement, dialect: Dialect, columns: tuple[str, ...] | None) -> Any:
    """Compiling takes as long as a hundred executions: whoever opens a database again and again does it once."""
    return statement.compile(dialect=dialect, column_keys=columns)


def driver_error(engine: Engine) -> type[Exception]:
    """What the driver raises when a statement or a commit fails."""
    dbapi: Any = engine.dialect.dbapi
    error: type[Exception] = dbapi.Error
    return error
