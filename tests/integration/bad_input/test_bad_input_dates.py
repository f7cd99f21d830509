"""Dates that are none, that lie ahead, or that contradict each other: each is answered clearly and writes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from landbuch.contracts.refusals import Code
from landbuch.local.history.course import PEOPLE
from landbuch.sdk.host.problems import Problem
from tests.doors import Door, Doors
from tests.integration.bad_input.explained import demand_explained

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("unharmed")]

AHEAD = (date.today() + timedelta(days=40)).isoformat()  # noqa: DTZ011  # far enough for every time zone
INFORMATION: dict[str, Any] = {"about": "programme", "topic": "test", "statement": "Something happened."}
ITEM = {"area": "SP", "source": "canton", "year": 2025, "amount": 100}
DRAFT: dict[str, Any] = {
    "agreement": "BAD-1",
    "partner": "ALD-BL",
    "form": "contract",
    "start": "2025-01-01",
    "end": "2025-12-31",
    "ceiling": 100,
    "items": [ITEM],
}


@pytest.mark.parametrize(
    "day",
    ["2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "28.11.2021", "2025-06-31", "20250101", "2025-01-01T00:00",
     "0025-01-01", "soon", "", 20_250_101, ["2025-01-01"]],
)  # fmt: skip
@pytest.mark.parametrize("field", ["occurred_on", "booked_on"])
async def test_what_is_no_date_is_malformed(doors: Doors, canton: str, door: Door, field: str, day: object) -> None:
    answer = await doors.send(door, "RecordInformation", canton, INFORMATION | {field: day}, actor=PEOPLE["clerk"])
    demand_explained(answer, Problem.MALFORMED)
    assert field in answer.body["detail"]


@pytest.mark.parametrize(
    ("field", "code"), [("occurred_on", Code.OCCURRED_IN_FUTURE), ("booked_on", Code.BOOKED_IN_FUTURE)]
)
async def test_a_date_ahead_of_us_is_refused(doors: Doors, canton: str, door: Door, field: str, code: Code) -> None:
    answer = await doors.send(door, "RecordInformation", canton, INFORMATION | {field: AHEAD}, actor=PEOPLE["clerk"])
    demand_explained(answer, code)
    assert AHEAD in answer.body["detail"]


async def test_an_agreement_signed_ahead_of_us_is_refused(doors: Doors, canton: str, door: Door) -> None:
    data = {"agreement": "DEMO-2024-2", "signed_on": AHEAD, "signatories": [PEOPLE["drafter"]]}
    answer = await doors.send(door, "SignAgreement", canton, data, actor=PEOPLE["agreement_manager"], phase="KIP3")
    demand_explained(answer, Code.OCCURRED_IN_FUTURE)


OUT_OF_ORDER: dict[str, dict[str, Any]] = {
    "an end before the start": DRAFT | {"start": "2025-12-31", "end": "2025-01-01"},
    "a plan for the year before": DRAFT | {"items": [ITEM | {"year": 2024}]},
    "a plan for the year after": DRAFT | {"items": [ITEM | {"year": 2026}]},
}


@pytest.mark.parametrize("data", OUT_OF_ORDER.values(), ids=OUT_OF_ORDER)
async def test_an_agreement_that_contradicts_itself_is_malformed(
    doors: Doors, canton: str, door: Door, data: dict[str, Any]
) -> None:
    answer = await doors.send(door, "DraftAgreement", canton, data, actor=PEOPLE["drafter"], phase="KIP3")
    demand_explained(answer, Problem.MALFORMED)
    assert "dates out of order" in answer.body["detail"]


async def test_an_agreement_outside_its_phase_is_refused(doors: Doors, canton: str, door: Door) -> None:
    data = DRAFT | {"start": "2023-12-31", "end": "2025-12-31"}
    answer = await doors.send(door, "DraftAgreement", canton, data, actor=PEOPLE["drafter"], phase="KIP3")
    demand_explained(answer, Code.OUTSIDE_TERM)


async def test_a_publication_before_the_decision_is_refused(doors: Doors, canton: str, door: Door) -> None:
    data = {"credit": "LR-2023-KIP3", "gazette": "Amtsblatt", "published_on": "2023-06-07"}
    answer = await doors.send(door, "RecordPublication", canton, data, actor=PEOPLE["clerk"], phase="KIP3")
    demand_explained(answer, Code.DATES_OUT_OF_ORDER)
    assert "2023-06-07" in answer.body["detail"]
    assert "2023-06-08" in answer.body["detail"]


async def test_a_vote_before_the_decision_is_refused(doors: Doors, canton: str, door: Door) -> None:
    data = {"credit": "LR-2021-KIP2BIS", "outcome": "accepted", "occurred_on": "2021-05-19"}
    answer = await doors.send(door, "RecordPopularVote", canton, data, actor=PEOPLE["clerk"], phase="KIP2BIS")
    demand_explained(answer, Code.DATES_OUT_OF_ORDER)
