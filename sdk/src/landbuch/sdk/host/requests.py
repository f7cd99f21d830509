"""A command as it comes over the wire, single or in a batch, read strictly before anything else happens."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from landbuch.contracts.catalogue import COMMANDS, CONFIRM, ORDERS, commands_of
from landbuch.contracts.command import Command, MalformedError, explain, read_command
from landbuch.contracts.vocabulary import CANTONS, NO_PHASE, Frozen, Order, PhaseOrNone, Service, Uuid
from landbuch.sdk.host.problems import LARGEST_COMMAND_BYTES, Failure, Problem
from landbuch.sdk.host.strict_json import NotStrictError, parse_object
from landbuch.sdk.worker.terms import Ask

BATCH = "_batch"
"""Stands where the command's name stands when many come in one message."""
LARGEST_BATCH = 1000
"""Commands in one message."""
LARGEST_BATCH_BYTES = 8 * 1024 * 1024

_UUID: TypeAdapter[str] = TypeAdapter(Uuid)
_UUID_LENGTH = 36

Position = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Body(Frozen):
    """What every command carries beside its name, whichever way it comes."""

    phase: Annotated[PhaseOrNone, Field(description="programme phase such as KIP3; left out or _ when none")] = NO_PHASE
    data: Annotated[dict[str, Any], Field(description="what the command says; its fields follow from its name")]
    after_position: Annotated[
        Position | None, Field(description="decide only when the book has reached this position")
    ] = None
    dry_run: Annotated[bool, Field(description="decide and say what would be written, but write nothing")] = False
    correlationid: Annotated[Uuid | None, Field(description="stands in the events, to follow a thread")] = None


class Message(Body):
    """A single command over NATS."""

    commandid: Uuid
    token: str


class Item(Body):
    """One command of a batch."""

    type: str
    commandid: Uuid


class Batch(Frozen):
    """Up to 1000 commands of one person, in order."""

    token: str
    commands: Annotated[list[Any], Field(min_length=1, max_length=LARGEST_BATCH)]


def demand_canton(canton: str) -> None:
    """Raise ``Failure`` for what is no canton."""
    if canton not in CANTONS:
        raise Failure(Problem.UNKNOWN_CANTON, f"{canton[:40]!r} is not the code of a Swiss canton.")


def demand_command(service: Service, canton: str, name: str) -> None:
    """Raise ``Failure`` for a command that does not exist, or that another service answers."""
    if name not in ORDERS:
        raise Failure(Problem.UNKNOWN_COMMAND, f"There is no command {name[:80]!r}.")
    if name not in _own(service):
        owner = COMMANDS[name].service if name != CONFIRM else service
        raise Failure(
            Problem.WRONG_SERVICE,
            f"{name} is answered by {owner}, not by {service}: command.{owner}.{canton}.{name}, or its HTTP port.",
        )


@cache
def _own(service: Service) -> frozenset[str]:
    return frozenset(commands_of(service))


def demand_size(size: int, largest: int = LARGEST_COMMAND_BYTES) -> None:
    """Raise ``Failure`` for a body that is too large."""
    if size > largest:
        raise Failure(
            Problem.TOO_LARGE, f"The body has {size} bytes, {size - largest} more than the {largest} allowed."
        )


def read_message(payload: bytes) -> Message:
    """Read a single command; raises ``Failure``."""
    demand_size(len(payload))
    try:
        return Message.model_validate(_parsed(payload))
    except ValidationError as error:
        raise Failure(Problem.MALFORMED, _without_token(error)) from None


def read_body(payload: bytes) -> Body:
    """Read the body of a command over HTTP; raises ``Failure``."""
    demand_size(len(payload))
    try:
        return Body.model_validate(_parsed(payload))
    except ValidationError as error:
        raise Failure(Problem.MALFORMED, explain(error)) from None


def read_batch(payload: bytes) -> Batch:
    """Read a batch, not yet its commands; raises ``Failure``."""
    demand_size(len(payload), LARGEST_BATCH_BYTES)
    try:
        return Batch.model_validate(_parsed(payload))
    except ValidationError as error:
        raise Failure(Problem.MALFORMED, _without_token(error)) from None


def read_item(service: Service, canton: str, actor: str, item: object) -> Ask:
    """Read one command of a batch; raises ``Failure``."""
    demand_size(len(orjson.dumps(item)))
    try:
        read = Item.model_validate(item)
    except ValidationError as error:
        raise Failure(Problem.MALFORMED, explain(error)) from None
    demand_command(service, canton, read.type)
    return ask_of(read.type, canton, read.commandid, actor, read)


def ask_of(name: str, canton: str, commandid: str, actor: str, body: Body) -> Ask:
    """Read the data of a command into its model; raises ``Failure`` naming every field that is wrong."""
    try:
        command: Command[Order] = read_command(
            name=name,
            canton=canton,
            phase=body.phase,
            commandid=commandid,
            actor=actor,
            data=body.data,
            correlationid=body.correlationid,
        )
    except MalformedError as error:
        raise Failure(Problem.MALFORMED, str(error)) from None
    return Ask(command, body.dry_run, body.after_position or 0)


def demand_commandid(text: str | None) -> str:
    """Give the command id of the header that holds it over HTTP; raises ``Failure``."""
    if text is None:
        raise Failure(
            Problem.MALFORMED, "Idempotency-Key: missing; this header holds the command id, a lower-case UUID."
        )
    try:
        return _UUID.validate_python(text)
    except ValidationError:
        raise Failure(
            Problem.MALFORMED, f"Idempotency-Key: {text[:60]!r} is no command id; write a lower-case UUID."
        ) from None


def commandid_in(payload: object) -> str | None:
    """Give the command id of a body that may be malformed otherwise, so that the asker recognises the answer."""
    return shown_id(payload.get("commandid")) if isinstance(payload, dict) else None


def shown_id(value: object) -> str | None:
    """Give what may be shown as a command id in an answer: any short text."""
    return value if isinstance(value, str) and len(value) <= _UUID_LENGTH else None


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        return parse_object(payload)
    except NotStrictError as error:
        raise Failure(Problem.MALFORMED, f"{error}.") from None


def _without_token(error: ValidationError) -> str:
    """Explain, but never repeat what may be a token."""
    if any("token" in str(part) for problem in error.errors() for part in problem["loc"]):
        return "token: give the signed token as one text; other fields are read when it is there"
    return explain(error)
