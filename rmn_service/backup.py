"""A record's copy in one file, taken while the node runs, and the way back.

The copy is a SQLite file of this release whatever database it was taken from, and can be put into either kind. What
the keys have signed is not in it but in the guard, which stays with the keys: an old record next to an up-to-date guard
repeats nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from rmn_service.audit_chain import verify_chain
from rmn_service.errors import StoreError
from rmn_service.schema import blocks, documents, meta, metadata
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from rmn_service.audit_chain import AuditHead

_CHUNK_ROWS = 5_000


def back_up(database_url: str, out: Path) -> AuditHead:
    """Copy the record, as it is at one moment, into a new file; the head of its audit log.

    Raises:
        StoreError: it can't be read, its audit log is broken, or the file is there already or can't be written.
    """
    with Store.open(database_url, read_only=True) as source:
        head = _copy(source, f"sqlite:///{_new(out, 'out')}")
    with closing(sqlite3.connect(out)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, to be read wherever it is carried
    return head


def restore(file: Path, database_url: str) -> AuditHead:
    """Put a copy into a database that is still empty; the head of its audit log.

    Raises:
        StoreError: it is no copy of this release, its audit log is broken, or the database holds something.
    """
    if not file.is_file():
        raise StoreError(f"file = {file}: no such file; name what `rmn backup` wrote")
    with Store.open(f"sqlite:///{file}", read_only=True) as source:
        if database_url.startswith("sqlite:///"):
            _new(Path(database_url.removeprefix("sqlite:///")), "database_url")
        return _copy(source, database_url)


def _new(path: Path, field: str) -> Path:
    if path.exists():
        raise StoreError(f"{field} = {path}: is there already and is not written over; name another file")
    return path


def _copy(source: Store, url: str) -> AuditHead:
    with _unless_it_fails_remove(url), Store.open(url) as target:
        with source.database.reading() as reader, target.together(), target.database.writing() as writer:
            if any(
                writer.execute(select(table).limit(1)).first() for table in metadata.sorted_tables if table is not meta
            ):
                raise StoreError(f"database_url = {target.database.engine.url}: holds a record; name an empty one")
            _copy_tables(reader, writer)
        broken = verify_chain(target.audit_rows())
        if broken is not None:
            raise StoreError(f"audit row {broken.sequence}: {broken.reason}; this record is not as it was written")
        return target.audit_head()


def _copy_tables(reader: Connection, writer: Connection) -> None:
    writer.execute(delete(meta))
    for table in metadata.sorted_tables:
        rows = reader.execution_options(yield_per=_CHUNK_ROWS).execute(select(table))
        for chunk in rows.mappings().partitions():
            writer.execute(insert(table), [dict(row) for row in chunk])
    if writer.dialect.name == "postgresql":  # it numbers by itself, and must go on after what was put in
        for column in (blocks.c.arrival, documents.c.position):
            last = writer.execute(select(func.max(column))).scalar()
            if last is not None:
                sequence = func.pg_get_serial_sequence(column.table.name, column.name)
                writer.execute(select(func.setval(sequence, last)))


@contextmanager
def _unless_it_fails_remove(url: str) -> Iterator[None]:
    """A new SQLite file is whole or not there; another database undoes its transaction by itself."""
    path = url.removeprefix("sqlite:///")
    try:
        yield
    except BaseException:
        if path != url:
            for end in ("", "-wal", "-shm"):
                Path(path + end).unlink(missing_ok=True)
        raise
    finally:
        if path != url:
            Path(path + "-lock").unlink(missing_ok=True)
