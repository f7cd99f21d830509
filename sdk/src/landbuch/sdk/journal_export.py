"""A book as a journal for hledger or beancount, so that other people's tools recompute our balances.

One transaction for each event with lines, in the order of the book, and at the end an assertion for each account. The
phase is part of an account's name, because Landbuch keeps each account per phase. Pure: feed it the judged entries.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, get_args

from landbuch.contracts.accounts import LAYERS, layer
from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.judge import Verdict
from landbuch.contracts.money import decimal
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.sdk.explaining import about, events_of, lines_of

Tool = Literal["hledger", "beancount"]
TOOLS: tuple[Tool, ...] = get_args(Tool)
CURRENCY = "CHF"

_NAME_WIDTH, _AMOUNT_WIDTH = 64, 18
_KEPT = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_WORDS = re.compile(r"[a-z]{2,}(?:_[a-z]{2,})*")
_ROOTS = {"1": "Assets", "2": "Liabilities", "3": "Expenses", "4": "Income"}
_TYPES = {"1": "Asset", "2": "Liability", "3": "Expense", "4": "Revenue"}
"""What the first digit of an HRM2 number says."""
_OPENING_NUMBER = "299"


class JournalExport:
    """The fold: ``head``, then ``feed`` with the entries in order, then ``end``; the texts together are the file."""

    def __init__(self, canton: str, tool: Tool, layers: Iterable[str] = LAYERS) -> None:
        """Begin before the first entry; ``layers`` are those that are exported."""
        self._canton = canton
        self._tool: Tool = tool
        self._layers = frozenset(layers)
        self._name: Callable[[str, str], str] = hledger_account if tool == "hledger" else beancount_account
        self._balances: dict[tuple[str, str], int] = {}
        self._first_days: dict[tuple[str, str], str] = {}
        self._last_day: str | None = None
        self._position = 0
        self.transactions = 0
        """How many transactions were written so far."""

    @property
    def balances(self) -> Mapping[tuple[str, str], int]:
        """The balances that the journal asserts, by phase and account, in Rappen."""
        return self._balances

    def head(self) -> str:
        """Give the beginning of the file."""
        layers = ", ".join(sorted(self._layers))
        if self._tool == "hledger":
            return f"; Landbuch: book of {self._canton}, layers {layers}\ncommodity {CURRENCY} 1000.00\n"
        return (
            f'option "title" "Landbuch: book of {self._canton}, layers {layers}"\n'
            f'option "operating_currency" "{CURRENCY}"\n'
        )

    def feed(self, verdicts: Iterable[Verdict]) -> Iterator[str]:
        """Give one transaction for each event that has lines in the wanted layers."""
        for event in events_of(verdicts):
            lines = [line for line in lines_of(event) if layer(line[0]) in self._layers]
            if not lines:
                continue
            self._note(event, lines)
            self.transactions += 1
            head = _hledger_head(event) if self._tool == "hledger" else _beancount_head(event)
            yield head + "".join(self._posting(event.phase, account, amount) for account, amount in lines)

    def end(self) -> str:
        """Give the end of the file: the accounts, and what each must have come to."""
        if self._last_day is None:
            return ""
        return self._hledger_end(self._last_day) if self._tool == "hledger" else self._beancount_end(self._last_day)

    def _note(self, event: AnyEvent | Unknown, lines: Iterable[tuple[str, int]]) -> None:
        day = event.bookedon
        self._position = event.position
        self._last_day = max(day, self._last_day or day)
        for account, amount in lines:
            key = (event.phase, account)
            self._balances[key] = self._balances.get(key, 0) + amount
            self._first_days[key] = min(day, self._first_days.get(key, day))

    def _posting(self, phase: str, account: str, amount: int) -> str:
        name = self._name(phase, account)
        if self._tool == "hledger":
            return f"    {name:<{_NAME_WIDTH}}  {CURRENCY} {decimal(amount):>{_AMOUNT_WIDTH}}\n"
        return f"  {name:<{_NAME_WIDTH}}  {decimal(amount):>{_AMOUNT_WIDTH}} {CURRENCY}\n"

    def _hledger_end(self, day: str) -> str:
        accounts, assertions = [], []
        for (phase, account), amount in sorted(self._balances.items()):
            name, type_ = self._name(phase, account), _type(account)
            accounts.append(f"account {name}" + (f"  ; type:{type_}" if type_ else "") + "\n")
            assertions.append(
                f"    {name:<{_NAME_WIDTH}}  {CURRENCY} 0.00 = {CURRENCY} {decimal(amount):>{_AMOUNT_WIDTH}}\n"
            )
        head = f"\n{day} * Balances at position {self._position}\n"
        return "\n" + "".join(accounts) + head + "".join(assertions)

    def _totals(self) -> dict[str, int]:
        """What each account and everything below it comes to."""
        totals: dict[str, int] = {}
        for key, amount in self._balances.items():
            for name in itertools.accumulate(self._name(*key).split(":"), "{}:{}".format):
                totals[name] = totals.get(name, 0) + amount
        return totals

    def _beancount_end(self, day: str) -> str:
        opened, assertions = [], []
        after = _day_after(day)
        totals = self._totals()
        for phase, account in sorted(self._balances):
            name = self._name(phase, account)
            opened.append(f'{self._first_days[phase, account]} open {name} {CURRENCY}\n  account: "{account}"\n')
            # An assertion counts what stands below an account, too; without its tolerance it would let a Rappen pass.
            amount = f"{decimal(totals[name]):>{_AMOUNT_WIDTH}} ~ 0.00 {CURRENCY}"
            assertions.append(f"{after} balance {name:<{_NAME_WIDTH}}  {amount}\n")
        return "\n" + "".join(opened) + "\n" + "".join(assertions)


def export(verdicts: Iterable[Verdict], canton: str, tool: Tool, layers: Iterable[str] = LAYERS) -> str:
    """Give the whole journal of a book as one text."""
    journal = JournalExport(canton, tool, layers)
    parts = [journal.head(), *journal.feed(verdicts), journal.end()]
    return "".join(parts)


def hledger_account(phase: str, account: str) -> str:
    """Name an account for hledger: the phase stands behind the layer, ``credit:KIP3:available:SP:canton``."""
    of, _, rest = account.partition(":")
    return f"{of}:{phase}:{rest}"


def beancount_account(phase: str, account: str) -> str:
    """Name an account for beancount: ``Equity:Credit:KIP3:Available:SP:Canton``, ``Assets:KIP3:1013:SP:Canton:LV-1``.

    Money stands below the root that its HRM2 number says; credit and budget are no money and stand below Equity, where
    each layer sums to zero. Different accounts have different names.
    """
    of, *path = account.split(":")
    root = _ROOTS.get(path[0][0]) if of == "finance" and path[0] != _OPENING_NUMBER else None
    beginning = [root] if root is not None else ["Equity", of.capitalize()]
    return ":".join([*beginning, _segment(phase), *map(_segment, path)])


def _segment(part: str) -> str:
    """Write one part of a name as beancount takes it: ids stay, words are capitalised, the rest is spelt in hex."""
    if part == NO_PHASE:
        return "None"
    if _KEPT.fullmatch(part):
        return part
    if _WORDS.fullmatch(part) and part != "none":
        return "".join(word.capitalize() for word in part.split("_"))
    spelt = (letter if re.fullmatch("[A-Z0-9]", letter) else f"x{ord(letter):02x}" for letter in part)
    return "X" + "".join(spelt)


def _type(account: str) -> str | None:
    of, _, rest = account.partition(":")
    if of != "finance":
        return None
    return "Equity" if rest.startswith(f"{_OPENING_NUMBER}:") else _TYPES.get(rest[0])


def _description(event: AnyEvent | Unknown) -> str:
    return " ".join(part for part in (event.name, about(event)) if part)


def _tags(event: AnyEvent | Unknown) -> dict[str, str]:
    """What leads back to the book; no value holds a comma or a quotation mark."""
    occurred = None if isinstance(event, Unknown) else event.data.occurred_on
    tags = {
        "position": str(event.position), "event": event.id, "phase": event.phase, "recorded": event.time,
        "actor": event.actor,
    }  # fmt: skip
    return tags | ({"occurred": occurred} if occurred else {})


def _hledger_head(event: AnyEvent | Unknown) -> str:
    tags = ", ".join(f"{name}:{value}" for name, value in _tags(event).items())
    # A semicolon would begin a comment, a bar would end the payee.
    description = _description(event).replace(";", ",").replace("|", "/")
    return f"\n{event.bookedon} * {description}\n    ; {tags}\n"


def _beancount_head(event: AnyEvent | Unknown) -> str:
    tags = _tags(event)
    position = tags.pop("position")
    told = f"  position: {position}\n" + "".join(f'  {name}: "{value}"\n' for name, value in tags.items())
    description = _description(event).replace("\\", "\\\\").replace('"', '\\"')
    return f'\n{event.bookedon} * "{description}"\n{told}'


def _day_after(day: str) -> str:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()
