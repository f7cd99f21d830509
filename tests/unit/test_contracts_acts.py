"""What one order must keep by itself: sums add up, nothing is named twice, dates run forward, check digits fit."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from landbuch.contracts.catalogue import COMMANDS, ORDERS
from landbuch.contracts.publish.book import example_book
from landbuch.contracts.vocabulary import Fact

EXAMPLES = {
    name: next(
        line.command.data.model_dump(mode="json", exclude_unset=True)
        for line in example_book()
        if line.command.name == name
    )
    for name in ORDERS
}


def said(name: str, /, **changes: Any) -> dict[str, Any]:
    """The example of an order, changed; ``...`` takes a field out."""
    data = copy.deepcopy(EXAMPLES[name]) | changes
    return {field: value for field, value in data.items() if value is not ...}


CANTON = [{"source": "canton", "amount": 5}]
SHARE = {"area": "SP", "source": "canton", "amount": 5}
ITEM = SHARE | {"year": 2024}
TRANCHE = {"number": 1, "due": "2024-04-01", "amount": 5}
PART = SHARE | {"of": "this_year"}
AREA = {"code": "SP", "number": 1, "names": {"de": "Sprache"}}
OTHER = {"code": "ZP", "number": 2, "names": {"de": "Zusammenleben"}}

CONTRADICTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("FoundBook", {"administrators": ["p-1", "p-1"]}, "each person may be named once"),
    ("FoundBook", {"administrators": ["p-1", "p-2"], "services": ["p-2"]}, "each person may be named once"),
    ("OpenProgramme", {"start": "2026-01-01"}, "dates out of order"),
    ("OpenProgramme", {"tail_end": "2025-12-30"}, "dates out of order"),
    ("OpenProgramme", {"area_set": {"code": "X", "areas": [AREA, OTHER | {"code": "SP"}]}}, "each area code"),
    ("OpenProgramme", {"area_set": {"code": "X", "areas": [AREA, OTHER | {"number": 1}]}}, "each area code"),
    ("OpenProgramme", {"sources": [{"source": "canton", "matching": True, "tail": True}] * 2}, "each funding source"),
    ("ProposeCredit", {"amounts": CANTON * 2, "new": 10, "bound": 0}, "each source may be named once"),
    ("ProposeCredit", {"amounts": CANTON, "new": 4, "bound": 0}, r"new 4 \+ bound 0 = 4 Rappen, but the credit is 5"),
    ("RecordCreditDecision", {"votes_against": ...}, "give the votes for and against together"),
    ("RecordCreditDecision", {"amounts": CANTON * 2}, "each source may be named once"),
    ("RecordPopularVote", {"yes": 5}, "give yes and no together"),
    ("AllocateCredit", {"allocations": [SHARE, SHARE]}, "each area and source may be named once"),
    ("ShiftAllocation", {"to_area": "SP"}, "two different areas"),
    ("CoverShortfall", {"from_unallocated": ...}, "name what the shortfall is covered from"),
    ("CoverShortfall", {"covers": [5, 5]}, "each cut may be named once"),
    ("CoverShortfall", {"from_unallocated": [{"credit": "C", "amount": 5}] * 2}, "each credit may be named once"),
    ("CoverShortfall", {"from_available": [{"area": "SP", "amount": 5}] * 2}, "each area may be named once"),
    ("CoverShortfall", {"from_available": [{"area": "SP", "amount": 10**13}]}, "a line holds at most"),
    ("RecordContributionPledge", {"years": [2024, 2024]}, "each year may be named once"),
    ("RegisterPartner", {"kind": "private_person"}, "leave the name out"),
    ("RegisterPartner", {"name": ...}, "give the organisation's name"),
    ("RegisterPartner", {"kind": "commune"}, "BFS number"),
    ("RegisterPartner", {"uid": "CHE-109.322.552"}, "wrong check digit"),
    ("RegisterPartner", {"uid": "CHE-100.000.050"}, "wrong check digit"),
    ("DraftAgreement", {"start": "2026-01-01"}, "dates out of order"),
    ("DraftAgreement", {"ceiling": 5}, "the items add up to 700'000.00, but the ceiling is 0.05"),
    ("DraftAgreement", {"items": [ITEM, ITEM], "ceiling": 10}, "each area, source and year may be named once"),
    ("DraftAgreement", {"items": [ITEM | {"year": 2026}], "ceiling": 5}, "item of 2026"),
    ("DraftAgreement", {"items": [ITEM | {"year": 2023}], "ceiling": 5}, "item of 2023"),
    ("AmendPartner", {"name": ..., "uid": ...}, "name what changes"),
    ("AmendPartner", {"uid": "CHE-109.322.552"}, "wrong check digit"),
    ("AmendAgreement", {"items": ...}, "give ceiling and items together"),
    ("AmendAgreement", {"items": ..., "ceiling": ..., "end": ...}, "name what changes"),
    ("AmendAgreement", {"ceiling": 5}, "the items add up to 650'000.00, but the ceiling is 0.05"),
    ("ScheduleTranches", {"tranches": [TRANCHE, TRANCHE]}, "each tranche number may occur once"),
    ("SubmitReport", {"period_start": "2024-03-01"}, "dates out of order"),
    ("SettleAgreement", {"reserve": 1}, r"= 1'000.01, more than the surplus 1'000.00"),
    ("RequestDisbursement", {"shares": [SHARE, SHARE]}, "each area and source may be named once"),
    ("RequestDisbursement", {"shares": [SHARE]}, "the shares add up to 0.05, but the amount is 30'000.00"),
    ("ClaimRecovery", {"parts": [PART, PART]}, "each area, source and kind may be named once"),
    ("RecordBankEntry", {"amount": 0}, "moves nothing"),
    ("RecogniseContribution", {"amount": 0}, "is no income"),
    ("ImportOpeningBalance", {"balances": [["finance:100", 5]] * 2}, "each account may be named once"),
    ("ImportOpeningBalance", {"balances": [["finance:299:opening", 5]]}, "contra accounts follow"),
    ("ImportOpeningBalance", {"balances": [["budget:free:2024", -5]]}, "cannot be opened with -5 Rappen"),
]  # fmt: skip

AGREEING: list[tuple[str, dict[str, Any]]] = [
    ("OpenProgramme", {"start": "2025-12-31", "tail_end": "2025-12-31"}),
    ("OpenProgramme", {"tail_end": ...}),
    ("ProposeCredit", {"amounts": CANTON, "new": 0, "bound": 5}),
    ("RecordCreditDecision", {"votes_for": ..., "votes_against": ...}),
    ("RecordCreditDecision", {"votes_for": 0, "votes_against": 0}),
    ("CoverShortfall", {"from_unallocated": ..., "from_available": [{"area": "SP", "amount": 5}]}),
    ("RegisterPartner", {"kind": "private_person", "name": ...}),
    ("RegisterPartner", {"kind": "commune", "bfs_number": 2829, "uid": ...}),
    ("DraftAgreement", {"end": "2024-12-31", "items": [ITEM], "ceiling": 5}),
    ("AmendPartner", {"uid": ...}),
    ("AmendAgreement", {"items": ..., "ceiling": ...}),
    ("AmendAgreement", {"items": [ITEM], "ceiling": 5, "end": ...}),
    ("ScheduleTranches", {"tranches": [TRANCHE, TRANCHE | {"number": 2}]}),
    ("SubmitReport", {"period_start": "2024-02-29"}),
    ("SettleAgreement", {"reserve": 1, "surplus": 1_000_01}),
    ("RequestDisbursement", {"shares": [SHARE], "amount": 5}),
    ("ClaimRecovery", {"parts": [PART, PART | {"of": "advance"}]}),
    ("RecordBankEntry", {"amount": -1}),
    ("RecogniseContribution", {"amount": -1}),
    ("ImportOpeningBalance", {"balances": [["finance:100", -5], ["budget:free:2024", 5]]}),
]


@pytest.mark.parametrize(("name", "changes", "message"), CONTRADICTIONS, ids=lambda part: str(part)[:40])
def test_an_order_that_contradicts_itself_is_not_read(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ORDERS[name].model_validate(said(name, **changes))


@pytest.mark.parametrize(("name", "changes"), AGREEING, ids=lambda part: str(part)[:40])
def test_the_other_side_of_each_boundary_is_read(name: str, changes: dict[str, Any]) -> None:
    ORDERS[name].model_validate(said(name, **changes))


# Founding writes roles, one by one, so no record has its terms.
OF_RECORDS = [case for case in CONTRADICTIONS if case[0] != "FoundBook"]


@pytest.mark.parametrize(("name", "changes", "message"), OF_RECORDS, ids=lambda part: str(part)[:40])
def test_a_record_that_contradicts_itself_is_believed_and_can_be_asked(
    name: str, changes: dict[str, Any], message: str
) -> None:
    order = {field: value for field, value in said(name, **changes).items() if field != "booked_on"}
    record = COMMANDS[name].record.model_validate(order)
    with pytest.raises(ValueError, match=message):
        record.demand()


@pytest.mark.parametrize("iban", ["CH9300762011623852958", "CH930076201162385295", "DE89370400440532013001"])
def test_an_account_number_whose_digits_do_not_fit_is_not_read(iban: str) -> None:
    with pytest.raises(ValidationError, match="IBAN"):
        ORDERS["ProposePartnerBankDetails"].model_validate(said("ProposePartnerBankDetails", iban=iban))


def test_every_order_that_can_contradict_itself_does_so_here() -> None:
    own = {name for name, order in ORDERS.items() if order.demand is not Fact.demand}
    assert own == {name for name, _, _ in CONTRADICTIONS} | {"ProposePartnerBankDetails"}


def test_every_check_digit_from_zero_to_nine_is_computed() -> None:
    found = set()
    for number in range(200):
        for digit in range(10):
            try:
                uid = f"CHE-10{number // 100}.3{number % 100:02d}.00{digit}"
                ORDERS["RegisterPartner"].model_validate(said("RegisterPartner", uid=uid))
            except ValidationError:
                continue
            found.add(digit)
    assert found == set(range(10))
