"""What agreements change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landbuch.contracts.acts import agreement_life, agreements
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Agreement, AgreementStage, Report
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _programme_agreement(state: BookState, event: AnyEvent, record: agreements.ProgrammeAgreementSigned) -> None:
    state.programme_agreements.set(event.phase, event.position)


def _drafted(state: BookState, event: AnyEvent, record: agreements.AgreementDrafted) -> None:
    state.objects.set(record.agreement, "agreement")
    state.agreements.set(
        record.agreement,
        Agreement(
            event.phase,
            record.partner,
            event.actor,
            record.start,
            record.end,
            record.ceiling,
            record.items,
            form=record.form,
            advance_cap=record.advance_cap,
            reserve_cap=record.reserve_cap,
        ),
    )


def _becomes(stage: AgreementStage) -> Change:
    def change(state: BookState, event: AnyEvent, record: agreement_life.ClosingTerms) -> None:
        known = state.agreements.get(record.agreement)
        if known is not None:
            state.agreements.set(record.agreement, replace(known, stage=stage))

    return change


def _amended(state: BookState, event: AnyEvent, record: agreement_life.AgreementAmended) -> None:
    known = state.agreements.get(record.agreement)
    if known is None:
        return
    former = tuple((area, source) for area, source, _ in known.shares())
    changes: dict[str, Any] = {"end": record.end or known.end}
    if record.items is not None:
        changes |= {"ceiling": record.ceiling, "items": record.items, "former": former}
    state.agreements.set(record.agreement, replace(known, **changes))


def _tranches_scheduled(state: BookState, event: AnyEvent, record: agreement_life.TranchesScheduled) -> None:
    state.tranches.set(record.agreement, record.tranches)


def _report_submitted(state: BookState, event: AnyEvent, record: agreement_life.ReportSubmitted) -> None:
    state.objects.set(record.report, "report")
    state.reports.set(record.report, Report(record.agreement, event.actor))


def _report_accepted(state: BookState, event: AnyEvent, record: agreement_life.ReportAccepted) -> None:
    known = state.reports.get(record.report)
    if known is not None:
        state.reports.set(record.report, replace(known, stage="accepted"))


def _report_rejected(state: BookState, event: AnyEvent, record: agreement_life.ReportRejected) -> None:
    known = state.reports.get(record.report)
    if known is not None:
        state.reports.set(record.report, replace(known, stage="rejected"))


CHANGES: dict[type[Record], Change] = {
    agreements.ProgrammeAgreementSigned: _programme_agreement,
    agreements.AgreementDrafted: _drafted,
    agreements.AgreementSigned: _becomes("signed"),
    agreement_life.AgreementAmended: _amended,
    agreement_life.AgreementSuspended: _becomes("suspended"),
    agreement_life.AgreementResumed: _becomes("signed"),
    agreement_life.AgreementTerminated: _becomes("terminated"),
    agreement_life.AgreementSettled: _becomes("settled"),
    agreement_life.AgreementClosed: _becomes("closed"),
    agreement_life.TranchesScheduled: _tranches_scheduled,
    agreement_life.ReportSubmitted: _report_submitted,
    agreement_life.ReportAccepted: _report_accepted,
    agreement_life.ReportRejected: _report_rejected,
}
