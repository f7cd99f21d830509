"""PostgreSQL for the tests that need it; see ``tests/databases.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from landbuch.ledger.store.engine import open_engine
from tests.databases import Database, Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Give a server for many tests; not to be killed."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """Give a database of this test's own, migrated."""
    database = postgres.fresh()
    yield database
    postgres.give_back(database)


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    """Give connections to it as the service's role."""
    engine = open_engine(database.service)
    yield engine
    engine.dispose()
