"""Commands that cannot be read, or that name what is not there: each is answered clearly and writes nothing."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from landbuch.contracts.refusals import Code
from landbuch.local.history.course import PEOPLE
from landbuch.sdk.host.problems import Problem
from tests.doors import Door, Doors
from tests.integration.bad_input.explained import demand_explained

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("unharmed")]

SHIFT: dict[str, Any] = {
    "source": "canton",
    "from_area": "SP",
    "to_area": "FK",
    "amount": 100,
    "decided_by": "Regierungsrat",
}
DRAFT: dict[str, Any] = {
    "agreement": "BAD-1",
    "partner": "ALD-BL",
    "form": "contract",
    "start": "2025-01-01",
    "end": "2025-12-31",
    "ceiling": 100,
    "items": [{"area": "SP", "source": "canton", "year": 2025, "amount": 100}],
}
ACTORS = {"ShiftAllocation": PEOPLE["finance"], "DraftAgreement": PEOPLE["drafter"]}
GOOD = {"ShiftAllocation": SHIFT, "DraftAgreement": DRAFT}


def message(doors: Doors, door: Door, command: str, body: dict[str, Any]) -> bytes:
    """Write a body as it goes through a door."""
    if door == "nats":
        body = {"commandid": str(uuid.uuid4()), "token": doors.token(ACTORS[command])} | body
    return json.dumps(body).encode()


# -- bytes that are no command --------------------------------------------------------------------------------------

NO_COMMANDS = {
    "nothing": b"",
    "half an object": b'{"phase": "KIP3", "data": {',
    "plain words": b"pay the partner",
    "no UTF-8": b'{"data": {"about": "\xff\xfe"}}',
    "a list": b"[]",
    "a text": b'"command"',
    "null": b"null",
    "a number": b"17",
    "something behind the object": b'{"data": {}} {}',
    "a key that stands there twice": b'{"data": {}, "data": {}}',
    "NaN": b'{"data": {"amount": NaN}}',
    "half a pair of characters": b'{"data": {"about": "\\ud800"}}',
    "the character zero": b'{"data": {"about": "\\u0000"}}',
    "a well": b'{"data": {"about": ' + b"[" * 300 + b"]" * 300 + b"}}",
    "an abyss": b'{"data": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
}


@pytest.mark.parametrize("payload", NO_COMMANDS.values(), ids=NO_COMMANDS)
@pytest.mark.parametrize("command", GOOD)
async def test_bytes_that_are_no_command_are_malformed(
    doors: Doors, canton: str, door: Door, command: str, payload: bytes
) -> None:
    token = doors.token(ACTORS[command])
    demand_explained(await doors.raw(door, command, canton, payload, token=token), Problem.MALFORMED)


async def test_a_well_inside_a_batch_is_malformed(doors: Doors, canton: str) -> None:
    item: dict[str, Any] = {"type": "ShiftAllocation", "commandid": str(uuid.uuid4()), "phase": "KIP3", "data": SHIFT}
    for _ in range(300):
        item["data"] = {"deeper": item["data"]}
    token = doors.token(PEOPLE["finance"])
    demand_explained(await doors.batch("ledger", canton, [item], token=token), Problem.MALFORMED)


@pytest.mark.parametrize("payload", NO_COMMANDS.values(), ids=NO_COMMANDS)
async def test_bytes_that_are_no_batch_are_malformed(doors: Doors, canton: str, payload: bytes) -> None:
    for service in ("ledger", "agreements"):
        demand_explained(await doors.ask(f"command.{service}.{canton}._batch", payload), Problem.MALFORMED)


# -- fields ---------------------------------------------------------------------------------------------------------

WRONG_BODIES: dict[str, dict[str, Any]] = {
    "an unknown field beside the data": {"phase": "KIP3", "data": SHIFT, "urgent": True},
    "an unknown field in the data": {"phase": "KIP3", "data": SHIFT | {"colour": "red"}},
    "no data": {"phase": "KIP3"},
    "data that is a list": {"phase": "KIP3", "data": [SHIFT]},
    "an unset field as null": {"phase": "KIP3", "data": SHIFT | {"reference": None}},
    "a phase that is no code": {"phase": "KIP 3", "data": SHIFT},
    "a phase that is a number": {"phase": 3, "data": SHIFT},
    "a dry run that is a text": {"phase": "KIP3", "data": SHIFT, "dry_run": "yes"},
    "a position below 0": {"phase": "KIP3", "data": SHIFT, "after_position": -1},
    "a correlation that is no UUID": {"phase": "KIP3", "data": SHIFT, "correlationid": "mine"},
    "a source that does not exist": {"phase": "KIP3", "data": SHIFT | {"source": "lottery"}},
    "an area that is no code": {"phase": "KIP3", "data": SHIFT | {"from_area": "Sprache"}},
    "a text with a line feed": {"phase": "KIP3", "data": SHIFT | {"decided_by": "a\nb"}},
    "an empty text": {"phase": "KIP3", "data": SHIFT | {"decided_by": ""}},
    "one area as both": {"phase": "KIP3", "data": SHIFT | {"to_area": "SP"}},
}


@pytest.mark.parametrize("body", WRONG_BODIES.values(), ids=WRONG_BODIES)
async def test_a_body_with_wrong_fields_is_malformed(
    doors: Doors, canton: str, door: Door, body: dict[str, Any]
) -> None:
    payload = message(doors, door, "ShiftAllocation", body)
    token = doors.token(PEOPLE["finance"])
    demand_explained(await doors.raw(door, "ShiftAllocation", canton, payload, token=token), Problem.MALFORMED)


async def test_an_unknown_field_deep_inside_is_named(doors: Doors, canton: str, door: Door) -> None:
    data = DRAFT | {"items": [DRAFT["items"][0] | {"quarter": 1}]}
    answer = await doors.send(door, "DraftAgreement", canton, data, actor=PEOPLE["drafter"], phase="KIP3")
    demand_explained(answer, Problem.MALFORMED)
    assert "items.0.quarter" in answer.body["detail"]


async def test_every_wrong_field_is_named_at_once(doors: Doors, canton: str, door: Door) -> None:
    data = SHIFT | {"amount": -1, "source": "lottery", "colour": "red"}
    answer = await doors.send(door, "ShiftAllocation", canton, data, actor=PEOPLE["finance"], phase="KIP3")
    demand_explained(answer, Problem.MALFORMED)
    assert {name for name in ("amount", "source", "colour") if f"{name}:" in answer.body["detail"]} == {
        "amount",
        "source",
        "colour",
    }


@pytest.mark.parametrize("commandid", ["", "1", "N0-UUID", str(uuid.uuid4()).upper()])
async def test_a_command_id_that_is_no_lower_case_uuid_is_malformed(
    doors: Doors, canton: str, door: Door, commandid: str
) -> None:
    answer = await doors.send(
        door, "ShiftAllocation", canton, SHIFT, actor=PEOPLE["finance"], phase="KIP3", commandid=commandid
    )
    demand_explained(answer, Problem.MALFORMED)


# -- amounts --------------------------------------------------------------------------------------------------------

NO_AMOUNTS = [
    "1.5", "100.0", "1e2", "1E400", '"100"', '"1\'234.50"', "true", "null", "[100]", "{}", "-1", "-100.5", "0", "-0",
    str(2**53), "9" * 40,
]  # fmt: skip


@pytest.mark.parametrize("literal", NO_AMOUNTS)
@pytest.mark.parametrize("command", GOOD)
async def test_what_is_no_positive_whole_number_of_rappen_is_no_amount(
    doors: Doors, canton: str, door: Door, command: str, literal: str
) -> None:
    data = GOOD[command]
    field = "amount" if command == "ShiftAllocation" else "ceiling"
    body = {"phase": "KIP3", "data": data | {field: "AMOUNT"}}
    payload = message(doors, door, command, body).replace(b'"AMOUNT"', literal.encode())
    answer = await doors.raw(door, command, canton, payload, token=doors.token(ACTORS[command]))
    demand_explained(answer, Problem.MALFORMED)
    assert field in answer.body["detail"]


# -- what is not there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "code"),
    [("XX", Problem.UNKNOWN_CANTON), ("bl", Problem.UNKNOWN_CANTON), ("ZH", Problem.BOOK_MISSING)],
)
@pytest.mark.parametrize("command", GOOD)
async def test_a_canton_that_is_none_or_has_no_book_is_said_so(
    doors: Doors, door: Door, command: str, where: str, code: Problem
) -> None:
    answer = await doors.send(door, command, where, GOOD[command], actor=ACTORS[command], phase="KIP3")
    demand_explained(answer, code)


@pytest.mark.parametrize(
    ("name", "service", "code"),
    [
        ("PayEverybody", "ledger", Problem.UNKNOWN_COMMAND),
        ("shiftallocation", "agreements", Problem.UNKNOWN_COMMAND),
        ("SignAgreement", "ledger", Problem.WRONG_SERVICE),
        ("ShiftAllocation", "agreements", Problem.WRONG_SERVICE),
    ],
)
async def test_a_command_that_nobody_or_somebody_else_answers_is_said_so(
    doors: Doors, canton: str, door: Door, name: str, service: str, code: Problem
) -> None:
    answer = await doors.send(door, name, canton, SHIFT, actor=PEOPLE["finance"], phase="KIP3", service=service)
    demand_explained(answer, code)


NOT_THERE: dict[str, tuple[str, str, dict[str, Any], Code]] = {
    "a phase that is not open": ("ShiftAllocation", "KIP9", SHIFT, Code.PHASE_UNKNOWN),
    "no phase where one is needed": ("ShiftAllocation", "_", SHIFT, Code.PHASE_REQUIRED),
    "an area of another area set": ("ShiftAllocation", "KIP3", SHIFT | {"to_area": "SB"}, Code.AREA_UNKNOWN),
    "an area that nobody knows": ("ShiftAllocation", "KIP3", SHIFT | {"from_area": "QQ"}, Code.AREA_UNKNOWN),
    "a partner that nobody knows": ("DraftAgreement", "KIP3", DRAFT | {"partner": "NOBODY"}, Code.PARTNER_UNKNOWN),
    "an unknown area at the other service": (
        "DraftAgreement",
        "KIP3",
        DRAFT | {"items": [DRAFT["items"][0] | {"area": "QQ"}]},
        Code.AREA_UNKNOWN,
    ),
}


@pytest.mark.parametrize(("command", "phase", "data", "code"), NOT_THERE.values(), ids=NOT_THERE)
async def test_what_the_book_does_not_know_is_refused(
    doors: Doors, canton: str, door: Door, command: str, phase: str, data: dict[str, Any], code: Code
) -> None:
    answer = await doors.send(door, command, canton, data, actor=ACTORS[command], phase=phase)
    demand_explained(answer, code)
