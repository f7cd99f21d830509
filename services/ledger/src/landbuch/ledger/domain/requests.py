"""Disbursements until they are approved: requested, withdrawn, rejected, approved by two, revoked."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreement_life import Tranche
from landbuch.contracts.acts.disbursements import (
    ApprovalRevoked,
    ApproveDisbursement,
    DisbursementApproved,
    DisbursementRejected,
    DisbursementRequested,
    DisbursementWithdrawn,
    RejectDisbursement,
    RequestDisbursement,
    RevokeApproval,
    WithdrawDisbursement,
)  # fmt: skip
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.demands import (
    agreement_of,
    demand_budget,
    demand_free_id,
    demand_other,
    demand_partner_active,
    demand_running,
    disbursement_of,
    milestone_of,
    partner_of,
)  # fmt: skip
from landbuch.contracts.money import chf
from landbuch.contracts.parts import Parts, gathered
from landbuch.contracts.posting.disbursements import proportions
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.roles import approved_total, limit_of, may
from landbuch.contracts.rows import Agreement, Disbursement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.contracts.warn import Warn
from landbuch.sdk.deciding import Case

WHOLE = 10_000
"""Basis points of one."""


def request_disbursement(state: BookState, order: RequestDisbursement, case: Case) -> Sequence[Record]:
    """Request a payment out of what an agreement has open."""
    phase, name = case.phase, order.agreement
    demand_free_id(state, order.disbursement)
    agreement = agreement_of(state, phase, name)
    tranche = _tranche_of(state, name, order.tranche)
    _demand_payable(state, name, agreement, now=False)
    _demand_no_double(state, order)
    _demand_milestones(state, phase, tranche)
    if tranche is not None:
        _demand_within_tranche(state, name, tranche, order.amount)
    if order.kind == "advance":
        _demand_advance_cap(state, phase, name, agreement, order.amount)
    asked = gathered((share.area, share.source, share.amount) for share in order.shares or ())
    _demand_open(state, phase, name, agreement, order.amount, asked)
    return [recorded(DisbursementRequested, order)]


def withdraw_disbursement(state: BookState, order: WithdrawDisbursement, case: Case) -> Sequence[Record]:
    """Withdraw a request."""
    _requested(state, case.phase, order.disbursement)
    return [recorded(DisbursementWithdrawn, order)]


def reject_disbursement(state: BookState, order: RejectDisbursement, case: Case) -> Sequence[Record]:
    """Reject a request."""
    _requested(state, case.phase, order.disbursement)
    return [recorded(DisbursementRejected, order)]


def approve_disbursement(state: BookState, order: ApproveDisbursement, case: Case) -> Sequence[Record]:
    """Approve a request: two approvers who did not request it, within their limits; now its shares and year are fixed.

    The first half is decided like the second, with the approver who is known so far.
    """
    phase = case.phase
    approvers = (case.proposer or case.actor, case.actor)
    _demand_approvers(state, case, approvers)
    payment = disbursement_of(state, phase, order.disbursement)
    for approver in approvers:
        demand_other(payment.requester, approver, did=f"requested {order.disbursement}", must="approve it")
    name = payment.agreement
    agreement = agreement_of(state, phase, name)
    tranche = _tranche_of(state, name, payment.tranche)
    _demand_payable(state, name, agreement, now=True)
    _requested(state, phase, order.disbursement)
    _demand_milestones(state, phase, tranche)
    if payment.kind == "advance":
        _demand_advance_cap(state, phase, name, agreement, payment.amount)
    for approver in approvers:
        _demand_limit(state, case, approver, payment)
    _demand_open(state, phase, name, agreement, payment.amount, payment.asked)
    where = f"{phase} budget {case.year} free"
    demand_budget(
        state, phase, at.budget("free", case.year), payment.amount, where=where, act=order.disbursement
    )  # fmt: skip
    shares = proportions(state, phase, payment)
    beyond = _beyond_plan(state, agreement, name, shares, case.year)
    return [
        recorded(
            DisbursementApproved,
            order,
            {Warn.BEYOND_YEARLY_PLAN} if beyond else (),
            approvers=approvers,
            shares=[{"area": area, "source": source, "amount": amount} for area, source, amount in shares],
            year=case.year,
        )
    ]


def revoke_approval(state: BookState, order: RevokeApproval, case: Case) -> Sequence[Record]:
    """Take an approval back before payment is instructed."""
    payment = disbursement_of(state, case.phase, order.disbursement)
    if payment.stage != "approved":
        raise Refused(Code.DISBURSEMENT_NOT_APPROVED, f"{order.disbursement} is {payment.stage}, not approved.")
    return [recorded(ApprovalRevoked, order, year=case.year)]


def _requested(state: BookState, phase: str, name: str) -> Disbursement:
    payment = disbursement_of(state, phase, name)
    if payment.stage != "requested":
        raise Refused(Code.DISBURSEMENT_NOT_REQUESTED, f"{name} is {payment.stage}, not waiting for approval.")
    return payment


def _tranche_of(state: BookState, agreement: str, number: int | None) -> Tranche | None:
    if number is None:
        return None
    for tranche in state.tranches.get(agreement, ()):
        if tranche.number == number:
            return tranche
    raise Refused(Code.TRANCHE_UNKNOWN, f"{agreement} has no tranche {number}.")


def _demand_approvers(state: BookState, case: Case, approvers: tuple[str, str]) -> None:
    """Refuse when the first approver is none any more at the time of the second."""
    for approver in approvers:
        if not may(state, COMMANDS[ApproveDisbursement.__name__], approver, case.phase, case.today):
            raise Refused(Code.ROLE_MISSING, f"{approver} is not approver for {case.phase} on {case.today}.")


def _demand_payable(state: BookState, name: str, agreement: Agreement, *, now: bool) -> None:
    """Refuse to pay a suspended partner, or under an agreement that has stopped; now also without bank details."""
    partner = partner_of(state, agreement.partner)
    demand_partner_active(agreement.partner, partner)
    if now and partner.confirmed is None:
        raise Refused(Code.BANK_DETAILS_UNCONFIRMED, f"The bank details of {agreement.partner} are not confirmed.")
    demand_running(name, agreement, also=("terminated",))


def _demand_no_double(state: BookState, order: RequestDisbursement) -> None:
    for name in state.disbursements_of.get(order.agreement, ()):
        other = state.disbursements.get(name)
        if other is None or not other.in_flight or other.tranche != order.tranche:
            continue
        if order.tranche is not None or (other.kind, other.amount) == (order.kind, order.amount):
            what = f"tranche {order.tranche}" if order.tranche else f"the same {order.kind} of {chf(order.amount)}"
            raise Refused(Code.DISBURSEMENT_DUPLICATE, f"{name} asks for {what} of {order.agreement} and is not over.")


def _demand_milestones(state: BookState, phase: str, tranche: Tranche | None) -> None:
    for name in tranche.milestones if tranche else ():
        milestone = milestone_of(state, phase, name)
        if not milestone.passed:
            raise Refused(Code.MILESTONE_OUTSTANDING, f"The tranche waits for {name}, which is {milestone.stage}.")


def _demand_within_tranche(state: BookState, name: str, tranche: Tranche, amount: int) -> None:
    live = sum(payment.live for payment in state.payments(name) if payment.tranche == tranche.number)
    if live + amount > tranche.amount:
        raise Refused(
            Code.TRANCHE_EXCEEDED,
            f"Tranche {tranche.number} of {name} is {chf(tranche.amount)}, of which {chf(live)} is paid; {chf(amount)} "
            f"is {chf(live + amount - tranche.amount)} too much.",
        )


def _demand_advance_cap(state: BookState, phase: str, name: str, agreement: Agreement, amount: int) -> None:
    if agreement.advance_cap is None:
        return
    most = agreement.ceiling * agreement.advance_cap // WHOLE
    advanced = sum(state.balance(phase, at.advance(area, source, name)) for area, source, _ in agreement.shares())
    if advanced + amount > most:
        raise Refused(
            Code.ADVANCE_CAP_EXCEEDED,
            f"{name} allows {chf(most)} in advance, {chf(advanced)} is advanced; {chf(amount)} is "
            f"{chf(advanced + amount - most)} too much.",
        )


def _demand_limit(state: BookState, case: Case, approver: str, payment: Disbursement) -> None:
    """Compare the cumulative total of the agreement with a limit, so that nobody splits a payment to stay below it."""
    limit = limit_of(state, COMMANDS[ApproveDisbursement.__name__], approver, case.phase, case.today)
    so_far = approved_total(state, case.phase, payment.agreement)
    reached = so_far + payment.amount
    if limit is not None and reached > limit:
        raise Refused(
            Code.LIMIT_EXCEEDED,
            f"{approver} may approve up to {chf(limit)}; {payment.agreement} has {chf(so_far)} and would have "
            f"{chf(reached)}, {chf(reached - limit)} too much.",
        )


def _demand_open(state: BookState, phase: str, name: str, agreement: Agreement, amount: int, asked: Parts) -> None:
    """Refuse more than an agreement has open, in all and, when shares are named, in each of them."""
    left = {
        (area, source): state.balance(phase, at.open_(area, source, name)) for area, source, _ in agreement.shares()
    }
    demands = [(f"{area} {source}", left.get((area, source), 0), part) for area, source, part in asked]
    for where, is_open, part in (*demands, ("in all", sum(left.values()), amount)):
        if part > is_open:
            raise Refused(
                Code.COMMITMENT_EXCEEDED,
                f"{name} {where} has {chf(is_open)} open; {chf(part)} is {chf(part - is_open)} too much.",
            )


def _beyond_plan(state: BookState, agreement: Agreement, name: str, shares: Parts, year: int) -> bool:
    """Tell whether more is approved in a year than the items plan for an area and source; planning never refuses."""
    planned = [(item.area, item.source, item.amount) for item in agreement.items if item.year == year]
    earlier = [part for payment in state.payments(name) if payment.year == year for part in payment.released]
    earlier += [part for payment in state.payments(name) if payment.year == year for part in payment.used]
    touched = {(area, source) for area, source, _ in shares}
    spent = gathered((*earlier, *shares, *((area, source, -amount) for area, source, amount in planned)))
    return any(left > 0 for area, source, left in spent if (area, source) in touched)
