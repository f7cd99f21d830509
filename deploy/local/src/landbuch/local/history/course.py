"""The course of a story: its steps one after the other, each with the second person's half where two are needed."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from landbuch.contracts.catalogue import COMMANDS, CONFIRM
from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import NO_PHASE, Service

ADMINISTRATORS = ("p-a7f1", "p-a8e2")
PEOPLE = {
    "clerk": "p-b3c9",
    "finance": "p-f5d0",
    "agreement_manager": "p-c4d1",
    "drafter": "p-d2e7",
    "approver": "p-e1b4",
    "second_approver": "p-e6c8",
    "treasurer": "p-19a5",
    "second_treasurer": "p-2b70",
    "auditor": "p-5d3e",
}
"""Pseudonymous keys of the people in the story; the drafter is an agreement manager too."""

_SECOND = {
    ADMINISTRATORS[0]: ADMINISTRATORS[1],
    PEOPLE["agreement_manager"]: PEOPLE["drafter"],
    PEOPLE["approver"]: PEOPLE["second_approver"],
    PEOPLE["treasurer"]: PEOPLE["second_treasurer"],
    PEOPLE["finance"]: PEOPLE["treasurer"],
}
"""Who confirms what somebody has proposed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a command's last event stands: its position and its id."""

    position: int
    event: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the story, who gives it, and what is expected of it.

    ``alone`` says why one person tries to be both, which is refused. ``name`` lets a later step reverse this one.
    """

    command: str
    canton: str
    phase: str
    data: dict[str, Any]
    actor: str
    commandid: str
    illustration: bool = False
    refused: str | None = None
    why: str | None = None
    alone: str | None = None
    name: str | None = None
    reverses: str | None = None
    half_of: Step | None = None

    @property
    def two_persons(self) -> bool:
        """Whether a second person confirms it."""
        return self.half_of is None and COMMANDS[self.command].two_persons

    @property
    def service(self) -> Service:
        """Who decides it: the owner of the command, for a second half that of the first."""
        return COMMANDS[(self.half_of or self).command].service or "ledger"

    @property
    def about(self) -> str:
        """The command and the object that it concerns, to tell somebody."""
        if self.half_of is not None:
            return f"{self.command} of {self.half_of.about}"
        thing = next((str(self.data[name]) for name in ("disbursement", "agreement") if name in self.data), "")
        return f"{self.command} {thing}".rstrip()

    def confirmation(self, position: int) -> Step:
        """The second person's half: confirm the proposal at a position."""
        return self._half(position, _SECOND[self.actor], CONFIRM)

    def alone_again(self, position: int) -> Step:
        """The second half in the hand of the first person, which is refused."""
        half = self._half(position, self.actor, f"{CONFIRM} alone")
        return replace(half, refused=str(Code.SECOND_PERSON_REQUIRED), why=self.alone)

    def _half(self, position: int, actor: str, place: str) -> Step:
        commandid = str(uuid.uuid5(uuid.UUID(self.commandid), place))
        return Step(CONFIRM, self.canton, NO_PHASE, {"proposal": position}, actor, commandid, half_of=self)


def course(told: Iterable[Step]) -> Generator[Step, Placed, None]:
    """Yield each command to send; send back where it was placed (for a refused one anything)."""
    named: dict[str, Placed] = {}
    for step in told:
        reversed_ = named[step.reverses] if step.reverses else None
        more = {"position": reversed_.position, "event": reversed_.event} if reversed_ else {}
        placed = yield replace(step, data=step.data | more)
        if step.two_persons and step.refused is None:
            proposal = placed.position
            if step.alone:
                yield step.alone_again(proposal)
            placed = yield step.confirmation(proposal)
        if step.name:
            named[step.name] = placed
