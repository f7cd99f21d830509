"""One stack for the kills that leave its supervisor alive; each test has a book of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from landbuch.contracts.vocabulary import CANTONS
from landbuch.local.stack import LocalStack

_CANTONS = sorted(CANTONS)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give the whole stack, to be killed piece by piece; its supervisor starts the pieces again."""
    with LocalStack(tmp_path_factory.mktemp("durability") / "stack", keep=False) as running:
        yield running


@pytest.fixture
def canton() -> str:
    """Give a canton whose book no other test has opened."""
    return _CANTONS.pop()


@pytest.fixture(scope="session")
def count() -> int:
    """Say how many commands are under way around a kill."""
    return 5_000 if os.environ.get("LANDBUCH_TEST_COUNTS") == "full" else 400
