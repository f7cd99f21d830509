"""PostgreSQL for tests: one server for a run, a migrated database without rows for each test.

From the wheel by default, in a container where ``LANDBUCH_TEST_SERVERS=containers`` asks for it, or the server that
``LANDBUCH_TEST_DATABASE_URL`` names (``postgresql+psycopg://``, a superuser's); see ``tests/servers.py``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from landbuch.ledger.migrate import migrate
from landbuch.local.stack import LocalStack
from tests.servers import POSTGRES_IMAGE, USED, containers_wanted

# A database has hundreds of files, so making one for each test takes long; only a superuser can empty the copy.
_WIPE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
ALTER TABLE ledger.entry DISABLE TRIGGER ALL;
TRUNCATE ledger.entry, ledger.event, ledger.journal_line, ledger.balance, ledger.void_entry, ledger.projection;
ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER entry_is_append_only;
"""
_SHAPE = """
SELECT 'relation', relname, relacl::text, relowner::text FROM pg_class WHERE relnamespace = 'ledger'::regnamespace
UNION SELECT 'constraint', conname, pg_get_constraintdef(oid), '' FROM pg_constraint
    WHERE connamespace = 'ledger'::regnamespace
UNION SELECT 'trigger', tgname, pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A database with the ledger's tables: URLs of a superuser, the owner and the service's role, and that role."""

    superuser: str
    owner: str
    service: str
    role: str

    def execute(self, statement: str, *, url: str | None = None) -> list[tuple[object, ...]]:
        """Execute a statement as the superuser, or as who ``url`` says, and give its rows."""
        engine = sa.create_engine(url or self.superuser, poolclass=sa.NullPool)
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []


class Postgres:
    """A server on which tests get databases; ``stack`` is there where this run started it, to be stopped and killed."""

    def __init__(self, url: str, stack: LocalStack | None = None) -> None:
        self._url = sa.make_url(url)
        self.stack = stack
        self._count = 0
        self._spare: list[Database] = []
        self._name = f"landbuch_test_{secrets.token_hex(4)}"
        self._passwords = {kind: secrets.token_hex(16) for kind in ("owner", "service")}
        with self._connect("postgres") as server:
            for kind, password in self._passwords.items():
                role = sql.Identifier(f"{self._name}_{kind}")
                server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        self._template = self._create("template1")
        migrate(self._template.owner, self._template.role)

    def fresh(self) -> Database:
        """Give a migrated database without rows."""
        if self._spare:
            return self._spare.pop()
        return self._create(sa.make_url(self._template.owner).database or "")

    def give_back(self, database: Database) -> None:
        """Take back a database, for another test if nothing but rows is different from a fresh one."""
        if database.execute(_SHAPE) == self._template.execute(_SHAPE):
            database.execute(_WIPE)
        if database.execute(_SHAPE) == self._template.execute(_SHAPE):
            self._spare.append(database)

    def empty(self) -> Database:
        """Give a database without tables."""
        return self._create("template1")

    def drop_all(self) -> None:
        """Drop the databases and the roles of this run."""
        with self._connect("postgres") as server:
            for number in range(self._count, 0, -1):
                name = sql.Identifier(f"{self._name}_{number}")
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            for kind in self._passwords:
                server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(f"{self._name}_{kind}")))

    def _create(self, template: str) -> Database:
        self._count += 1
        name = f"{self._name}_{self._count}"
        owner, service = (sql.Identifier(f"{self._name}_{kind}") for kind in ("owner", "service"))
        database = sql.Identifier(name)
        with self._connect("postgres") as server:
            create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
            server.execute(create.format(database, owner, sql.Identifier(template)))
            server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, service))
        owner_url, service_url = (
            self._of(name, f"{self._name}_{kind}", word) for kind, word in self._passwords.items()
        )
        return Database(self._of(name), owner_url, service_url, f"{self._name}_service")

    def _of(self, database: str, user: str | None = None, password: str | None = None) -> str:
        url = self._url.set(database=database)
        url = url if user is None else url.set(username=user, password=password)
        return url.render_as_string(hide_password=False)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self._of(database).replace("+psycopg", ""), autocommit=True)


@contextmanager
def postgres_server(directory: Path) -> Iterator[Postgres]:
    """Give the PostgreSQL server that this run asks for."""
    url = os.environ.get("LANDBUCH_TEST_DATABASE_URL")
    if url:
        USED.add("PostgreSQL given by LANDBUCH_TEST_DATABASE_URL")
        yield from _until_dropped(Postgres(url))
    elif containers_wanted():
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415  # most runs do without

        USED.add(f"PostgreSQL in a container ({POSTGRES_IMAGE})")
        with PostgresContainer(POSTGRES_IMAGE, driver="psycopg") as running:
            yield Postgres(running.get_connection_url())
    else:
        with postgres_wheel(directory) as server:
            yield server


@contextmanager
def postgres_wheel(directory: Path) -> Iterator[Postgres]:
    """Give a PostgreSQL server from the wheel, which the test may kill."""
    USED.add("PostgreSQL from the wheel")
    with LocalStack(directory, services=(), issuer=False, keep=False) as stack:
        yield Postgres(stack.database_url_of("postgres"), stack)


def _until_dropped(server: Postgres) -> Iterator[Postgres]:
    try:
        yield server
    finally:
        server.drop_all()
