"""Every threshold flips by one Rappen or one day, and every act of two persons by one person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from landbuch.contracts.catalogue import ACTS, CONFIRM
from landbuch.contracts.refusals import Code
from tests.acting import (
    IBAN,
    PEOPLE,
    SALT,
    Acting,
    Fields,
    draft,
    founded,
    in_force,
    opened,
    partnered,
    requested,
    settlement,
    sign,
    signed,
)
from tests.refusals.life import (
    ADVANCED,
    APPROVED,
    CLAIMED,
    DISCREPANCY,
    DOCUMENT,
    GATED,
    OPENING,
    PAID,
    PLEDGED,
    REPORT,
    REQUESTED,
    TRANCHE,
    WAIVED,
    Scene,
    after,
    amendment,
    assignment,
    claim,
    did,
    request,
    reversing,
    two_did,
)

MORNING = "T08:00:00.000000Z"


class Flip(NamedTuple):
    """A command with one figure, day or person that is just beyond, and the same that is just within."""

    code: Code
    scene: Scene
    command: str
    beyond: Fields
    within: Fields
    by: tuple[str | None, str | None] = (None, None)
    on: tuple[str, str] = ("2024-02-01", "2024-02-01")
    phase: str | None = None


def limits(book: Acting) -> None:
    """One approver may approve up to 50'000.00, the other up to a Rappen less."""
    for person, limit in (("p-app-a", 4_999_999), ("p-app-b", 5_000_000)):
        book.two("RevokeRole", person=person, role="approver")
        book.two("GrantRole", person=person, role="approver", limit=limit)


def spent(book: Acting) -> None:
    """Federal money of 10.00 is pledged, spent and received."""
    PLEDGED(book)
    book.do("AllocateCredit", credit="PL-1", allocations=[{"area": "SP", "source": "federal", "amount": 1_000}])
    draft(book, "A-2", 1_000, items=[{"area": "SP", "source": "federal", "amount": 1_000, "year": 2024}])
    sign(book, "A-2")
    requested(book, "D-2", 1_000, agreement="A-2")
    book.two("ApproveDisbursement", disbursement="D-2")
    book.do("RecordContributionReceipt", pledge="PL-1", amount=5_000, bank_reference="in-1")


def short(book: Acting) -> None:
    """The base credit is annulled after 500'000.00 were promised; 9.00 of another credit are in force."""
    book.do("RecordAnnulment", credit="K-1", court="Kantonsgericht", reference="810 24 1")
    amounts = [{"source": "canton", "amount": 60_000_000}]
    book.do("ProposeCredit", credit="K-2", term="Ersatz", amounts=amounts, new=60_000_000, bound=0)
    decision = {"body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": "accepted"}
    book.do("RecordCreditDecision", decision, credit="K-2")
    evidence = [{"kind": "official", "title": "Seite des Kantons"}]
    book.do("RecordEntryIntoForce", credit="K-2", trigger="documented", evidence=evidence)


def cover(amount: int) -> Callable[[Acting], Fields]:
    """Cover the shortfall that the annulment left."""

    def data(book: Acting) -> Fields:
        ((position, _),) = book.state.cuts
        return {"source": "canton", "covers": [position], "from_unallocated": [{"credit": "K-2", "amount": amount}]}

    return data


def tranche(amount: int) -> Fields:
    """One tranche as the whole plan."""
    return {"agreement": "A-1", "tranches": [TRANCHE | {"amount": amount}]}


def pay(amount: int) -> Fields:
    """The bank paid D-1."""
    return {"disbursement": "D-1", "amount": amount, "bank_reference": "x"}


def drafted(**more: Any) -> Fields:
    """A draft of one item."""
    item = {"area": "SP", "source": "canton", "amount": 5, "year": 2024}
    terms = {"agreement": "A-9", "partner": "P-1", "form": "contract", "start": "2024-01-01", "end": "2024-12-31"}
    return {**terms, "ceiling": 5, "items": [item], **more}


def settled(reserve: int) -> Fields:
    """A settlement that keeps a reserve."""
    return settlement() | {"surplus": 2_000_000, "reserve": reserve}


def statement(balance: int, day: str = "2024-02-01") -> Fields:
    """What the bank says."""
    return {"statement_date": day, "statement_balance": balance}


