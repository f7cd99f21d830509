"""The example book: an invented programme, so small that a person can follow it, in which every event occurs.

It is written as the services write, but without them: from the models, the posting rules and the fold alone. A test
sends the same commands through the services' rules and demands the same bytes.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from landbuch.contracts import trial
from landbuch.contracts.acts.programme import ActProposed, ProposedCommand, RoleGranted
from landbuch.contracts.catalogue import COMMANDS, CONFIRM, EVENTS
from landbuch.contracts.command import Command, read_command
from landbuch.contracts.dates import recorded as recorded_time
from landbuch.contracts.dates import zurich_day
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import (
    NAMESPACE,
    AnyEvent,
    event_id,
    event_model,
    event_source,
    event_type,
)
from landbuch.contracts.evolve import evolve
from landbuch.contracts.posting import post
from landbuch.contracts.publish.steps import CANTON, FIRST, LIFE, Step
from landbuch.contracts.recording import recorded
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Order, Record, Service

FIRST_MORNING = datetime.datetime(2024, 3, 28, 7, 0, tzinfo=datetime.UTC)
STEP_TIME = datetime.timedelta(minutes=1, microseconds=250_001)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the example book: the command behind it, the event, its stored form, the trial balance after it."""

    command: Command[Order]
    service: Service
    now: str
    event: AnyEvent
    entry: Entry
    leaf: str
    trial_root: str


@cache
def example_book() -> tuple[Line, ...]:
    """Write the example book: the first road, and behind it the life of its agreement."""
    return tuple(_write(BookState(CANTON), (*FIRST, *LIFE)))


@cache
def first_road() -> tuple[Line, ...]:
    """Give the beginning of the example book, which was published first and stays as it is."""
    return tuple(_write(BookState(CANTON), FIRST))


def _write(state: BookState, steps: tuple[Step, ...]) -> Iterator[Line]:
    for number, step in enumerate(steps):
        act = COMMANDS[step.command]
        service = act.service or "ledger"
        if not act.two_persons:
            command = _command(number, step.by[0], step.command, step.phase, step.data)
            yield from _events(state, command, service, number, _records(command, step))
            continue
        command = _command(number, step.by[0], step.command, step.phase, step.data)
        content = command.data.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        proposed = ActProposed(act=step.command, command=ProposedCommand(commandid=command.commandid, data=content))
        (proposal,) = _events(state, command, service, number, [(step.phase, proposed)])
        yield proposal
        if len(step.by) > 1:
            second = _command(number, step.by[1], CONFIRM, "_", {"proposal": proposal.event.position})
            records = [
                (phase, record.model_copy(update={"proposal": proposal.event.position}))
                for phase, record in _records(command, step)
            ]
            yield from _events(state, second, service, number, records, proposal.event.id)


def _command(number: int, actor: str, name: str, phase: str, data: Mapping[str, Any]) -> Command[Order]:
    commandid = str(uuid.uuid5(NAMESPACE, f"example {number} {name}"))
    return read_command(name=name, canton=CANTON, phase=phase, commandid=commandid, actor=actor, data=data)


def _records(command: Command[Order], step: Step) -> list[tuple[str, Record]]:
    """The records of a step, each with its phase; founding grants a role to each person it names."""
    if step.command == "FoundBook":
        roles = {"administrators": "administrator", "services": "service"}
        return [
            (step.phase, RoleGranted.model_validate({"person": person, "role": role}))
            for named, role in roles.items()
            for person in step.data[named]
        ]
    own = recorded(COMMANDS[step.command].record, command.data, step.warnings, **step.derived)
    also = ((one.phase, EVENTS[event_type(one.event)].model_validate(one.data)) for one in step.then)
    return [(step.phase, own), *also]


def _events(  # what an envelope is made of
    state: BookState,
    command: Command[Order],
    service: Service,
    number: int,
    records: list[tuple[str, Record]],
    causation: str | None = None,
) -> Iterator[Line]:
    moment = FIRST_MORNING + number * STEP_TIME + (STEP_TIME / 2 if causation else datetime.timedelta())
    now = recorded_time(moment)
    for index, (phase, record) in enumerate(records):
        time = recorded_time(moment + index * datetime.timedelta(microseconds=1))
        event = event_model(type(record))(
            type=event_type(type(record).__name__),
            source=event_source(CANTON, service),
            id=event_id(CANTON, service, command.commandid, index),
            time=time,
            canton=CANTON,
            phase=phase,
            position=state.head.position + 1,
            prevhash=state.head.leaf,
            bookedon=command.data.booked_on or zurich_day(time),
            actor=command.actor,
            commandid=command.commandid,
            commandhash=command.hash,
            causationid=causation,
            data=record.model_copy(update={"lines": post(state, phase, record) or None}),
        )
        entry = event.entry()
        leaf = leaf_of(entry).hex()
        evolve(state, event, event.position, leaf)
        yield Line(command, service, now, event, entry, leaf, trial.root(state.balances))
