"""What was signed is kept before it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table, and tell programs of the first release, which look for it there, that this is past them."""
    op.create_table(
        "transactions",
        sa.Column("tx_hash", sa.LargeBinary, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("nonce", sa.BigInteger, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("position"),
    )
    op.create_index("transactions_of_action", "transactions", ["action"])
    op.execute("DELETE FROM meta WHERE field = 'schema_version'")
    op.execute("INSERT INTO meta (field, value) VALUES ('schema_version', '2 or newer')")
