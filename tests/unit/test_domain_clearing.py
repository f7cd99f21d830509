from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.refusals import Code
from tests.acting import Acting, approved, paid, requested, signed

CLEARING = "finance:1019:clearing"


def cleared(amount: int = -5_000_000) -> Acting:
    """A book with an approved payment and a bank line that matches nothing yet."""
    book = signed()
    approved(book)
    book.do("RecordBankEntry", bank_reference="x", amount=amount, occurred_on="2024-01-31")
    return book


def assignment(**more: Any) -> dict[str, Any]:
    return {"bank_reference": "x", "programme": "KIP3", "purpose": "payment", "target": "D-1"} | more


@pytest.mark.parametrize("amount", [-1, 1])
def test_a_bank_line_of_either_side_is_booked(amount: int) -> None:
    book = cleared(amount)
    assert (book.balance("finance:100", "_"), book.balance(CLEARING, "_")) == (amount, -amount)


def test_a_bank_line_moves_something() -> None:
    with pytest.raises(MalformedError, match="moves nothing"):
        cleared(0)


def test_a_bank_line_is_recorded_once() -> None:
    cleared().refused(Code.BANK_REFERENCE_USED, "RecordBankEntry", bank_reference="x", amount=3)


def test_an_assigned_payment_leaves_clearing_and_is_booked_at_once() -> None:
    book = cleared()
    events = book.two("AssignBankEntry", assignment())
    assert [(event.name, event.phase) for event in events] == [
        ("BankEntryAssigned", "_"),
        ("DisbursementPaid", "KIP3"),
    ]
    assert events[1].data.occurred_on == "2024-01-31"
    assert (book.balance(CLEARING, "_"), book.balance("finance:100", "_")) == (0, 0)
    assert book.balance("finance:100") == -5_000_000


def test_an_assignment_needs_two_persons() -> None:
    book = cleared()
    (proposal,) = book.do("AssignBankEntry", assignment())
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by="p-tre-a")


def test_an_assigned_payment_stands_under_the_rules_of_payments() -> None:
    book = cleared(-4_999_999)
    book.refused(Code.PAYMENT_DIFFERS, "AssignBankEntry", assignment())


def test_money_in_is_no_payment_and_money_out_no_return() -> None:
    cleared(5_000_000).refused(Code.BANK_ENTRY_WRONG_SIDE, "AssignBankEntry", assignment())
    cleared().refused(Code.BANK_ENTRY_WRONG_SIDE, "AssignBankEntry", assignment(purpose="return"))


def test_an_entry_is_assigned_once() -> None:
    book = cleared()
    book.two("AssignBankEntry", assignment())
    book.refused(Code.BANK_ENTRY_UNKNOWN, "AssignBankEntry", assignment())


def test_an_entry_is_assigned_in_an_open_programme() -> None:
    cleared().refused(Code.PHASE_UNKNOWN, "AssignBankEntry", assignment(programme="KIP9"))


def test_an_assigned_return_is_booked_as_a_return() -> None:
    book = signed()
    paid(book)
    book.do("RecordBankEntry", bank_reference="x", amount=5_000_000)
    book.two("AssignBankEntry", assignment(purpose="return"))
    assert book.balance("credit:released:SP:canton:A-1") == 5_000_000


def test_a_refused_assignment_leaves_the_entry_in_clearing() -> None:
    book = signed()
    requested(book)
    book.do("RecordBankEntry", bank_reference="x", amount=-5_000_000)
    book.refused(Code.DISBURSEMENT_NOT_RELEASED, "AssignBankEntry", assignment())
    assert book.state.movements["x"].clearing
