"""The tables of a node's database.

`blocks` and `logs` are what the chains said, byte for byte; everything else can be derived from them again, except
`documents` (what the node concluded), `audit` (what it did and why) and `transactions` (what it signed). The types
work on SQLite and PostgreSQL alike: selectors are text (a uint64 does not fit BIGINT), hashes and addresses raw bytes,
flags BOOLEAN.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    not_,
)

REVISION = "0002"
"""The newest of `migrations/versions`, which lead an older database to these tables."""

metadata = MetaData()

_serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only in a column declared INTEGER."""

meta = Table(
    "meta",
    metadata,
    Column("field", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    # The order in which we learned of blocks. It is the order of `known_at_ms` while the clock runs forward, and stays
    # right when the clock is set back: a block always arrives after its parent.
    Column("arrival", _serial, primary_key=True),
    Column("chain", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("parent_hash", LargeBinary, nullable=False),
    Column("timestamp_s", BigInteger, nullable=False),
    Column("known_at_ms", BigInteger, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("is_orphan", Boolean, nullable=False),
    UniqueConstraint("chain", "hash"),
)

# The database itself keeps a chain a list: one canonical block for each number.
Index(
    "blocks_canonical",
    blocks.c.chain,
    blocks.c.number,
    unique=True,
    sqlite_where=not_(blocks.c.is_orphan),
    postgresql_where=not_(blocks.c.is_orphan),
)

logs = Table(
    "logs",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("block_hash", LargeBinary, primary_key=True),
    Column("log_index", BigInteger, primary_key=True),
    Column("block_number", BigInteger, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("topics", LargeBinary, nullable=False),  # joined, 32 bytes each
    Column("data", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    ForeignKeyConstraint(["chain", "block_hash"], ["blocks.chain", "blocks.hash"]),
)

documents = Table(
    "documents",
    metadata,
    Column("position", _serial, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    UniqueConstraint("kind", "id"),
    Index("documents_of_kind", "kind", "position"),
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

transactions = Table(
    "transactions",
    metadata,
    Column("tx_hash", LargeBinary, primary_key=True),
    Column("position", BigInteger, nullable=False),  # the order in which they were signed
    Column("chain", Text, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),  # the signed bytes, as they were or will be sent
    Column("action", Text, nullable=False),  # the document that it serves
    Column("state", Text, nullable=False),  # see outbox.State
    Column("at_ms", BigInteger, nullable=False),
    UniqueConstraint("position"),
    Index("transactions_of_action", "action"),
)
