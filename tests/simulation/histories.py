"""Histories that a crowd writes: with the rules alone, or with a forger among the writers."""

from __future__ import annotations

import datetime
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import ValidationError

from landbuch.contracts import trial
from landbuch.contracts.acts.budgets import RecordBudgetVote
from landbuch.contracts.acts.partners import ConfirmPartnerBankDetails, ProposePartnerBankDetails
from landbuch.contracts.acts.programme import ActProposed, ProposedCommand
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.command import Command, MalformedError, read_command
from landbuch.contracts.dates import recorded as recorded_time
from landbuch.contracts.dates import zurich_day
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import NAMESPACE, event_id, event_model, event_source, event_type
from landbuch.contracts.evolve import evolve
from landbuch.contracts.iban import commitment
from landbuch.contracts.identities import breaches_of_event, breaches_of_state
from landbuch.contracts.judge import judge
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import PRECEDENCE, Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE, Order, Record
from landbuch.sdk.deciding import decide
from landbuch.sdk.testing.given import tables
from tests.acting import IBAN, SALT
from tests.scenes import (
    CLERK,
    DRAFTER,
    KIT,
    OPEN,
    PARTNER,
    SIGNER,
    allocate,
    draft,
    enter,
    grant,
    order,
    pledge,
    propose,
    sign,
)
from tests.scenes import decide as decide_credit
from tests.simulation.actors import PEOPLE, Crowd, Said

NOON = datetime.datetime(2024, 3, 28, 11, tzinfo=datetime.UTC)
_IN_FORCE = (propose("C1"), decide_credit("C1"), enter("C1"), allocate(credit="C1"), pledge("PL1", 200_000_00))
LIMITS = {"p-approver1": 100_000_00}
_PEOPLE = tuple(
    grant(person, role, limit=LIMITS.get(person))  # type: ignore[arg-type]  # the names of the roles
    for role, people in PEOPLE.items()
    for person in people
    if role not in ("administrator", "service") and person not in ("p-clerk", "p-finance", "p-drafter", "p-signer")
)
_ITEMS = [
    {"area": area, "source": source, "year": 2024, "amount": 90_000_00}
    for area, source in (("SP", "canton"), ("ZP", "federal"))
]
_PROMISING = (
    *_PEOPLE,
    allocate("ZP", 200_000_00, credit="PL1", source="federal"),
    PARTNER,
    DRAFTER.within(NO_PHASE)(order(ProposePartnerBankDetails, partner="P-1", iban=IBAN, salt=SALT)),
    SIGNER.within(NO_PHASE)(order(ConfirmPartnerBankDetails, partner="P-1", commitment=commitment(IBAN, SALT))),
    draft("A1", 180_000_00, advance_cap=5_000, items=_ITEMS),
    sign("A1"),
    CLERK(order(RecordBudgetVote, year=2024, amount=900_000_00, decided_by="Landrat")),
)

FACTS = frozenset(
    {
        "RecordBankEntry", "RecordContributionReceipt", "RecordRecoveryReceipt", "RecordContributionPledgeAmendment",
        "RecordAnnulment",
    }
)  # fmt: skip
"""What happened is refused for no reason but that it was recorded before or names nothing."""
NAMES_NOTHING = {code for code in Code if PRECEDENCE[code] <= PRECEDENCE[Code.OCCURRED_IN_FUTURE]} | {
    Code.BANK_REFERENCE_USED, Code.PLEDGE_UNKNOWN, Code.RECOVERY_UNKNOWN, Code.CREDIT_UNKNOWN, Code.CREDIT_NOT_ACCEPTED,
}  # fmt: skip


@cache
def start(canton: str) -> tuple[Entry, ...]:
    """Give the entries of a book in which a credit is in force, a pledge binds, and areas have money."""
    kit = replace(KIT, canton=canton)
    return tuple(event.entry() for event in kit.given(*OPEN, *_IN_FORCE, *_PROMISING).events)


