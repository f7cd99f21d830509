"""Why a figure is what it is: the events that it counts, one by one, of which it is the sum.

Pure: feed it the judged entries of a book in their order, in batches of any size, and ask for the ``Explanation``. What
counts is defined once, in ``landbuch.contracts.figures``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from landbuch.contracts import figures
from landbuch.contracts.dates import recorded
from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.figures import AreaSource, Figures
from landbuch.contracts.judge import Verdict, Void
from landbuch.contracts.mentions import own


@dataclass(frozen=True, slots=True)
class Clocks:
    """A state of a book on both clocks.

    ``as_of``: the last booking day that counts. ``at``: the position, or the recorded time, up to which events are
    known. What is left out counts everything.
    """

    as_of: str | None = None
    at: int | str | None = None


def read_clocks(as_of: str | None, at: str | None) -> Clocks:
    """Read both clocks as people type them; raises ``ValueError`` with a sentence."""
    return Clocks(None if as_of is None else _day(as_of), None if at is None else _known(at))


def _day(typed: str) -> str:
    try:
        day = datetime.date.fromisoformat(typed).isoformat()
    except ValueError:
        day = ""
    if day != typed:
        raise ValueError(f"{typed!r} is not a day; write YYYY-MM-DD")
    return day


def _known(typed: str) -> int | str:
    if re.fullmatch(r"[0-9]{1,16}", typed):
        return int(typed)
    try:
        moment = datetime.datetime.fromisoformat(typed)
        time = recorded(moment) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        time = None
    if time is None:
        raise ValueError(
            f"{typed!r} is neither a position nor a time with its zone; write 1042 or 2026-11-22T10:00:00Z"
        )
    return time


class Horizon:
    """Tells which events a state counts, for events that come in the order of the book."""

    def __init__(self, clocks: Clocks) -> None:
        """Begin before the first event."""
        self._clocks = clocks
        self.last: int | None = clocks.at if isinstance(clocks.at, int) else None
        """The last position that the state knows; ``None`` while nothing has ended it."""

    def knows(self, event: AnyEvent | Unknown) -> bool:
        """Tell whether the event was in the book: by its position, or before the first event of a later time."""
        at = self._clocks.at
        if self.last is None and isinstance(at, str) and event.time > at:
            self.last = event.position - 1
        return self.last is None or event.position <= self.last

    def books(self, event: AnyEvent | Unknown) -> bool:
        """Tell whether the event is booked on the day of the state or before."""
        return self._clocks.as_of is None or event.bookedon <= self._clocks.as_of

    def counts(self, event: AnyEvent | Unknown) -> bool:
        """Tell whether the state counts the event."""
        return self.knows(event) and self.books(event)


@dataclass(frozen=True, slots=True)
class Cited:
    """An event as it is cited: where it stands, what it is about, and all its dates.

    ``occurred_on`` is the date of the fact, ``None`` when it is not known; ``documents`` are SHA-256 digests.
    """

    position: int
    id: str
    type: str
    about: str | None
    bookedon: str
    occurred_on: str | None
    time: str
    actor: str
    documents: tuple[str, ...] = ()


def cite(event: AnyEvent | Unknown) -> Cited:
    """Cite an event."""
    head = (event.position, event.id, event.name)
    if isinstance(event, Unknown):
        return Cited(*head, None, event.bookedon, None, event.time, event.actor)
    documents = [evidence.sha256 for evidence in event.data.evidence or ()]
    documents += [getattr(event.data, name, None) for name in ("document", "pain_sha256")]
    named = tuple(dict.fromkeys(digest for digest in documents if digest))
    return Cited(*head, about(event), event.bookedon, event.data.occurred_on, event.time, event.actor, named)


def about(event: AnyEvent | Unknown) -> str | None:
    """Name what an event is about: the id of its object, else the year, the position or the person that it names."""
    if isinstance(event, Unknown):
        return None
    token = own(event.data, event.phase)
    if token is not None:
        return str(token[1])
    named = (getattr(event.data, name, None) for name in ("year", "position", "person"))
    return next((str(value) for value in named if value is not None), None)


def lines_of(event: AnyEvent | Unknown) -> tuple[tuple[str, int], ...]:
    """Give the journal lines of an event: account and signed Rappen, debit positive."""
    return event.lines if isinstance(event, Unknown) else event.data.lines or ()


def events_of(verdicts: Iterable[Verdict]) -> Iterator[AnyEvent | Unknown]:
    """Leave out what counts for nothing."""
    return (verdict for verdict in verdicts if not isinstance(verdict, Void))


def contributions(event: AnyEvent | Unknown) -> Iterator[tuple[str, AreaSource, Figures]]:
    """Give what each line of an event adds to the figures of its phase: account, area and source, figures."""
    for account, amount in lines_of(event):
        counted = figures.contribution(account, amount)
        if counted is not None:
            yield account, *counted


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure is asked for; area or source left out: all of them together."""

    figure: str
    phase: str
    area: str | None = None
    source: str | None = None
    clocks: Clocks = Clocks()

    def asks(self, key: AreaSource) -> bool:
        """Tell whether an area and source is asked for."""
        return self.area in (None, key[0]) and self.source in (None, key[1])


