"""How numbers, days and moments are written on the pages; amounts are written by ``landbuch.contracts.money`` alone."""

from __future__ import annotations

from landbuch.contracts.dates import DAY_LENGTH, MONTH_LENGTH, ZURICH
from landbuch.contracts.dates import moment as read_moment

UNKNOWN = "\N{EN DASH}"
_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip


def day(text: str | None) -> str:
    """Write a day as 31.03.2026, a month as März 2026, a year as 2026; what is unknown as a dash."""
    if text is None:
        return UNKNOWN
    if len(text) == DAY_LENGTH:
        return f"{text[8:]}.{text[5:7]}.{text[:4]}"
    return f"{_MONTHS[int(text[5:7]) - 1]} {text[:4]}" if len(text) == MONTH_LENGTH else text


def moment(time: str | None) -> str:
    """Write a recorded time as the clock on the wall in Zurich: 31.03.2026, 14:05:12."""
    return UNKNOWN if time is None else read_moment(time).astimezone(ZURICH).strftime("%d.%m.%Y, %H:%M:%S")


def number(count: int) -> str:
    """Write a count as 184'223."""
    return f"{count:,}".replace(",", "'")


def percent(basis_points: int) -> str:
    """Write hundredths of a percent as 58.97 %, without zeros at the end."""
    whole, part = divmod(basis_points, 100)
    digits = f"{part:02d}".rstrip("0")
    return f"{number(whole)}{'.' if digits else ''}{digits}\N{NO-BREAK SPACE}%"


def share(part: int, whole: int) -> str | None:
    """Write how much of the whole a part is, to a tenth of a percent; ``None`` when the whole is nothing."""
    if whole <= 0:
        return None
    tenths = (part * 2000 + whole) // (2 * whole)
    return percent(tenths * 10)


def short(leaf: str) -> str:
    """Shorten a hash to its ends: 3f9a…c21e."""
    return f"{leaf[:4]}…{leaf[-4:]}"
