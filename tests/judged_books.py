"""Books as judged entries, for tests of what is read from a book: a real history, forgeries, random lives."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from landbuch.contracts.accounts import LAYERS
from landbuch.contracts.entry import GENESIS, Entry, book_subject, leaf_of
from landbuch.contracts.figures import Figures, headline, total
from landbuch.contracts.judge import Verdict, judge
from landbuch.sdk.book.api import Mark
from landbuch.sdk.explaining import Clocks, events_of, lines_of
from tests.simulation.test_random_life import Life
from tests.told_books import shifts, told_history, unknown_event

Balances = dict[tuple[str, str], int]
ODD = ("_", "a", "A", "-", "none", "None", "canton", "CANTON", "federal_flat", "available", "open", "SP", "x5f", "100")
"""Parts of accounts, some of which only a forger writes."""


def judged(entries: Sequence[Entry]) -> tuple[Verdict, ...]:
    """Judge entries in order."""
    found: list[Verdict] = []
    leaf = GENESIS
    for position, entry in enumerate(entries, start=1):
        found.append(judge(entry, position, leaf))
        leaf = leaf_of(entry).hex()
    return tuple(found)


@cache
def books() -> tuple[tuple[Verdict, ...], ...]:
    """Give a real history, the same with a forger at its end, and lives in which money moves."""
    told = told_history("BL")[0]
    return judged(told), judged([*told, *forgeries(len(told), leaf_of(told[-1]).hex())]), life(0), life(1)


def forgeries(position: int, leaf: str) -> Iterator[Entry]:
    """Give entries that follow a book: rubbish, shifts, and events of unknown types with lines on odd accounts."""
    draw = random.Random(7)
    mark = Mark(position, leaf)
    for number in range(60):
        odd = [f"{draw.choice(LAYERS)}:{':'.join(draw.choices(ODD, k=draw.randint(1, 5)))}" for _ in range(2)]
        pair = [(name, amount) for name in odd for amount in (number, -number) if amount]
        mixed = [(odd[0], number), (f"{odd[0].partition(':')[0]}:{draw.choice(ODD)}", -number)]
        match number % 3:
            case 0:
                entry = Entry(book_subject("BL", "KIP3", "ledger", "CreditDecided"), b"rubbish")
            case 1:
                entry = unknown_event(mark, draw.choice((pair, mixed)))
            case _:
                (entry,) = shifts(mark, 1)
        mark = Mark(mark.position + 1, leaf_of(entry).hex())
        yield entry


@cache
def life(seed: int) -> tuple[Verdict, ...]:
    """Give what a random life wrote; the times and booking days of its events go back and forth."""
    lived = Life(seed)
    lived.book.checked = False
    for _ in range(400):
        lived.step()
    return tuple(lived.written)


def known(verdicts: Iterable[Verdict], clocks: Clocks) -> Balances:
    """Add up the lines that a state counts, by phase and account."""
    found: Balances = {}
    for event in events_of(verdicts):
        if isinstance(clocks.at, int) and event.position > clocks.at:
            break
        if isinstance(clocks.at, str) and event.time > clocks.at:
            break
        if clocks.as_of is None or event.bookedon <= clocks.as_of:
            for account, amount in lines_of(event):
                key = (event.phase, account)
                found[key] = found.get(key, 0) + amount
    return found


def figures_of(balances: Balances, phase: str, area: str | None = None, source: str | None = None) -> Figures:
    """Give the figures of a phase over the areas and sources that are asked for, as ``landbuch balance`` adds them."""
    of_phase = {account: amount for (of, account), amount in balances.items() if of == phase}
    rows = headline(of_phase).items()
    return total({key: row for key, row in rows if area in (None, key[0]) and source in (None, key[1])})
