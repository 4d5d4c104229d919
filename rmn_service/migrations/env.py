"""Alembic's entry: runs inside the transaction of the connection that `upgrade.py` hands over, so all or nothing."""

from alembic import context

from rmn_service.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
