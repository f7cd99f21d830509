"""Dates without a clock: the Zurich day of a recorded time, and the day on which recorded history is booked."""

from __future__ import annotations

import calendar
import datetime
from zoneinfo import ZoneInfo

ZURICH = ZoneInfo("Europe/Zurich")
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
DAY_LENGTH, MONTH_LENGTH, YEAR_LENGTH = len("2021-11-28"), len("2021-11"), len("2021")


def recorded(moment: datetime.datetime) -> str:
    """Write a moment as recorded time: UTC, always six digits of a second."""
    return moment.astimezone(datetime.UTC).strftime(_FORMAT)


def moment(time: str) -> datetime.datetime:
    """Read a recorded time."""
    return datetime.datetime.fromisoformat(time)


def next_time(now: str, last: str | None) -> str:
    """Give the time of the next event: now, or a microsecond after the last event when that is later."""
    if last is None or now > last:
        return now
    return recorded(moment(last) + datetime.timedelta(microseconds=1))


def zurich_day(time: str) -> str:
    """Give the calendar day in Zurich of a recorded time."""
    return moment(time).astimezone(ZURICH).date().isoformat()


def last_day(occurred_on: str) -> str:
    """Give the last day that a date of a fact covers: the day, or the last day of its month or year."""
    match len(occurred_on):
        case 4:
            return f"{occurred_on}-12-31"
        case 7:
            year, month = int(occurred_on[:4]), int(occurred_on[5:])
            return f"{occurred_on}-{calendar.monthrange(year, month)[1]:02d}"
        case _:
            return occurred_on


def first_day(occurred_on: str) -> str:
    """Give the first day that a date of a fact covers."""
    return {YEAR_LENGTH: f"{occurred_on}-01-01", MONTH_LENGTH: f"{occurred_on}-01"}.get(len(occurred_on), occurred_on)


def surely_before(earlier: str | None, later: str | None) -> bool:
    """Tell whether one date lies before another whatever the unknown day or month may be."""
    return earlier is not None and later is not None and last_day(earlier) < first_day(later)


def add_days(day: str, days: int) -> str:
    """Give the day that lies ``days`` later."""
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=days)).isoformat()


def add_months(day: str, months: int) -> str:
    """Give the same day of the month some months later, or that month's last day."""
    year, month = divmod(int(day[:4]) * 12 + int(day[5:7]) - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(int(day[8:]), last)).isoformat()
