"""Servers that are away, in the middle or at the start: what can be answered is answered, and nothing is lost."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from itertools import count

import httpx
import pytest
import pytest_asyncio

from landbuch.contracts.vocabulary import SERVICES
from landbuch.local.history.course import PEOPLE
from landbuch.local.stack import LocalStack
from landbuch.sdk import connection
from landbuch.sdk.cli.verify import verified
from landbuch.sdk.client import Client
from landbuch.sdk.errors import UnavailableError
from landbuch.sdk.host.problems import Problem
from tests.doors import ANSWER_WITHIN_S, Answer, Door, Doors, doors_of, head_of, history_told
from tests.hosts import eventually
from tests.integration.bad_input.explained import demand_explained, good_order

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLERK = PEOPLE["clerk"]
CANTON = "BL"
NUMBERS = count(1)
QUERIES = ("books", "BL/head", "BL/balances", "BL/trial-balance", "BL/events", "BL/events/1")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give a whole stack whose programs may be stopped."""
    with LocalStack(tmp_path_factory.mktemp("outages") / "stack", keep=False) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(stack: LocalStack) -> AsyncIterator[Doors]:
    """Give connections to its services."""
    async with doors_of(stack) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def canton(doors: Doors) -> str:
    """Give the canton whose book has a history."""
    await history_told(doors, CANTON)
    return CANTON


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def whole(doors: Doors, canton: str) -> AsyncIterator[None]:
    """Bring back what is stopped; then both services must work, and the book must be whole."""
    yield
    for name, state in doors.stack.states().items():
        if state == "STOPPED":
            doors.stack.start_program(name)
    await asyncio.to_thread(doors.stack.wait_ready)
    for answer in await each(doors, "http", canton):
        assert answer.accepted, answer.body
    found = connection.read(doors.stack.places.root)
    async with Client(found) as client:
        await client.wait_for(canton, await head_of(doors.stack, canton))
    copy, report = await verified(found, found, canton)
    assert report.exit_code == 0, report.findings
    assert copy is not None
    assert copy.evidence.size == report.entries


async def away(stack: LocalStack, *names: str) -> None:
    """Stop programs in good order; they stay away."""
    for name in names:
        await asyncio.to_thread(stack.stop_program, name)


async def back(stack: LocalStack, *names: str) -> None:
    """Start programs again, and wait until they can be used."""
    for name in names:
        stack.start_program(name)
    await asyncio.to_thread(stack.wait_ready, *names)


async def each(doors: Doors, door: Door, canton: str) -> list[Answer]:
    """Send a good command to each service."""
    return [
        await doors.send(door, command, canton, data, actor=CLERK)
        for command, data in (good_order(service, next(NUMBERS)) for service in SERVICES)
    ]


async def live(doors: Doors) -> list[int | None]:
    """Ask each service whether it lives, and then whether it is ready."""
    return [(await doors.get(service, f"/health/{kind}")).status for kind in ("live", "ready") for service in SERVICES]


# -- PostgreSQL -----------------------------------------------------------------------------------------------------


async def test_without_its_database_the_ledger_decides_but_answers_no_questions(doors: Doors, canton: str) -> None:
    before = await head_of(doors.stack, canton)
    await away(doors.stack, "postgres")
    answers = [answer for door in ("http", "nats") for answer in await each(doors, door, canton)]
    assert [answer.body.get("position") for answer in answers] == [before + number for number in (1, 2, 3, 4)]
    for path in QUERIES:
        demand_unavailable(await doors.get("ledger", f"/v1/{path}"))
    demand_explained(await doors.ask(f"query.ledger.{canton}.head", b""), Problem.UNAVAILABLE)
    await eventually(lambda: is_ready(doors, "ledger", ready=False))
    assert await live(doors) == [200, 200, 503, 200]
    await back(doors.stack, "postgres")
    await eventually(lambda: is_ready(doors, "ledger", ready=True))
    shown = await doors.get("ledger", f"/v1/{canton}/head?after_position={before + 4}")
    assert shown.body["position"] == before + 4


def demand_unavailable(answer: Answer) -> None:
    """Demand a clear problem from the ledger's questions."""
    assert answer.status == Problem.UNAVAILABLE.status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.body["code"], answer.headers["retry-after"]) == ("unavailable", "1")
    assert "PostgreSQL" in answer.body["detail"]
    assert answer.body["remedy"]


