"""Money is integer Rappen; this is the one place that writes, reads and splits it.

A hundred Rappen are one Swiss franc. No float ever holds an amount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MINUS = "\u2212"
"""Minus sign of Swiss typography; the hyphen of the keyboard is accepted when reading."""

LARGEST = 10**13
"""Largest amount of one field, in Rappen (100 milliards of francs): sums stay far below 2**53."""

_CHF = re.compile(r"(?P<sign>[-\u2212])?(?P<francs>[0-9]{1,3}(?:['\u2019][0-9]{3})+|[0-9]+)(?:\.(?P<rappen>[0-9]{2}))?")


def chf(amount: int) -> str:
    """Write Rappen the Swiss way: ``149818800`` becomes ``1'498'188.00``."""
    francs, rappen = divmod(abs(amount), 100)
    grouped = f"{francs:,}".replace(",", "'")
    return f"{MINUS if amount < 0 else ''}{grouped}.{rappen:02d}"


def decimal(amount: int) -> str:
    """Write Rappen as a plain decimal string for machines: ``149818800`` becomes ``1498188.00``."""
    francs, rappen = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{francs}.{rappen:02d}"


def parse_chf(text: str) -> int:
    """Read francs as people write them and give Rappen.

    Accepts ``1'498'188.00``, ``1498188`` and a leading minus; raises ``ValueError`` for everything else, also for
    one decimal or three: a finance clerk must not have to guess what was meant.
    """
    match = _CHF.fullmatch(text.strip())
    if match is None:
        message = f"{text!r} is no amount in francs; write for example 1'498'188.00"
        raise ValueError(message)
    francs = int(match["francs"].replace("'", "").replace("\u2019", ""))
    amount = francs * 100 + int(match["rappen"] or 0)
    return -amount if match["sign"] else amount


def split(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split an amount in proportion to weights by the largest remainder; the parts add up to the Rappen.

    Ties go to the part that stands first, so callers who sort bytewise get one answer everywhere.
    Raises ``ValueError`` when the weights are negative or all zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        message = f"cannot split {amount} over the weights {list(weights)}: they must be 0 or more, and one above 0"
        raise ValueError(message)
    parts = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return tuple(parts)
