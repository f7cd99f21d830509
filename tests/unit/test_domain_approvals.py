from __future__ import annotations

import pytest

from landbuch.contracts.refusals import Code
from tests.acting import Acting, approved, draft, partnered, requested, sign, signed

OPEN = "credit:open:SP:canton:A-1"
RELEASED = "credit:released:SP:canton:A-1"
EXPENSE = "finance:3636:SP:canton:A-1"
PAYABLE = "finance:200:A-1"


def two_areas(first: int, second: int) -> Acting:
    book = partnered()
    items = [
        {"area": area, "source": "canton", "amount": amount, "year": 2024}
        for area, amount in (("SP", first), ("FK", second))
    ]
    draft(book, amount=first + second, items=items)
    sign(book)
    return book


def limited(limit: int) -> Acting:
    """A book in which p-app-a approves up to a limit."""
    book = signed()
    book.two("RevokeRole", person="p-app-a", role="approver")
    book.two("GrantRole", person="p-app-a", role="approver", limit=limit)
    return book


def test_an_approval_books_in_all_three_layers() -> None:
    book = signed()
    event = approved(book)
    assert event.data.lines == (
        (RELEASED, 5_000_000),
        (OPEN, -5_000_000),
        ("budget:released:2024", 5_000_000),
        ("budget:free:2024", -5_000_000),
        (EXPENSE, 5_000_000),
        (PAYABLE, -5_000_000),
    )
    assert (event.data.approvers, event.data.year) == (("p-app-a", "p-app-b"), 2024)


def test_one_person_does_not_approve_twice() -> None:
    book = signed()
    requested(book)
    (proposal,) = book.do("ApproveDisbursement", by="p-app-a", disbursement="D-1")
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by="p-app-a")


def test_the_requester_is_neither_first_nor_second_approver() -> None:
    book = signed()
    book.two("GrantRole", person="p-clerk-a", role="approver")
    requested(book)
    book.refused(Code.SECOND_PERSON_REQUIRED, "ApproveDisbursement", by="p-clerk-a", disbursement="D-1")
    (proposal,) = book.do("ApproveDisbursement", by="p-app-a", disbursement="D-1")
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by="p-clerk-a")


def test_a_first_approver_who_is_none_any_more_does_not_count() -> None:
    book = signed()
    requested(book)
    (proposal,) = book.do("ApproveDisbursement", by="p-app-a", disbursement="D-1")
    book.two("RevokeRole", person="p-app-a", role="approver")
    book.confirm_refused(Code.ROLE_MISSING, proposal, by="p-app-b")


@pytest.mark.parametrize(("limit", "refused"), [(5_000_000, False), (4_999_999, True)])
def test_an_approver_keeps_to_the_limit(limit: int, *, refused: bool) -> None:
    book = limited(limit)
    requested(book)
    if refused:
        detail = book.refused(Code.LIMIT_EXCEEDED, "ApproveDisbursement", by="p-app-a", disbursement="D-1")
        assert "0.01 too much" in detail
    else:
        book.two("ApproveDisbursement", disbursement="D-1")


def test_the_second_approver_keeps_to_the_limit_too() -> None:
    book = limited(1)
    requested(book)
    (proposal,) = book.do("ApproveDisbursement", by="p-app-b", disbursement="D-1")
    book.confirm_refused(Code.LIMIT_EXCEEDED, proposal, by="p-app-a")


def test_a_payment_cannot_be_split_to_stay_below_a_limit() -> None:
    book = limited(5_000_000)
    approved(book, "D-1", 2_500_001)
    requested(book, "D-2", 2_500_000)
    book.refused(Code.LIMIT_EXCEEDED, "ApproveDisbursement", by="p-app-a", disbursement="D-2")


def test_the_budget_of_the_year_covers_the_last_rappen() -> None:
    book = signed()
    book.do("BlockBudget", year=2024, amount=55_000_000, reason="Sparauftrag")
    approved(book)
    assert book.balance("budget:free:2024") == 0


def test_an_approval_beyond_the_budget_is_refused() -> None:
    book = signed()
    book.do("BlockBudget", year=2024, amount=55_000_001, reason="Sparauftrag")
    requested(book)
    assert "0.01 too much" in book.refused(Code.BUDGET_EXCEEDED, "ApproveDisbursement", disbursement="D-1")


def test_the_budget_is_that_of_the_year_in_which_it_is_approved() -> None:
    book = signed()
    requested(book)
    book.now = "2025-01-10T08:00:00.000000Z"
    detail = book.refused(Code.BUDGET_EXCEEDED, "ApproveDisbursement", disbursement="D-1")
    assert "budget 2025" in detail


def test_a_partner_without_confirmed_bank_details_is_not_paid() -> None:
    book = partnered()
    book.do("RegisterPartner", partner="P-2", kind="ngo", name="Verein")
    draft(book, "A-2", partner="P-2")
    sign(book, "A-2")
    requested(book, agreement="A-2")
    book.refused(Code.BANK_DETAILS_UNCONFIRMED, "ApproveDisbursement", disbursement="D-1")


def test_a_suspended_partner_is_not_paid() -> None:
    book = signed()
    requested(book)
    book.do("SuspendPartner", partner="P-1", reason="Prüfung")
    book.refused(Code.PARTNER_SUSPENDED, "ApproveDisbursement", disbursement="D-1")


def test_without_shares_an_approval_is_split_in_proportion_to_what_is_open() -> None:
    book = two_areas(200, 100)
    event = approved(book, amount=100)
    assert [(share.area, share.amount) for share in event.data.shares] == [("FK", 33), ("SP", 67)]


def test_a_tie_of_remainders_goes_bytewise() -> None:
    book = two_areas(100, 100)
    event = approved(book, amount=101)
    assert [(share.area, share.amount) for share in event.data.shares] == [("FK", 51), ("SP", 50)]


def test_named_shares_are_kept() -> None:
    book = two_areas(200, 100)
    event = approved(book, amount=100, shares=[{"area": "SP", "source": "canton", "amount": 100}])
    assert [(share.area, share.amount) for share in event.data.shares] == [("SP", 100)]


@pytest.mark.parametrize(("amount", "warned"), [(15_000_000, None), (15_000_001, ("beyond_yearly_plan",))])
def test_more_than_the_plan_of_the_year_warns(amount: int, warned: tuple[str, ...] | None) -> None:
    items = [
        {"area": "SP", "source": "canton", "amount": part, "year": year}
        for year, part in ((2024, 15_000_000), (2025, 5_000_000))
    ]
    book = signed(items=items)
    assert approved(book, amount=amount).data.warnings == warned


@pytest.mark.parametrize(
    ("kind", "form", "account"),
    [
        ("ngo", "contract", "3636"),
        ("commune", "contract", "3632"),
        ("cantonal_unit", "ruling", "39"),
        ("company", "contract", "3132"),
        ("company", "ruling", "3635"),
        ("church", "ruling", "3636"),
        ("private_person", "ruling", "3637"),
    ],
)
def test_the_expense_account_follows_from_partner_and_form(kind: str, form: str, account: str) -> None:
    book = signed(kind=kind, form=form)
    approved(book)
    assert book.balance(f"finance:{account}:SP:canton:A-1") == 5_000_000