async def is_ready(doors: Doors, service: str, *, ready: bool) -> bool:
    """Tell whether a service says that it is ready, or that it is not."""
    return ((await doors.get(service, "/health/ready")).status == 200) == ready


async def test_a_ledger_that_starts_without_its_database_decides_all_the_same(
    doors: Doors, canton: str, door: Door
) -> None:
    before = await head_of(doors.stack, canton)
    await away(doors.stack, "postgres", "ledger")
    doors.stack.start_program("ledger")
    answer = await insisting(doors, door, canton)
    assert answer.body["position"] == before + 1
    ready = await doors.get("ledger", "/health/ready")
    assert ready.status == 503
    assert "PostgreSQL" in ready.body["books"][canton]["concern"]["wrong"]


async def insisting(doors: Doors, door: Door, canton: str) -> Answer:
    """Send one command to the ledger again and again until it is accepted; each refusal on the way must be clear."""
    command, data = good_order("ledger", next(NUMBERS))
    commandid = str(uuid.uuid4())
    until = time.monotonic() + 30
    while True:
        try:
            answer = await doors.send(door, command, canton, data, actor=CLERK, commandid=commandid)
        except (UnavailableError, httpx.TransportError):
            pass
        else:
            if answer.accepted:
                return answer
            demand_explained(answer, Problem.UNAVAILABLE)
        assert time.monotonic() < until, "it was not accepted in time"
        await asyncio.sleep(0.2)


# -- NATS -----------------------------------------------------------------------------------------------------------


async def test_without_nats_commands_fail_clearly_in_time_and_are_written_once_when_it_is_back(
    doors: Doors, canton: str
) -> None:
    before = await head_of(doors.stack, canton)
    sent = [(*good_order(service, next(NUMBERS)), str(uuid.uuid4())) for service in SERVICES]
    await away(doors.stack, "nats")
    began = time.monotonic()
    asked = (
        doors.send("http", command, canton, data, actor=CLERK, commandid=commandid) for command, data, commandid in sent
    )
    for answer, (_, _, commandid) in zip(await asyncio.gather(*asked), sent, strict=True):
        assert answer.code in (Problem.UNAVAILABLE, Problem.OUTCOME_UNKNOWN)
        demand_explained(answer, Problem(answer.code))
        assert answer.body["commandid"] == commandid
    assert time.monotonic() - began < ANSWER_WITHIN_S
    assert await live(doors) == [200, 200, 503, 503]
    assert (await doors.get("ledger", f"/v1/{canton}/balances")).status == 200, "questions need no NATS"
    await back(doors.stack, "nats")
    for number, (command, data, commandid) in enumerate(sent, start=1):
        answer = await doors.send("http", command, canton, data, actor=CLERK, commandid=commandid)
        assert answer.body.get("position") == before + number, answer.body


async def test_services_that_start_without_nats_wait_for_it(doors: Doors, canton: str) -> None:
    before = await head_of(doors.stack, canton)
    await away(doors.stack, *SERVICES, "nats")
    for service in SERVICES:
        doors.stack.start_program(service)
    await eventually(lambda: lives(doors))
    assert await live(doors) == [200, 200, 503, 503]
    for answer in await each(doors, "http", canton):
        demand_explained(answer, Problem.UNAVAILABLE)
    await back(doors.stack, "nats", *SERVICES)
    positions = [answer.body.get("position") for answer in await each(doors, "nats", canton)]
    assert positions == [before + 1, before + 2]


async def lives(doors: Doors) -> bool:
    """Tell whether both services answer over HTTP."""
    try:
        return (await live(doors))[:2] == [200, 200]
    except httpx.TransportError:
        return False


# -- services -------------------------------------------------------------------------------------------------------


async def test_when_a_service_is_away_its_askers_hear_of_it_at_once_and_the_other_goes_on(
    doors: Doors, canton: str
) -> None:
    await away(doors.stack, "agreements")
    command, data = good_order("agreements", next(NUMBERS))
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="nobody answers"):
        await doors.send("nats", command, canton, data, actor=CLERK)
    assert time.monotonic() - began < 1
    async with Client(connection.read(doors.stack.places.root), patience_s=0) as client:
        with pytest.raises(UnavailableError, match="agreements does not answer"):
            await client.send(command, canton, data, actor=CLERK)
    command, data = good_order("ledger", next(NUMBERS))
    assert (await doors.send("nats", command, canton, data, actor=CLERK)).accepted
