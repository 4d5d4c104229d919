"""How a database of an earlier release becomes one of this release: Alembic's scripts, run when a node opens it."""