BLOCK = {"year": 2024, "reason": "Savings"}
DUE = {"milestone": "M-1"}
MISSED = DUE | {"reason": "No room"}
SIGNING = {"agreement": "A-1", "signatories": ["p-man-b"]}
BANKED = {"recovery": "R-1", "reason": "Broke"}
CAPPED: Scene = lambda: signed(advance_cap=1_000)  # noqa: E731  # a scene by its name
KEEPING: Scene = lambda: signed(reserve_cap=500)  # noqa: E731  # as above
APPROVE = {"disbursement": "D-1"}
POORER = after(signed, did("BlockBudget", year=2024, amount=55_000_000, reason="Savings"), requested)

BY_A_RAPPEN = (
    Flip(Code.CREDIT_EXCEEDED, signed, "AmendAgreement", amendment(50_000_001), amendment(50_000_000)),
    Flip(Code.CREDIT_EXCEEDED, in_force, "BlockCredit", {"area": "SP", "source": "canton", "reason": "x",
         "amount": 50_000_001}, {"area": "SP", "source": "canton", "reason": "x", "amount": 50_000_000}),
    Flip(Code.BELOW_USED, APPROVED, "AmendAgreement", amendment(4_999_999), amendment(5_000_000)),
    Flip(Code.CEILING_EXCEEDED, signed, "ScheduleTranches", tranche(20_000_001), tranche(20_000_000)),
    Flip(Code.TRANCHE_IN_USE, after(GATED, WAIVED, lambda book: requested(book, tranche=1)), "ScheduleTranches",
         tranche(4_999_999), tranche(5_000_000)),
    Flip(Code.RESERVE_EXCEEDED, KEEPING, "SettleAgreement", settled(1_000_001), settled(1_000_000)),
    Flip(Code.TRANCHE_EXCEEDED, after(GATED, WAIVED), "RequestDisbursement", request(8_000_001, tranche=1),
         request(8_000_000, tranche=1)),
    Flip(Code.ADVANCE_CAP_EXCEEDED, CAPPED, "RequestDisbursement", request(2_000_001, kind="advance"),
         request(2_000_000, kind="advance")),
    Flip(Code.COMMITMENT_EXCEEDED, signed, "RequestDisbursement", request(20_000_001), request(20_000_000)),
    Flip(Code.LIMIT_EXCEEDED, after(REQUESTED, limits), "ApproveDisbursement", APPROVE, APPROVE,
         by=("p-app-a", "p-app-b")),
    Flip(Code.BUDGET_EXCEEDED, in_force, "BlockBudget", BLOCK | {"amount": 60_000_001}, BLOCK | {"amount": 60_000_000}),
    Flip(Code.PAYMENT_DIFFERS, APPROVED, "RecordPayment", pay(4_999_999), pay(5_000_000)),
    Flip(Code.PAYMENT_DIFFERS, APPROVED, "RecordPayment", pay(5_000_001), pay(5_000_000)),
    Flip(Code.RETURN_EXCEEDED, PAID, "RecordReturn", pay(5_000_001), pay(5_000_000)),
    Flip(Code.ADVANCE_EXCEEDED, ADVANCED, "SettleAdvance", {"agreement": "A-1", "amount": 5_000_001},
         {"agreement": "A-1", "amount": 5_000_000}),
    Flip(Code.ADVANCE_EXCEEDED, ADVANCED, "ClaimRecovery", claim(5_000_001, "advance"), claim(5_000_000, "advance")),
    Flip(Code.RECOVERY_EXCEEDED, PAID, "ClaimRecovery", claim(5_000_001), claim(5_000_000)),
    Flip(Code.RECOVERY_EXCEEDED, CLAIMED, "WaiveRecovery", BANKED | {"amount": 1_051}, BANKED | {"amount": 1_050}),
    Flip(Code.CLAIM_EXCEEDED, after(signed, PLEDGED), "ClaimContribution", {"pledge": "PL-1", "amount": 1_001},
         {"pledge": "PL-1", "amount": 1_000}),
    Flip(Code.RECOGNITION_EXCEEDED, after(signed, spent), "RecogniseContribution", {"pledge": "PL-1", "amount": 1_001},
         {"pledge": "PL-1", "amount": 1_000}),
    Flip(Code.RECOGNITION_EXCEEDED, after(signed, spent, did("RecogniseContribution", pledge="PL-1", amount=7)),
         "RecogniseContribution", {"pledge": "PL-1", "amount": -8}, {"pledge": "PL-1", "amount": -7}),
    Flip(Code.RECONCILIATION_DIFFERS, PAID, "CompleteReconciliation", statement(-4_999_999), statement(-5_000_000)),
    Flip(Code.RECONCILIATION_DIFFERS, after(PAID, did("RecordDiscrepancy", **DISCREPANCY)), "CompleteReconciliation",
         statement(-5_000_000), statement(-4_999_999)),
)  # fmt: skip

