"""Given, when, then: what happened, what somebody orders, what comes of it. Runs the real rules on a real state.

    given(*PROGRAMME_OPEN, CLERK(PROPOSED)).when(CLERK(DECIDED)).then(CreditDecided(...)).books(...)
    given(*PROGRAMME_OPEN).when(CLERK(DECIDED)).refused(Code.CREDIT_UNKNOWN)

A ``Kit`` knows the desks; a ``Voice`` knows who speaks and in which phase. The clock stands still. Every event that a
rule writes is also judged and held against the identities, and a refusal must leave the state as it was, so that each
test proves these too.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from landbuch.contracts.acts.programme import ConfirmAct
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.command import Command, read_command
from landbuch.contracts.dates import zurich_day
from landbuch.contracts.entry import leaf_of
from landbuch.contracts.envelope import (
    NAMESPACE,
    AnyEvent,
    command_hash,
    event_id,
    event_model,
    event_source,
    event_type,
)
from landbuch.contracts.evolve import evolve
from landbuch.contracts.identities import breaches_of_event, breaches_of_state
from landbuch.contracts.judge import judge
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.tables import Table
from landbuch.contracts.vocabulary import NO_PHASE, Order, Record, Service
from landbuch.sdk.deciding import Desk, Written, decide

NOON = "T11:00:00.000000Z"
TODAY = "2024-03-28"


@dataclass(frozen=True, slots=True)
class Said:
    """An order, who gives it (the second person confirms it), in which phase."""

    order: Order
    by: tuple[str, ...]
    phase: str = NO_PHASE


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that stands in the book, whatever the rules say about it: its lines are those that the record names."""

    record: Record
    by: str
    service: Service = "ledger"
    phase: str = NO_PHASE


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody, or two, speaking in a phase: call it with an order."""

    by: tuple[str, ...]
    phase: str = NO_PHASE

    def __call__(self, order: Order) -> Said:
        """Give the order in this voice."""
        return Said(order, self.by, self.phase)

    def within(self, phase: str) -> Voice:
        """The same people in another phase."""
        return Voice(self.by, phase)


def voice(*by: str, phase: str = NO_PHASE) -> Voice:
    """Name who speaks; two where two persons must agree, one alone only proposes."""
    return Voice(by, phase)


def saying(record: type[Record], **terms: Any) -> Record:  # noqa: ANN401  # terms of any record
    """Give a record of which only these terms are compared: ``then(saying(CreditDecided, rules="R-1"))``."""
    return record.model_construct(_fields_set=set(terms), **terms)


@dataclass(frozen=True, slots=True)
class Kit:
    """The desks under test, and the book's canton."""

    desks: tuple[Desk, ...]
    canton: str = "BL"

    def given(self, *history: Said | Happened) -> Given:
        """Let the history happen; each order in it must be accepted."""
        past = Given(self, BookState(self.canton))
        for step in history:
            past.tell(step)
        return past

    def desk(self, state: BookState, order: Order) -> Desk:
        """Find the desk of an order; what both answer goes to the one that wrote the proposal, else to the first."""
        act = COMMANDS.get(type(order).__name__)
        service = act.service if act is not None else None
        if service is None:
            proposal = state.proposals.get(getattr(order, "proposal", 0))
            service = proposal.service if proposal is not None else self.desks[0].service  # type: ignore[assignment]
        found = [desk for desk in self.desks if desk.service == service]
        _demand(len(found), 1, f"desks of {service}")
        return found[0]


