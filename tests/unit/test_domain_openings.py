from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.refusals import Code
from tests.acting import draft, opened, paid, register, sign, signed


def brought(**more: Any) -> dict[str, Any]:
    balances = [
        ["finance:100", 700],
        ["finance:204:SEM:federal", -200],
        ["credit:available:SP:canton", 500],
        ["budget:free:2024", 300],
    ]
    return {"as_of": "2023-12-31", "balances": balances} | more


def test_an_opening_balance_stands_against_its_contra_accounts() -> None:
    book = opened()
    book.two("ImportOpeningBalance", brought())
    assert book.balance("finance:299:opening") == -500
    assert book.balance("credit:authority:opening:canton") == -500
    assert book.balance("budget:authority:2024") == -300


def test_a_programme_is_opened_once() -> None:
    book = opened()
    book.two("ImportOpeningBalance", brought())
    book.refused(Code.OPENING_EXISTS, "ImportOpeningBalance", brought())


def test_authority_that_was_brought_along_can_be_committed() -> None:
    book = opened()
    register(book, "P-1")
    draft(book, amount=500)
    book.two("ImportOpeningBalance", brought())
    sign(book)
    assert book.balance("credit:available:SP:canton") == 0


@pytest.mark.parametrize(
    "line",
    [
        ["finance:299:opening", 1],
        ["finance:200:A-1", -1],
        ["finance:1014:recovery:A-1", 1],
        ["credit:open:SP:canton:A-1", 1],
        ["credit:available:SP:canton", -1],
        ["budget:authority:2024", 1],
        ["budget:free:2024", 0],
    ],
)
def test_contra_accounts_and_agreements_are_not_opened(line: list[Any]) -> None:
    with pytest.raises(MalformedError, match="cannot be opened"):
        opened().do("ImportOpeningBalance", brought(balances=[line]))


def test_an_opening_balance_has_areas_and_sources_of_its_programme() -> None:
    book = opened()
    wrong = brought(balances=[["credit:available:XX:canton", 1]])
    book.refused(Code.AREA_UNKNOWN, "ImportOpeningBalance", wrong)
    wrong = brought(balances=[["credit:available:SP:third", 1]])
    book.refused(Code.SOURCE_UNKNOWN, "ImportOpeningBalance", wrong)


def test_an_opening_balance_is_not_of_tomorrow() -> None:
    opened().refused(Code.OCCURRED_IN_FUTURE, "ImportOpeningBalance", brought(as_of="2024-02-02"))


# --- reconciliation ---------------------------------------------------------------------------------------------


def test_bank_and_book_agree_to_the_rappen() -> None:
    book = signed()
    paid(book)
    statement = {"statement_date": "2024-02-01"}
    book.do("CompleteReconciliation", statement, statement_balance=-5_000_000)
    detail = book.refused(
        Code.RECONCILIATION_DIFFERS, "CompleteReconciliation", statement, statement_balance=-4_999_999
    )
    assert "0.01 apart" in detail


def test_a_recorded_discrepancy_is_allowed_for_until_it_is_explained() -> None:
    book = signed()
    statement = {"statement_date": "2024-02-01", "statement_balance": -7}
    described = {"discrepancy": "DI-1", "statement_date": "2024-02-01", "description": "Spesen"}
    book.do("RecordDiscrepancy", described, amount=-7)
    book.do("CompleteReconciliation", statement)
    book.do("RecordBankEntry", bank_reference="fee", amount=-7)
    book.refused(Code.RECONCILIATION_DIFFERS, "CompleteReconciliation", statement)
    book.do("ExplainDiscrepancy", discrepancy="DI-1", explanation="Spesen gebucht")
    (event,) = book.do("CompleteReconciliation", statement)
    assert event.data.book_balance == -7
    book.refused(Code.DISCREPANCY_IS_EXPLAINED, "ExplainDiscrepancy", discrepancy="DI-1", explanation="nochmals")


def test_an_unknown_discrepancy_is_not_explained() -> None:
    signed().refused(Code.DISCREPANCY_UNKNOWN, "ExplainDiscrepancy", discrepancy="DI-9", explanation="x")


def test_a_statement_is_not_of_tomorrow() -> None:
    order = {"statement_date": "2024-02-02", "statement_balance": 0}
    signed().refused(Code.OCCURRED_IN_FUTURE, "CompleteReconciliation", order)
