"""Submits what time makes true: each service for its own objects, through the same road as any command.

The commands have ids that follow from object and due date, so any number of instances and restarts write each once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog

from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.command import read_command
from landbuch.contracts.dates import ZURICH
from landbuch.contracts.roles import may
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Service
from landbuch.sdk.book.writing import LARGEST_BATCH
from landbuch.sdk.clock import Clock
from landbuch.sdk.deciding import Timed
from landbuch.sdk.worker.answers import Accepted, Answer
from landbuch.sdk.worker.terms import Ask
from landbuch.sdk.worker.worker import Worker

_log = structlog.get_logger(__name__)

Due = Callable[[BookState, str], Sequence[Timed]]
"""Gives what a service's own objects ask for on a day in Zurich, each under an id of its own."""
_LOOK_S = 0.05
"""How often is looked whether the worker has read its book."""
_AFTER_MIDNIGHT_S = 0.05


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """What time makes true for a service, under which key it is written, and how often is looked for it."""

    due: Due
    actor: str
    every_s: float = 60.0


def key_of(service: Service) -> str:
    """Name the key under which a service acts unless told otherwise."""
    return f"svc-{service}"


class Timekeeper:
    """Runs beside one worker: after it has read its book, at every interval, and right after midnight in Zurich."""

    def __init__(self, worker: Worker, keeping: Timekeeping, clock: Clock) -> None:
        """Know nothing yet."""
        self._worker = worker
        self._keeping = keeping
        self._clock = clock
        self._told: dict[str, str] = {}
        """The outcome of each command that is still due, so that it is logged once."""
        self.trouble: str | None = None
        """Why nothing that time makes true is written, in a sentence."""

    async def run(self) -> None:
        """Work for ever."""
        while True:
            if not self._worker.status().ready:
                await asyncio.sleep(_LOOK_S)
                continue
            try:
                await self.look()
            except Exception:  # noqa: BLE001  # a fault of ours must not end it: the next round looks again
                _log.exception("time.fault", canton=self._worker.book.canton)
            await asyncio.sleep(min(self._keeping.every_s, until_midnight(self._clock()) + _AFTER_MIDNIGHT_S))

    async def look(self) -> None:
        """Submit everything that is due now and wait for the answers.

        The state may be tentative at this moment; that does no harm, for each command is decided afresh.
        """
        state, today = self._worker.fold.state, _day(self._clock())
        due = self._keeping.due(state, today)
        permitted = [one for one in due if may(state, COMMANDS[one.name], self._keeping.actor, one.phase, today)]
        self._mind_role([one for one in due if one not in permitted])
        self._told = {one.commandid: self._told[one.commandid] for one in due if one.commandid in self._told}
        for first in range(0, len(permitted), LARGEST_BATCH):
            part = permitted[first : first + LARGEST_BATCH]
            for one, answer in zip(part, await self._worker.submit([self._ask(one) for one in part]), strict=True):
                self._note(one, answer)

    def _ask(self, timed: Timed) -> Ask:
        canton = self._worker.book.canton
        return Ask(
            read_command(
                name=timed.name,
                canton=canton,
                phase=timed.phase,
                commandid=timed.commandid,
                actor=self._keeping.actor,
                data=dict(timed.data),
            )
        )

    def _mind_role(self, barred: Sequence[Timed]) -> None:
        """Say once that the book does not let us write what is due."""
        canton, trouble = self._worker.book.canton, None
        if barred:
            roles = " or ".join(sorted(COMMANDS[barred[0].name].roles))
            trouble = (
                f"{self._keeping.actor} is not {roles} in the book of {canton}: {barred[0].name} and other things that "
                "time makes true are not written. Two administrators can grant the role service."
            )
        if trouble is not None and self.trouble is None:
            _log.warning("time.role_missing", canton=canton, why=trouble, waiting=len(barred))
        self.trouble = trouble

    def _note(self, timed: Timed, answer: Answer) -> None:
        """Log an outcome, unless it is that of the last time."""
        outcome = answer.outcome if isinstance(answer, Accepted) else str(answer.code)
        if self._told.get(timed.commandid) == outcome:
            return
        self._told[timed.commandid] = outcome
        about = {"canton": self._worker.book.canton, "command": timed.name, "commandid": timed.commandid}
        if isinstance(answer, Accepted):
            _log.info("time.came", **about, position=answer.position)
        else:
            _log.warning("time.not_written", **about, code=outcome, why=answer.detail)


def until_midnight(now: datetime) -> float:
    """Give the seconds from a moment to the next midnight in Zurich, also on days of 23 or 25 hours."""
    here = now.astimezone(ZURICH)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), ZURICH)
    return midnight.timestamp() - now.timestamp()


def _day(now: datetime) -> str:
    return now.astimezone(ZURICH).date().isoformat()