BY_A_DAY = (
    Flip(Code.MILESTONE_NOT_DUE, GATED, "RecordMilestoneDue", DUE, DUE, on=("2024-02-01", "2024-02-02")),
    Flip(Code.MILESTONE_NOT_DUE, GATED, "RecordMilestoneMissed", MISSED, MISSED, on=("2024-02-02", "2024-02-03")),
    Flip(Code.OUTSIDE_TERM, partnered, "DraftAgreement", drafted(start="2023-12-31"), drafted()),
    Flip(Code.OUTSIDE_TERM, partnered, "DraftAgreement", drafted(end="2030-01-01"), drafted(end="2029-12-31")),
    Flip(Code.OUTSIDE_TERM, signed, "AmendAgreement", {"agreement": "A-1", "reason": "x", "end": "2030-01-01"},
         {"agreement": "A-1", "reason": "x", "end": "2029-12-31"}),
    Flip(Code.OCCURRED_IN_FUTURE, after(partnered, draft), "SignAgreement", SIGNING | {"signed_on": "2024-02-02"},
         SIGNING | {"signed_on": "2024-02-01"}, by=("p-man-b", "p-man-b")),
    Flip(Code.OCCURRED_IN_FUTURE, PAID, "RecordReturn", pay(1) | {"occurred_on": "2024-02-02"},
         pay(1) | {"occurred_on": "2024-02-01"}),
    Flip(Code.BOOKED_IN_FUTURE, PAID, "RecordReturn", pay(1) | {"booked_on": "2024-02-02"},
         pay(1) | {"booked_on": "2024-02-01"}),
    Flip(Code.OCCURRED_IN_FUTURE, opened, "ImportOpeningBalance", OPENING | {"as_of": "2024-02-02"},
         OPENING | {"as_of": "2024-02-01"}),
    Flip(Code.OCCURRED_IN_FUTURE, PAID, "CompleteReconciliation", statement(-5_000_000, "2024-02-02"),
         statement(-5_000_000)),
    Flip(Code.BUDGET_EXCEEDED, POORER, "ApproveDisbursement", APPROVE | {"booked_on": "2025-01-01"},
         APPROVE | {"booked_on": "2024-12-31"}, on=("2025-01-01", "2025-01-01")),
    Flip(Code.ROLE_MISSING, after(signed, two_did("GrantRole", person="p-new", role="clerk", valid_from="2024-02-02")),
         "RequestDisbursement", request(), request(), by=("p-new", "p-new"), on=("2024-02-01", "2024-02-02")),
)  # fmt: skip


@pytest.mark.parametrize("flip", [*BY_A_RAPPEN, *BY_A_DAY], ids=lambda flip: f"{flip.code}-{flip.command}")
def test_what_is_just_beyond_is_refused_and_what_is_just_within_is_accepted(flip: Flip) -> None:
    book = flip.scene()
    book.now = flip.on[0] + MORNING
    book.refused(flip.code, flip.command, flip.beyond, by=flip.by[0])
    book.now = flip.on[1] + MORNING
    assert book.do(flip.command, flip.within, by=flip.by[1])


@pytest.mark.parametrize(("amount", "accepted"), [(50_000_000, True), (50_000_001, False)])
def test_a_shortfall_is_covered_to_the_last_rappen(amount: int, *, accepted: bool) -> None:
    book = after(lambda: signed(amount=50_000_000), short)()
    if accepted:
        book.do("CoverShortfall", cover(amount)(book))
        assert book.balance("credit:shortfall:canton") == 0
    else:
        assert "0.01 too much" in book.refused(Code.SHORTFALL_EXCEEDED, "CoverShortfall", cover(amount)(book))


