"""The identities that hold after every event, in every replay (I1 to I7, I9 to I11; I8 is a property of the fold).

Beside them stand what a writer owes: ``posting`` (the lines are those of the rules) and ``form`` (times, ids, phases,
terms, text). Each check says in plain words, with its arithmetic, what does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from landbuch.contracts.accounts import BANK, guarded, layer, unbalanced_layer
from landbuch.contracts.acts.contributions import ContributionPledgeAmended
from landbuch.contracts.acts.corrections import EntryReversed
from landbuch.contracts.acts.credits import CreditEnteredIntoForce, DecisionAnnulled, PopularVoteHeld
from landbuch.contracts.acts.programme import ActProposed, OpenProgramme
from landbuch.contracts.canonical import nfc
from landbuch.contracts.catalogue import COMMANDS, Act, acts_writing
from landbuch.contracts.crosswalk import crosswalk, flaws
from landbuch.contracts.dates import zurich_day
from landbuch.contracts.envelope import AnyEvent, Unknown, event_id
from landbuch.contracts.figures import headline
from landbuch.contracts.money import chf
from landbuch.contracts.posting import post
from landbuch.contracts.roles import objections
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE

Identity = Literal["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I9", "I10", "I11", "posting", "form"]
MOST_EVENTS = 1000
"""So many events one command may write: an atomic append holds no more."""
_LEAVES_PENDING = (
    CreditEnteredIntoForce,
    PopularVoteHeld,
    DecisionAnnulled,
    ContributionPledgeAmended,
    EntryReversed,
)  # fmt: skip

_USED, _USED_SEGMENTS = (
    frozenset({"released", "used", "recovered"}),
    len(["credit", "used", "<area>", "<source>", "<agreement>"]),
)


@dataclass(frozen=True, slots=True)
class Breach:
    """An identity that does not hold, and the arithmetic."""

    identity: Identity
    detail: str


def breaches_of_event(before: BookState, event: AnyEvent | Unknown) -> list[Breach]:
    """Check what one event must keep, on the state before it: I1, I9, I10, posting, form."""
    found = [Breach("form", detail) for detail in _envelope(before, event)]
    if isinstance(event, Unknown):
        return found
    found += [Breach("form", detail) for detail in _content(before, event)]
    lines = event.data.lines or ()
    unbalanced = unbalanced_layer(lines)
    if unbalanced is not None:
        found.append(Breach("I1", f"layer {unbalanced[0]} sums to {chf(unbalanced[1])}"))
    try:
        demanded = post(before, event.phase, event.data)
    except (KeyError, AttributeError) as missing:
        found.append(Breach("posting", f"{event.name} names something that the book does not know: {missing}"))
    else:
        if demanded != lines:
            found.append(Breach("posting", f"{event.name} should book {_shown(demanded)}, but books {_shown(lines)}"))
    for account, amount in lines:
        if account.startswith("credit:pending:") and amount < 0 and not isinstance(event.data, _LEAVES_PENDING):
            found.append(Breach("I9", f"{event.name} takes {chf(-amount)} out of {account}"))
    return found + [Breach("I10", objection) for objection in objections(before, event)]


def _envelope(before: BookState, event: AnyEvent | Unknown) -> Iterator[str]:
    """What a writer owes in every envelope."""
    last, today = before.head.time, zurich_day(event.time)
    if last is not None and event.time <= last:
        yield f"recorded at {event.time}, not after {last}, the time of the event before"
    if event.bookedon > today:
        yield f"booked on {event.bookedon}, later than {today}, the day in Zurich when it was recorded"
    derived = (event_id(event.canton, event.service, event.commandid, index) for index in range(MOST_EVENTS))
    if event.id not in derived:
        yield f"its id {event.id} does not derive from its command {event.commandid}"


def _content(before: BookState, event: AnyEvent) -> Iterator[str]:
    """What a writer owes in the data of an event of a known type."""
    act = COMMANDS.get(event.data.act) if isinstance(event.data, ActProposed) else None
    acts = (act,) if act is not None else acts_writing(event.name)
    if acts and not any(_in_scope(before, act, event.phase) for act in acts):
        yield f"{event.name} does not belong under the phase {event.phase}"
    try:
        event.data.demand()
    except ValueError as contradiction:
        yield f"its terms contradict each other: {contradiction}"
    warnings = event.data.warnings or ()
    if list(warnings) != sorted(set(warnings)):
        yield "its warnings are not sorted, or named twice"
    said = event.data.model_dump(mode="json")
    if nfc(said) != said:
        yield "its text is not in Unicode NFC"


def _in_scope(before: BookState, act: Act, phase: str) -> bool:
    if phase == NO_PHASE:
        return act.scope != "programme"
    return act.scope != "book" and (phase in before.programmes or act.order is OpenProgramme)


def breaches_of_accounts(state: BookState, touched: Iterable[tuple[str, str]]) -> list[Breach]:
    """Check I3 for the accounts that an event touched: no guarded account is below zero."""
    return [
        Breach("I3", f"{phase} {account} stands at {chf(state.balance(phase, account))}, below 0.00")
        for phase, account in touched
        if guarded(account) and state.balance(phase, account) < 0
    ]


def breaches_of_state(state: BookState) -> list[Breach]:
    """Check what holds of the whole state: I2 to I7, I11."""
    found = breaches_of_accounts(state, state.balances)
    for phase in sorted({phase for phase, _ in state.balances}):
        found += _programme(state, phase)
    return found + _agreements(state) + _bank(state) + _areas(state) + _spending(state)


def _programme(state: BookState, phase: str) -> list[Breach]:
    """I2 and I4 of one programme."""
    sums: dict[str, int] = {}
    authority: dict[str, int] = {}
    for account, amount in state.accounts(phase, ""):
        sums[layer(account)] = sums.get(layer(account), 0) + amount
        if account.startswith("credit:authority:"):
            source = account.rpartition(":")[2]
            authority[source] = authority.get(source, 0) + amount
    found = [Breach("I2", f"{phase} layer {name} sums to {chf(total)}") for name, total in sums.items() if total]
    decided: dict[str, int] = dict.fromkeys(authority, 0)
    for (_, source), figures in headline(dict(state.accounts(phase, "credit:"))).items():
        decided[source] = decided.get(source, 0) + figures.decided
        if figures.recovered > 0 or figures.shortfall > 0 or figures.lapsed < 0:
            found.append(Breach("I4", f"{phase} {source}: recovered, shortfall or lapsed is on the wrong side"))
    for source, amount in decided.items():
        if amount != -authority.get(source, 0) or amount < 0:
            given = chf(-authority.get(source, 0))
            found.append(Breach("I4", f"{phase} {source}: decided {chf(amount)}, but authority {given}"))
    return found


def _agreements(state: BookState) -> list[Breach]:
    """I5: what each agreement uses of each area and source is within what was signed; a draft may use nothing."""
    used: dict[tuple[str, str, str, str], int] = {}
    for (phase, account), amount in state.balances.items():
        path = account.split(":")
        if path[0] == "credit" and path[1] in _USED and len(path) == _USED_SEGMENTS:
            key = (phase, path[4], path[2], path[3])
            used[key] = used.get(key, 0) + amount
    found = []
    for (phase, name, area, source), amount in used.items():
        known = state.agreements.get(name)
        agreed = known.shares() if known is not None and known.stage != "drafted" and known.phase == phase else ()
        signed = sum(part for of, paid_by, part in agreed if (of, paid_by) == (area, source))
        if amount > signed:
            found.append(Breach("I5", f"{name} {area} {source} uses {chf(amount)} of {chf(signed)} signed"))
    return found


def _bank(state: BookState) -> list[Breach]:
    """I6: the bank account is what the opening and the booked bank lines come to."""
    booked = sum(amount for (_, account), amount in state.balances.items() if account == BANK)
    moved = sum(movement.amount for movement in state.movements.values())
    moved += sum(opening.bank for opening in state.openings.values())
    if booked == moved:
        return []
    return [Breach("I6", f"the bank account stands at {chf(booked)}, opening and bank lines come to {chf(moved)}")]


def _areas(state: BookState) -> list[Breach]:
    """I7: each area of a former programme has exactly one successor, so that a later area is the sum of its own."""
    found = []
    for phase, later in state.programmes.items():
        walk = crosswalk(later.area_set)
        for of, former in state.programmes.items():
            if former.start < later.start and any(area.code in walk for area in former.area_set.areas):
                found += [Breach("I7", f"{of} in {phase}: {flaw}") for flaw in flaws(former.area_set, later.area_set)]
    return found


def _spending(state: BookState) -> list[Breach]:
    """I11: what is released and used is expense, advance, refund or claimed back; what is released is payable."""
    differences: dict[tuple[str, str, str, str], int] = {}
    owed: dict[tuple[str, str], int] = {}
    for (phase, account), amount in state.balances.items():
        path = account.split(":")
        if len(path) == _USED_SEGMENTS and (path[0] == "finance" or path[1] in ("released", "used")):
            key = (phase, path[4], path[2], path[3])
            differences[key] = differences.get(key, 0) + (-amount if path[0] == "finance" else amount)
        if account.startswith(("credit:released:", "finance:200:")):
            owed[phase, path[-1]] = owed.get((phase, path[-1]), 0) + amount
    for recovery in state.recoveries.values():
        for area, source, amount in recovery.claimed:
            key = (recovery.phase, recovery.agreement, area, source)
            differences[key] = differences.get(key, 0) - amount
    found = [
        Breach("I11", f"{name} {area} {source}: released and used differ from the finance layer by {chf(amount)}")
        for (_, name, area, source), amount in differences.items()
        if amount
    ]
    return found + [
        Breach("I11", f"{name}: released and payable differ by {chf(amount)}")
        for (_, name), amount in owed.items()
        if amount
    ]


def _shown(lines: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{account} {chf(amount)}" for account, amount in lines) or "nothing"