@dataclass(frozen=True, slots=True)
class Term:
    """Accounts of one shape that a figure adds up, with their balances in Rappen; accounts at zero are left out."""

    shape: str
    accounts: tuple[tuple[str, int], ...]

    @property
    def amount(self) -> int:
        """The term's sum."""
        return sum(amount for _, amount in self.accounts)


@dataclass(frozen=True, slots=True)
class Part:
    """What one event adds to a figure, in Rappen."""

    event: Cited
    amount: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure as the sum of its terms, and as the sum of what each event adds to it.

    ``position``: the last position that the state knows; ``None`` when it knows everything that was read.
    """

    question: Question
    definition: str
    terms: tuple[Term, ...]
    parts: tuple[Part, ...]
    position: int | None

    @property
    def amount(self) -> int:
        """The figure: the sum of what the events add."""
        return sum(part.amount for part in self.parts)


class Explaining:
    """The fold: feed entries in order, then ask for the explanation."""

    def __init__(self, question: Question) -> None:
        """Begin before the first entry."""
        self._question = question
        self._horizon = Horizon(question.clocks)
        self._parts: list[Part] = []
        self._balances: dict[str, int] = {}

    def feed(self, verdicts: Iterable[Verdict]) -> None:
        """Look at the next entries."""
        for event in events_of(verdicts):
            if self._horizon.counts(event) and event.phase == self._question.phase:
                self._add(event)

    def _add(self, event: AnyEvent | Unknown) -> None:
        added = 0
        for account, key, counted in contributions(event):
            amount = getattr(figures.of_programme(counted), self._question.figure)
            if amount and self._question.asks(key):
                added += amount
                self._balances[account] = self._balances.get(account, 0) + amount
        if added:
            self._parts.append(Part(cite(event), added))

    def explanation(self) -> Explanation:
        """End, and say what the figure is made of."""
        asked = self._question
        shapes = figures.terms(asked.figure, asked.area)
        balances = sorted((account, amount) for account, amount in self._balances.items() if amount)
        terms = tuple(Term(shape, tuple(one for one in balances if _has(shape, one[0]))) for shape in shapes)
        said = figures.definition(asked.figure, asked.area)
        return Explanation(asked, said, terms, tuple(self._parts), self._horizon.last)


def explain(verdicts: Iterable[Verdict], question: Question) -> Explanation:
    """Say which events a figure counts; its amount is their sum."""
    explaining = Explaining(question)
    explaining.feed(verdicts)
    return explaining.explanation()


def _has(shape: str, account: str) -> bool:
    """Tell whether an account that counts is of a shape."""
    parts, path = shape.split(":"), account.split(":")
    fixed = [(part, name) for part, name in zip(parts, path, strict=False) if not part.startswith("<")]
    lapsed_of_area = parts[-2] == "<area>" and path[-2] == figures.NO_AREA
    return len(parts) == len(path) and all(part == name for part, name in fixed) and not lapsed_of_area
