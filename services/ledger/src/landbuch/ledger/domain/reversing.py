"""Reversals: an event is taken back as a whole, newest first, by two persons."""

from __future__ import annotations

from landbuch.contracts.accounts import guarded
from landbuch.contracts.acts.bank import BankEntryAssigned, BankEntryRecorded
from landbuch.contracts.acts.corrections import EntryReversed, ReverseEntry
from landbuch.contracts.mentions import NEVER_REVERSED, Token
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Past
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE, Record
from landbuch.sdk.deciding import Case, Decided, Elsewhere

_STAYS_IN_CLEARING = (BankEntryRecorded.__name__, BankEntryAssigned.__name__)


def reverse_entry(state: BookState, order: ReverseEntry, case: Case) -> Decided:
    """Reverse an event once. When the bank moved money for it, the money waits in clearing from now on."""
    past = state.past.get(order.position)
    if past is None or past.id != order.event or past.phase != case.phase:
        where = f"{past.name} {past.id} of {past.phase}" if past else "no event that can be reversed"
        raise Refused(Code.ENTRY_UNKNOWN, f"Position {order.position} is {where}, not {order.event} of {case.phase}.")
    if past.name in NEVER_REVERSED:
        raise Refused(Code.ENTRY_NOT_REVERSIBLE, f"{past.name} at position {order.position} cannot be reversed.")
    if past.reversed:
        raise Refused(Code.ENTRY_ALREADY_REVERSED, f"{past.name} at position {order.position} is reversed.")
    for token in past.own:
        _demand_newest(state, order.position, past, token)
    for account, amount in past.lines:
        left = state.balance(case.phase, account) - amount
        if guarded(account) and left < 0:
            raise Refused(
                Code.HAS_DEPENDANTS,
                f"{account} has {chf(state.balance(case.phase, account))}; taking {chf(amount)} away would leave "
                f"{chf(left)}.",
            )
    return [recorded(EntryReversed, order), *_money_in_clearing(state, past)]


def _demand_newest(state: BookState, position: int, past: Past, token: Token) -> None:
    """Walk back over the later events that carry the same object; all of them must be reversed."""
    later = state.mentioned.get(token, 0)
    while later > position:
        follower = state.past[later]
        if not follower.reversed:
            raise Refused(
                Code.HAS_DEPENDANTS,
                f"{follower.name} at position {later} depends on {past.name} at position {position} ({token[1]}).",
            )
        later = dict(follower.mentions)[token]


def _money_in_clearing(state: BookState, past: Past) -> list[Record | Elsewhere]:
    """The bank line of a reversed event, which did happen, as an entry that matches nothing."""
    if past.name in _STAYS_IN_CLEARING:
        return []
    references = [name for (kind, name), _ in past.mentions if kind == "bank"]
    entries = [(reference, state.movements[reference]) for reference in references]
    return [
        Elsewhere(
            NO_PHASE,
            BankEntryRecorded(bank_reference=reference, amount=entry.amount, occurred_on=entry.occurred_on),
        )
        for reference, entry in entries
    ]
