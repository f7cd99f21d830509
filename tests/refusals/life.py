"""Orders of the life of agreements, money and corrections that are refused: each with its history and its code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from landbuch.contracts.catalogue import CONFIRM
from landbuch.contracts.refusals import Code, Refused
from tests.acting import (
    IBAN,
    SALT,
    Acting,
    Fields,
    approved,
    claimed,
    draft,
    in_force,
    opened,
    paid,
    partnered,
    requested,
    returned,
    settlement,
    sign,
    signed,
)

Scene = Callable[[], Acting]
Deed = Callable[[Acting], Any]
DOCUMENT = "ab" * 32


class LifeCase(NamedTuple):
    """A scene, a command, and the code that refuses it, with words of its detail."""

    code: Code
    scene: Scene
    command: str
    data: Fields | Callable[[Acting], Fields]
    words: tuple[str, ...] = ()
    by: str | None = None
    phase: str | None = None

    def refusal(self) -> Refused | None:
        """What the rules answer; ``None`` when they accept."""
        book = self.scene()
        data = self.data(book) if callable(self.data) else self.data
        try:
            book.do(self.command, dict(data), by=self.by, phase=self.phase)
        except Refused as refused:
            return refused
        return None


# -- what happened before --------------------------------------------------------------------------------------------


def after(scene: Scene, *deeds: Deed) -> Scene:
    """A scene, and what happened then."""

    def built() -> Acting:
        book = scene()
        for deed in deeds:
            deed(book)
        return book

    return built


def did(name: str, /, by: str | None = None, **data: Any) -> Deed:
    """Somebody did this."""
    return lambda book: book.do(name, data, by=by)


def two_did(name: str, /, **data: Any) -> Deed:
    """Two did this."""
    return lambda book: book.two(name, data)


def proposed(name: str, /, by: str | None = None, **data: Any) -> Deed:
    """One person proposed this, and nobody confirmed it yet."""
    return did(name, by, **data)


def last(book: Acting) -> Fields:
    """The last event as a proposal."""
    return {"proposal": book.state.head.position}


def reversing(name: str) -> Callable[[Acting], Fields]:
    """Reverse the last event of a type."""

    def data(book: Acting) -> Fields:
        position, past = next((at, past) for at, past in sorted(book.state.past.items())[::-1] if past.name == name)
        return {"position": position, "event": past.id, "reason": "Wrong"}

    return data


def reversed_(name: str) -> Deed:
    """Two people reversed the last event of a type."""

    def deed(book: Acting) -> None:
        (proposal,) = book.do("ReverseEntry", reversing(name)(book), by="p-fin-a", phase="KIP3")
        book.do(CONFIRM, by="p-fin-b", proposal=proposal.position)

    return deed


def limited(book: Acting) -> None:
    """One approver may approve up to 49'999.99."""
    book.two("RevokeRole", person="p-app-a", role="approver")
    book.two("GrantRole", person="p-app-a", role="approver", limit=4_999_999)


def request(amount: int = 5_000_000, name: str = "D-1", **more: Any) -> Fields:
    """Ask for an instalment of A-1."""
    return {"disbursement": name, "agreement": "A-1", "amount": amount, "kind": "instalment"} | more


def amendment(amount: int, **more: Any) -> Fields:
    """A new ceiling of A-1, all of it in SP."""
    items = [{"area": "SP", "source": "canton", "amount": amount, "year": 2024}]
    return {"agreement": "A-1", "ceiling": amount, "items": items, "reason": "More courses"} | more


def claim(amount: int, of: str = "this_year", name: str = "R-1") -> Fields:
    """Claim money of SP back."""
    parts = [{"area": "SP", "source": "canton", "amount": amount, "of": of}]
    return {"recovery": name, "agreement": "A-1", "ground": "unused", "parts": parts}


def assignment(**more: str) -> Fields:
    """The bank line x was the payment D-1."""
    return {"bank_reference": "x", "programme": "KIP3", "purpose": "payment", "target": "D-1"} | more


