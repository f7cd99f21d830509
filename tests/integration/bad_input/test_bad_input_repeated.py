"""A command id that was used before: with the same content it is the same command, with any other it is refused."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from landbuch.contracts.refusals import Code
from landbuch.local.history.course import PEOPLE
from tests.doors import Answer, Door, Doors, head_of
from tests.integration.bad_input.explained import demand_explained, demand_works

pytestmark = pytest.mark.asyncio(loop_scope="session")

INFORMATION: dict[str, Any] = {"about": "programme", "topic": "test", "statement": "Once."}
CLERK = PEOPLE["clerk"]


async def once(doors: Doors, canton: str) -> tuple[str, Answer]:
    """Send a good command; gives its id and the answer."""
    commandid = str(uuid.uuid4())
    first = await doors.send("http", "RecordInformation", canton, INFORMATION, actor=CLERK, commandid=commandid)
    assert first.accepted, first.body
    return commandid, first


OTHERS: dict[str, dict[str, Any]] = {
    "another body": {"data": INFORMATION | {"statement": "Twice."}},
    "one more field": {"data": INFORMATION | {"occurred_on": "2025"}},
    "another phase": {"phase": "KIP3"},
    "another person": {"actor": PEOPLE["finance"]},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_a_used_command_id_with_other_content_is_refused(
    doors: Doors, canton: str, door: Door, other: dict[str, Any]
) -> None:
    commandid, first = await once(doors, canton)
    content = {"data": INFORMATION, "actor": CLERK} | other
    answer = await doors.send(door, "RecordInformation", canton, commandid=commandid, **content)
    demand_explained(answer, Code.COMMAND_ID_REUSED)
    assert answer.body["commandid"] == commandid
    assert await head_of(doors.stack, canton) == first.body["position"]
    await demand_works(doors, canton, first.body["position"])


async def test_a_command_id_of_the_ledger_is_not_free_at_the_other_service(
    doors: Doors, canton: str, door: Door
) -> None:
    commandid, first = await once(doors, canton)
    partner = {"partner": "BAD-1", "kind": "ngo", "name": "Verein"}
    answer = await doors.send(door, "RegisterPartner", canton, partner, actor=CLERK, commandid=commandid)
    demand_explained(answer, Code.COMMAND_ID_REUSED)
    await demand_works(doors, canton, first.body["position"])


async def test_the_same_command_through_the_other_door_gets_its_first_answer(
    doors: Doors, canton: str, door: Door
) -> None:
    commandid, first = await once(doors, canton)
    again = await doors.send(door, "RecordInformation", canton, INFORMATION, actor=CLERK, commandid=commandid)
    assert again.body == first.body
    assert await head_of(doors.stack, canton) == first.body["position"]


async def test_in_a_batch_only_the_first_use_of_a_command_id_is_accepted(doors: Doors, canton: str) -> None:
    before = await head_of(doors.stack, canton)
    commandid = str(uuid.uuid4())
    contents = [INFORMATION, INFORMATION | {"statement": "Twice."}, INFORMATION]
    commands = [{"type": "RecordInformation", "commandid": commandid, "data": data} for data in contents]
    answer = await doors.batch("ledger", canton, commands, token=doors.token(CLERK))
    first, other, same = (Answer(body) for body in answer.body["outcomes"])
    assert first.body["position"] == before + 1
    demand_explained(other, Code.COMMAND_ID_REUSED)
    assert same.body == first.body
    await demand_works(doors, canton, before + 1)
