"""What the crowd orders in the life of agreements, payments, recoveries, contributions, and about the bank."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from landbuch.contracts import accounts as at
from landbuch.contracts.parts import total
from landbuch.contracts.state import BookState
from tests.acting import IBAN, QR_IBAN, SALT

if TYPE_CHECKING:
    from tests.simulation.actors import Crowd

Data = dict[str, Any]
DOCUMENT = "ab" * 32
AGREEMENTS, PARTNERS = ("A1", "A2", "A3", "A4", "A5"), ("P-1", "P1", "P2")
DUE = ("2024-01-15", "2024-03-28", "2024-04-20", "2024-09-30")
ZERO = dict.fromkeys(("eligible_costs", "own_funds", "surplus", "reserve", "recovery_due"), 0)


def _pool(kind: str, size: int) -> tuple[str, ...]:
    return tuple(f"{kind}{number}" for number in range(1, size + 1))


REPORTS, MILESTONES, EVALUATIONS, FINDINGS = _pool("RP", 4), _pool("M", 6), _pool("EV", 3), _pool("F", 3)
PAYMENTS, RECOVERIES, DISCREPANCIES = _pool("D", 30), _pool("R", 8), _pool("X", 3)
REFERENCES = tuple(f"line/{number}" for number in range(1, 200))


def _fresh(crowd: Crowd, state: BookState, pool: tuple[str, ...]) -> str:
    return crowd.pick(set(pool) - set(state.objects), pool)


def _agreement(crowd: Crowd, state: BookState, phase: str, *stages: str) -> str:
    known = state.agreements.items()
    return crowd.pick((name for name, one in known if one.phase == phase and one.stage in stages), AGREEMENTS)


def _payment(crowd: Crowd, state: BookState, phase: str, *stages: str) -> str:
    known = state.disbursements.items()
    fitting = (name for name, one in known if one.phase == phase and one.stage in stages)
    return crowd.pick(fitting, tuple(state.disbursements) or PAYMENTS)


def _of_partner(**more: str) -> Callable[[Crowd, BookState, str], Data]:
    return lambda crowd, state, _phase: {"partner": crowd.pick(state.partners, PARTNERS), **more}


def _of_agreement(*stages: str, **more: Any) -> Callable[[Crowd, BookState, str], Data]:
    return lambda crowd, state, phase: {"agreement": _agreement(crowd, state, phase, *stages), **more}


def _of_payment(*stages: str, **more: str) -> Callable[[Crowd, BookState, str], Data]:
    return lambda crowd, state, phase: {"disbursement": _payment(crowd, state, phase, *stages), **more}


def _of_milestone(*stages: str, **more: str) -> Callable[[Crowd, BookState, str], Data]:
    def data(crowd: Crowd, state: BookState, phase: str) -> Data:
        known = state.milestones.items()
        fitting = (name for name, one in known if one.phase == phase and one.stage in stages)
        return {"milestone": crowd.pick(fitting, MILESTONES), **more}

    return data


def _details(crowd: Crowd, state: BookState, _phase: str) -> Data:
    waiting = [(name, one.proposed.commitment) for name, one in state.partners.items() if one.proposed]
    crowd.idle = not waiting
    partner, commitment = crowd.draw.choice(waiting) if waiting else (crowd.draw.choice(PARTNERS), DOCUMENT)
    return {"partner": partner, "commitment": crowd.rarely(commitment, DOCUMENT)}


# -- agreements ------------------------------------------------------------------------------------------------------


def _amendment(crowd: Crowd, state: BookState, phase: str) -> Data:
    name = _agreement(crowd, state, phase, "signed", "suspended")
    known = state.agreements.get(name)
    if known is None or crowd.draw.random() < 0.2:
        end = crowd.draw.choice(("2025-06-30", "2025-12-31", "2023-12-31", "2031-01-01"))
        return {"agreement": name, "end": end, "reason": "Longer"}
    items = []
    for item in known.items:
        new = crowd.draw.choice((item.amount, item.amount + 1, item.amount // 2 or 1, crowd.amount(item.amount)))
        moved = {"area": crowd.rarely(item.area, crowd.area()), "source": item.source, "year": item.year}
        items.append({**moved, "amount": new})
    ceiling = min(10**13, sum(item["amount"] for item in items))
    return {"agreement": name, "ceiling": ceiling, "items": items, "reason": "Another plan"}


def _tranches(crowd: Crowd, state: BookState, phase: str) -> Data:
    name = _agreement(crowd, state, phase, "drafted", "signed", "suspended")
    known = state.agreements.get(name)
    gates = crowd.draw.sample(sorted(state.milestones), min(len(state.milestones), crowd.draw.randint(0, 1)))
    gates = crowd.rarely(gates, ["M9"])
    part = crowd.amount((known.ceiling if known else 9) // 2)
    tranches = [{"number": number, "due": "2024-06-30", "amount": part, "milestones": gates} for number in (1, 2)]
    return {"agreement": name, "tranches": tranches[: crowd.draw.randint(1, 2)]}


def _report(crowd: Crowd, state: BookState, phase: str) -> Data:
    period = {"period_start": "2024-01-01", "period_end": "2024-03-31", "kind": "interim"}
    name = _agreement(crowd, state, phase, "signed", "settled")
    return {"report": _fresh(crowd, state, REPORTS), "agreement": name, **period}


def _of_report(**more: str) -> Callable[[Crowd, BookState, str], Data]:
    def data(crowd: Crowd, state: BookState, _phase: str) -> Data:
        waiting = (name for name, report in state.reports.items() if report.stage == "submitted")
        return {"report": crowd.pick(waiting, tuple(state.reports) or REPORTS), **more}

    return data


def _settlement(crowd: Crowd, state: BookState, phase: str) -> Data:
    reserve = crowd.rarely(0, 10**9)
    return {"agreement": _agreement(crowd, state, phase, "signed"), **ZERO, "surplus": reserve, "reserve": reserve}


def _plan(crowd: Crowd, state: BookState, phase: str) -> Data:
    bound = {"agreement": _agreement(crowd, state, phase, "signed")} if crowd.draw.random() < 0.3 else {}
    return {
        "milestone": _fresh(crowd, state, MILESTONES), "title": "Courses", "due": crowd.draw.choice(DUE), **bound,
    }  # fmt: skip


def _evaluation(crowd: Crowd, state: BookState, phase: str) -> Data:
    about = {"partner": crowd.pick(state.partners, PARTNERS), "agreement": _agreement(crowd, state, phase, "signed")}
    return {"evaluation": _fresh(crowd, state, EVALUATIONS), "title": "Effect", **about}


def _of_evaluation(stage: str, **more: str) -> Callable[[Crowd, BookState, str], Data]:
    def data(crowd: Crowd, state: BookState, _phase: str) -> Data:
        fitting = (name for name, one in state.evaluations.items() if one.stage == stage)
        return {"evaluation": crowd.pick(fitting, EVALUATIONS), **more}

    return data


def _resolution(crowd: Crowd, state: BookState, _phase: str) -> Data:
    return {"finding": crowd.pick(state.findings, FINDINGS), "resolution": "Done"}


# -- payments --------------------------------------------------------------------------------------------------------


def _request(crowd: Crowd, state: BookState, phase: str) -> Data:
    name = _agreement(crowd, state, phase, "signed", "signed", "terminated")
    known = state.agreements.get(name)
    left = [
        (area, source, state.balance(phase, at.open_(area, source, name)))
        for area, source, _ in (known.shares() if known else ())
    ]
    order: Data = {"disbursement": _fresh(crowd, state, PAYMENTS), "agreement": name}
    order["kind"] = crowd.draw.choice(("advance", "instalment", "final"))
    amount = crowd.amount(min(sum(part for _, _, part in left), 100_000_00))
    if crowd.draw.random() < 0.3 and state.tranches.get(name):
        order["tranche"] = crowd.rarely(crowd.draw.choice(state.tranches[name]).number, 9)
    elif crowd.draw.random() < 0.3 and left:
        area, source, part = crowd.draw.choice(left)
        amount = crowd.amount(min(part, 100_000_00))
        order["shares"] = [{"area": area, "source": source, "amount": amount}]
    return order | {"amount": amount}


def _instruction(crowd: Crowd, state: BookState, phase: str) -> Data:
    name = _payment(crowd, state, phase, "approved", "returned")
    return {"disbursement": name, "batch": "B-1", "end_to_end_id": f"E-{crowd.draw.randint(1, 20)}"}


def _bank_of_payment(crowd: Crowd, state: BookState, phase: str) -> Data:
    name = _payment(crowd, state, phase, "approved", "instructed", "returned")
    known = state.disbursements.get(name)
    released = total(known.released) if known else 1
    amount = crowd.rarely(max(released, 1), released + 1)
    return {"disbursement": name, "amount": amount, "bank_reference": crowd.draw.choice(REFERENCES)}


def _bank_return(crowd: Crowd, state: BookState, phase: str) -> Data:
    name = _payment(crowd, state, phase, "paid", "returned")
    known = state.disbursements.get(name)
    amount = crowd.amount(total(known.used) if known else 1)
    return {"disbursement": name, "amount": amount, "bank_reference": crowd.draw.choice(REFERENCES)}


def _advance(crowd: Crowd, state: BookState, phase: str) -> Data:
    found = [(path.split(":")[4], left) for path, left in state.accounts(phase, "finance:1013:") if left > 0]
    crowd.idle = not found
    name, left = crowd.draw.choice(found) if found else (crowd.draw.choice(AGREEMENTS), 1)
    return {"agreement": name, "amount": crowd.amount(left)}


# -- bank, recoveries, contributions, corrections --------------------------------------------------------------------


def _bank_entry(crowd: Crowd, state: BookState, _phase: str) -> Data:
    owed = [-total(payment.released) for payment in state.disbursements.values() if payment.released]
    amount = crowd.draw.choice((*owed, *owed, crowd.amount(10_000_00), -7))
    return {"bank_reference": crowd.draw.choice(REFERENCES), "amount": amount}


def _assignment(crowd: Crowd, state: BookState, _phase: str) -> Data:
    waiting = [(name, one.amount) for name, one in state.movements.items() if one.clearing]
    nothing = not waiting
    reference, amount = crowd.draw.choice(waiting) if waiting else (crowd.draw.choice(REFERENCES), -1)
    inward = crowd.draw.choice(("return", "recovery", "contribution"))
    purpose = crowd.rarely("payment" if amount < 0 else inward, crowd.draw.choice(("payment", inward)))
    fitting = [name for name, one in state.disbursements.items() if total(one.released) == -amount]
    paid = [name for name, one in state.disbursements.items() if total(one.used) >= amount > 0]
    targets = {
        "payment": crowd.pick(fitting, PAYMENTS), "return": crowd.pick(paid, PAYMENTS),
        "recovery": crowd.pick(state.recoveries, RECOVERIES), "contribution": crowd.pick(state.pledges, ("PL1", "PL2")),
    }  # fmt: skip
    crowd.idle = nothing
    phase = crowd.rarely(crowd.draw.choice((*state.programmes, "KIP3")), "KIP9")
    return {"bank_reference": reference, "programme": phase, "purpose": purpose, "target": targets[purpose]}


def _claim(crowd: Crowd, state: BookState, phase: str) -> Data:
    used = state.accounts(phase, "credit:used:")
    nothing = not used
    path, left = crowd.draw.choice(used) if used else ("credit:used:SP:canton:A1", 1)
    area, source, name = path.split(":")[2:]
    of = crowd.draw.choice(("advance", "this_year", "this_year", "earlier_year"))
    part = {"area": area, "source": source, "amount": crowd.amount(left), "of": of}
    terms = {"ground": "unused", "parts": [part], "interest": crowd.draw.randint(0, 3)}
    claim = {"recovery": _fresh(crowd, state, RECOVERIES), "agreement": name, **terms}
    crowd.idle = nothing
    return claim


def _outstanding(crowd: Crowd, state: BookState, phase: str) -> tuple[str, int]:
    fitting = (name for name, one in state.recoveries.items() if one.phase == phase)
    name = crowd.pick(fitting, RECOVERIES)
    known = state.recoveries.get(name)
    return name, known.interest + total(known.principal) if known else 1


def _recovered(crowd: Crowd, state: BookState, phase: str) -> Data:
    name, left = _outstanding(crowd, state, phase)
    return {"recovery": name, "amount": crowd.amount(left), "bank_reference": crowd.draw.choice(REFERENCES)}


def _given_up(crowd: Crowd, state: BookState, phase: str) -> Data:
    name, left = _outstanding(crowd, state, phase)
    return {"recovery": name, "amount": crowd.amount(left), "reason": "Broke"}


def _of_pledge(kind: str) -> Callable[[Crowd, BookState, str], Data]:
    def data(crowd: Crowd, state: BookState, phase: str) -> Data:
        fitting = (name for name, one in state.pledges.items() if one.phase == phase)
        name = crowd.pick(fitting, ("PL1", "PL2", "PL3"))
        known = state.pledges.get(name)
        most = known.amount - known.claimed - known.received if known else 1
        if kind == "receipt":
            return {"pledge": name, "amount": crowd.amount(most), "bank_reference": crowd.draw.choice(REFERENCES)}
        if kind == "recognition":
            return {"pledge": name, "amount": crowd.draw.choice((1, 1, 9_999, crowd.amount(most), -1, -5_000))}
        return {"pledge": name, "amount": crowd.amount(most)}

    return data


def _reversal(crowd: Crowd, state: BookState, _phase: str) -> Data:
    recent = sorted(state.past)[-15:]
    position = crowd.rarely(crowd.draw.choice(recent), crowd.draw.choice(sorted(state.past)))
    event = crowd.rarely(state.past[position].id, "00000000-0000-4000-8000-000000000000")
    return {"position": position, "event": event, "reason": "Wrong"}


def _opening(crowd: Crowd, _state: BookState, _phase: str) -> Data:
    free = [f"credit:available:{crowd.area()}:{crowd.source()}", crowd.amount(10_000_00)]
    bank = ["finance:100", crowd.draw.choice((1, -1)) * crowd.amount(10_000_00)]
    return {"as_of": crowd.rarely("2023-12-31", "2099-12-31"), "balances": [free, bank, ["budget:free:2024", 500]]}


def _statement(crowd: Crowd, state: BookState, _phase: str) -> Data:
    booked = sum(amount for (_, account), amount in state.balances.items() if account == at.BANK)
    known = sum(one.amount for one in state.discrepancies.values() if not one.explained)
    off = crowd.draw.choice((0, 0, 0, 1))
    return {"statement_date": crowd.rarely("2024-03-28", "2099-12-31"), "statement_balance": booked + known + off}


def _discrepancy(crowd: Crowd, state: BookState, _phase: str) -> Data:
    name = _fresh(crowd, state, DISCREPANCIES)
    return {"discrepancy": name, "amount": -7, "statement_date": "2024-03-28", "description": "Charges"}


LIFE: dict[str, Callable[[Crowd, BookState, str], Data]] = {
    "AmendPartner": _of_partner(name="Verein Neu", reason="Merger"),
    "SuspendPartner": _of_partner(reason="Inquiry"),
    "ReinstatePartner": lambda crowd, state, _phase: {
        "partner": crowd.pick((name for name, one in state.partners.items() if one.suspended), PARTNERS),
        "reason": "Good",
    },
    "ProposePartnerBankDetails": lambda crowd, state, phase: {
        **_of_partner()(crowd, state, phase), "iban": crowd.draw.choice((IBAN, QR_IBAN)), "salt": SALT,
    },
    "ConfirmPartnerBankDetails": _details,
    "AmendAgreement": _amendment,
    "SuspendAgreement": _of_agreement("signed", reason="Inquiry"),
    "ResumeAgreement": _of_agreement("suspended", reason="Good"),
    "TerminateAgreement": _of_agreement("signed", "suspended", reason="Stopped"),
    "ScheduleTranches": _tranches,
    "SubmitReport": _report,
    "AcceptReport": _of_report(),
    "RejectReport": _of_report(reason="Incomplete"),
    "SettleAgreement": _settlement,
    "CloseAgreement": _of_agreement("settled"),
    "PlanMilestone": _plan,
    "RescheduleMilestone": _of_milestone("planned", "due", "missed", due="2024-04-20", reason="Later"),
    "RecordMilestoneDue": _of_milestone("planned"),
    "RecordMilestoneReached": _of_milestone("planned", "due", "missed", document=DOCUMENT),
    "RecordMilestoneMissed": _of_milestone("planned", "due", reason="No room"),
    "WaiveMilestone": _of_milestone("planned", "due", "missed", reason="Not needed"),
    "CommissionEvaluation": _evaluation,
    "RecordEvaluationDelivery": _of_evaluation("commissioned", document=DOCUMENT),
    "RecordEvaluationPublication": _of_evaluation("delivered", place="Website"),
    "RaiseFinding": lambda crowd, state, _phase: {
        "finding": _fresh(crowd, state, FINDINGS), "about": "A1", "statement": "A receipt is missing", "weight": "low",
    },
    "ResolveFinding": _resolution,
    "RequestDisbursement": _request,
    "WithdrawDisbursement": _of_payment("requested", reason="Twice"),
    "ApproveDisbursement": _of_payment("requested"),
    "RejectDisbursement": _of_payment("requested", reason="No receipt"),
    "RevokeApproval": _of_payment("approved", reason="Wrong"),
    "InstructPayment": _instruction,
    "RecordPayment": _bank_of_payment,
    "RecordReturn": _bank_return,
    "CancelDisbursement": _of_payment("returned", reason="Account closed"),
    "SettleAdvance": _advance,
    "RecordBankEntry": _bank_entry,
    "AssignBankEntry": _assignment,
    "ClaimRecovery": _claim,
    "RecordRecoveryReceipt": _recovered,
    "WaiveRecovery": _given_up,
    "ClaimContribution": _of_pledge("claim"),
    "RecordContributionReceipt": _of_pledge("receipt"),
    "RecogniseContribution": _of_pledge("recognition"),
    "ReverseEntry": _reversal,
    "ImportOpeningBalance": _opening,
    "CompleteReconciliation": _statement,
    "RecordDiscrepancy": _discrepancy,
    "ExplainDiscrepancy": lambda crowd, state, _phase: {
        "discrepancy": crowd.pick(state.discrepancies, DISCREPANCIES), "explanation": "Charges",
    },
}  # fmt: skip
LIFE_OFTEN = {
    "RequestDisbursement": 9, "ApproveDisbursement": 6, "RecordPayment": 7, "RecordReturn": 4, "InstructPayment": 2,
    "ReinstatePartner": 3, "ResumeAgreement": 3, "ProposePartnerBankDetails": 2, "ConfirmPartnerBankDetails": 4,
    "ClaimRecovery": 3, "RecordRecoveryReceipt": 3, "AssignBankEntry": 3, "RecordBankEntry": 2, "SettleAdvance": 2,
    "ReverseEntry": 3, "AmendAgreement": 3, "CancelDisbursement": 2, "RecogniseContribution": 2, "AcceptReport": 2,
    "SettleAgreement": 2, "CloseAgreement": 3, "WaiveRecovery": 2, "RecordMilestoneDue": 2, "RevokeApproval": 2,
}  # fmt: skip
