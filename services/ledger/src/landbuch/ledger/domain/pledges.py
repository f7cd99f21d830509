"""Contributions that others pledge."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.acts.contributions import (
    ContributionPledgeAmended,
    ContributionPledged,
    RecordContributionPledge,
    RecordContributionPledgeAmendment,
)  # fmt: skip
from landbuch.contracts.demands import demand_free_id, demand_sources, pledge_of
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.ledger.domain.decisions import OWN_SOURCE
from landbuch.sdk.deciding import Case


def record_contribution_pledge(state: BookState, order: RecordContributionPledge, case: Case) -> Sequence[Record]:
    """Record a pledge of somebody else's money."""
    demand_free_id(state, order.pledge)
    demand_sources(state.programmes[case.phase], case.phase, [order.source])
    if order.source == OWN_SOURCE:
        raise Refused(
            Code.SOURCE_OUTSIDE_BASIS, f"{order.source} is the canton's own money, which nobody else pledges."
        )
    return [recorded(ContributionPledged, order)]


def record_contribution_pledge_amendment(
    state: BookState, order: RecordContributionPledgeAmendment, case: Case
) -> Sequence[Record]:
    """Record a pledge's new total: a fact; what is not free becomes a shortfall."""
    pledge_of(state, case.phase, order.pledge)
    return [recorded(ContributionPledgeAmended, order)]
