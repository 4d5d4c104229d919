"""Whose tables are in a database, and how they become those of this release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

from rmn_service.errors import StoreError
from rmn_service.schema import REVISION, meta

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

_VERSION = table("alembic_version", column("version_num"))
_FIRST = "0001"


def check_tables(connection: Connection) -> None:
    """Refuse, for a reader, whatever is not a record of exactly this release.

    Raises:
        StoreError: empty, somebody else's, older or newer.
    """
    found = _revision(connection)
    where = f"database_url = {connection.engine.url}"
    if found is None:
        raise StoreError(f"{where}: an empty database; name one that a node has written")
    if found != REVISION:
        raise _is_not_ours(connection, found)


def upgrade_tables(connection: Connection) -> None:
    """Make the tables, or lead those of an earlier release here, in the transaction that is open.

    Raises:
        StoreError: somebody else's tables, or those of a newer release.
    """
    found = _revision(connection)
    if found == REVISION:
        return
    # Slow to load, and only what is new or old needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = _config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None:
        if found not in known:
            raise _is_not_ours(connection, found)
        if _VERSION.name not in inspect(connection).get_table_names():  # the first release noted its own number
            command.stamp(config, _FIRST)
    command.upgrade(config, REVISION)


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "rmn_service:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    """None when there are no tables yet."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if meta.name not in tables:
        raise StoreError(f"database_url = {connection.engine.url}: holds somebody else's tables; name another database")
    if _VERSION.name in tables:
        return str(connection.execute(select(_VERSION.c.version_num)).scalar())
    first = connection.execute(select(meta.c.value).where(meta.c.field == "schema_version")).scalar()
    return _FIRST if first == "1" else str(first)


def _is_not_ours(connection: Connection, found: str) -> StoreError:
    remedy = "start the node once to upgrade it" if found < REVISION else "run the release that wrote it"
    return StoreError(
        f"database_url = {connection.engine.url}: schema revision {found}, this release has {REVISION}; {remedy}"
    )
