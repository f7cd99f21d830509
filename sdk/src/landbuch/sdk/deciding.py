"""From a command to events, purely: the checks that every command passes, acts of two persons, numbering, chaining.

A service gives its ``Desk``: the rule (``decide``) of each of its orders. Nothing here asks the clock, makes ids or
talks to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from landbuch.contracts.accounts import wrong_side
from landbuch.contracts.acts.programme import (
    ActProposed,
    ActRejected,
    ConfirmAct,
    FoundBook,
    OpenProgramme,
    ProposedCommand,
    RejectAct,
)  # fmt: skip
from landbuch.contracts.catalogue import COMMANDS, CONFIRM, Act
from landbuch.contracts.command import Command, read_command
from landbuch.contracts.dates import first_day, last_day, moment, next_time, zurich_day
from landbuch.contracts.entry import MAX_EVENT_BYTES, Entry, leaf_of
from landbuch.contracts.envelope import AnyEvent, event_id, event_model, event_source, event_type
from landbuch.contracts.evolve import evolve
from landbuch.contracts.posting import post
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.roles import may
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import BY_FACT, NO_PHASE, Order, Record, Service
from landbuch.contracts.warn import Warn

CLOCK_TOLERANCE = timedelta(seconds=5)
"""How far two clocks may differ before it is worth a warning; a writer farther from the broker refuses to write."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule decides on: the command, the phase, the calendar day in Zurich, and the booking day.

    When a second person confirms, ``proposer`` is the first; otherwise there is none yet.
    """

    command: Command[Order]
    phase: str
    today: str
    booked_on: str
    proposer: str | None = None

    @property
    def actor(self) -> str:
        """Who orders."""
        return self.command.actor

    @property
    def year(self) -> int:
        """The year in which the command is booked."""
        return int(self.booked_on[:4])


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A record that is booked in another phase than the command's."""

    phase: str
    record: Record


Decided = Sequence[Record | Elsewhere]
Rule = Callable[[BookState, Any, Case], Decided]
"""Decides one order on a state: gives the records to write, without lines, or raises ``Refused``."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A service and the rules of its orders."""

    service: Service
    rules: Mapping[type[Order], Rule]


@dataclass(frozen=True, slots=True)
class Timed:
    """A command that time makes true; the owning service gives it under its own name."""

    name: str
    phase: str
    commandid: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """An event with its stored form."""

    event: AnyEvent
    entry: Entry
    leaf: str


def decide(desk: Desk, state: BookState, command: Command[Order], now: str) -> list[Written]:
    """Decide a command and let the state advance by its events; raises ``Refused`` and leaves the state untouched.

    ``now`` is the recorded time at which the worker decides (UTC, six digits). Afterwards the state is tentative: the
    caller either stores the entries and settles the state, or undoes it to a mark of its own.
    """
    with _undone_when_refused(state):
        time = next_time(now, state.head.time)
        case = _case(state, command, zurich_day(now))
        causation, proposal = None, None
        if state.founding is None and command.name != FoundBook.__name__:
            raise Refused(Code.BOOK_NOT_FOUNDED, f"The book of {state.canton} has no administrators yet.")
        if command.name == CONFIRM:
            case, proposal, causation = _confirmed(desk, state, case)
        act = COMMANDS[case.command.name]
        _admit(state, act, case)
        records = desk.rules[act.order](state, case.command.data, case)
        if act.two_persons and proposal is None:
            records = [_proposed(state, case, records)]
        ahead = moment(time) - moment(now) > CLOCK_TOLERANCE
        written: list[Written] = []
        for index, decided in enumerate(records):
            there, record = _place(case, decided)
            finished = _finished(state, record, there, proposal, ahead=ahead)
            written.append(_write(desk, state, command, there, finished, index, time, causation))
            time = next_time(time, state.head.time)
        return written


@contextmanager
def _undone_when_refused(state: BookState) -> Iterator[None]:
    mark = state.mark()
    try:
        yield
    except BaseException:
        state.undo(mark)
        raise


def _case(state: BookState, command: Command[Order], today: str) -> Case:
    booked_on = command.data.booked_on or today
    if booked_on == BY_FACT:
        programme = state.programmes.get(command.phase)
        known = command.data.occurred_on
        booked_on = last_day(known) if known else programme.start if programme else today
        booked_on = min(booked_on, today)
    return Case(command, command.phase, today, booked_on)


def _admit(state: BookState, act: Act, case: Case) -> None:
    """The checks that stand before every rule, in order of precedence."""
    _demand_role(state, act, case)
    if act.scope == "programme" and case.phase == NO_PHASE:
        raise Refused(Code.PHASE_REQUIRED, f"{act.command} concerns a programme, but no phase is named.")
    if act.scope == "book" and case.phase != NO_PHASE:
        raise Refused(Code.PHASE_NOT_APPLICABLE, f"{act.command} concerns the whole book, not {case.phase}.")
    if case.phase != NO_PHASE and act.order is not OpenProgramme and case.phase not in state.programmes:
        known = ", ".join(sorted(state.programmes)) or "none"
        raise Refused(Code.PHASE_UNKNOWN, f"{state.canton} has no programme {case.phase}; open so far: {known}.")
    if case.booked_on > case.today:
        raise Refused(Code.BOOKED_IN_FUTURE, f"{case.booked_on} is later than today, {case.today} in Zurich.")
    occurred = case.command.data.occurred_on
    if occurred is not None and first_day(occurred) > case.today:
        raise Refused(Code.OCCURRED_IN_FUTURE, f"{occurred} is later than today, {case.today} in Zurich.")


