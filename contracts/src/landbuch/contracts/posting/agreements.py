"""Posting rules of agreements."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import agreements
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _signed(state: BookState, phase: str, record: agreements.AgreementSigned) -> Lines:
    lines: Lines = ()
    for area, source, amount in state.agreements[record.agreement].shares():
        lines += transfer(at.open_(area, source, record.agreement), at.available(area, source), amount)
    return lines


RULES: dict[type[Record], Rule] = {
    agreements.AgreementSigned: _signed,
}