# -- by one person ---------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    """An act of two persons: a scene in which it can be done, and who can."""

    scene: Scene
    command: str
    data: Fields | Callable[[Acting], Fields]
    people: str
    phase: str | None = None


AREA = {"code": "SP", "number": 1, "names": {"de": "Sprache"}}
PROGRAMME = {
    "label": "KIP", "start": "2028-01-01", "end": "2031-12-31", "area_set": {"code": "ONE", "areas": [AREA]},
    "sources": [{"source": "canton", "matching": False, "tail": False}],
    "policies": {"basis": "net", "recovery_restores_credit": True},
}  # fmt: skip
RULES = {"version": "R-1", "valid_from": "2020-01-01", "deciding_body": "parliament", "referendum": "none"}
CLEARED = after(APPROVED, did("RecordBankEntry", bank_reference="x", amount=-5_000_000))

PAIRS = (
    Pair(founded, "GrantRole", {"person": "p-new", "role": "viewer"}, "administrator"),
    Pair(founded, "RevokeRole", {"person": "p-aud-a", "role": "auditor"}, "administrator"),
    Pair(founded, "AdoptApprovalRules", RULES, "administrator"),
    Pair(founded, "OpenProgramme", PROGRAMME, "administrator"),
    Pair(REQUESTED, "ApproveDisbursement", APPROVE, "approver"),
    Pair(CLEARED, "AssignBankEntry", assignment(), "treasurer"),
    Pair(CLAIMED, "WaiveRecovery", BANKED | {"amount": 1}, "finance"),
    Pair(APPROVED, "ReverseEntry", reversing("DisbursementApproved"), "finance", "KIP3"),
    Pair(opened, "ImportOpeningBalance", OPENING, "finance"),
    Pair(signed, "AmendAgreement", amendment(5), "agreement_manager"),
    Pair(GATED, "RecordMilestoneReached", DUE | {"document": DOCUMENT}, "agreement_manager"),
    Pair(GATED, "WaiveMilestone", MISSED, "agreement_manager"),
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.command)
def test_one_person_is_not_two_and_another_person_is_enough(pair: Pair) -> None:
    book = pair.scene()
    first, second = PEOPLE[pair.people]
    data = pair.data(book) if callable(pair.data) else pair.data
    (proposal,) = book.do(pair.command, dict(data), by=first, phase=pair.phase)
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by=first)
    book.confirm_refused(Code.ROLE_MISSING, proposal, by="p-nobody")
    event = book.do(CONFIRM, by=second, proposal=proposal.position)[0]
    assert (event.actor, event.data.proposal) == (second, proposal.position)


def test_every_act_of_two_persons_is_among_them() -> None:
    assert {pair.command for pair in PAIRS} == {act.command for act in ACTS if act.two_persons}


HALVES = (
    (after(partnered, draft), "SignAgreement", SIGNING | {"signed_on": "2024-02-01"}, ("p-man-a", "p-man-b")),
    (after(signed, did("SubmitReport", by="p-man-a", **REPORT)), "AcceptReport", {"report": "RP-1"},
     ("p-man-a", "p-man-b")),
    (after(in_force, did("RegisterPartner", partner="P-1", kind="private_person"),
           did("ProposePartnerBankDetails", by="p-man-a", partner="P-1", iban=IBAN, salt=SALT)),
     "ConfirmPartnerBankDetails",
     lambda book: {"partner": "P-1", "commitment": book.state.partners["P-1"].proposed.commitment},
     ("p-man-a", "p-man-b")),
    (after(signed, two_did("GrantRole", person="p-clerk-a", role="approver"), requested), "ApproveDisbursement",
     APPROVE, ("p-clerk-a", "p-app-a")),
)  # fmt: skip


@pytest.mark.parametrize(("scene", "command", "data", "people"), HALVES, ids=lambda part: str(part)[:30])
def test_who_did_the_first_half_does_not_do_the_second(
    scene: Scene, command: str, data: Fields | Callable[[Acting], Fields], people: tuple[str, str]
) -> None:
    book = scene()
    order = data(book) if callable(data) else data
    book.refused(Code.SECOND_PERSON_REQUIRED, command, dict(order), by=people[0])
    assert book.do(command, dict(order), by=people[1])
