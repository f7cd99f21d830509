"""``python -m landbuch.reporting.migrate``: make the tables of reporting, and grant the service what it needs, no more.

Environment: ``LANDBUCH_DATABASE_OWNER_URL`` (default ``LANDBUCH_DATABASE_URL``) connects as the owner of the schema;
``LANDBUCH_DATABASE_SERVICE_ROLE`` (default ``landbuch_reporting``) is the role as which the service runs. The tables
are caches: where their shape has changed, or with ``--rebuild``, they are dropped, and the service fills them again
from the books. Running it again changes nothing.
"""

from __future__ import annotations

import os
import sys
import time

import sqlalchemy as sa

from landbuch.reporting.store.engine import open_engine
from landbuch.reporting.store.tables import SCHEMA, metadata, shape
from landbuch.sdk.errors import FailedError, UnavailableError
from landbuch.sdk.projection import answering

SERVICE_ROLE = "landbuch_reporting"
WAIT_S = 60.0
_PAUSE_S = 0.5
_LOCK = 0x72657074  # "rept": one migration at a time


def migrate(url: str, role: str = SERVICE_ROLE, *, rebuild: bool = False, wait_s: float = WAIT_S) -> bool:
    """Make the tables in one transaction unless they are there; tell whether they were made anew.

    Raises ``UnavailableError`` when PostgreSQL does not answer within ``wait_s`` seconds, and ``FailedError`` when the
    service's role does not exist or owns the tables.
    """
    engine = open_engine(url, pool_size=1)
    try:
        _wait_for(engine, wait_s)
        with answering(), engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            anew = rebuild or _noted(connection) != shape()
            if anew:
                connection.execute(sa.schema.DropSchema(SCHEMA, cascade=True, if_exists=True))
                connection.execute(sa.schema.CreateSchema(SCHEMA))
                metadata.create_all(connection)
                connection.execute(sa.text(f"COMMENT ON SCHEMA {SCHEMA} IS '{shape()}'"))
            _grant(connection, role)
            return anew
    finally:
        engine.dispose()


def _noted(connection: sa.Connection) -> str | None:
    """The shape of the tables that are there."""
    found = connection.execute(sa.text("SELECT obj_description(to_regnamespace(:name))"), {"name": SCHEMA}).scalar()
    return None if found is None else str(found)


def _grant(connection: sa.Connection, role: str) -> None:
    """Give the role the right to read and add, nothing else."""
    if not connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
        message = f"There is no role {role}: create it first (CREATE ROLE {role} LOGIN …), then run this again."
        raise FailedError(message)
    if connection.execute(sa.text("SELECT current_user")).scalar_one() == role:
        message = f"{role} is to run the service, so it must not own the tables: migrate as another role."
        raise FailedError(message)
    to = connection.dialect.identifier_preparer.quote(role)
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC, {to}",
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {to}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {to}",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {SCHEMA} TO {to}",
        f"GRANT UPDATE ON {SCHEMA}.projection TO {to}",
    ):
        connection.execute(sa.text(statement))


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


def main(arguments: list[str]) -> int:
    """Migrate as the environment says; the exit status."""
    if arguments not in ([], ["--rebuild"]):
        print("The only argument is --rebuild.", file=sys.stderr)  # noqa: T201  # a command's voice
        return 2
    url = os.environ.get("LANDBUCH_DATABASE_OWNER_URL") or os.environ.get("LANDBUCH_DATABASE_URL")
    role = os.environ.get("LANDBUCH_DATABASE_SERVICE_ROLE", SERVICE_ROLE)
    try:
        if not url:
            message = "No database is named. Set LANDBUCH_DATABASE_OWNER_URL=postgresql+psycopg://owner:…@host:port/…"
            raise FailedError(message)
        anew = migrate(url, role, rebuild=bool(arguments))
    except FailedError as error:
        print(error, file=sys.stderr)  # noqa: T201  # a command's voice
        return 1
    state = "were made; the service fills them from the books" if anew else "are up to date"
    print(f"The tables of reporting {state}; {role} may read and add.")  # noqa: T201  # a command's voice
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