def planned(book: Acting) -> None:
    """A milestone of tomorrow, and a tranche of 80'000.00 that waits for it."""
    book.do("PlanMilestone", milestone="M-1", title="Courses began", due="2024-02-02")
    tranche = {"number": 1, "due": "2024-03-01", "amount": 8_000_000, "milestones": ["M-1"]}
    book.do("ScheduleTranches", agreement="A-1", tranches=[tranche])


def without_details(book: Acting) -> None:
    """An agreement A-1 with a partner whose bank details nobody confirmed."""
    book.do("RegisterPartner", partner="P-1", kind="ngo", name="Verein")
    draft(book)
    sign(book)


TRANCHE: Fields = {"number": 1, "due": "2024-03-01", "amount": 1}
WAIVED = two_did("WaiveMilestone", milestone="M-1", reason="Not needed")
OPENING: Fields = {"as_of": "2023-12-31", "balances": [["finance:100", 700]]}
REPORT: Fields = {"report": "RP-1", "agreement": "A-1", "kind": "interim"} | {
    "period_start": "2024-01-01", "period_end": "2024-01-31",
}  # fmt: skip
FINDING: Fields = {"finding": "F-1", "about": "A-1", "statement": "A receipt is missing", "weight": "high"}
DISCREPANCY: Fields = {"discrepancy": "DI-1", "amount": 1, "statement_date": "2024-01-31", "description": "Charges"}
SUSPENDED = did("SuspendPartner", partner="P-1", reason="Inquiry")
PLEDGED = did(
    "RecordContributionPledge", pledge="PL-1", source="federal", payer="SEM", amount=1_000, years=[2024], binding=True
)
SETTLED = did("SettleAgreement", **settlement())
PAID = after(signed, paid)
ADVANCED = after(signed, lambda book: paid(book, kind="advance"))
REQUESTED, APPROVED, RETURNED = after(signed, requested), after(signed, approved), after(PAID, returned)
INSTRUCTED = after(APPROVED, did("InstructPayment", disbursement="D-1", batch="B-1", end_to_end_id="E-1"))
CLAIMED = after(PAID, lambda book: claimed(book, 1_000, interest=50))
GATED = after(signed, planned)
CLEARING = after(APPROVED, did("RecordBankEntry", bank_reference="x", amount=-5_000_000))
EVALUATED = after(signed, did("CommissionEvaluation", evaluation="EV-1", title="Effect"))

# -- what is refused -------------------------------------------------------------------------------------------------

