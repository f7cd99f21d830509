"""Alembic runs this to migrate: on the connection that ``landbuch.ledger.migrate`` has opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from landbuch.ledger.store.tables import SCHEMA, metadata

connection = context.config.attributes["connection"]
assert isinstance(connection, sa.Connection)
context.configure(connection, target_metadata=metadata, version_table="migration", version_table_schema=SCHEMA)
context.run_migrations()
