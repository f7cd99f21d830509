"""Money in the example book: payments, what came back, contributions, bank lines, corrections."""

from __future__ import annotations

from landbuch.contracts.publish.steps.step import (
    APPROVERS,
    CLERK,
    DOCUMENT,
    FINANCE,
    SECOND,
    TREASURERS,
    Also,
    Step,
    of_book,
    share,
    step,
)

_TREASURER = TREASURERS[:1]
_TWO_OF_FINANCE = (*FINANCE, SECOND)


def _request(name: str, amount: int, **more: object) -> Step:
    terms = {"disbursement": name, "agreement": "A-001", "amount": amount, "kind": "instalment"}
    return Step(CLERK, "RequestDisbursement", {**terms, **more})


def _approve(name: str, *shares: tuple[str, int]) -> Step:
    fixed = [share("SP", source, amount) for source, amount in shares]
    derived = {"approvers": APPROVERS, "shares": fixed, "year": 2024}
    return Step(APPROVERS, "ApproveDisbursement", {"disbursement": name}, derived=derived)


def _instruct(name: str, end_to_end_id: str) -> Step:
    return step(
        FINANCE, "InstructPayment", disbursement=name, batch="B-001", end_to_end_id=end_to_end_id, pain_sha256=DOCUMENT
    )


PAYMENTS = (
    _request("D-001", 30_000_00, kind="advance", tranche=1),
    _approve("D-001", ("canton", 9_692_31), ("federal", 20_307_69)),
    _instruct("D-001", "EX1.2024.001"),
    step(
        _TREASURER, "RecordPayment", disbursement="D-001", amount=30_000_00, bank_reference="2024-03-28/1",
        occurred_on="2024-03-28",
    ),
    step(FINANCE, "SettleAdvance", agreement="A-001", amount=13_000_00),
    step(FINANCE, "SettleAdvance", agreement="A-001", amount=17_000_00),
    _request("D-002", 40_000_00, shares=[share("SP", "canton", 10_000_00), share("SP", "federal", 30_000_00)]),
    _approve("D-002", ("canton", 10_000_00), ("federal", 30_000_00)),
    _instruct("D-002", "EX1.2024.002"),
    of_book(_TREASURER, "RecordBankEntry", bank_reference="2024-03-28/2", amount=-40_000_00, value_date="2024-03-28"),
    Step(
        TREASURERS,
        "AssignBankEntry",
        {"bank_reference": "2024-03-28/2", "programme": "EX1", "purpose": "payment", "target": "D-002"},
        "_",
        then=(
            Also("DisbursementPaid", {"disbursement": "D-002", "amount": 40_000_00, "bank_reference": "2024-03-28/2"}),
        ),
    ),
    step(_TREASURER, "RecordReturn", disbursement="D-002", amount=40_000_00, bank_reference="2024-03-28/3"),
    Step(
        FINANCE, "CancelDisbursement", {"disbursement": "D-002", "reason": "Account is closed"}, derived={"year": 2024}
    ),
    _request("D-003", 5_000_00),
    step(APPROVERS[:1], "RejectDisbursement", disbursement="D-003", reason="No receipt"),
    _request("D-004", 5_000_00),
    step(CLERK, "WithdrawDisbursement", disbursement="D-004", reason="Asked for twice"),
    _request("D-005", 6_500_00),
    _approve("D-005", ("canton", 2_100_00), ("federal", 4_400_00)),
    Step(FINANCE, "RevokeApproval", {"disbursement": "D-005", "reason": "Wrong amount"}, derived={"year": 2024}),
)  # fmt: skip

INCOMING = (
    step(
        FINANCE, "ClaimRecovery", recovery="R-001", agreement="A-001", ground="unused", interest=20_00,
        parts=[share("SP", "canton", 1_000_00) | {"of": "this_year"}],
    ),
    step(_TREASURER, "RecordRecoveryReceipt", recovery="R-001", amount=920_00, bank_reference="2024-03-28/4"),
    step(_TWO_OF_FINANCE, "WaiveRecovery", recovery="R-001", amount=100_00, reason="Costs more than it brings"),
    step(FINANCE, "ClaimContribution", pledge="EX1-FED", amount=200_000_00),
    step(_TREASURER, "RecordContributionReceipt", pledge="EX1-FED", amount=150_000_00, bank_reference="2024-03-28/5"),
    step(FINANCE, "RecogniseContribution", pledge="EX1-FED", amount=20_000_00),
)  # fmt: skip

BANK = (
    step(
        _TWO_OF_FINANCE, "ImportOpeningBalance", as_of="2023-12-31",
        balances=[
            ["finance:100", 75_000_00], ["finance:204:SEM:federal", -60_000_00],
            ["credit:available:SP:canton", 15_000_00], ["budget:free:2024", 15_000_00],
        ],
    ),
    step(_TREASURER, "RecordContributionReceipt", pledge="EX1-FED", amount=700_00, bank_reference="2024-03-28/6"),
    Step(
        _TWO_OF_FINANCE,
        "ReverseEntry",
        {
            "position": 145,
            "event": "9c4ebb52-9678-5754-8569-c3d5a22df5e8",
            "reason": "The money is of somebody else",
        },
        then=(Also("BankEntryRecorded", {"bank_reference": "2024-03-28/6", "amount": 700_00}, "_"),),
    ),
    of_book(
        _TREASURER, "RecordDiscrepancy", discrepancy="DI-001", amount=-8_00, statement_date="2024-03-28",
        description="Charges of the bank",
    ),
    Step(
        _TREASURER,
        "CompleteReconciliation",
        {"statement_date": "2024-03-28", "statement_balance": 196_612_00, "document": DOCUMENT},
        "_",
        derived={"book_balance": 196_620_00},
    ),
    of_book(_TREASURER, "RecordBankEntry", bank_reference="2024-03-28/7", amount=-8_00),
    of_book(FINANCE, "ExplainDiscrepancy", discrepancy="DI-001", explanation="Charges are booked"),
)  # fmt: skip
