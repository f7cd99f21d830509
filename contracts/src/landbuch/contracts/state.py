"""The state of a book: what all events up to a position say, held in tables that can be rolled back.

Rows are frozen; a change sets another row. Each change is noted in an undo log, so that commands can be decided on
tentative state without copying it: ``mark`` before, ``undo`` to the mark, ``settle`` when it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from landbuch.contracts.acts.contributions import PledgeTerms
from landbuch.contracts.acts.programme import ApprovalRulesTerms, ProgrammeTerms, Role
from landbuch.contracts.entry import GENESIS
from landbuch.contracts.vocabulary import YearShare

K = TypeVar("K")
V = TypeVar("V")


class _Missing:
    """Marks that a key had no row."""


_MISSING = _Missing()
UndoLog = list[tuple[dict[Any, Any], Any, Any]]


class Table(Mapping[K, V], Generic[K, V]):
    """Rows by key; every change is noted in the state's undo log."""

    __slots__ = ("_log", "_rows")

    def __init__(self, log: UndoLog) -> None:
        """Begin empty."""
        self._rows: dict[K, V] = {}
        self._log = log

    def __getitem__(self, key: K) -> V:
        """Give a row; raises ``KeyError``."""
        return self._rows[key]

    def __iter__(self) -> Iterator[K]:
        """Go through the keys in the order of their first setting."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    def set(self, key: K, value: V) -> None:
        """Set a row."""
        self._log.append((self._rows, key, self._rows.get(key, _MISSING)))
        self._rows[key] = value

    def drop(self, key: K) -> None:
        """Remove a row if it is there."""
        if key in self._rows:
            self._log.append((self._rows, key, self._rows.pop(key)))


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: position, leaf hash, and the last recorded time of an event."""

    position: int = 0
    leaf: str = GENESIS
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of a person: up to which amount, in which phases (``None``: all), from which day."""

    limit: int | None
    scope: tuple[str, ...] | None
    valid_from: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act that waits for a second person, or no longer."""

    service: str
    act: str
    phase: str
    data: Mapping[str, Any]
    author: str
    event: str
    open: bool = True


CreditStage = Literal["proposed", "withdrawn", "returned", "rejected", "accepted", "voted_down", "in_force", "annulled"]


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit and where it stands between proposal and force."""

    phase: str
    amounts: tuple[tuple[str, int], ...]
    new: int
    supplement_to: str | None
    stage: CreditStage = "proposed"
    proposed_on: str | None = None
    decided_on: str | None = None
    body: str | None = None
    rules: str | None = None
    beyond_limit: bool = False
    published_on: str | None = None
    window_ends: str | None = None
    referendum: Literal["called", "not_qualified", "expired"] | None = None
    filed_on: str | None = None
    vote: Literal["accepted", "rejected"] | None = None
    voted_on: str | None = None

    @property
    def challenged(self) -> bool:
        """Whether a referendum is called on which nobody has voted."""
        return self.referendum == "called" and self.vote is None


@dataclass(frozen=True, slots=True)
class Pledge:
    """A contribution that somebody pledged."""

    phase: str
    terms: PledgeTerms
    amount: int


@dataclass(frozen=True, slots=True)
class Budget:
    """One year: whether a budget was voted, and what was supplemented while there was none."""

    voted: bool = False
    without_vote: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """What an event left as shortfall of one source, and how much of it is uncovered."""

    phase: str
    uncovered: int


@dataclass(frozen=True, slots=True)
class Partner:
    """Who delivers services."""

    kind: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement: drafted, or signed."""

    phase: str
    partner: str
    drafter: str
    start: str
    end: str
    ceiling: int
    items: tuple[YearShare, ...]
    stage: Literal["drafted", "signed"] = "drafted"

    def shares(self) -> tuple[tuple[str, str, int], ...]:
        """What the items come to per area and source, bytewise: (area, source, Rappen)."""
        sums: dict[tuple[str, str], int] = {}
        for item in self.items:
            sums[item.area, item.source] = sums.get((item.area, item.source), 0) + item.amount
        return tuple((area, source, sums[area, source]) for area, source in sorted(sums))


class BookState:
    """Everything that the events of one book say, at one position."""

    def __init__(self, canton: str) -> None:
        """Begin before the first event."""
        self.canton = canton
        self._log: UndoLog = []
        log = self._log
        self._head: Table[str, Head] = Table(log)
        self._founding: Table[str, str] = Table(log)
        self.balances: Table[tuple[str, str], int] = Table(log)
        self.grants: Table[tuple[str, Role], Grant] = Table(log)
        self.proposals: Table[int, Proposal] = Table(log)
        self.objects: Table[str, str] = Table(log)
        self.programmes: Table[str, ProgrammeTerms] = Table(log)
        self.rules: Table[str, ApprovalRulesTerms] = Table(log)
        self.credits: Table[str, Credit] = Table(log)
        self.pledges: Table[str, Pledge] = Table(log)
        self.cuts: Table[tuple[int, str], Cut] = Table(log)
        self.budgets: Table[tuple[str, int], Budget] = Table(log)
        self.partners: Table[str, Partner] = Table(log)
        self.agreements: Table[str, Agreement] = Table(log)
        self.programme_agreements: Table[str, int] = Table(log)
        self.voids: Table[int, str] = Table(log)
        self.unknown_types: Table[str, int] = Table(log)

    @property
    def head(self) -> Head:
        """The last entry."""
        return self._head.get("head", Head())

    @head.setter
    def head(self, head: Head) -> None:
        self._head.set("head", head)

    @property
    def founding(self) -> str | None:
        """The id of the command that founded the book; ``None`` before."""
        return self._founding.get("command")

    def found(self, commandid: str) -> None:
        """Remember which command founded the book."""
        self._founding.set("command", commandid)

    def balance(self, phase: str, account: str) -> int:
        """Give the balance of an account in Rappen, debit positive; 0 when nothing was booked."""
        return self.balances.get((phase, account), 0)

    def book(self, phase: str, account: str, amount: int) -> None:
        """Add an amount to an account; an account that comes to zero is no row."""
        total = self.balance(phase, account) + amount
        if total:
            self.balances.set((phase, account), total)
        else:
            self.balances.drop((phase, account))

    def accounts(self, phase: str, prefix: str) -> tuple[tuple[str, int], ...]:
        """List accounts of a phase below a prefix with their balances, bytewise."""
        return tuple(
            sorted(
                (name, amount)
                for (of, name), amount in self.balances.items()
                if of == phase and name.startswith(prefix)
            )
        )

    def rules_on(self, day: str) -> ApprovalRulesTerms | None:
        """Give the approval rules that hold on a day."""
        valid = [rules for rules in self.rules.values() if rules.valid_from <= day]
        return max(valid, key=lambda rules: rules.valid_from, default=None)

    def base_in_force(self, phase: str) -> bool:
        """Tell whether a credit of the programme that is no supplement is in force."""
        return any(
            credit.phase == phase and credit.stage == "in_force" and credit.supplement_to is None
            for credit in self.credits.values()
        )

    def mark(self) -> int:
        """Remember this state; give the mark to ``undo``."""
        return len(self._log)

    def undo(self, mark: int) -> None:
        """Go back to the state at a mark."""
        log = self._log
        while len(log) > mark:
            rows, key, old = log.pop()
            if old is _MISSING:
                del rows[key]
            else:
                rows[key] = old

    def settle(self) -> None:
        """Make all changes final: marks taken before are void."""
        self._log.clear()
