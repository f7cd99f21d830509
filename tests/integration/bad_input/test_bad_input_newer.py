"""A book in which a newer version has written: nobody writes on who does not understand it, and nothing is lost."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from landbuch.contracts.entry import leaf_of
from landbuch.local.history.course import PEOPLE
from landbuch.local.history.story import steps
from landbuch.sdk import connection
from landbuch.sdk.book.api import Mark
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.client import Client
from landbuch.sdk.host.problems import Problem
from tests.doors import Answer, Door, Doors, entries_of, head_of, history_told
from tests.hosts import connected
from tests.integration.bad_input.explained import demand_explained
from tests.told_books import unknown_event

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEWER = "AG"
LINES = [("credit:available:FK:canton", 700), ("credit:available:SP:canton", -700)]
CLERK = PEOPLE["clerk"]
COMMANDS: dict[str, dict[str, Any]] = {
    "RecordInformation": {"about": "programme", "topic": "test", "statement": "After the newer one."},
    "RegisterPartner": {"partner": "BAD-1", "kind": "ngo", "name": "Verein"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def newer(doors: Doors) -> str:
    """Give the canton in whose book an event of an unknown type stands, written with the ledger's credentials."""
    await history_told(doors, NEWER)
    entries = await entries_of(doors.stack, NEWER)
    mark = Mark(len(entries), leaf_of(entries[-1]).hex())
    ledger = await connected(doors.stack, "ledger")
    try:
        await (await find_book(ledger, NEWER)).append([unknown_event(mark, LINES, NEWER)], mark.position)
    finally:
        await ledger.close()
    return NEWER


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("dry_run", [False, True])
async def test_writers_answer_that_an_upgrade_is_needed(
    doors: Doors, newer: str, door: Door, command: str, *, dry_run: bool
) -> None:
    before = await head_of(doors.stack, newer)
    answer = await doors.send(door, command, newer, COMMANDS[command], actor=CLERK, dry_run=dry_run)
    demand_explained(answer, Problem.UPGRADE_NEEDED)
    assert "SomethingNewer" in answer.body["detail"]
    assert await head_of(doors.stack, newer) == before


@pytest.mark.usefixtures("unharmed")
async def test_every_command_of_a_batch_is_answered_so(doors: Doors, newer: str) -> None:
    item = {"type": "RecordInformation", "data": COMMANDS["RecordInformation"]}
    commands = [item | {"commandid": str(uuid.uuid4())} for _ in range(3)]
    answer = await doors.batch("ledger", newer, commands, token=doors.token(CLERK))
    for outcome in answer.body["outcomes"]:
        demand_explained(Answer(outcome), Problem.UPGRADE_NEEDED)


@pytest.mark.usefixtures("unharmed")
async def test_a_command_that_stands_in_the_book_still_gets_its_first_answer(
    doors: Doors, newer: str, door: Door
) -> None:
    answer = await doors.tell(replace(steps("BL")[0], canton=newer), door)
    assert (answer.accepted, answer.body["events"][0]["position"]) == (True, 1)


async def test_its_lines_are_booked_and_readiness_names_it(doors: Doors, newer: str) -> None:
    head = await head_of(doors.stack, newer)
    async with Client(connection.read(doors.stack.places.root)) as client:
        await client.wait_for(newer, head)
        before = await client.trial_balance(newer, at=head - 1)
        after = await client.trial_balance(newer)
    rows = {(phase, account): amount for phase, account, amount in before["rows"]}
    for account, amount in LINES:
        rows[("KIP3", account)] = rows.get(("KIP3", account), 0) + amount
    assert {(phase, account): amount for phase, account, amount in after["rows"]} == rows
    ready = await doors.get("agreements", "/health/ready")
    assert ready.status == Problem.UPGRADE_NEEDED.status
    assert ready.body["books"][newer]["wrong"] == "upgrade_needed"
