"""The end of an agreement: reports, settlement, closing."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreement_life import (
    AcceptReport,
    AgreementClosed,
    AgreementSettled,
    CloseAgreement,
    RejectReport,
    ReportAccepted,
    ReportRejected,
    ReportSubmitted,
    SettleAgreement,
    SubmitReport,
)  # fmt: skip
from landbuch.contracts.demands import agreement_of, demand_free_id, demand_other, demand_running
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Report
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case

WHOLE = 10_000
"""Basis points of one."""


def submit_report(state: BookState, order: SubmitReport, case: Case) -> Sequence[Record]:
    """Submit a report under an agreement that is signed and not closed."""
    demand_free_id(state, order.report)
    agreement = agreement_of(state, case.phase, order.agreement)
    demand_running(order.agreement, agreement, also=("suspended", "terminated", "settled"))
    return [recorded(ReportSubmitted, order)]


def accept_report(state: BookState, order: AcceptReport, case: Case) -> Sequence[Record]:
    """Accept a report that waits, as somebody else than who submitted it."""
    report = _report_of(state, case.phase, order.report)
    demand_other(report.submitter, case.actor, did=f"submitted {order.report}", must="accept it")
    _demand_waiting(order.report, report)
    return [recorded(ReportAccepted, order)]


def reject_report(state: BookState, order: RejectReport, case: Case) -> Sequence[Record]:
    """Reject a report that waits."""
    _demand_waiting(order.report, _report_of(state, case.phase, order.report))
    return [recorded(ReportRejected, order)]


def _report_of(state: BookState, phase: str, name: str) -> Report:
    report = state.reports.get(name)
    if report is None or state.agreements[report.agreement].phase != phase:
        raise Refused(Code.REPORT_UNKNOWN, f"There is no report {name} in {phase}.")
    return report


def _demand_waiting(name: str, report: Report) -> None:
    if report.stage != "submitted":
        raise Refused(Code.REPORT_NOT_SUBMITTED, f"{name} is {report.stage}.")


def settle_agreement(state: BookState, order: SettleAgreement, case: Case) -> Sequence[Record]:
    """Settle: no payment in flight, the reserve within its cap; everything open becomes free."""
    phase, name = case.phase, order.agreement
    agreement = agreement_of(state, phase, name)
    demand_running(name, agreement, also=("suspended", "terminated"))
    in_flight = [payment.amount for payment in state.payments(name) if payment.in_flight]
    if in_flight:
        raise Refused(
            Code.PAYMENTS_IN_FLIGHT,
            f"{name} has {len(in_flight)} payments over {chf(sum(in_flight))} that are not over.",
        )
    most = agreement.ceiling * (agreement.reserve_cap or 0) // WHOLE
    if order.reserve > most:
        raise Refused(
            Code.RESERVE_EXCEEDED,
            f"{name} may keep {chf(most)} as reserve; {chf(order.reserve)} is {chf(order.reserve - most)} too much.",
        )
    return [recorded(AgreementSettled, order)]


def close_agreement(state: BookState, order: CloseAgreement, case: Case) -> Sequence[Record]:
    """Close a settled agreement: nothing open, released, advanced, owed or claimed."""
    phase, name = case.phase, order.agreement
    agreement = agreement_of(state, phase, name)
    if agreement.stage != "settled":
        raise Refused(Code.AGREEMENT_NOT_SETTLED, f"{name} is {agreement.stage}.")
    accounts = [at.payable(name), at.recovery_claim(name)]
    for area, source, _ in agreement.shares():
        accounts += [at.open_(area, source, name), at.released(area, source, name), at.advance(area, source, name)]
    for account in accounts:
        left = state.balance(phase, account)
        if left:
            raise Refused(Code.BALANCE_OUTSTANDING, f"{name}: {account} stands at {chf(left)}, not at {chf(0)}.")
    return [recorded(AgreementClosed, order)]
