"""The record of the first release: blocks and logs as they were, documents, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "meta",
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "blocks",
        sa.Column("arrival", _serial, primary_key=True),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("parent_hash", sa.LargeBinary, nullable=False),
        sa.Column("timestamp_s", sa.BigInteger, nullable=False),
        sa.Column("known_at_ms", sa.BigInteger, nullable=False),
        sa.Column("is_final", sa.Boolean, nullable=False),
        sa.Column("is_orphan", sa.Boolean, nullable=False),
        sa.UniqueConstraint("chain", "hash"),
    )
    canonical = sa.not_(sa.column("is_orphan", sa.Boolean))
    op.create_index(
        "blocks_canonical",
        "blocks",
        ["chain", "number"],
        unique=True,
        sqlite_where=canonical,
        postgresql_where=canonical,
    )
    op.create_table(
        "logs",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("block_hash", sa.LargeBinary, primary_key=True),
        sa.Column("log_index", sa.BigInteger, primary_key=True),
        sa.Column("block_number", sa.BigInteger, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("topics", sa.LargeBinary, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["chain", "block_hash"], ["blocks.chain", "blocks.hash"]),
    )
    op.create_table(
        "documents",
        sa.Column("position", _serial, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("kind", "id"),
    )
    op.create_index("documents_of_kind", "documents", ["kind", "position"])
    op.create_table(
        "audit",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
