"""Opening a database: which ones we speak to, how they are tuned, and whose tables are in there."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from rmn_service.errors import NodeError
from rmn_service.schema import SCHEMA_VERSION, meta, metadata

_BUSY_TIMEOUT_MS = 10_000
"""How long a write waits for another process (a backup, an operator's shell) to let go of a SQLite file."""

_WAL_BYTES = 4 << 20
"""Where SQLite starts its log over. Until then each commit makes the file longer, and then the file system has a new
length to write down as well: a third of the time that a vote waits for the disk."""


class StoreError(NodeError):
    """The record can't be used, read or written. One line that names the field, its value and the remedy."""


def one_line(error: Exception) -> str:
    """What the database said, without the statement and its parameters."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return str(said).strip().partition("\n")[0]


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
            return create_engine(parsed, pool_pre_ping=True, max_overflow=-1)
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


def open_writer(engine: Engine, *, read_only: bool) -> Connection | None:
    """The one connection that writes, with the tables in place; None where nothing may be written.

    Raises:
        StoreError: the database holds something else than our tables, or those of a newer version.
        SQLAlchemyError: it can't be opened or written.
    """
    if read_only:
        with engine.connect() as connection:
            if not _check_version(engine, connection):
                raise StoreError(f"database_url = {engine.url}: an empty database; name one that a node has written")
        return None
    with ExitStack() as unless_it_works:
        writer = unless_it_works.enter_context(engine.connect().execution_options(is_writer=True))
        with writer.begin():
            if not _check_version(engine, writer):
                metadata.create_all(writer)
                writer.execute(meta.insert(), [{"field": "schema_version", "value": str(SCHEMA_VERSION)}])
        driver = writer.connection.dbapi_connection
        if isinstance(driver, sqlite3.Connection):
            driver.execute("PRAGMA journal_mode=WAL")  # only now: the mode is stored in the file, and the file is ours
            _lengthen_log(driver, Path(f"{engine.url.database}-wal"))
        unless_it_works.pop_all()
    return writer


def _lengthen_log(driver: sqlite3.Connection, wal: Path) -> None:
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


def _check_version(engine: Engine, connection: Connection) -> bool:
    """Whether our tables are there already."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return False
    if meta.name not in tables:
        raise StoreError(f"database_url = {engine.url}: holds somebody else's tables; name another database")
    wanted = select(meta.c.value).where(meta.c.field == "schema_version")
    version = connection.execute(wanted).scalar()
    if version != str(SCHEMA_VERSION):
        raise StoreError(
            f"database_url = {engine.url}: schema_version = {version}, this program knows {SCHEMA_VERSION}; "
            "run the version that wrote it or name another database"
        )
    return True
