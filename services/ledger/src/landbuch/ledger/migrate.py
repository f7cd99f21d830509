"""``python -m landbuch.ledger.migrate``: bring the schema up to date and grant the service what it needs, no more.

Environment: ``LANDBUCH_DATABASE_OWNER_URL`` (default ``LANDBUCH_DATABASE_URL``) connects as the owner of the schema;
``LANDBUCH_DATABASE_SERVICE_ROLE`` (default ``landbuch_ledger``) is the role as which the service runs;
``LANDBUCH_DATABASE_WAIT_S`` (default 60) says how long to wait for PostgreSQL. Running it again changes nothing.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from landbuch.ledger.store.engine import open_engine
from landbuch.ledger.store.tables import SCHEMA
from landbuch.sdk.errors import FailedError, PermissionDeniedError, UnavailableError
from landbuch.sdk.projection import answering

SERVICE_ROLE = "landbuch_ledger"
GRANTS = {
    "entry": "SELECT, INSERT",
    "event": "SELECT, INSERT",
    "journal_line": "SELECT, INSERT",
    "void_entry": "SELECT, INSERT",
    "balance": "SELECT, INSERT, UPDATE",
    "projection": "SELECT, INSERT, UPDATE",
    "journal": "SELECT",
    "migration": "SELECT",
}
"""What the service may do with each table; with anything else in the schema it may do nothing."""
WAIT_S = 60.0
_PAUSE_S = 0.5
_LOCK = 0x6C616E64  # "land": one migration at a time


def migrate(url: str, service_role: str = SERVICE_ROLE, wait_s: float = WAIT_S) -> str:
    """Migrate and grant in one transaction; give the revision that holds now.

    Raises ``UnavailableError`` when PostgreSQL does not answer within ``wait_s`` seconds, ``PermissionDeniedError``
    when the user may not change the schema, and ``FailedError`` when the service's role does not exist.
    """
    engine = open_engine(url, pool_size=1)
    try:
        _wait_for(engine, wait_s)
        with answering(), engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
            command.upgrade(_config(connection), "head")
            grant(connection, service_role)
            revision = connection.execute(sa.text("SELECT version_num FROM ledger.migration")).scalar_one()
            return str(revision)
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        message = f"{engine.url.username} may not migrate: {str(error.orig).strip()}. Use the owner's URL."
        raise PermissionDeniedError(message) from error
    finally:
        engine.dispose()


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _wait_for(engine: sa.Engine, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            with answering(), engine.connect():
                return
        except UnavailableError as error:
            if time.monotonic() > until:
                raise
            print(f"Waiting for the database: {error}", file=sys.stderr, flush=True)  # noqa: T201  # a command's voice
            time.sleep(_PAUSE_S)


def grant(connection: sa.Connection, role: str) -> None:
    """Give the service's role exactly its rights; raises ``FailedError`` when it does not exist or is the owner."""
    known = connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar()
    if not known:
        message = f"There is no role {role}: create it first (CREATE ROLE {role} LOGIN …), then run this again."
        raise FailedError(message)
    owner = connection.execute(sa.text("SELECT current_user")).scalar_one()
    if owner == role:
        message = f"{role} is to run the service, so it must not own the tables: migrate as another role."
        raise FailedError(message)
    to = connection.dialect.identifier_preparer.quote(role)
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC, {to}",
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC, {to}",
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {to}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {to}",
        *(f"GRANT {rights} ON {SCHEMA}.{table} TO {to}" for table, rights in GRANTS.items()),
    ]
    for statement in statements:
        connection.execute(sa.text(statement))


def settings() -> tuple[str, str]:
    """Read the owner's URL and the service's role from the environment; raises ``FailedError`` without a URL."""
    url = os.environ.get("LANDBUCH_DATABASE_OWNER_URL") or os.environ.get("LANDBUCH_DATABASE_URL")
    if not url:
        message = (
            "No database is named. Set LANDBUCH_DATABASE_OWNER_URL=postgresql+psycopg://owner:…@host:port/database."
        )
        raise FailedError(message)
    return url, os.environ.get("LANDBUCH_DATABASE_SERVICE_ROLE", SERVICE_ROLE)


def main() -> int:
    """Migrate as the environment says; the exit status."""
    try:
        url, role = settings()
        revision = migrate(url, role, float(os.environ.get("LANDBUCH_DATABASE_WAIT_S", WAIT_S)))
    except FailedError as error:
        print(error, file=sys.stderr)  # noqa: T201  # a command's voice
        return 1
    print(f"The ledger's schema is at revision {revision}; {role} may read and add, the copy cannot be changed.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
