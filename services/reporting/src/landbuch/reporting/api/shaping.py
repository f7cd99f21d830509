"""From read models to the shapes of the API."""

from __future__ import annotations

import base64
from dataclasses import fields
from urllib.parse import urlencode

from landbuch.contracts.figures import Figures
from landbuch.contracts.money import decimal
from landbuch.reporting.api import answers
from landbuch.reporting.domain.agreement import Agreement
from landbuch.reporting.domain.credit import Credit
from landbuch.reporting.domain.explained import Contribution
from landbuch.reporting.domain.partner import Partner
from landbuch.reporting.domain.told import Told
from landbuch.reporting.store.event_index import Shown
from landbuch.reporting.store.questions import Difference
from landbuch.reporting.store.reading import Extent

PREFIX = "/api/v1"


def state(within: Extent) -> dict[str, str | int | None]:
    """Say what counted."""
    return {
        "canton": within.book,
        "position": within.position,
        "leaf": within.leaf,
        "recorded_at": within.time,
        "as_of": None if within.as_of is None else within.as_of.isoformat(),
    }


def address(within: Extent, what: str, **parameters: str | None) -> str:
    """Give the address of a question about the very same state."""
    known = {"canton": within.book, **parameters, "at": str(within.position)}
    if within.as_of is not None:
        known["as_of"] = within.as_of.isoformat()
    return f"{PREFIX}/{what}?{urlencode({name: value for name, value in known.items() if value is not None})}"


def figures(
    within: Extent, phase: str, part: Figures, area: str | None, source: str | None
) -> dict[str, answers.Money]:
    """Give each figure with the address of its explanation."""
    return {
        field.name: answers.Money(
            amount=decimal(getattr(part, field.name)),
            explain=address(within, "explain", phase=phase, figure=field.name, area=area, source=source),
        )
        for field in fields(part)
    }


def contribution(within: Extent, part: Contribution, told: Told) -> dict[str, object]:
    """Say what an event added."""
    return {
        "position": told.position,
        "id": told.id,
        "type": told.name,
        "bookedon": told.bookedon,
        "occurred_on": told.occurred_on,
        "recorded_at": told.time,
        "actor": told.actor,
        "illustration": told.illustration,
        "amount": decimal(part.amount),
        "accounts": list(part.accounts),
        "event": address(within, f"events/{told.position}"),
    }


def difference(first: Extent, second: Extent, row: Difference) -> answers.Difference:
    """Give one row of a comparison."""
    moved = [
        answers.Moved.model_validate(
            contribution(second if come else first, part, told)
            | {
                "only_in": "second" if come else "first",
                "reason": why(told, first if come else second),
            }
        )
        for part, told, come in row.parts
    ]
    return answers.Difference(
        area=row.area, source=row.source, first=decimal(row.first), second=decimal(row.second),
        difference=decimal(row.second - row.first), events=moved,
    )  # fmt: skip


def why(told: Told, missing_in: Extent) -> str:
    """Say why a state does not count an event: it was booked later, learned later, or both."""
    learned = told.position > missing_in.position
    booked = missing_in.as_of is not None and told.bookedon > missing_in.as_of.isoformat()
    return "both" if learned and booked else "learned_later" if learned else "booked_later"


def credit(within: Extent, one: Credit, events: list[Told] | None = None) -> answers.CreditAnswer:
    """Describe a credit."""
    decision = one.decision.data if one.decision is not None else {}
    return answers.CreditAnswer(
        id=one.id,
        phase=one.phase,
        term=one.term,
        stage=one.stage,
        amount=answers.Money(
            amount=decimal(one.amount),
            explain=address(within, f"events/{(one.decision or one).position}"),
        ),
        amounts=[answers.Amount(source=source, amount=decimal(amount)) for source, amount in one.amounts],
        supplement_to=one.supplement_to,
        referendum=one.referendum,
        votes_for=decision.get("votes_for"),
        votes_against=decision.get("votes_against"),
        decided_by=decision.get("body_name"),
        in_force_by=None if one.force is None else one.force.data["trigger"],
        illustration=one.illustration,
        events=None if events is None else [told.position for told in events],
    )


def agreement(within: Extent, one: Agreement, events: list[Told] | None = None) -> answers.AgreementAnswer:
    """Describe an agreement without its figures."""
    whole = events is not None
    return answers.AgreementAnswer(
        id=one.id,
        phase=one.phase,
        partner=one.partner,
        form=one.form,
        title=one.title,
        state=one.state,
        start=one.start,
        end=one.end,
        signed_on=one.signed_on,
        ceiling=answers.Money(amount=decimal(one.ceiling), explain=address(within, f"events/{one.terms_at}")),
        plan=[
            answers.PlanItem(area=area, source=source, year=year, amount=decimal(amount))
            for area, source, year, amount in one.items
        ],
        illustration=one.illustration,
        milestones=[{"id": m.id, "title": m.title, "due": m.due, "state": m.state} for m in one.milestones.values()]
        if whole
        else None,
        tranches=[
            {"number": t.number, "due": t.due, "amount": decimal(t.amount), "milestones": list(t.milestones)}
            for t in one.tranches
        ]
        if whole
        else None,
        disbursements=[
            {
                "id": d.id,
                "kind": d.kind,
                "state": d.state,
                "amount": decimal(d.amount),
                "paid": decimal(d.paid),
                "returned": decimal(d.returned),
            }
            for d in one.disbursements.values()
        ]
        if whole
        else None,
        events=None if events is None else [told.position for told in events],
    )


def partner(one: Partner) -> answers.PartnerAnswer:
    """Describe a partner."""
    return answers.PartnerAnswer(
        id=one.id, kind=one.kind, name=one.name, uid=one.uid, suspended=one.suspended, illustration=one.illustration
    )


def event(shown: Shown, *, whole: bool = False) -> answers.EventAnswer:
    """Describe an entry, with its bytes when ``whole``."""
    kept, told = shown.kept, shown.told
    payload = base64.b64encode(kept.payload).decode() if whole else None
    subject = kept.subject.encode("utf-8", "replace").decode()
    if told is None:
        reason = None if kept.void is None else f"{kept.void[0]}: {kept.void[1]}"
        return answers.EventAnswer(
            position=kept.position, leaf=kept.leaf, subject=subject, void=reason, payload=payload
        )
    return answers.EventAnswer(
        position=kept.position,
        leaf=kept.leaf,
        subject=subject,
        type=told.name,
        phase=told.phase,
        bookedon=told.bookedon,
        recorded_at=told.time,
        actor=told.actor,
        id=told.id,
        illustration=told.illustration,
        data=dict(told.data),
        payload=payload,
    )