def _demand_role(state: BookState, act: Act, case: Case) -> None:
    if act.roles and not may(state, act, case.actor, case.phase, case.today):
        roles = " or ".join(sorted(act.roles))
        where = "" if case.phase == NO_PHASE else f" for {case.phase}"
        raise Refused(
            Code.ROLE_MISSING, f"{case.actor} is not {roles}{where} on {case.today}; {act.command} needs that."
        )


def _confirmed(desk: Desk, state: BookState, case: Case) -> tuple[Case, int, str]:
    """Turn a confirmation into the proposed command in the hand of the second person, decided afresh."""
    confirmation = case.command.data
    assert isinstance(confirmation, ConfirmAct)  # the catalogue names its model
    position = confirmation.proposal
    proposal = state.proposals.get(position)
    if proposal is None or proposal.service != desk.service:
        raise Refused(Code.PROPOSAL_UNKNOWN, f"Position {position} is no proposal of {desk.service}.")
    _demand_role(state, COMMANDS[proposal.act], replace(case, phase=proposal.phase))
    if not proposal.open:
        raise Refused(Code.PROPOSAL_CLOSED, f"The proposal at position {position} was confirmed or rejected already.")
    if proposal.author == case.actor:
        raise Refused(
            Code.SECOND_PERSON_REQUIRED,
            f"{case.actor} proposed {proposal.act} at position {position}; one person is not two.",
        )
    command = read_command(
        name=proposal.act,
        canton=case.command.canton,
        phase=proposal.phase,
        commandid=case.command.commandid,
        actor=case.actor,
        data=proposal.data,
    )
    confirmed = _case(state, command, case.today)
    return replace(confirmed, proposer=proposal.author), position, proposal.event


def _place(case: Case, decided: Record | Elsewhere) -> tuple[Case, Record]:
    """Where a record is booked."""
    if isinstance(decided, Elsewhere):
        return replace(case, phase=decided.phase), decided.record
    return case, decided


def _proposed(state: BookState, case: Case, records: Decided) -> Record:
    """The first half of an act of two persons: it was decided to see that it would go, and is written as a proposal."""
    for decided in records:
        there, record = _place(case, decided)
        post(state, there.phase, record)
    data = case.command.data.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    return ActProposed(act=case.command.name, command=ProposedCommand(commandid=case.command.commandid, data=data))


def _finished(state: BookState, record: Record, case: Case, proposal: int | None, *, ahead: bool) -> Record:
    """Add what every record carries: lines, sorted warnings, the proposal it confirms."""
    lines = post(state, case.phase, record)
    warnings = set(record.warnings or ())
    if _by_convention(case):
        warnings.add(Warn.BOOKED_BY_CONVENTION)
    if ahead:
        warnings.add(Warn.TIME_AHEAD)
    if any(account.startswith("credit:shortfall:") and amount < 0 for account, amount in lines):
        warnings.add(Warn.SHORTFALL)
    if any(wrong_side(account, state.balance(case.phase, account) + amount) for account, amount in lines):
        warnings.add(Warn.WRONG_SIDE)
    return record.model_copy(
        update={
            "lines": lines or None,
            "warnings": tuple(sorted(str(warning) for warning in warnings)) or None,
            "proposal": record.proposal or proposal,
        }
    )


def _by_convention(case: Case) -> bool:
    """A booking day before today that is not the last day of the fact's date was set by convention."""
    occurred = case.command.data.occurred_on
    expected = min(last_day(occurred), case.today) if occurred else case.today
    return case.booked_on not in (expected, case.today)


def _write(  # what an envelope is made of
    desk: Desk, state: BookState, command: Command[Order], case: Case, record: Record, index: int, time: str,
    causation: str | None,
) -> Written:  # fmt: skip
    """Number, time and chain one event, and let the state advance by it."""
    event = event_model(type(record))(
        type=event_type(type(record).__name__),
        source=event_source(state.canton, desk.service),
        id=event_id(state.canton, desk.service, command.commandid, index),
        time=time,
        canton=state.canton,
        phase=case.phase,
        position=state.head.position + 1,
        prevhash=state.head.leaf,
        bookedon=case.booked_on,
        actor=command.actor,
        commandid=command.commandid,
        commandhash=command.hash,
        correlationid=command.correlationid,
        causationid=causation,
        data=record,
    )
    entry = event.entry()
    if len(entry.payload) > MAX_EVENT_BYTES:
        raise Refused(
            Code.EVENT_TOO_LARGE, f"{event.name} would have {len(entry.payload)} bytes, {MAX_EVENT_BYTES} are allowed."
        )
    leaf = leaf_of(entry).hex()
    evolve(state, event, event.position, leaf)
    return Written(event, entry, leaf)


def rejection(service: Service) -> Rule:
    """Give the rule of ``RejectAct`` for a service: whoever could confirm may reject, the author may withdraw."""

    def rule(state: BookState, order: RejectAct, case: Case) -> Sequence[Record]:
        proposal = state.proposals.get(order.proposal)
        if proposal is None or proposal.service != service:
            raise Refused(Code.PROPOSAL_UNKNOWN, f"Position {order.proposal} is no proposal of {service}.")
        _demand_role(state, COMMANDS[proposal.act], replace(case, phase=proposal.phase))
        if not proposal.open:
            raise Refused(Code.PROPOSAL_CLOSED, f"The proposal at position {order.proposal} is closed already.")
        terms = order.model_dump(exclude={"booked_on"}, exclude_none=True)
        return [ActRejected.model_validate(terms)]

    return rule
