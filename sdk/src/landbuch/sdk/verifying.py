"""Verifying a book: a fold over its entries that asks of each everything that a book promises.

``Verification`` is pure: feed it entries in order, in batches of any size, and ask for the ``Report``. ``read_into``
feeds it from a book. Nothing is taken from anybody's tables: the entries and the law in ``landbuch.contracts`` suffice.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from landbuch.contracts import trial
from landbuch.contracts.entry import Entry
from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.evolve import evolve
from landbuch.contracts.identities import Breach, breaches_of_accounts, breaches_of_event, breaches_of_state
from landbuch.contracts.judge import Void, VoidReason
from landbuch.contracts.merkle import Frontier
from landbuch.contracts.state import BookState
from landbuch.sdk.book.api import Evidence, Start, Stored
from landbuch.sdk.book.chain import Chain, is_misfit
from landbuch.sdk.errors import ChainBrokenError, GapError
from landbuch.sdk.findings import Check, Finding, Report, corrupted
from landbuch.sdk.tampering import (
    Damage,
    Stray,
    cut_off,
    differs_from_copy,
    displaced,
    follows,
    misfit,
    perhaps_missing,
    stray_of,
)

_OF_IDENTITY: dict[str, Check] = {"I1": "balance", "form": "form", "posting": "posting", "I10": "roles"}
_REVERSE = "It counts, because what is in the book is believed; look into it and reverse it."
_NO_EFFECT = "It has no effect; find out who wrote it there."
WHY_VOID: dict[VoidReason, str] = {
    "too_large": "it is larger than an event may be",
    "not_canonical": "its bytes are not those of an event",
    "bad_envelope": "it does not say what every event says",
    "bad_schema": "it says what an event of its type cannot say",
    "foreign_subject": "it stands under a name that is not its own",
    "wrong_position": "it was written for another position",
    "unbalanced": "its lines do not balance",
    "wrong_predecessor": "it was not written on top of the entry before it",
}
"""The void reasons in words."""
PAGE = 1000


class Verification:
    """The fold: feed entries in order, then ask for the report."""

    def __init__(self, canton: str, copy: Evidence | None = None, at: Iterable[int] = ()) -> None:
        """Begin before the first entry.

        ``copy``: what an independent keeper says of the first entries; it settles what an entry that does not fit
        means. ``at``: positions at which the root of the trial balance is wanted.
        """
        self.state = BookState(canton)
        self._copy = copy
        self._at = frozenset(at)
        self._chain = Chain(Start(evidence=copy))
        self._frontier = Frontier()
        self._prefixes = array("Q")  # of the leaves: tells a copy of an old event from one that was moved
        self._findings: list[Finding] = []
        self._strays: list[Stray] = []
        self._doubt: Damage | None = None
        self._damage: Damage | None = None
        self._events = 0
        self._trial_roots: dict[int, str] = {}
        if 0 in self._at:
            self._trial_roots[0] = trial.root(self.state.balances)

    @property
    def position(self) -> int:
        """The position of the last entry that was looked at."""
        return self._frontier.size

    @property
    def corrupt(self) -> bool:
        """Whether it is certain that the book is corrupt: further entries are not looked at."""
        return self._damage is not None

    def feed(self, entries: Iterable[Entry]) -> None:
        """Look at the next entries."""
        for entry in entries:
            if self.corrupt:
                return
            self._take(entry)

    def broken(self, position: int, sentence: str) -> None:
        """Note that the book cannot be read on at a position."""
        self._damage = self._damage or Damage(position, sentence)

    def ended_early(self, known: int) -> None:
        """Note that the book ends here although it is known to have reached position ``known``."""
        self._damage = self._damage or self._displaced(1) or cut_off(self.position, known)

    def report(self) -> Report:
        """End, and say what was found."""
        if not self.corrupt:
            self._settle_doubts()
        if self._damage is not None:
            kept = [finding for finding in self._findings if finding.position < self._damage.position]
            return self._report([*kept, corrupted("chain", self._damage)], frozenset({"trial", "copy"}))
        last = self.position
        endings = [_breached(breach, last) for breach in breaches_of_state(self.state)]
        known = {(finding.code, finding.sentence) for finding in self._findings}
        new = [finding for finding in endings if (finding.code, finding.sentence) not in known]
        self._trial_roots[last] = trial.root(self.state.balances)
        skipped: frozenset[Check] = frozenset() if self._copy is not None else frozenset({"copy"})
        return self._report([*self._findings, *new], skipped)

    def _report(self, findings: Sequence[Finding], skipped: frozenset[Check]) -> Report:
        self._trial_roots.setdefault(self.position, trial.root(self.state.balances))
        return Report(
            canton=self.state.canton,
            entries=self.position,
            events=self._events,
            leaf=self._chain.mark.leaf,
            root=self._frontier.root().hex(),
            time=self.state.head.time,
            trial_roots=dict(self._trial_roots),
            findings=tuple(findings),
            skipped=skipped,
            corrupt_at=self._damage.position if self._damage is not None else None,
        )

    def _take(self, entry: Entry) -> None:
        try:
            stored = self._chain.admit(entry)
        except ChainBrokenError as broken:
            size = self._chain.mark.position
            self._damage = self._doubt or self._displaced(2) or differs_from_copy(broken.position, size)
            return
        self._frontier.append(stored.leaf)
        self._prefixes.append(_prefix(stored.leaf))
        if isinstance(stored.verdict, Void):
            self._void(stored, stored.verdict)
        else:
            self._count(stored, stored.verdict)
        if self._copy is not None and self._copy.size == stored.position:
            self._strays, self._doubt = [], None  # the copy holds the same: what is void was rubbish from the start
        if stored.position in self._at:
            self._trial_roots[stored.position] = trial.root(self.state.balances)

    def _void(self, stored: Stored, void: Void) -> None:
        evolve(self.state, void, stored.position, stored.leaf.hex())
        self.state.settle()
        self._strays.append(stray_of(stored, void, self._replayed))
        if is_misfit(void) and self._chain.in_doubt and self._doubt is None:
            self._doubt = misfit(self._strays)
        sentence = (
            f"The entry at position {stored.position} counts for nothing: {WHY_VOID[void.reason]} ({void.detail})."
        )
        self._findings.append(Finding("void", "breach", stored.position, void.reason, sentence, _NO_EFFECT))

    def _replayed(self, leaf: bytes, says: int) -> bool:
        """Tell whether an entry is a copy of the one at the position where it says it was written."""
        return 0 < says < self.position and self._prefixes[says - 1] == _prefix(leaf)

    def _count(self, stored: Stored, event: AnyEvent | Unknown) -> None:
        position = stored.position
        if self._displaced(2) is None:
            self._strays.clear()  # a writer went on behind them: they were rubbish
        self._events += 1
        found = breaches_of_event(self.state, event)
        evolve(self.state, event, position, stored.leaf.hex())
        self.state.settle()
        if isinstance(event, Unknown):
            self._findings.append(_unknown(event, position))
            accounts = [account for account, _ in event.lines]
        else:
            accounts = [account for account, _ in event.data.lines or ()]
        found += breaches_of_accounts(self.state, dict.fromkeys((event.phase, account) for account in accounts))
        self._findings.extend(_breached(breach, position) for breach in found)

    def _displaced(self, at_least: int) -> Damage | None:
        """Tell that events stand where they were not written, when ``at_least`` so many say so, one upon the other.

        One alone may be rubbish that somebody appended, as long as the book went on behind it.
        """
        run: list[Stray] = []
        for stray in self._strays:
            if not stray.moved:
                continue
            run = [*run, stray] if run and follows(run[-1], stray) else [stray]
            if len(run) >= at_least:
                return displaced(run)
        return None

    def _settle_doubts(self) -> None:
        """At the end of the book: what nothing has settled makes it unverifiable."""
        try:
            self._chain.finish()
        except ChainBrokenError as broken:
            self._damage = self._doubt or Damage(broken.position, f"The chain does not hold: {broken}.")
            return
        last = self._strays[-1] if self._strays else None
        early = last is not None and last.says is not None and last.says > last.position == self.position
        self._damage = self._displaced(2) or (perhaps_missing(last) if last is not None and early else None)


class Readable(Protocol):
    """What verifying needs of a book."""

    patience_s: float

    async def head(self) -> int:
        """Ask for the last position."""

    async def page(self, first: int, last: int) -> Sequence[Entry]:
        """Give the entries from ``first`` on; raises ``GapError``."""


async def read_into(
    verification: Verification,
    book: Readable,
    at_least: int,
    tell: Callable[[int, int], None] = lambda _at, _of: None,
) -> None:
    """Feed a whole book into a verification; ``at_least`` is how long it is known to have been.

    ``tell`` hears the position reached and the head. A missing end and a hole are noted in the verification; raises
    ``UnavailableError`` when a server does not answer.
    """
    head = await book.head()
    until = time.monotonic() + book.patience_s
    while head < at_least and time.monotonic() < until:
        await asyncio.sleep(0.1)  # a leader that has just been elected may know less for a moment
        head = await book.head()
    while verification.position < head and not verification.corrupt:
        try:
            page = await book.page(verification.position + 1, min(head, verification.position + PAGE))
        except GapError as gap:
            verification.broken(
                gap.position,
                f"The event at position {gap.position} is missing from the stream, which goes on behind it.",
            )
            return
        verification.feed(page)
        tell(verification.position, head)
    if head < at_least:
        verification.ended_early(at_least)


def _prefix(leaf: bytes) -> int:
    return int.from_bytes(leaf[:8], "big")


def _breached(breach: Breach, position: int) -> Finding:
    check = _OF_IDENTITY.get(breach.identity, "identities")
    return Finding(check, "breach", position, breach.identity, f"Position {position}: {breach.detail}.", _REVERSE)


def _unknown(event: Unknown, position: int) -> Finding:
    return Finding(
        "schema",
        "corrupt",
        position,
        "unknown_type",
        f"The event at position {position} is of type {event.type}, which this version of landbuch does not know: its "
        "lines are counted, but nobody can say here whether they are right.",
        "Install the newer version and verify again.",
    )
