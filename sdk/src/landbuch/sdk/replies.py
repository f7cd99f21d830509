"""What is sent to a service as a command, and what it answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from landbuch.contracts.catalogue import COMMANDS, CONFIRM
from landbuch.contracts.envelope import event_type
from landbuch.contracts.vocabulary import NO_PHASE, SERVICES
from landbuch.sdk.errors import FailedError

PROPOSED = event_type("ActProposed")


class QueryError(FailedError):
    """The ledger answered that a query cannot be answered; ``status`` is HTTP's, ``code`` the problem's."""

    def __init__(self, status: int, code: str, detail: str, remedy: str | None) -> None:
        """Join detail and remedy to one message."""
        super().__init__(f"{detail} {remedy}" if remedy else detail)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Instruction:
    """One command of a batch."""

    command: str
    data: Mapping[str, Any]
    phase: str = NO_PHASE
    commandid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command was answered. ``body`` is the whole answer as the service gave it.

    ``outcome``: ``accepted``, ``refused`` by a rule, or ``failed`` for a reason outside the rules; the last two have
    a ``code``, a ``detail`` with the arithmetic and a ``remedy``.
    """

    outcome: str
    commandid: str
    body: Mapping[str, Any]
    position: int | None = None
    events: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False
    code: str | None = None
    detail: str | None = None
    remedy: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the events are in the book (in a dry run: would be)."""
        return self.outcome == "accepted"

    @property
    def proposal(self) -> int | None:
        """The position of the proposal, when an act of two persons waits for the second."""
        names = [str(event.get("type", "")) for event in self.events]
        return self.position if self.accepted and names == [PROPOSED] else None


def reply_of(body: Mapping[str, Any], commandid: str, *, status: int = 200) -> Reply:
    """Read an answer: the body of a NATS reply, of a 201 or 200, or a problem (RFC 9457) with its HTTP status."""
    outcome = body.get("outcome") or ("refused" if status == httpx.codes.CONFLICT else "failed")
    code = body.get("code") or str(body.get("type", "")).rpartition(":")[2] or None
    return Reply(
        outcome=str(outcome),
        commandid=str(body.get("commandid") or commandid),
        body=body,
        position=body.get("position"),
        events=tuple(body.get("events", ())),
        warnings=tuple(body.get("warnings", ())),
        dry_run=bool(body.get("dry_run", False)),
        code=None if outcome == "accepted" else code,
        detail=body.get("detail"),
        remedy=body.get("remedy"),
    )


def owners_of(command: str) -> tuple[str, ...]:
    """Name the services that may own a command: one, or for the second half of an act each that could have proposed it.

    Raises ``ValueError`` for a command that is not in the catalogue.
    """
    if command in COMMANDS:
        service = COMMANDS[command].service
        return (service,) if service is not None else SERVICES
    if command == CONFIRM:
        return SERVICES
    message = f"there is no command {command}; `landbuch do --list` lists them"
    raise ValueError(message)
