"""One writer for one database: a second node on the same record would number the audit log twice and vote twice.

SQLite: an advisory lock on a file beside the database, which the system lets go of when the process dies, however it
dies. PostgreSQL: a session's advisory lock, which the server lets go of when the connection ends.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from rmn_service.errors import InUseError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

_LOCK_KEY = 0x726D6E
"""Of PostgreSQL's advisory lock; the server keeps those of each database apart."""
_PATIENCE_MS = 2_000
"""The server takes a moment to notice that the process before us died."""
_LOCK_NOT_AVAILABLE = "55P03"


class FileLock:
    """Held from construction until `release` or the end of the process."""

    def __init__(self, path: Path, field: str) -> None:
        """`field` is what the refusal names.

        Raises:
            InUseError: another process holds it.
            OSError: the file can't be made.
        """
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise in_use(field) from None

    def release(self) -> None:
        """Let the next process have it. The file stays: deleting it could free a lock that somebody just took."""
        os.close(self._fd)


def lock_beside(url: URL) -> FileLock:
    """Of the SQLite database at `url`. Raises InUseError, OSError."""
    return FileLock(Path(f"{url.database}-lock"), f"database_url = {url}")


def lock_session(connection: Connection) -> None:
    """Of the PostgreSQL database of `connection`, for as long as that lives.

    Raises:
        InUseError: another session holds it.
    """
    try:
        with connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MS}"))
            connection.execute(select(func.pg_advisory_lock(_LOCK_KEY)))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise in_use(f"database_url = {connection.engine.url}") from None
        raise


def in_use(field: str) -> InUseError:
    """The one line that a second process gets."""
    return InUseError(f"{field}: another process holds it; stop that one first")
