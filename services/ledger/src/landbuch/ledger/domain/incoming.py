"""Contributions as money: claimed, received, recognised as income."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.contributions import (
    ClaimContribution,
    ContributionClaimed,
    ContributionReceived,
    ContributionRecognised,
    RecogniseContribution,
    RecordContributionReceipt,
)  # fmt: skip
from landbuch.contracts.demands import demand_reference, pledge_of
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Pledge
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case

_SPENT = frozenset({*at.EXPENSES.values(), at.REFUNDS})
_OF_AGREEMENT = 5
"""Segments of an account per area, source and agreement."""


def claim_contribution(state: BookState, order: ClaimContribution, case: Case) -> Sequence[Record]:
    """Ask for what is pledged and neither claimed nor received."""
    pledge = pledge_of(state, case.phase, order.pledge)
    most = max(pledge.amount - pledge.claimed - pledge.received, 0)
    if order.amount > most:
        raise Refused(
            Code.CLAIM_EXCEEDED,
            f"{order.pledge} is {chf(pledge.amount)}, {chf(pledge.claimed)} is claimed, {chf(pledge.received)} "
            f"received; {chf(order.amount)} is {chf(order.amount - most)} too much.",
        )
    return [recorded(ContributionClaimed, order)]


def record_contribution_receipt(state: BookState, order: RecordContributionReceipt, case: Case) -> Sequence[Record]:
    """Record what came in: a fact, claimed or not."""
    pledge_of(state, case.phase, order.pledge)
    demand_reference(state, order.bank_reference)
    return [recorded(ContributionReceived, order)]


def recognise_contribution(state: BookState, order: RecogniseContribution, case: Case) -> Sequence[Record]:
    """Recognise income as far as its source was spent and money is deferred; after recoveries take income back."""
    pledge = pledge_of(state, case.phase, order.pledge)
    if order.amount < 0:
        _demand_recognised(order, pledge)
        return [recorded(ContributionRecognised, order)]
    payer, source = pledge.terms.payer, pledge.terms.source
    eligible = max(_spent(state, case.phase, source) - _recognised(state, case.phase, source), 0)
    deferred = max(-state.balance(case.phase, at.deferred(payer, source)), 0)
    most = min(eligible, deferred)
    if order.amount > most:
        raise Refused(
            Code.RECOGNITION_EXCEEDED,
            f"{case.phase} {source} has {chf(eligible)} spent and not recognised, {payer} has {chf(deferred)} "
            f"deferred; {chf(order.amount)} is {chf(order.amount - most)} too much.",
        )
    return [recorded(ContributionRecognised, order)]


def _demand_recognised(order: RecogniseContribution, pledge: Pledge) -> None:
    beyond = -order.amount - pledge.recognised
    if beyond > 0:
        raise Refused(
            Code.RECOGNITION_EXCEEDED,
            f"{order.pledge} has {chf(pledge.recognised)} recognised; taking back {chf(-order.amount)} is "
            f"{chf(beyond)} too much.",
        )


def _spent(state: BookState, phase: str, source: str) -> int:
    """The expense of a source, less refunds of earlier years: an advance is none until it is settled."""
    paths = [(account.split(":"), amount) for account, amount in state.accounts(phase, "finance:")]
    return sum(
        amount for path, amount in paths if len(path) == _OF_AGREEMENT and path[1] in _SPENT and path[3] == source
    )


def _recognised(state: BookState, phase: str, source: str) -> int:
    pledges = [pledge for pledge in state.pledges.values() if pledge.phase == phase]
    return sum(pledge.recognised for pledge in pledges if pledge.terms.source == source)