OF_AGREEMENTS = (
    LifeCase(Code.ID_TAKEN, signed, "RegisterPartner", {"partner": "A-1", "kind": "private_person"}),
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(signed, did("SubmitReport", **REPORT)), "AcceptReport",
             {"report": "RP-1"}, ("p-man-a submitted RP-1",)),
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(partnered, did("ProposePartnerBankDetails", by="p-man-a", partner="P-1",
             iban=IBAN, salt=SALT)), "ConfirmPartnerBankDetails", {"partner": "P-1", "commitment": DOCUMENT},
             ("p-man-a proposed the bank details of P-1",), by="p-man-a"),
    LifeCase(Code.PARTNER_UNKNOWN, in_force, "SuspendPartner", {"partner": "P-9", "reason": "Inquiry"},
             ("no partner P-9",)),
    LifeCase(Code.AGREEMENT_UNKNOWN, partnered, "AmendAgreement", amendment(5), ("no agreement A-1",)),
    LifeCase(Code.REPORT_UNKNOWN, signed, "AcceptReport", {"report": "RP-1"}, ("no report RP-1",)),
    LifeCase(Code.MILESTONE_UNKNOWN, signed, "WaiveMilestone", {"milestone": "M-1", "reason": "Not needed"}),
    LifeCase(Code.MILESTONE_UNKNOWN, signed, "ScheduleTranches",
             {"agreement": "A-1", "tranches": [TRANCHE | {"milestones": ["M-1"]}]}, ("no milestone M-1",)),
    LifeCase(Code.EVALUATION_UNKNOWN, signed, "RecordEvaluationDelivery", {"evaluation": "EV-1", "document": DOCUMENT}),
    LifeCase(Code.FINDING_UNKNOWN, signed, "ResolveFinding", {"finding": "F-1", "resolution": "Done"}),
    LifeCase(Code.FINDING_UNKNOWN, after(signed, did("RaiseFinding", **FINDING)), "ResolveFinding",
             {"finding": "F-1", "resolution": "Done"}, ("no finding F-1 in KIP3",), phase="KIP3"),
    LifeCase(Code.DATES_OUT_OF_ORDER, signed, "AmendAgreement",
             {"agreement": "A-1", "end": "2023-12-31", "reason": "Shorter"}, ("an item of 2024",)),
    LifeCase(Code.NAME_OUTSIDE_BOOK, lambda: partnered("private_person"), "AmendPartner",
             {"partner": "P-1", "name": "Somebody", "reason": "Married"}, ("a private person",)),
    LifeCase(Code.PARTNER_SUSPENDED, after(signed, SUSPENDED), "AmendAgreement", amendment(20_000_001)),
    LifeCase(Code.PARTNER_SUSPENDED, after(partnered, SUSPENDED), "SuspendPartner",
             {"partner": "P-1", "reason": "Inquiry"}, ("P-1 is suspended",)),
    LifeCase(Code.PARTNER_NOT_SUSPENDED, partnered, "ReinstatePartner", {"partner": "P-1", "reason": "Good"}),
    LifeCase(Code.BANK_DETAILS_NOT_PROPOSED, partnered, "ConfirmPartnerBankDetails",
             {"partner": "P-1", "commitment": DOCUMENT}, ("none wait",)),
    LifeCase(Code.AGREEMENT_SUSPENDED, after(signed, did("SuspendAgreement", agreement="A-1", reason="Inquiry")),
             "RequestDisbursement", request(), ("A-1 is suspended",)),
    LifeCase(Code.AGREEMENT_NOT_SUSPENDED, signed, "ResumeAgreement", {"agreement": "A-1", "reason": "Good"}),
    LifeCase(Code.AGREEMENT_NOT_RUNNING, after(partnered, draft), "AmendAgreement", amendment(5), ("drafted",)),
    LifeCase(Code.AGREEMENT_NOT_RUNNING, after(signed, SETTLED), "RequestDisbursement", request(), ("settled",)),
    LifeCase(Code.AGREEMENT_NOT_SETTLED, signed, "CloseAgreement", {"agreement": "A-1"}, ("A-1 is signed",)),
    LifeCase(Code.REPORT_NOT_SUBMITTED, after(signed, did("SubmitReport", **REPORT), did("RejectReport", report="RP-1",
             reason="Incomplete")), "RejectReport", {"report": "RP-1", "reason": "Incomplete"}, ("RP-1 is rejected",)),
    LifeCase(Code.MILESTONE_OVER, after(GATED, WAIVED), "RescheduleMilestone",
             {"milestone": "M-1", "due": "2024-05-01", "reason": "Later"}, ("M-1 is waived already",)),
    LifeCase(Code.MILESTONE_NOT_DUE, GATED, "RecordMilestoneDue", {"milestone": "M-1"},
             ("due on 2024-02-02; today is 2024-02-01",), by="s-clock"),
    LifeCase(Code.EVALUATION_OUT_OF_ORDER, EVALUATED, "RecordEvaluationPublication",
             {"evaluation": "EV-1", "place": "Website"}, ("commissioned, not delivered",)),
    LifeCase(Code.FINDING_IS_RESOLVED, after(signed, did("RaiseFinding", **FINDING), did("ResolveFinding",
             finding="F-1", resolution="Done")), "ResolveFinding", {"finding": "F-1", "resolution": "Done"}),
    LifeCase(Code.OUTSIDE_TERM, signed, "AmendAgreement",
             {"agreement": "A-1", "end": "2030-01-01", "reason": "Longer"}, ("2024-01-01 to 2029-12-31",)),
    LifeCase(Code.PAYMENTS_IN_FLIGHT, REQUESTED, "SettleAgreement", settlement(), ("1 payments over 50'000.00",)),
    LifeCase(Code.BALANCE_OUTSTANDING, after(CLAIMED, SETTLED), "CloseAgreement", {"agreement": "A-1"},
             ("finance:1014:recovery:A-1 stands at 10.50",)),
    LifeCase(Code.CEILING_EXCEEDED, signed, "ScheduleTranches",
             {"agreement": "A-1", "tranches": [TRANCHE | {"amount": 20_000_001}]}, ("200'000.01", "0.01 too much")),
    LifeCase(Code.RESERVE_EXCEEDED, lambda: signed(reserve_cap=500), "SettleAgreement",
             settlement() | {"surplus": 2_000_000, "reserve": 1_000_001}, ("keep 10'000.00", "0.01 too much")),
    LifeCase(Code.BELOW_USED, APPROVED, "AmendAgreement", amendment(4_999_999), ("50'000.00", "0.01 too low")),
    LifeCase(Code.TRANCHE_IN_USE, after(GATED, WAIVED, lambda book: requested(book, tranche=1)), "ScheduleTranches",
             {"agreement": "A-1", "tranches": [TRANCHE]}, ("50'000.00 requested or paid", "0.01")),
    LifeCase(Code.CREDIT_EXCEEDED, signed, "AmendAgreement", amendment(50_000_001),
             ("KIP3 SP canton has 300'000.00 available", "needs 300'000.01", "0.01 too much")),
)  # fmt: skip

