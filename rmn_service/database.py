"""One database, one writer, many readers: transactions, and errors as one line.

A write is durable when the call returns, or it raises `StoreError` and left nothing behind. Readers see one moment.
A PostgreSQL connection that breaks is made anew at the next write, if nobody else has become the writer meanwhile.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from rmn_service.engines import connect, make_durable
from rmn_service.errors import InUseError, StoreError
from rmn_service.prepared import driver_error
from rmn_service.upgrade import check_tables, upgrade_tables
from rmn_service.writer_lock import lock_beside, lock_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


class Database:
    """An open database. Thread-safe."""

    def __init__(self, engine: Engine, *, read_only: bool) -> None:
        """Take the place of its one writer and bring its tables up to date; neither when `read_only`.

        Raises:
            StoreError: the database holds something else than our tables, or those of a newer release.
            InUseError: another process writes it.
            SQLAlchemyError, OSError: it can't be opened or written.
        """
        self.engine = engine
        self.is_read_only = read_only
        self._driver_error = driver_error(engine)
        self._lock = threading.RLock()
        self._is_together = False
        self._writer: Connection | None = None
        with ExitStack() as unless_it_works:
            unless_it_works.callback(self.close)
            self._opened = ExitStack()
            self._opened.callback(engine.dispose)
            if read_only:
                with engine.connect() as connection:
                    check_tables(connection)
            else:
                self._take_over()
            unless_it_works.pop_all()

    @classmethod
    def open(cls, url: str, *, read_only: bool) -> Self:
        """As the constructor, by URL; every failure is one line.

        Raises:
            StoreError, InUseError
        """
        engine = connect(url, read_only=read_only)
        try:
            return cls(engine, read_only=read_only)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"database_url = {engine.url}: {one_line(error)}; name a database we may use") from None

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._writer is not None:
                self._writer.close()
            self._opened.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Every write of this thread inside the block is one transaction, durable when the block ends: all or nothing.

        A write in the block does not last until then, and no read sees it: act on it only afterwards.

        Raises:
            StoreError: nothing of it was written.
        """
        with self.writing():
            before, self._is_together = self._is_together, True
            try:
                yield
            finally:
                self._is_together = before

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the writer, or the one of `together` that this thread is in. Raises StoreError."""
        if self.is_read_only:
            raise StoreError("this database was opened read-only")
        with self._lock:
            try:
                if self._is_together:
                    assert self._writer is not None
                    yield self._writer
                else:
                    writer = self._writer or self._reconnect()
                    with writer.begin():
                        yield writer
            except (SQLAlchemyError, self._driver_error) as error:
                self._drop_if_broken(error)
                raise self._failed(error, "nothing was written") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the database, whatever is written meanwhile. Raises StoreError."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._failed(error, "nothing was read") from error

    def _take_over(self) -> None:
        engine = self.engine
        if engine.dialect.name == "sqlite":
            path = Path(str(engine.url.database))
            if path.is_dir():  # no lock beside what is no file
                raise StoreError(f"database_url = {engine.url}: unable to open: it is a folder; name a file")
            self._opened.callback(lock_beside(engine.url).release)
            writer = self._connect_writer()
            with writer.begin():
                upgrade_tables(writer)
            driver = writer.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            make_durable(driver, path)
        else:
            writer = self._connect_writer()
            with writer.begin():
                upgrade_tables(writer)

    def _connect_writer(self) -> Connection:
        writer = self._writer = self.engine.connect().execution_options(is_writer=True)
        if self.engine.dialect.name == "postgresql":
            lock_session(writer)
        return writer

    def _reconnect(self) -> Connection:
        try:
            return self._connect_writer()
        except InUseError as error:
            self._close_writer()
            raise StoreError(f"{error}; nothing was written") from None

    def _drop_if_broken(self, error: Exception) -> None:
        """The next write begins with a new connection, and with the question whether we are still the writer."""
        cause: Any = error.orig if isinstance(error, DBAPIError) else error
        writer = self._writer
        if writer is None:
            return
        driver: Any = None if writer.invalidated else writer.connection.dbapi_connection
        if isinstance(driver, sqlite3.Connection):
            driver.rollback()  # a commit that was refused may leave its transaction open
        if driver is None or self.engine.dialect.is_disconnect(cause, driver, None):
            self._close_writer()

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.invalidate()
            self._writer.close()
            self._writer = None

    def _failed(self, error: Exception, so: str) -> StoreError:
        return StoreError(f"database_url = {self.engine.url}: {one_line(error)}; {so}")


def one_line(error: Exception) -> str:
    """What the database said, without the statement and its parameters."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return str(said).strip().partition("\n")[0]