@dataclass(slots=True)
class History:
    """A book that is being written."""

    seed: int
    state: BookState
    batches: list[tuple[str, list[Entry]]] = field(default_factory=list)
    """What was appended at once, and by which service."""
    now: datetime.datetime = NOON
    commands: list[tuple[str, Command[Order], str]] = field(default_factory=list)
    """What was accepted, by which service and when."""
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a command was accepted, malformed, or refused with a code."""

    @property
    def entries(self) -> list[Entry]:
        """All entries in order."""
        return [entry for _, batch in self.batches for entry in batch]

    def store(self, service: str, entries: Sequence[Entry]) -> None:
        """Append entries without any question, and fold them."""
        for entry in entries:
            head = self.state.head
            evolve(self.state, judge(entry, head.position + 1, head.leaf), head.position + 1, leaf_of(entry).hex())
        self.batches.append((service, list(entries)))


def written(seed: int, steps: int, *, forged: float = 0.0, canton: str = "BL") -> History:
    """Write a history of so many orders; ``forged`` is the share of entries that somebody slips in between."""
    history, crowd = History(seed, BookState(canton)), Crowd(seed)
    for entry in start(canton):
        history.store(entry.subject.split(".")[3], [entry])
    for step in range(steps):
        if crowd.draw.random() < forged:
            history.store("ledger", [_forgery(history.state, crowd, step)])
        else:
            _order(history, crowd, step, trusted=not forged)
    return history


def replayed(entries: Sequence[Entry], size: int, canton: str = "BL") -> BookState:
    """Fold entries in batches of a size, as a projection does: each batch is final before the next."""
    state = BookState(canton)
    for first in range(0, len(entries), size):
        for entry in entries[first : first + size]:
            head = state.head
            evolve(state, judge(entry, head.position + 1, head.leaf), head.position + 1, leaf_of(entry).hex())
        state.settle()
    return state


def same(state: BookState, other: BookState) -> bool:
    """Whether two states say the same, by their roots and by everything else."""
    return trial.root(state.balances) == trial.root(other.balances) and tables(state) == tables(other)


def _read(canton: str, said: Said, step: int) -> Command[Order]:
    actor, phase, name, data = said
    commandid = str(uuid.uuid5(NAMESPACE, f"simulated {step}"))
    return read_command(name=name, canton=canton, phase=phase, commandid=commandid, actor=actor, data=data)


def _order(history: History, crowd: Crowd, step: int, *, trusted: bool) -> None:
    """Decide one order, now and then twice because somebody else was faster, and store what comes of it."""
    state, said = history.state, crowd.order(history.state)
    name = said[2]
    try:
        command = _read(state.canton, said, step)
    except MalformedError:
        history.outcomes[name, "malformed"] += 1
        return
    act = COMMANDS.get(name)
    service = act.service if act is not None else None
    if service is None:
        proposal = state.proposals.get(said[3]["proposal"])
        service = crowd.rarely(proposal.service if proposal is not None else "ledger", "agreements")
    desk = next(desk for desk in KIT.desks if desk.service == service)
    days = crowd.draw.randint(1, 40) if crowd.draw.random() < 0.02 else 0
    history.now += datetime.timedelta(days=days, seconds=30)
    now = recorded_time(history.now)
    mark = state.mark()
    try:
        if crowd.draw.random() < 0.1:
            decide(desk, state, command, now)
            state.undo(mark)
        decided = decide(desk, state, command, now)
    except Refused as refused:
        assert state.mark() == mark, "a refusal left something behind"
        history.outcomes[name, refused.code] += 1
        _demand_recorded(name, refused, trusted=trusted)
        return
    except ValueError:
        # Forged sums can be larger than a line may hold: such an event cannot be built, so it is not written either.
        assert not trusted
        assert state.mark() == mark, "a fault left something behind"
        history.outcomes[name, "fault"] += 1
        return
    state.undo(mark)
    for one in decided:
        head = state.head
        assert judge(one.entry, head.position + 1, head.leaf) == one.event, one.entry.payload
        if trusted:
            assert breaches_of_event(state, one.event) == [], one.entry.payload
        evolve(state, one.event, one.event.position, one.leaf)
        if trusted:
            assert breaches_of_state(state) == [], one.entry.payload
    history.batches.append((desk.service, [one.entry for one in decided]))
    history.commands.append((desk.service, command, now))
    history.outcomes[name, "accepted"] += 1


def _demand_recorded(name: str, refused: Refused, *, trusted: bool) -> None:
    """Facts cannot be refused."""
    if trusted and name in FACTS and refused.code not in NAMES_NOTHING:
        message = f"{name} is a fact, but {refused}"
        raise AssertionError(message)


def _forgery(state: BookState, crowd: Crowd, step: int) -> Entry:
    """Something that no rule wrote: rubbish, or a well-formed event that says and books what it likes."""
    draw, head = crowd.draw, state.head
    actor, phase, name, data = crowd.order(state)
    act = COMMANDS.get(name)
    if act is None or act.command in {"FoundBook", "RejectAct"} or draw.random() < 0.3:
        return Entry("book.BL.KIP3.ledger.CreditDecided", draw.randbytes(draw.randint(0, 40)))
    service = act.service or "ledger"
    time = recorded_time(NOON + draw.randint(-(10**6), 10**6) * datetime.timedelta(seconds=1))
    commandid = str(uuid.uuid5(NAMESPACE, f"forged {step}"))
    record: Record
    try:
        record = recorded(act.record, act.order.model_validate(data), lines=_lines(draw))
    except ValidationError:
        return Entry("book.BL.KIP3.ledger.CreditDecided", b"{}")
    if draw.random() < 0.15:
        command = ProposedCommand(commandid=commandid, data=draw.choice((data, {}, {"x": [1]})))
        record = ActProposed(act=draw.choice((name, "GrantRole", "ConfirmAct", "Nonsense")), command=command)
    event = event_model(type(record))(
        type=event_type(type(record).__name__),
        source=event_source(state.canton, service),
        id=event_id(state.canton, service, commandid, 0),
        time=time,
        canton=state.canton,
        phase=phase,
        position=head.position + draw.choices((1, 2), (9, 1))[0],
        prevhash=draw.choices((head.leaf, "ab" * 32), (9, 1))[0],
        bookedon=zurich_day(time),
        actor=actor,
        commandid=commandid,
        commandhash="cd" * 32,
        data=record,
    )
    return event.entry()


def _lines(draw: random.Random) -> Any:
    """Lines that balance, mostly, over accounts that mean something, mostly."""
    if draw.random() < 0.3:
        return None
    accounts = (
        "credit:available:SP:canton", "credit:pending:C1:canton", "credit:shortfall:federal",
        "credit:unallocated:PL1:federal", "credit:authority:C1:canton", "credit:open:SP:canton:A1", "credit:available",
        "credit:x:y", "credit:shortfall:a:b",
    )  # fmt: skip
    amount = draw.choice((1, 10**6, 10**13, -(10**9)))
    debit, credit = draw.sample(accounts, 2)
    return ((debit, amount), (credit, -amount + draw.choices((0, 1), (9, 1))[0]))