OF_PAYMENTS = (
    LifeCase(Code.ROLE_MISSING, after(REQUESTED, proposed("ApproveDisbursement", disbursement="D-1"),
             two_did("RevokeRole", person="p-app-a", role="approver")), CONFIRM,
             lambda book: {"proposal": book.state.head.position - 2}, ("p-app-a is not approver",), by="p-app-b"),
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(REQUESTED, proposed("ApproveDisbursement", disbursement="D-1")),
             CONFIRM, last, ("one person is not two",), by="p-app-a"),
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(signed, two_did("GrantRole", person="p-clerk-a", role="approver"),
             requested), "ApproveDisbursement", {"disbursement": "D-1"}, ("p-clerk-a requested D-1",), by="p-clerk-a"),
    LifeCase(Code.TRANCHE_UNKNOWN, GATED, "RequestDisbursement", request(tranche=2), ("A-1 has no tranche 2",)),
    LifeCase(Code.DISBURSEMENT_UNKNOWN, signed, "ApproveDisbursement", {"disbursement": "D-9"}, ("D-9 in KIP3",)),
    LifeCase(Code.BANK_DETAILS_UNCONFIRMED, after(in_force, without_details, requested), "ApproveDisbursement",
             {"disbursement": "D-1"}, ("bank details of P-1",)),
    LifeCase(Code.DISBURSEMENT_NOT_REQUESTED, APPROVED, "WithdrawDisbursement",
             {"disbursement": "D-1", "reason": "Too late"}, ("D-1 is approved",)),
    LifeCase(Code.DISBURSEMENT_NOT_APPROVED, REQUESTED, "InstructPayment",
             {"disbursement": "D-1", "batch": "B-1", "end_to_end_id": "E-1"}, ("D-1 is requested",)),
    LifeCase(Code.DISBURSEMENT_NOT_APPROVED, INSTRUCTED, "RevokeApproval",
             {"disbursement": "D-1", "reason": "Too late"}, ("D-1 is instructed",)),
    LifeCase(Code.DISBURSEMENT_NOT_RELEASED, REQUESTED, "RecordPayment",
             {"disbursement": "D-1", "amount": 5_000_000, "bank_reference": "x"}, ("nothing is released",)),
    LifeCase(Code.DISBURSEMENT_NOT_RETURNED, PAID, "CancelDisbursement",
             {"disbursement": "D-1", "reason": "Account closed"}, ("D-1 is paid",)),
    LifeCase(Code.DISBURSEMENT_DUPLICATE, REQUESTED, "RequestDisbursement", request(name="D-2"),
             ("the same instalment of 50'000.00",)),
    LifeCase(Code.END_TO_END_ID_TAKEN, after(INSTRUCTED, lambda book: approved(book, "D-2", 5_000_001)),
             "InstructPayment", {"disbursement": "D-2", "batch": "B-1", "end_to_end_id": "E-1"}, ("stands for D-1",)),
    LifeCase(Code.MILESTONE_OUTSTANDING, GATED, "RequestDisbursement", request(tranche=1),
             ("waits for M-1, which is planned",)),
    LifeCase(Code.TRANCHE_EXCEEDED, after(GATED, WAIVED), "RequestDisbursement", request(8_000_001, tranche=1),
             ("80'000.00", "0.01 too much")),
    LifeCase(Code.ADVANCE_CAP_EXCEEDED, lambda: signed(advance_cap=1_000), "RequestDisbursement",
             request(2_000_001, kind="advance"), ("20'000.00 in advance", "0.01 too much")),
    LifeCase(Code.ADVANCE_EXCEEDED, ADVANCED, "SettleAdvance", {"agreement": "A-1", "amount": 5_000_001},
             ("50'000.00 advanced", "0.01 too much")),
    LifeCase(Code.ADVANCE_IS_SETTLED, after(ADVANCED, did("SettleAdvance", agreement="A-1", amount=1), returned),
             "CancelDisbursement", {"disbursement": "D-1", "reason": "Account closed"}, ("49'999.99 advanced",)),
    LifeCase(Code.LIMIT_EXCEEDED, after(signed, limited, requested), "ApproveDisbursement", {"disbursement": "D-1"},
             ("p-app-a may approve up to 49'999.99", "0.01 too much")),
    LifeCase(Code.LIMIT_EXCEEDED, after(signed, limited, requested,
             proposed("ApproveDisbursement", by="p-app-b", disbursement="D-1")), CONFIRM, last, ("0.01 too much",),
             by="p-app-a"),
    LifeCase(Code.COMMITMENT_EXCEEDED, signed, "RequestDisbursement", request(20_000_001),
             ("200'000.00 open", "0.01 too much")),
    LifeCase(Code.BUDGET_EXCEEDED, after(signed, did("BlockBudget", year=2024, amount=55_000_001, reason="Savings"),
             requested), "ApproveDisbursement", {"disbursement": "D-1"},
             ("KIP3 budget 2024 free has 49'999.99", "needs 50'000.00", "0.01 too much")),
    LifeCase(Code.PAYMENT_DIFFERS, APPROVED, "RecordPayment",
             {"disbursement": "D-1", "amount": 4_999_999, "bank_reference": "x"}, ("50'000.00 released", "0.01")),
    LifeCase(Code.RETURN_EXCEEDED, PAID, "RecordReturn",
             {"disbursement": "D-1", "amount": 5_000_001, "bank_reference": "x"}, ("0.01 too much",)),
)  # fmt: skip

