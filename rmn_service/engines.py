"""The databases that we speak to and how they are tuned: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from rmn_service.errors import StoreError

if TYPE_CHECKING:
    import sqlite3

_BUSY_TIMEOUT_MS = 10_000
"""How long a write waits for another process (a backup, an operator's shell) to let go of a SQLite file."""

_WAL_BYTES = 4 << 20
"""Where SQLite starts its log over. Until then each commit makes the file longer, and then the file system has a new
length to write down as well: a third of the time that a vote waits for the disk."""


def connect(url: str, *, read_only: bool) -> Engine:
    """An engine for the URL; nothing is opened yet. A password stays out of `str(engine.url)`.

    Raises:
        StoreError: not a database that we speak to.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, read_only=read_only)
        if parsed.get_backend_name() == "postgresql":
            # Every read is of one moment, however many statements it takes; SQLite's are so by themselves.
            return create_engine(parsed, pool_pre_ping=True, max_overflow=-1, isolation_level="REPEATABLE READ")
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(f"database_url = {parsed}: {error}; install the driver or use sqlite:///node.db") from None
    except ArgumentError:  # the text is not repeated: it may hold a password
        raise StoreError("database_url: not a URL; write sqlite:///node.db or postgresql+psycopg://…") from None
    raise StoreError(f"database_url = {parsed}: unknown kind; write sqlite:///node.db or postgresql+psycopg://…")


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    path = url.database
    if path is None or path in {"", ":memory:"}:
        raise StoreError(f"database_url = {url}: the record must outlive the process; name a file")
    if read_only:
        url = url.set(database=f"file:{quote(path)}", query={"mode": "ro", "uri": "true"})
    elif not Path(path).absolute().parent.is_dir():
        raise StoreError(f"database_url = {url}: no folder {Path(path).parent}; create it or name another file")
    engine = create_engine(url, max_overflow=-1)

    @event.listens_for(engine, "connect")
    def tune(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, below, not where the driver guesses
        for pragma in ("synchronous=FULL", f"busy_timeout={_BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: one that began as a reader could be refused half-way.
        is_writer = connection.get_execution_options().get("is_writer", False)
        cursor = connection.connection.cursor()  # on the driver: a tenth of the time, and this is on the way of a vote
        cursor.execute("BEGIN IMMEDIATE" if is_writer else "BEGIN")
        cursor.close()

    return engine


def make_durable(driver: sqlite3.Connection, path: Path) -> None:
    """Journal ahead, in a log of its full length. Only for a file that is ours: the mode is stored in it."""
    driver.execute("PRAGMA journal_mode=WAL")
    lengthen_log(driver, Path(f"{path}-wal"))


def lengthen_log(driver: sqlite3.Connection, wal: Path) -> None:
    """Give SQLite's log its full length, which it keeps and writes over again and again while it is open.

    What stands behind the last frame means nothing to SQLite; the lock keeps other writers from adding one meanwhile.
    """
    driver.execute("BEGIN IMMEDIATE")
    try:
        with suppress(OSError), wal.open("r+b") as log:  # only speed is at stake
            log.write(bytes(max(0, _WAL_BYTES - log.seek(0, os.SEEK_END))))
            log.flush()
            os.fsync(log.fileno())
    finally:
        driver.execute("ROLLBACK")