@dataclass(slots=True)
class Given:
    """A book in which something happened."""

    kit: Kit
    state: BookState
    now: str = TODAY + NOON
    events: list[AnyEvent] = field(default_factory=list)
    _told: int = 0

    def balance(self, phase: str, account: str) -> int:
        """Give a balance, in Rappen."""
        return self.state.balance(phase, account)

    def on(self, day: str) -> Given:
        """Go on at noon (UTC) of another day."""
        self.now = day + NOON
        return self

    def tell(self, step: Said | Happened) -> None:
        """Let one more thing happen; an order must be accepted."""
        if isinstance(step, Happened):
            self._happen(step)
            return
        for said in self._halves(step):
            self._decide(said)

    def when(self, said: Said) -> Outcome:
        """Give an order; where two persons speak, the outcome is that of the second, or the refusal of the first."""
        written: list[Written] = []
        for half in self._halves(said):
            before = tables(self.state)
            try:
                written = self._decide(half)
            except Refused as refused:
                _demand(tables(self.state), before, "state after a refusal")
                return Outcome(self, [], refused)
        return Outcome(self, written, None)

    def _halves(self, said: Said) -> Sequence[Said]:
        if len(said.by) == 1:
            return [said]
        first = self.state.head.position + 1
        return [Said(said.order, said.by[:1], said.phase), Said(ConfirmAct(proposal=first), said.by[1:])]

    def _command(self, said: Said) -> Command[Order]:
        self._told += 1
        return read_command(
            name=type(said.order).__name__,
            canton=self.kit.canton,
            phase=said.phase,
            commandid=str(uuid.uuid5(NAMESPACE, f"given {self._told}")),
            actor=said.by[0],
            data=said.order.model_dump(mode="json", exclude_unset=True),
        )

    def _decide(self, said: Said) -> list[Written]:
        command = self._command(said)
        mark, head = self.state.mark(), self.state.head
        written = decide(self.kit.desk(self.state, said.order), self.state, command, self.now)
        _demand(bool(written), expected=True, what="whether an accepted command writes an event")
        self.state.undo(mark)
        for one in written:
            _demand(judge(one.entry, head.position + 1, head.leaf), one.event, "what the stored bytes say")
            _demand(breaches_of_event(self.state, one.event), [], "breaches by the event")
            evolve(self.state, one.event, one.event.position, one.leaf)
            _demand(breaches_of_state(self.state), [], "breaches of the state")
            head = self.state.head
        self.events += [one.event for one in written]
        return written

    def _happen(self, step: Happened) -> None:
        self._told += 1
        commandid = str(uuid.uuid5(NAMESPACE, f"happened {self._told}"))
        name = type(step.record).__name__
        hashed = command_hash(
            actor=step.by, canton=self.kit.canton, phase=step.phase, command_type=name, data={"told": self._told}
        )
        event = event_model(type(step.record))(
            type=event_type(name),
            source=event_source(self.kit.canton, step.service),
            id=event_id(self.kit.canton, step.service, commandid, 0),
            time=self.now,
            canton=self.kit.canton,
            phase=step.phase,
            position=self.state.head.position + 1,
            prevhash=self.state.head.leaf,
            bookedon=zurich_day(self.now),
            actor=step.by,
            commandid=commandid,
            commandhash=hashed,
            data=step.record,
        )
        evolve(self.state, event, event.position, leaf_of(event.entry()).hex())
        self.events.append(event)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order: events or a refusal. Every check gives the outcome back, so that checks can follow."""

    book: Given
    written: list[Written]
    refusal: Refused | None

    def then(self, *records: Record) -> Outcome:
        """Demand exactly these records in order; what a record leaves unset is not compared."""
        _demand([type(one).__name__ for one in self.records], [type(one).__name__ for one in records], "events")
        for record, expected in zip(self.records, records, strict=True):
            said = {name: getattr(record, name) for name in expected.model_fields_set}
            _demand(said, {name: getattr(expected, name) for name in expected.model_fields_set}, type(record).__name__)
        return self

    def books(self, *lines: tuple[str, int]) -> Outcome:
        """Demand exactly these journal lines, over all events."""
        _demand([line for record in self.records for line in record.lines or ()], list(lines), "lines")
        return self

    def warns(self, *codes: str) -> Outcome:
        """Demand exactly these warnings in the last event."""
        _demand(self.records[-1].warnings or (), codes, "warnings")
        return self

    def leaves(self, phase: str, **balances: int) -> Outcome:
        """Demand balances of the credit layer; ``__`` stands for the colon: ``available__SP__canton=0``."""
        found = {name: self.book.balance(phase, f"credit:{name.replace('__', ':')}") for name in balances}
        _demand(found, balances, f"balances of {phase}")
        return self

    def refused(self, code: Code, *words: str) -> Outcome:
        """Demand a refusal with this code, whose detail holds these words."""
        if self.refusal is None:
            message = f"not refused: {[type(record).__name__ for record in self.records]}"
            raise AssertionError(message)
        _demand(str(self.refusal.code), str(code), f"refusal ({self.refusal.detail})")
        _demand(
            [word for word in words if word not in self.refusal.detail], [], f"words not in {self.refusal.detail!r}"
        )
        return self

    @property
    def records(self) -> list[Record]:
        """The records written; a refusal fails here."""
        if self.refusal is not None:
            message = f"refused: {self.refusal}"
            raise AssertionError(message)
        return [one.event.data for one in self.written]


def _demand(found: object, expected: object, what: str) -> None:
    if found != expected:
        message = f"{what}: found {found}, expected {expected}"
        raise AssertionError(message)


def tables(state: BookState) -> dict[str, dict[Any, Any]]:
    """Give a copy of everything that a state says, for comparison."""
    return {name: dict(table) for name, table in vars(state).items() if isinstance(table, Table)}
