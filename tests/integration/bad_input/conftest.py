"""One whole stack with a told book; after every test the book must be as long as before, and take a good command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from landbuch.local.stack import LocalStack
from tests.doors import Door, Doors, doors_of, head_of, history_told
from tests.integration.bad_input.explained import demand_works

CANTON = "BL"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give the whole stack; nothing in it is to be stopped."""
    with LocalStack(tmp_path_factory.mktemp("bad_input") / "stack", keep=False) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def doors(stack: LocalStack) -> AsyncIterator[Doors]:
    """Give connections to its services."""
    async with doors_of(stack) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def canton(doors: Doors) -> AsyncIterator[str]:
    """Give the canton whose book has a history; at the very end both services still work."""
    await history_told(doors, CANTON)
    yield CANTON
    await demand_works(doors, CANTON, await head_of(doors.stack, CANTON))


@pytest.fixture(params=["http", "nats"])
def door(request: pytest.FixtureRequest) -> Door:
    """Give each door in turn."""
    found: Door = request.param
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def unharmed(doors: Doors, canton: str) -> AsyncIterator[None]:
    """Demand that the test writes nothing, and that a good command is taken afterwards."""
    before = await head_of(doors.stack, canton)
    yield
    assert await head_of(doors.stack, canton) == before, "what was wrong wrote something"
    await demand_works(doors, canton, before, "ledger")
