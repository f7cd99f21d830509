"""What a command is answered: accepted with its events, refused by a rule, or failed for a reason outside the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.refusals import Code, Refused
from landbuch.sdk.host.problems import Problem


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stored event: with its leaf hash a client can prove later what it was told. ``data`` only in a dry run."""

    type: str
    id: str
    position: int
    leaf: str
    data: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """Give the JSON object."""
        body: dict[str, Any] = {"type": self.type, "id": self.id, "position": self.position, "leaf": self.leaf}
        return body if self.data is None else {**body, "data": self.data}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command's events are in the book; in a dry run they would be, if nobody else wrote first."""

    commandid: str
    events: tuple[Receipt, ...]
    warnings: tuple[str, ...] = ()
    dry_run: bool = False

    outcome = "accepted"

    @property
    def position(self) -> int:
        """The position of the last event."""
        return self.events[-1].position

    def body(self) -> dict[str, Any]:
        """Give the JSON object."""
        body: dict[str, Any] = {
            "outcome": self.outcome,
            "commandid": self.commandid,
            "position": self.position,
            "events": [receipt.body() for receipt in self.events],
            "warnings": list(self.warnings),
        }
        return {**body, "dry_run": True} if self.dry_run else body


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rule says no; nothing was written, and the command may be sent again."""

    commandid: str
    code: Code
    detail: str

    outcome = "refused"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.code.remedy

    def body(self) -> dict[str, Any]:
        """Give the JSON object."""
        return _explained(self.outcome, self.commandid, str(self.code), self.detail, self.remedy)


@dataclass(frozen=True, slots=True)
class Failed:
    """The command failed outside the rules; ``commandid`` is ``None`` when it could not be read."""

    commandid: str | None
    problem: Problem
    detail: str

    outcome = "failed"

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.problem)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.problem.remedy

    def body(self) -> dict[str, Any]:
        """Give the JSON object."""
        return _explained(self.outcome, self.commandid, self.code, self.detail, self.remedy)


Answer = Accepted | Rejected | Failed

_DETAIL_AT_MOST = 1_000


def _explained(outcome: str, commandid: str | None, code: str, detail: str, remedy: str) -> dict[str, Any]:
    # A thousand answers must fit into one message, whatever the details quote.
    shown = detail if len(detail) <= _DETAIL_AT_MOST else f"{detail[: _DETAIL_AT_MOST - 3]}..."
    body: dict[str, Any] = {"outcome": outcome, "code": code, "detail": shown, "remedy": remedy}
    return body if commandid is None else {**body, "commandid": commandid}


def accepted(commandid: str, stored: Sequence[tuple[AnyEvent | Unknown, str]], *, dry_run: bool = False) -> Accepted:
    """Give the answer that follows from a command's events (each with its leaf hash): the same for ever."""
    warnings: set[str] = set()
    receipts: list[Receipt] = []
    for event, leaf in stored:
        given = event.data.get("warnings") if isinstance(event, Unknown) else event.data.warnings
        warnings.update(given or ())
        data = None
        if dry_run and not isinstance(event, Unknown):
            data = event.data.model_dump(mode="json", exclude_none=True)
        receipts.append(Receipt(event.type, event.id, event.position, leaf, data))
    return Accepted(commandid, tuple(receipts), tuple(sorted(warnings)), dry_run)


def rejected(commandid: str, refusal: Refused) -> Rejected:
    """Give the answer to a refused command."""
    return Rejected(commandid, refusal.code, refusal.detail)
