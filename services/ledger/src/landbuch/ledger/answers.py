"""The shapes of the ledger's answers over HTTP. Amounts are decimal strings in francs; positions are integers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Money = Annotated[str, Field(pattern=r"^-?\d+\.\d{2}$", examples=["1498188.00"])]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Shape(BaseModel):
    """An answer or a part of one."""

    model_config = ConfigDict(frozen=True)


class HeadAnswer(Shape):
    """The last entry of the ledger's copy of a book."""

    canton: str
    position: int
    leaf: Annotated[Hash, Field(description="RFC 6962 leaf hash of the entry at the position; 64 zeros at position 0")]
    root: Annotated[Hash, Field(description="RFC 6962 root over the leaves 1 to position")]
    recorded_at: str | None = None


class BooksAnswer(Shape):
    """All books that the ledger keeps."""

    books: list[HeadAnswer]


class FigureStrings(Shape):
    """The headline figures; ``definitions`` of the answer says what each means."""

    decided: Money
    pending: Money
    in_force: Money
    unallocated: Money
    approved: Money
    committed: Money
    disbursed: Money
    recovered: Money
    available: Money
    blocked: Money
    lapsed: Money
    shortfall: Money


class OfSource(Shape):
    """A funding source."""

    source: str


class OfAreaAndSource(Shape):
    """A funding area and source; area ``_`` holds what has no area."""

    area: str
    source: str


class AreaFigures(FigureStrings, OfAreaAndSource):
    """Figures of one funding area and source."""


class SourceFigures(FigureStrings, OfSource):
    """Figures of one funding source over the rows shown."""


class PhaseFigures(Shape):
    """One programme phase. ``sources`` and ``total`` add up the rows shown; there ``approved`` is what is in force."""

    phase: str
    label: str | None = None
    rows: list[AreaFigures]
    sources: list[SourceFigures]
    total: FigureStrings


class BalancesAnswer(Shape):
    """The headline figures of a book: as booked up to ``as_of``, as known at ``position`` (recorded at that time)."""

    canton: str
    currency: str = "CHF"
    position: int
    head_leaf: Annotated[Hash, Field(description="leaf hash of the entry at the position")]
    recorded_at: str | None = None
    as_of: Annotated[str | None, Field(description="last booking day that counts; absent when the book is empty")] = (
        None
    )
    phases: list[PhaseFigures]
    note: str | None = None
    definitions: dict[str, str]


class TrialBalanceAnswer(Shape):
    """All accounts that are not zero, and the root that stands for them (RFC 6962 over the rows in canonical JSON)."""

    canton: str
    unit: str = "Rappen"
    position: int
    leaf: Hash
    recorded_at: str | None = None
    root: Hash
    rows: Annotated[list[tuple[str, str, int]], Field(description="phase, account, amount; debit positive")]


class Void(Shape):
    """Why an entry counts for nothing."""

    reason: str
    detail: str


class EventAnswer(Shape):
    """One entry of the book: an event, or a void entry, of which only the subject and the leaf are told."""

    position: int
    leaf: Hash
    subject: str
    type: str | None = None
    phase: str | None = None
    bookedon: str | None = None
    time: str | None = None
    actor: str | None = None
    id: str | None = None
    data: dict[str, Any] | None = None
    void: Void | None = None


class EventsAnswer(Shape):
    """A page of events; ``next`` is the ``after`` of the next page, absent on the last one."""

    canton: str
    position: Annotated[int, Field(description="head of the copy when the page was read")]
    events: list[EventAnswer]
    next: int | None = None


class OfCanton(Shape):
    """A canton's book."""

    canton: str


class EntryAnswer(EventAnswer, OfCanton):
    """One entry with its bytes: leaf = SHA-256(0x00, subject, newline, payload)."""

    payload: Annotated[str, Field(description="the payload's bytes in base64, as stored")]


class ProblemAnswer(Shape):
    """A problem (RFC 9457), with the code and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
