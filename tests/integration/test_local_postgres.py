"""PostgreSQL of the local stack: who may do what, and what outlives a kill."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, text

from landbuch.local import postgres_place
from landbuch.local.errors import StackError
from landbuch.local.places import Places
from landbuch.local.postgres import ROLES
from landbuch.local.stack import LocalStack

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="what differs for root; these tests run as an ordinary user")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    directory = tmp_path_factory.mktemp("postgres")
    with LocalStack(directory, services=(), issuer=False, keep=False) as running:
        yield running


def address(stack: LocalStack, role: str, **changes: str) -> str:
    """Where psycopg connects as a role, with changes."""
    return make_conninfo(stack.database_url_of(role).replace("+psycopg", ""), **changes)


def refused(stack: LocalStack, role: str, statement: str) -> bool:
    """Whether the server denies this role a statement."""
    with psycopg.connect(address(stack, role), autocommit=True) as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            return True
    return False


def test_the_url_is_one_for_sqlalchemy(stack: LocalStack) -> None:
    with create_engine(stack.database_url).connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "landbuch_ledger"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "ALTER SYSTEM SET fsync = off",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "SET ROLE landbuch_owner",
    ],
)
def test_the_ledgers_role_may_do_nothing_that_was_not_granted(stack: LocalStack, statement: str) -> None:
    assert refused(stack, "landbuch_ledger", statement)


def test_the_owner_migrates_and_grants_and_the_ledger_works_with_what_it_got(stack: LocalStack) -> None:
    assert not refused(stack, "landbuch_owner", "CREATE TABLE granted (x int)")
    assert refused(stack, "landbuch_ledger", "INSERT INTO granted VALUES (1)")
    assert not refused(stack, "landbuch_owner", "GRANT SELECT, INSERT ON granted TO landbuch_ledger")
    assert not refused(stack, "landbuch_ledger", "INSERT INTO granted VALUES (1)")
    assert refused(stack, "landbuch_ledger", "DELETE FROM granted")
    assert refused(stack, "landbuch_ledger", "DROP TABLE granted")


def test_the_owner_is_no_superuser(stack: LocalStack) -> None:
    assert refused(stack, "landbuch_owner", "CREATE ROLE mine")


@pytest.mark.parametrize("role", ["landbuch_ledger", "landbuch_owner"])
def test_roles_reach_no_other_database(stack: LocalStack, role: str) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(address(stack, role, dbname=database))


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_let_in_without_the_pass_word(stack: LocalStack, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address(stack, role, password="guessed"))
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(make_conninfo(re.sub(r":[0-9a-f]+@", "@", address(stack, role)), password=""))


def test_what_is_committed_is_on_the_disk_and_only_loopback_is_listened_on(stack: LocalStack) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "TimeZone": "UTC",
    }
    with psycopg.connect(address(stack, "postgres")) as connection:
        found = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted}
        methods = connection.execute("SELECT DISTINCT type, auth_method FROM pg_hba_file_rules").fetchall()
    assert found == {name: (value,) for name, value in wanted.items()}
    assert set(methods) == {("host", "scram-sha-256"), ("local", "reject")}


def test_no_log_holds_a_pass_word(stack: LocalStack) -> None:
    words = [re.search(r":([0-9a-f]{48})@", stack.database_url_of(role)) for role in ROLES]
    logged = stack.log("postgres").read_text()
    assert all(word and word.group(1) not in logged for word in words)


def test_what_was_committed_outlives_a_kill(stack: LocalStack) -> None:
    assert not refused(stack, "landbuch_owner", "CREATE TABLE kept AS SELECT 42 AS x")
    stack.wait_replaced("postgres", stack.kill("postgres"))
    with psycopg.connect(address(stack, "landbuch_owner")) as connection:
        assert connection.execute("SELECT x FROM kept").fetchone() == (42,)


@ROOT_ONLY
def test_as_root_the_server_runs_as_a_user_of_its_own(stack: LocalStack) -> None:
    user = postgres_place.account()
    assert user is not None
    assert psutil.Process(stack.pid("postgres")).uids().real == user.uid != 0


@ROOT_ONLY
def test_where_its_user_may_not_pass_the_data_lie_elsewhere_and_go_with_the_stack(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    stack = LocalStack(tmp_path / "stack", services=(), issuer=False, keep=False)
    with stack:
        outside = postgres_place.outside(stack.places)
        assert outside is not None
        assert (outside / "data" / "PG_VERSION").exists()
        assert outside not in postgres_place.orphans()
    assert not outside.exists()
    assert not stack.places.root.exists()


@ROOT_ONLY
def test_where_its_user_may_pass_the_data_lie_in_the_stack_and_stay(passable: Path) -> None:
    for _ in range(2):
        with LocalStack(passable / "stack", services=(), issuer=False) as stack:
            assert postgres_place.outside(stack.places) is None
            refused(stack, "landbuch_owner", "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS x")
    with (
        LocalStack(passable / "stack", services=(), issuer=False, keep=False) as stack,
        psycopg.connect(address(stack, "landbuch_owner")) as connection,
    ):
        assert connection.execute("SELECT x FROM kept").fetchone() == (42,)
    assert list(passable.iterdir()) == []


@ROOT_ONLY
def test_programs_that_its_user_may_not_reach_are_copied_where_the_server_cannot_alter_them(
    passable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = passable / "hidden"
    wheel = postgres_place.programs().parent.parent
    hidden.mkdir(mode=0o700)
    for path in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        (hidden / path.name).symlink_to(path)
    seen = hidden / postgres_place.programs().relative_to(wheel.parent)
    monkeypatch.setattr(postgres_place, "programs", lambda _: seen)
    with LocalStack(passable / "stack", services=(), issuer=False, keep=False) as stack:
        server = Path(psutil.Process(stack.pid("postgres")).exe())
        assert server.is_relative_to(stack.places.postgres)
        assert all(path.stat().st_uid == 0 for path in (server, *server.parents) if path != passable)


@ROOT_ONLY
def test_a_database_whose_stack_was_deleted_by_hand_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    places = Places.below(tmp_path / "stack")
    places.root.mkdir()
    place = postgres_place.place(places)
    assert place.outside
    outside = place.data.parent
    pointer = places.postgres_pointer.read_text()
    places.postgres_pointer.unlink()
    assert outside in postgres_place.orphans()
    with pytest.raises(StackError, match="which is gone"):
        _place_of(places, '{"directory": "/nowhere/at/all"}')
    places.postgres_pointer.write_text(pointer)
    postgres_place.delete_outside(places)
    assert not outside.exists()


def _place_of(places: Places, pointer: str) -> postgres_place.Place:
    places.postgres_pointer.write_text(pointer)
    return postgres_place.place(places)


def test_data_of_another_user_are_refused(tmp_path: Path) -> None:
    places = Places.below(tmp_path)
    (places.postgres / "data").mkdir(parents=True)
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory to somebody else")
    with pytest.raises(StackError, match="belongs to uid 0"):
        postgres_place.place(places)


@pytest.fixture
def passable() -> Iterator[Path]:
    """A directory that every user may pass through; pytest's own are for one user alone."""
    with tempfile.TemporaryDirectory(prefix="landbuch-test-") as made:
        Path(made).chmod(0o711)
        yield Path(made)
