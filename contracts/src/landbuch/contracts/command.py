"""A command on its way: who orders what, in which canton and phase, under which id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from landbuch.contracts.canonical import NotCanonicalError, nfc
from landbuch.contracts.catalogue import ORDERS
from landbuch.contracts.envelope import command_hash
from landbuch.contracts.vocabulary import Canton, Frozen, Order, Person, PhaseOrNone, Uuid

O_co = TypeVar("O_co", bound=Order, covariant=True)


class MalformedError(ValueError):
    """The command cannot be read; the message says where and what would be right."""


@dataclass(frozen=True, slots=True)
class Command(Generic[O_co]):
    """A command whose data was read; ``hash`` stands for exactly this content."""

    name: str
    canton: str
    phase: str
    commandid: str
    actor: str
    data: O_co
    hash: str
    correlationid: str | None = None


class _Head(Frozen):
    """What stands around the data."""

    canton: Canton
    phase: PhaseOrNone
    commandid: Uuid
    actor: Person
    correlationid: Uuid | None


def read_command(  # the parts of a command, each named
    *,
    name: str,
    canton: str,
    phase: str,
    commandid: str,
    actor: str,
    data: object,
    correlationid: str | None = None,
) -> Command[Order]:
    """Read a command's data into its model; raises ``MalformedError`` naming every field that is wrong."""
    try:
        model = ORDERS[name]
    except KeyError:
        message = f"there is no command {name}; landbuch do --help lists them"
        raise MalformedError(message) from None
    try:
        _Head(canton=canton, phase=phase, commandid=commandid, actor=actor, correlationid=correlationid)
        order = model.model_validate(nfc(data))
    except ValidationError as error:
        raise MalformedError(explain(error)) from error
    except NotCanonicalError as error:
        raise MalformedError(str(error)) from error
    content = order.model_dump(exclude_none=True, exclude_unset=True)
    hashed = command_hash(actor=actor, canton=canton, phase=phase, command_type=name, data=content)
    return Command(name, canton, phase, commandid, actor, order, hashed, correlationid)


def explain(error: ValidationError) -> str:
    """Say in plain words which fields are wrong and why."""
    parts = []
    problems = error.errors(include_url=False, include_context=False)
    places = [problem["loc"] for problem in problems]
    for problem in problems:
        if any(len(place) > len(problem["loc"]) and place[: len(problem["loc"])] == problem["loc"] for place in places):
            continue  # a list is called too short only because the item within it is wrong
        where = ".".join(str(part) for part in problem["loc"]) or "data"
        given = repr(problem["input"])
        shown = given if len(given) <= 60 else f"{given[:57]}..."  # noqa: PLR2004  # keeps the line readable
        parts.append(f"{where}: {problem['msg']}" + ("" if problem["type"] == "missing" else f" (given: {shown})"))
    return "; ".join(parts)
