"""Posting rules of agreements."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import agreement_life, agreements
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.rows import Agreement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record, YearShare


def _signed(state: BookState, phase: str, record: agreements.AgreementSigned) -> Lines:
    lines: Lines = ()
    for area, source, amount in state.agreements[record.agreement].shares():
        lines += transfer(at.open_(area, source, record.agreement), at.available(area, source), amount)
    return lines


def freed(area: str, source: str) -> str:
    """Where money goes that an agreement sets free: available, as long as the source is usable in the phase."""
    return at.available(area, source)


def _amended(state: BookState, phase: str, record: agreement_life.AgreementAmended) -> Lines:
    """Up: committed anew; down: freed as far as it is open, for what was recovered is free already."""
    agreement = state.agreements[record.agreement]
    if record.items is None:
        return ()
    lines: Lines = ()
    for area, source, difference in differences(agreement, record.items):
        account = at.open_(area, source, record.agreement)
        if difference >= 0:
            lines += transfer(account, at.available(area, source), difference)
        else:
            amount = min(-difference, state.balance(phase, account))
            lines += transfer(freed(area, source), account, amount)
    return lines


def differences(agreement: Agreement, items: tuple[YearShare, ...]) -> tuple[tuple[str, str, int], ...]:
    """What an amendment changes per area and source, bytewise: (area, source, Rappen more or less)."""
    changed = {(area, source): -amount for area, source, amount in agreement.shares()}
    for item in items:
        changed[item.area, item.source] = changed.get((item.area, item.source), 0) + item.amount
    return tuple((area, source, changed[area, source]) for area, source in sorted(changed))


def _settled(state: BookState, phase: str, record: agreement_life.AgreementSettled) -> Lines:
    lines: Lines = ()
    for area, source, _ in state.agreements[record.agreement].shares():
        account = at.open_(area, source, record.agreement)
        lines += transfer(freed(area, source), account, state.balance(phase, account))
    return lines


RULES: dict[type[Record], Rule] = {
    agreements.AgreementSigned: _signed,
    agreement_life.AgreementAmended: _amended,
    agreement_life.AgreementSettled: _settled,
}
