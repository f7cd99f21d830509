"""Opening balances, and agreement with the bank."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.corrections import (
    CompleteReconciliation,
    DiscrepancyExplained,
    DiscrepancyRecorded,
    ExplainDiscrepancy,
    ImportOpeningBalance,
    OpeningBalanceImported,
    ReconciliationCompleted,
    RecordDiscrepancy,
)  # fmt: skip
from landbuch.contracts.demands import demand_areas, demand_free_id, demand_sources
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case

NO_AREA = "_"


def import_opening_balance(state: BookState, order: ImportOpeningBalance, case: Case) -> Sequence[Record]:
    """Import what a programme brings along, once per programme."""
    if order.as_of > case.today:
        raise Refused(Code.OCCURRED_IN_FUTURE, f"As of {order.as_of}, later than today, {case.today} in Zurich.")
    programme = state.programmes[case.phase]
    paths = [account.split(":") for account, _ in order.balances]
    opened = [path for path in paths if path[0] == "credit"]
    demand_sources(programme, case.phase, [path[3] for path in opened])
    demand_areas(programme, case.phase, [path[2] for path in opened if path[2] != NO_AREA])
    if case.phase in state.openings:
        raise Refused(Code.OPENING_EXISTS, f"{case.phase} has its opening balance.")
    return [recorded(OpeningBalanceImported, order)]


def complete_reconciliation(state: BookState, order: CompleteReconciliation, case: Case) -> Sequence[Record]:
    """Declare that the bank's balance is the book's, up to the discrepancies that are not explained."""
    if order.statement_date > case.today:
        raise Refused(Code.OCCURRED_IN_FUTURE, f"A statement of {order.statement_date}; today is {case.today}.")
    booked = sum(amount for (_, account), amount in state.balances.items() if account == at.BANK)
    known = sum(one.amount for one in state.discrepancies.values() if not one.explained)
    difference = order.statement_balance - booked
    if difference != known:
        raise Refused(
            Code.RECONCILIATION_DIFFERS,
            f"The bank has {chf(order.statement_balance)}, the book {chf(booked)}: {chf(difference)} apart, of which "
            f"{chf(known)} is recorded.",
        )
    return [recorded(ReconciliationCompleted, order, book_balance=booked)]


def record_discrepancy(state: BookState, order: RecordDiscrepancy, case: Case) -> Sequence[Record]:
    """Record that bank and book differ."""
    demand_free_id(state, order.discrepancy)
    return [recorded(DiscrepancyRecorded, order)]


def explain_discrepancy(state: BookState, order: ExplainDiscrepancy, case: Case) -> Sequence[Record]:
    """Explain a discrepancy, once."""
    known = state.discrepancies.get(order.discrepancy)
    if known is None:
        raise Refused(Code.DISCREPANCY_UNKNOWN, f"There is no discrepancy {order.discrepancy}.")
    if known.explained:
        raise Refused(Code.DISCREPANCY_IS_EXPLAINED, f"{order.discrepancy} is explained.")
    return [recorded(DiscrepancyExplained, order)]
