"""PostgreSQL from the wheel, as a child of ours: pass words over loopback TCP, no socket, no trust, fsync on."""

from __future__ import annotations

import os
import shutil

import psycopg
from psycopg import sql

from landbuch.local.errors import StackError
from landbuch.local.places import Places, pass_words, write_private
from landbuch.local.ports import LOOPBACK
from landbuch.local.postgres_place import Place, run_as

DATABASE = "landbuch"
SUPERUSER = "postgres"
OWNER = "landbuch_owner"
LEDGER = "landbuch_ledger"
REPORTING = "landbuch_reporting"
# Each service's role: may connect; what else it may touch its own migration grants.
SERVICE_ROLES = (LEDGER, REPORTING)
ROLES = (SUPERUSER, OWNER, *SERVICE_ROLES)
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",  # the supervisor keeps the log
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


def command(place: Place, port: int) -> tuple[str, ...]:
    """The command line that starts the server; settings stand in it, so no file in the data can loosen them."""
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return (str(place.programs / "postgres"), "-D", str(place.data), "-c", f"port={port}", *settings)


def passwords(places: Places) -> dict[str, str]:
    """The pass words of the database's roles."""
    kept = pass_words(places, tuple(f"postgres.{role}" for role in ROLES))
    return {name.removeprefix("postgres."): word for name, word in kept.items()}


def initialise(place: Place, superuser_password: str) -> bool:
    """Create the server's files, unless they are there; whether they were created.

    Raises StackError with what `initdb` said where it fails; nothing half made is left.
    """
    if (place.data / "PG_VERSION").exists():
        return False
    _empty(place)  # half made, by an interrupted run
    word = place.data.parent / "superuser.new"
    write_private(word, superuser_password)
    if place.account is not None:
        os.chown(word, place.account.uid, place.account.gid)
    options = (
        f"--pgdata={place.data}",
        f"--username={SUPERUSER}",
        f"--pwfile={word}",
        "--auth-host=scram-sha-256",
        "--auth-local=reject",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",  # sorts by bytes, the same on every machine
        "--no-instructions",
    )
    try:
        done = run_as(place.account, (str(place.programs / "initdb"), *options))
    finally:
        word.unlink(missing_ok=True)
    if done.returncode:
        _empty(place)
        raise StackError(
            f"PostgreSQL could not create its files in {place.data}: {(done.stderr or done.stdout).strip()}",
            "Is there space on the disk? `landbuch doctor` looks.",
        )
    return True


def _empty(place: Place) -> None:
    for path in place.data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def url(role: str, password: str, port: int) -> str:
    """Where SQLAlchemy connects as this role."""
    return f"postgresql+psycopg://{role}:{password}@{LOOPBACK}:{port}/{DATABASE}"


def connect(role: str, password: str, port: int, database: str = DATABASE) -> psycopg.Connection:
    """A connection that commits each statement."""
    return psycopg.connect(
        host=LOOPBACK, port=port, user=role, password=password, dbname=database, connect_timeout=5, autocommit=True
    )


def answers(superuser_password: str, port: int) -> bool:
    """Whether the server takes connections (after a crash it first recovers).

    Raises StackError where it refuses the pass word: the data and the pass words are not of one stack.
    """
    try:
        connect(SUPERUSER, superuser_password, port, "postgres").close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise StackError(
                "PostgreSQL refuses the pass word that this stack has kept for it.",
                "Its secrets.json was replaced: bring the old one back, or delete the stack's directory.",
            ) from error
        return False
    return True


def grant(words: dict[str, str], port: int) -> None:
    """Create the database and its roles, unless they are there, and set their pass words.

    The owner migrates; a service's role may connect and make temporary tables, and gets its tables from the migration.
    """
    with connect(SUPERUSER, words[SUPERUSER], port, "postgres") as server:
        for role in (OWNER, *SERVICE_ROLES):
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                server.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            # Hashed here, so that the word itself never stands in a statement, nor in a log.
            hashed = server.pgconn.encrypt_password(words[role].encode(), role.encode(), b"scram-sha-256").decode()
            login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
            server.execute(login.format(sql.Identifier(role), sql.Literal(hashed)))
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            server.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
        for database in (DATABASE, "postgres", "template1"):
            server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        for role in SERVICE_ROLES:
            admit = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
            server.execute(admit.format(sql.Identifier(DATABASE), sql.Identifier(role)))
    with connect(SUPERUSER, words[SUPERUSER], port) as own:
        own.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for role in SERVICE_ROLES:
            own.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(role)))
