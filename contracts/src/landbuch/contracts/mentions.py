"""Which objects an event carries: what a reversal asks for, since what later events depend on cannot be reversed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from landbuch.contracts.acts.programme import ActProposed, ActRejected, ProgrammeOpened, RoleGranted, RoleRevoked
from landbuch.contracts.vocabulary import Record

Token = tuple[str, Any]
"""An object by kind and id, or a row of the state by table and key."""

_KINDS: dict[str, str] = dict.fromkeys(
    (
        "credit", "supplement_to", "pledge", "partner", "agreement", "report", "milestone", "milestones", "evaluation",
        "finding", "disbursement", "recovery", "discrepancy", "target",
    ),
    "object",
) | {"bank_reference": "bank", "end_to_end_id": "end_to_end", "version": "rules", "rules": "rules"}  # fmt: skip
"""The fields that hold ids, and what kind of id; no two objects of a book have the same."""

NEVER_REVERSED = frozenset(
    {ActProposed.__name__, ActRejected.__name__, RoleGranted.__name__, RoleRevoked.__name__, "EntryReversed"}
)
"""Events that other acts undo: a proposal is rejected, a role revoked or granted, a reversal recorded anew."""


def mentions(record: Record, phase: str) -> Iterator[Token]:
    """Name everything that an event carries the id of, the programme among it."""
    yield "phase", phase
    yield from _ids(record)


def own(record: Record, phase: str) -> Token | None:
    """Name the object that an event is about: the first id among its fields; of an opening the programme."""
    if isinstance(record, ProgrammeOpened):
        return "phase", phase
    return next(_ids(record), None)


def _ids(model: BaseModel) -> Iterator[Token]:
    named, nested = _plan(type(model))
    for field in named:
        value = getattr(model, field)
        for name in value if isinstance(value, tuple) else (value,):
            if name is not None:
                yield _KINDS[field], name
    for field in nested:
        for part in getattr(model, field) or ():
            yield from _ids(part)


@cache
def _plan(model: type[BaseModel]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a model that hold ids, and those whose parts do."""
    fields = model.model_fields
    named = tuple(name for name in fields if name in _KINDS)
    nested = tuple(
        name for name, field in fields.items() if any(any(_plan(part)) for part in _models(field.annotation))
    )
    return named, nested


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
