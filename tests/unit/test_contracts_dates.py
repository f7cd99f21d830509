"""Dates without a clock: days in Zurich, days of a fact, the time of the next event."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from landbuch.contracts.dates import (
    add_days,
    add_months,
    first_day,
    last_day,
    moment,
    next_time,
    recorded,
    surely_before,
    zurich_day,
)
from landbuch.contracts.vocabulary import Day, OccurredOn, Time

MOMENTS = st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2100, 1, 1), timezones=st.just(datetime.UTC))  # noqa: DTZ001 - hypothesis sets the zone
FACTS = st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1)).flatmap(
    lambda day: st.sampled_from((str(day), str(day)[:7], str(day)[:4]))
)


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2024-01-31T22:59:59.999999Z", "2024-01-31"),
        ("2024-01-31T23:00:00.000000Z", "2024-02-01"),
        ("2024-07-31T21:59:59.999999Z", "2024-07-31"),
        ("2024-07-31T22:00:00.000000Z", "2024-08-01"),
        ("2024-03-30T23:00:00.000000Z", "2024-03-31"),
        ("2024-03-31T22:00:00.000000Z", "2024-04-01"),
        ("2024-10-26T22:00:00.000000Z", "2024-10-27"),
        ("2024-10-27T22:59:59.999999Z", "2024-10-27"),
        ("2024-10-27T23:00:00.000000Z", "2024-10-28"),
    ],
)
def test_the_day_changes_at_midnight_in_zurich_in_winter_in_summer_and_on_the_days_between(time: str, day: str) -> None:
    assert zurich_day(time) == day


@given(MOMENTS)
def test_a_recorded_time_has_six_digits_and_reads_back(now: datetime.datetime) -> None:
    assert len(recorded(now)) == len("2024-03-28T08:12:44.120391Z")
    assert moment(recorded(now)) == now
    assert TypeAdapter(Time).validate_python(recorded(now)) == recorded(now)


def test_a_moment_of_another_zone_is_recorded_in_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    assert recorded(datetime.datetime(2024, 6, 1, 1, 0, tzinfo=zone)) == "2024-05-31T23:00:00.000000Z"


@given(MOMENTS, MOMENTS)
def test_the_next_time_is_now_or_a_microsecond_after_the_last(now: datetime.datetime, last: datetime.datetime) -> None:
    expected = max(now, last + datetime.timedelta(microseconds=1))
    assert next_time(recorded(now), recorded(last)) == recorded(expected)


def test_the_first_event_is_recorded_now() -> None:
    assert next_time("2024-03-28T08:12:44.120391Z", None) == "2024-03-28T08:12:44.120391Z"


def test_the_last_moment_that_an_event_can_name_still_has_a_next() -> None:
    assert next_time("2024-03-28T08:12:44.120391Z", "2999-12-31T23:59:59.999999Z") == "3000-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("fact", "first", "last"),
    [
        ("2021", "2021-01-01", "2021-12-31"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2021-12", "2021-12-01", "2021-12-31"),
        ("2021-11-28", "2021-11-28", "2021-11-28"),
    ],
)
def test_a_fact_lies_between_its_first_and_its_last_day(fact: str, first: str, last: str) -> None:
    assert (first_day(fact), last_day(fact)) == (first, last)


@given(FACTS, FACTS)
def test_a_fact_is_surely_before_another_when_every_day_of_it_is(earlier: str, later: str) -> None:
    assert surely_before(earlier, later) == (last_day(earlier) < first_day(later))
    assert not (surely_before(earlier, later) and surely_before(later, earlier))


@pytest.mark.parametrize(
    ("earlier", "later", "surely"),
    [
        ("2021", "2021-06-01", False),
        ("2021-05", "2021-06-01", True),
        ("2021-06-01", "2021-06-01", False),
        (None, "2021", False),
    ],
)
def test_an_unknown_day_is_never_before(earlier: str | None, later: str, surely: bool) -> None:  # noqa: FBT001 - a table
    assert surely_before(earlier, later) is surely
    assert not surely_before("2021", None)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2024-01-31", 1, "2024-02-29"), ("2023-12-31", 2, "2024-02-29"), ("2022-01-01", 48, "2026-01-01")],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: str, months: int, expected: str) -> None:
    assert add_months(day, months) == expected


def test_days_are_added_across_months() -> None:
    assert add_days("2024-02-26", 30) == "2024-03-27"


@pytest.mark.parametrize(
    "text",
    ["2024-13-01", "2024-02-30", "2023-02-29", "24-01-01", "2024-1-1", "2024-01-01\n", "0999-01-01", "3000-01-01",
     "\u0662\u0660\u0662\u0664-01-01", "20240101", "2024-W01-1", "fact", ""],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(text)


@pytest.mark.parametrize("text", ["2021", "2021-07", "2021-07-31"])
def test_a_fact_may_be_known_to_the_year_the_month_or_the_day(text: str) -> None:
    assert TypeAdapter(OccurredOn).validate_python(text) == text


@pytest.mark.parametrize("text", ["0000", "21", "2021-00", "2021-7", "2021-02-29", "\u0662\u0660\u0662\u0664", "2021-"])
def test_what_is_no_date_of_a_fact_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(OccurredOn).validate_python(text)


@pytest.mark.parametrize(
    "text",
    ["2024-03-28T08:12:44Z", "2024-03-28T08:12:44.120Z", "2024-03-28T24:00:00.000000Z", "2024-03-28T08:60:00.000000Z",
     "2024-03-28T08:12:60.000000Z", "2024-02-30T08:12:44.120391Z", "9999-12-31T23:59:59.999999Z",
     "2024-03-28T08:12:44.120391+00:00", "2024-03-28 08:12:44.120391Z", "2024-03-28T08:12:44.12039\u0661Z"],
)  # fmt: skip
def test_what_is_no_recorded_time_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Time).validate_python(text)
