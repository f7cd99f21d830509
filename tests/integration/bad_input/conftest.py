"""One whole stack with a told book; after every test the book must be as long as before, and take a good command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from landbuch.local.history.course import PEOPLE
from landbuch.local.stack import LocalStack
from tests.doors import Door, Doors, doors_of, head_of, history_told

CANTON = "BL"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give the whole stack; nothing in it is to be stopped."""
    with LocalStack(tmp_path_factory.mktemp("bad_input") / "stack", keep=False) as running:
        yield running


@pytest.fixture
async def doors(stack: LocalStack) -> AsyncIterator[Doors]:
    """Give connections to its services."""
    async with doors_of(stack) as opened:
        yield opened


@pytest.fixture(scope="session")
def told() -> set[str]:
    """Say which books were told already."""
    return set()


@pytest.fixture
async def canton(doors: Doors, told: set[str]) -> str:
    """Give the canton whose book has a history."""
    if CANTON not in told:
        await history_told(doors, CANTON)
        told.add(CANTON)
    return CANTON


@pytest.fixture(params=["http", "nats"])
def door(request: pytest.FixtureRequest) -> Door:
    """Give each door in turn."""
    found: Door = request.param
    return found


@pytest.fixture
async def unharmed(doors: Doors, canton: str) -> AsyncIterator[None]:
    """Demand that the test writes nothing, and that both services take good commands afterwards."""
    before = await head_of(doors.stack, canton)
    yield
    assert await head_of(doors.stack, canton) == before, "what was wrong wrote something"
    await demand_works(doors, canton, before)


async def demand_works(doors: Doors, canton: str, before: int) -> None:
    """Demand that each service takes a good command, through either door, and writes it behind ``before``."""
    information = {"about": "programme", "topic": "test", "statement": "All is well."}
    partner = {"partner": f"P-{before}", "kind": "ngo", "name": "Verein"}
    clerk = PEOPLE["clerk"]
    told = await doors.send("http", "RecordInformation", canton, information, actor=clerk)
    registered = await doors.send("nats", "RegisterPartner", canton, partner, actor=clerk)
    assert (told.body.get("position"), registered.body.get("position")) == (before + 1, before + 2)
