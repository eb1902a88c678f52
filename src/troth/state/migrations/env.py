"""Run by Alembic: migrates on the connection, and inside the transaction, that ``migrate.py`` hands over."""

from __future__ import annotations

from alembic import context

from troth.state.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