OF_BANK = (
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(CLEARING, proposed("AssignBankEntry", **assignment())), CONFIRM, last,
             by="p-tre-a"),
    LifeCase(Code.RECOVERY_UNKNOWN, PAID, "RecordRecoveryReceipt",
             {"recovery": "R-9", "amount": 1, "bank_reference": "x"}, ("no recovery R-9",)),
    LifeCase(Code.BANK_ENTRY_UNKNOWN, APPROVED, "AssignBankEntry", assignment(), ("No bank line x",)),
    LifeCase(Code.BANK_REFERENCE_USED, PAID, "RecordReturn",
             {"disbursement": "D-1", "amount": 1, "bank_reference": "out-D-1"}, ("over \N{MINUS SIGN}50'000.00",)),
    LifeCase(Code.BANK_REFERENCE_USED, CLEARING, "RecordBankEntry", {"bank_reference": "x", "amount": 5}),
    LifeCase(Code.BANK_ENTRY_WRONG_SIDE, CLEARING, "AssignBankEntry", assignment(purpose="return"),
             ("it is no return",)),
    LifeCase(Code.PAYMENT_DIFFERS, after(APPROVED, did("RecordBankEntry", bank_reference="x", amount=-1)),
             "AssignBankEntry", assignment(), ("the bank line is 0.01",)),
    LifeCase(Code.DISCREPANCY_UNKNOWN, signed, "ExplainDiscrepancy",
             {"discrepancy": "DI-9", "explanation": "Charges"}, ("no discrepancy DI-9",)),
    LifeCase(Code.RECOVERY_EXCEEDED, PAID, "ClaimRecovery", claim(5_000_001), ("50'000.00 used", "0.01 too much")),
    LifeCase(Code.RECOVERY_EXCEEDED, CLAIMED, "WaiveRecovery", {"recovery": "R-1", "amount": 1_051, "reason": "Broke"},
             ("10.50 outstanding", "0.01 too much")),
    LifeCase(Code.ADVANCE_EXCEEDED, ADVANCED, "ClaimRecovery", claim(5_000_001, "advance"), ("0.01 too much",)),
    LifeCase(Code.PLEDGE_UNKNOWN, signed, "ClaimContribution", {"pledge": "PL-1", "amount": 1}, ("no pledge PL-1",)),
    LifeCase(Code.CLAIM_EXCEEDED, after(signed, PLEDGED), "ClaimContribution", {"pledge": "PL-1", "amount": 1_001},
             ("PL-1 is 10.00", "0.01 too much")),
    LifeCase(Code.RECOGNITION_EXCEEDED, after(signed, PLEDGED), "RecogniseContribution",
             {"pledge": "PL-1", "amount": 1}, ("0.00 spent and not recognised", "0.01 too much")),
    LifeCase(Code.RECOGNITION_EXCEEDED, after(signed, PLEDGED), "RecogniseContribution",
             {"pledge": "PL-1", "amount": -1}, ("0.00 recognised", "0.01 too much")),
    LifeCase(Code.OCCURRED_IN_FUTURE, opened, "ImportOpeningBalance", OPENING | {"as_of": "2024-02-02"},
             ("2024-02-02",)),
    LifeCase(Code.OPENING_EXISTS, after(opened, two_did("ImportOpeningBalance", **OPENING)), "ImportOpeningBalance",
             OPENING, ("KIP3 has its opening balance",)),
    LifeCase(Code.DISCREPANCY_IS_EXPLAINED, after(signed, did("RecordDiscrepancy", **DISCREPANCY),
             did("ExplainDiscrepancy", discrepancy="DI-1", explanation="Charges")), "ExplainDiscrepancy",
             {"discrepancy": "DI-1", "explanation": "Charges"}, ("DI-1 is explained",)),
    LifeCase(Code.RECONCILIATION_DIFFERS, PAID, "CompleteReconciliation",
             {"statement_date": "2024-02-01", "statement_balance": -4_999_999}, ("0.01 apart",)),
    LifeCase(Code.ENTRY_UNKNOWN, APPROVED, "ReverseEntry", reversing("DisbursementApproved"), ("of KIP3", "not"),
             phase="_"),
    LifeCase(Code.ENTRY_NOT_REVERSIBLE, in_force, "ReverseEntry", reversing("RoleGranted"),
             ("RoleGranted",), phase="_"),
    LifeCase(Code.ENTRY_ALREADY_REVERSED, after(APPROVED, reversed_("DisbursementApproved")), "ReverseEntry",
             reversing("DisbursementApproved"), ("is reversed",), phase="KIP3"),
    LifeCase(Code.HAS_DEPENDANTS, INSTRUCTED, "ReverseEntry", reversing("DisbursementApproved"),
             ("PaymentInstructed", "depends on DisbursementApproved", "(D-1)"), phase="KIP3"),
    LifeCase(Code.HAS_DEPENDANTS, signed, "ReverseEntry", reversing("CreditAllocated"),
             ("credit:available:SP:canton has 300'000.00", "would leave \N{MINUS SIGN}200'000.00"), phase="KIP3"),
)  # fmt: skip

LIFE_CASES = (*OF_AGREEMENTS, *OF_PAYMENTS, *OF_BANK)
