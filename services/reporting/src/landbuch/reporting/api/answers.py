"""The shapes of the API's answers. Amounts are decimal strings in francs with the currency beside them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Decimal = Annotated[str, Field(pattern=r"^-?\d+\.\d{2}$", examples=["1498188.00"])]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Shape(BaseModel):
    """An answer or a part of one."""

    model_config = ConfigDict(frozen=True)


class Money(Shape):
    """An amount, and where it is explained."""

    amount: Decimal
    currency: str = "CHF"
    explain: Annotated[str | None, Field(description="address of the explanation")] = None


class State(Shape):
    """What counted: entries up to ``position``, and of them those booked up to ``as_of``."""

    canton: str
    position: int
    leaf: Annotated[Hash, Field(description="leaf hash of the entry at the position")]
    recorded_at: str | None = None
    as_of: Annotated[str | None, Field(description="last booking day that counts; absent: every day")] = None


class Book(Shape):
    """A book, and how far the tables are."""

    canton: str
    position: int
    leaf: Hash
    recorded_at: str | None = None
    phases: list[str]
    lag: Annotated[int | None, Field(description="entries in the book that are not in the tables yet")] = None


class Books(Shape):
    """All books."""

    books: list[Book]


class Row(Shape):
    """The figures of one funding area and source; area ``_`` holds what has no area."""

    area: str
    source: str
    illustration: Annotated[bool, Field(description="an invented, labelled example has a part in it")]
    figures: dict[str, Money]


class Balances(State):
    """The headline figures of a phase; in ``total`` approved is what is in force."""

    phase: str
    label: str
    rows: list[Row]
    total: dict[str, Money]
    note: str | None = None
    definitions: dict[str, str]


class Term(Shape):
    """An account of a figure, and what it holds."""

    account: str
    amount: Decimal


class Contribution(Shape):
    """What one event added to a figure."""

    position: int
    id: str
    type: str
    bookedon: str
    occurred_on: str | None = None
    recorded_at: str
    actor: str
    illustration: bool
    amount: Decimal
    accounts: list[str]
    event: Annotated[str, Field(description="address of the event")]


class Explanation(State):
    """A figure taken apart; the contributions of all pages add up to ``sum``, which is the figure."""

    phase: str
    figure: str
    area: str | None = None
    source: str | None = None
    object: str | None = None
    definition: str
    terms: list[Term]
    events: list[Contribution]
    count: Annotated[int, Field(description="events on all pages")]
    sum: Money
    next: Annotated[int | None, Field(description="`after` of the next page; absent on the last one")] = None


class Moved(Contribution):
    """What one event adds to a difference, and why it lies in one state only."""

    only_in: Annotated[str, Field(pattern="^(first|second)$")]
    reason: Annotated[str, Field(description="booked_later, learned_later, or both")]


class Difference(Shape):
    """One area and source in two states; the events add up to the difference."""

    area: str
    source: str
    first: Decimal
    second: Decimal
    difference: Decimal
    events: list[Moved]


class Comparison(Shape):
    """A figure in two states."""

    canton: str
    phase: str
    figure: str
    currency: str = "CHF"
    first: State
    second: State
    rows: list[Difference]
    difference: Decimal


class Amount(Shape):
    """An amount of one source."""

    source: str
    amount: Decimal


class CreditAnswer(Shape):
    """A credit and its legal state."""

    id: str
    phase: str
    term: str
    stage: str
    amount: Money
    amounts: list[Amount]
    supplement_to: str | None = None
    referendum: str | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    decided_by: str | None = None
    in_force_by: str | None = None
    illustration: bool
    events: Annotated[list[int] | None, Field(description="positions of everything that speaks of it")] = None


class Credits(State):
    """The credits of a book or a phase."""

    credits: list[CreditAnswer]


class PlanItem(Shape):
    """What an agreement plans for one area, source and year."""

    area: str
    source: str
    year: int
    amount: Decimal


class AgreementAnswer(Shape):
    """An agreement: what it plans, what is committed and what is paid."""

    id: str
    phase: str
    partner: str
    form: str
    title: str | None = None
    state: str
    start: str
    end: str
    signed_on: str | None = None
    ceiling: Money
    plan: list[PlanItem]
    committed: Money | None = None
    disbursed: Money | None = None
    illustration: bool
    milestones: list[dict[str, Any]] | None = None
    tranches: list[dict[str, Any]] | None = None
    disbursements: list[dict[str, Any]] | None = None
    events: Annotated[list[int] | None, Field(description="positions of everything that tells its life")] = None


class Agreements(State):
    """The agreements of a book or a phase."""

    agreements: list[AgreementAnswer]


class PartnerAnswer(Shape):
    """A partner."""

    id: str
    kind: str
    name: str | None = None
    uid: str | None = None
    suspended: bool
    illustration: bool


class Partners(State):
    """The partners of a book."""

    partners: list[PartnerAnswer]


class EventAnswer(Shape):
    """One entry of the book; of a void one only subject, leaf and the reason are told."""

    position: int
    leaf: Hash
    subject: str
    type: str | None = None
    phase: str | None = None
    bookedon: str | None = None
    recorded_at: str | None = None
    actor: str | None = None
    id: str | None = None
    illustration: bool | None = None
    data: dict[str, Any] | None = None
    void: Annotated[str | None, Field(description="why the entry counts for nothing")] = None
    payload: Annotated[str | None, Field(description="the bytes in base64, as stored; of a single event only")] = None


class Events(State):
    """A page of events in the order of the book."""

    events: list[EventAnswer]
    next: Annotated[int | None, Field(description="`after` of the next page; absent on the last one")] = None


class ProblemAnswer(Shape):
    """A problem (RFC 9457), with the code and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
