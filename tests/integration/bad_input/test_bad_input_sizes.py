"""Commands that are too large: answered clearly whatever their size, and nothing is written."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from landbuch.contracts.refusals import Code
from landbuch.local.history.course import PEOPLE
from landbuch.sdk import connection
from landbuch.sdk.client import Client
from landbuch.sdk.errors import TooLargeError
from landbuch.sdk.host.problems import LARGEST_COMMAND_BYTES, Problem
from landbuch.sdk.host.requests import LARGEST_BATCH
from landbuch.sdk.replies import Instruction
from tests.doors import Answer, Door, Doors, head_of
from tests.integration.bad_input.explained import demand_explained, demand_works

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLERK = PEOPLE["clerk"]
INFORMATION: dict[str, Any] = {"about": "programme", "topic": "test", "statement": "Small."}
MEBIBYTE = 1024 * 1024


def padded(doors: Doors, door: Door, size: int) -> bytes:
    """Write a good command in exactly so many bytes: spaces mean nothing in JSON."""
    body: dict[str, Any] = {"data": INFORMATION}
    if door == "nats":
        body |= {"commandid": str(uuid.uuid4()), "token": doors.token(CLERK)}
    return json.dumps(body).encode().ljust(size)


async def test_a_command_of_60_000_bytes_is_taken(doors: Doors, canton: str, door: Door) -> None:
    payload = padded(doors, door, LARGEST_COMMAND_BYTES)
    answer = await doors.raw(door, "RecordInformation", canton, payload, token=doors.token(CLERK))
    assert answer.accepted, answer.body


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("size", [LARGEST_COMMAND_BYTES + 1, 2 * LARGEST_COMMAND_BYTES, 7 * MEBIBYTE])
async def test_a_command_of_more_is_too_large(doors: Doors, canton: str, door: Door, size: int) -> None:
    payload = padded(doors, door, size)
    answer = await doors.raw(door, "RecordInformation", canton, payload, token=doors.token(CLERK))
    demand_explained(answer, Problem.TOO_LARGE)
    assert str(size) in answer.body["detail"]


def filled(doors: Doors, door: Door, size: int) -> bytes:
    """Write a command in exactly so many bytes that all say something: none is left for the envelope of its event."""
    evidence = [{"kind": "document", "title": "€" * 200, "publisher": "€" * 200} for _ in range(20)]
    figures = [{"name": "€" * 200, "value": 1, "unit": "CHF", "precision": "exact"} for _ in range(50)]
    data = INFORMATION | {"evidence": evidence, "figures": figures, "conflicts_with": "€" * 500}
    body: dict[str, Any] = {"data": data}
    if door == "nats":
        body |= {"commandid": str(uuid.uuid4()), "token": doors.token(CLERK)}
    data["statement"] += "x" * (size - len(written(body)))
    return written(body)


def written(body: dict[str, Any]) -> bytes:
    """Write a body as shortly as JSON can."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.usefixtures("unharmed")
async def test_a_command_whose_event_would_be_too_large_is_refused(doors: Doors, canton: str, door: Door) -> None:
    payload = filled(doors, door, LARGEST_COMMAND_BYTES)
    assert len(payload) == LARGEST_COMMAND_BYTES
    answer = await doors.raw(door, "RecordInformation", canton, payload, token=doors.token(CLERK))
    demand_explained(answer, Code.EVENT_TOO_LARGE)


@pytest.mark.usefixtures("unharmed")
async def test_a_batch_of_1001_commands_is_malformed(doors: Doors, canton: str) -> None:
    commands = [{"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": INFORMATION}] * (
        LARGEST_BATCH + 1
    )
    demand_explained(await doors.batch("ledger", canton, commands, token=doors.token(CLERK)), Problem.MALFORMED)


@pytest.mark.usefixtures("unharmed")
async def test_a_batch_of_nothing_is_malformed(doors: Doors, canton: str) -> None:
    demand_explained(await doors.batch("ledger", canton, [], token=doors.token(CLERK)), Problem.MALFORMED)


async def test_in_a_batch_only_the_command_that_is_wrong_fails(doors: Doors, canton: str) -> None:
    before = await head_of(doors.stack, canton)

    def item(**changes: object) -> dict[str, Any]:
        return {"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": INFORMATION} | changes

    wrong: list[tuple[object, Problem | Code]] = [
        (item(data=INFORMATION | {"statement": "x" * LARGEST_COMMAND_BYTES}), Problem.TOO_LARGE),
        (item(data=INFORMATION | {"colour": "red"}), Problem.MALFORMED),
        (item(commandid="mine"), Problem.MALFORMED),
        (item(type="PayEverybody"), Problem.UNKNOWN_COMMAND),
        (item(type="SignAgreement"), Problem.WRONG_SERVICE),
        (item(phase="KIP9"), Code.PHASE_UNKNOWN),
        ("a text", Problem.MALFORMED),
    ]
    commands = [item(), *(command for command, _ in wrong), item()]
    answer = await doors.batch("ledger", canton, commands, token=doors.token(CLERK))
    first, *others, last = (Answer(body) for body in answer.body["outcomes"])
    assert (first.body["position"], last.body["position"]) == (before + 1, before + 2)
    for other, (_, code) in zip(others, wrong, strict=True):
        demand_explained(other, code)
    await demand_works(doors, canton, before + 2)


@pytest.mark.usefixtures("unharmed")
async def test_what_is_too_large_for_any_message_is_not_even_sent(doors: Doors, canton: str) -> None:
    large = INFORMATION | {"statement": "x" * 9 * MEBIBYTE}
    async with Client(connection.read(doors.stack.places.root), transport="nats") as client:
        with pytest.raises(TooLargeError, match="Nothing was sent"):
            await client.send("RecordInformation", canton, large, actor=CLERK)
        with pytest.raises(TooLargeError, match="Nothing was sent"):
            await client.send_batch(canton, [Instruction("RecordInformation", large)], actor=CLERK)
