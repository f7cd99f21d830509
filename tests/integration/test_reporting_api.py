"""The API of reporting beside the ledger's own answers: the same figures, and each explained to the Rappen."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from landbuch.contracts.entry import leaf_of
from landbuch.contracts.figures import DEFINITIONS
from landbuch.contracts.money import parse_chf
from tests.databases import Postgres
from tests.web.site import Site, long_history, reported

SIGNED_AT = 49
"""Position at which the agreements of KIP 3 are drafted and signed, and nothing is paid."""

DAYS = [None, None, "2021-05-19", "2021-05-20", "2021-08-31", "2021-11-28", "2023-06-08", "2024-01-31", "2026-11-22"]
AREAS = [None, None, "IB", "SP", "FK", "_"]
SEED = 20_260_331
QUESTIONS = 60


@pytest.fixture(scope="module")
def site(postgres: Postgres) -> Iterator[Site]:
    """Give one site for all these tests: they only read."""
    with reported(postgres, long_history()) as site:
        yield site


@pytest.fixture
async def api(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of reporting."""
    transport = httpx.ASGITransport(site.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting/api/v1") as client:
        yield client


@pytest.fixture
async def ledger(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the ledger over the same book."""
    transport = httpx.ASGITransport(site.ledger)
    async with httpx.AsyncClient(transport=transport, base_url="http://ledger/v1") as client:
        yield client


async def ask(client: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    """Ask and give the answer; what is ``None`` is left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    answer = await client.get(path, params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def explained(api: httpx.AsyncClient, address: str) -> tuple[str, list[dict[str, Any]]]:
    """Follow the address of an explanation to its last page; give the sum that it states, and all events."""
    events: list[dict[str, Any]] = []
    after = 0
    while True:
        answer = await api.get(
            f"http://reporting{address}", params=dict(httpx.URL(address).params) | {"after": after, "limit": 7}
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        events += page["events"]
        if "next" not in page:
            assert len(events) == page["count"]
            assert sum(parse_chf(term["amount"]) for term in page["terms"]) == parse_chf(page["sum"]["amount"])
            return page["sum"]["amount"], events
        after = page["next"]


def questions(head: int) -> Iterator[dict[str, Any]]:
    """Draw random filters on both clocks."""
    draw = random.Random(SEED)
    print(f"seed {SEED}")
    for _ in range(QUESTIONS):
        yield {
            "phase": draw.choice(["KIP2BIS", "KIP3", "KIP3"]),
            "area": draw.choice(AREAS),
            "source": draw.choice([None, None, "canton", "federal"]),
            "as_of": draw.choice(DAYS),
            "at": draw.choice([None, draw.randint(20, head)]),
        }


async def test_each_figure_is_that_of_the_ledger_and_the_sum_of_its_explained_events(
    site: Site, api: httpx.AsyncClient, ledger: httpx.AsyncClient
) -> None:
    draw = random.Random(SEED + 1)
    for question in questions(site.head):
        if question["phase"] == "KIP2BIS" and question["area"] not in (None, "_"):
            question["area"] = "SB"
        ours = await ask(api, "balances", canton="BL", **question)
        (theirs,) = (await ask(ledger, "BL/balances", **question))["phases"]
        # We also show what is zero again; the ledger leaves it out.
        rows = [row for row in ours["rows"] if any(parse_chf(part["amount"]) for part in row["figures"].values())]
        places = [(row["area"], row["source"]) for row in theirs["rows"]]
        assert [(row["area"], row["source"]) for row in rows] == places, question
        for mine, other in [(ours["total"], theirs["total"])] + [
            (row["figures"], wanted) for row, wanted in zip(rows, theirs["rows"], strict=True)
        ]:
            assert {name: mine[name]["amount"] for name in DEFINITIONS} == {name: other[name] for name in DEFINITIONS}
        figures = draw.choice([ours["total"], *(row["figures"] for row in ours["rows"])])
        figure = draw.choice(sorted(DEFINITIONS))
        stated, events = await explained(api, figures[figure]["explain"])
        assert stated == figures[figure]["amount"], (question, figure)
        assert sum(parse_chf(event["amount"]) for event in events) == parse_chf(stated), (question, figure)


async def test_the_difference_of_two_states_is_the_sum_of_the_events_listed(site: Site, api: httpx.AsyncClient) -> None:
    drawn = list(questions(site.head))
    figures = random.Random(SEED + 2)
    moved = 0
    for first, second in itertools.pairwise(drawn):
        question = {
            "canton": "BL", "phase": second["phase"], "figure": figures.choice(sorted(DEFINITIONS)),
            "first_as_of": first["as_of"], "first_at": first["at"],
            "second_as_of": second["as_of"], "second_at": second["at"],
        }  # fmt: skip
        answer = await ask(api, "compare", **question)
        for row in answer["rows"]:
            difference = parse_chf(row["second"]) - parse_chf(row["first"])
            assert parse_chf(row["difference"]) == difference
            assert sum(parse_chf(event["amount"]) for event in row["events"]) == difference, (question, row)
            moved += len(row["events"])
        for side in ("first", "second"):
            clocks = {"as_of": question[f"{side}_as_of"], "at": question[f"{side}_at"]}
            total = (await ask(api, "balances", canton="BL", phase=question["phase"], **clocks))["total"]
            assert sum(parse_chf(row[side]) for row in answer["rows"]) == parse_chf(total[question["figure"]]["amount"])
    assert moved > 50


async def test_a_comparison_says_whether_an_event_was_booked_later_or_learned_later(api: httpx.AsyncClient) -> None:
    clocks = {"first_as_of": "2021-12-01", "second_as_of": "2021-12-31"}
    answer = await ask(api, "compare", canton="BL", phase="KIP2BIS", figure="committed", **clocks)
    ((event,),) = [row["events"] for row in answer["rows"]]
    assert (event["type"], event["reason"], event["only_in"]) == ("AgreementSigned", "booked_later", "second")
    answer = await ask(api, "compare", canton="BL", phase="KIP2BIS", figure="committed", first_at=30)
    ((event,),) = [row["events"] for row in answer["rows"]]
    assert (event["type"], event["reason"]) == ("AgreementSigned", "learned_later")


async def test_what_an_agreement_has_committed_is_explained_by_its_own_events(api: httpx.AsyncClient) -> None:
    answer = await ask(api, "agreements/DEMO-2024-1", canton="BL", at=SIGNED_AT)
    assert (answer["state"], answer["committed"]["amount"], answer["disbursed"]["amount"]) == (
        "signed", "480000.00", "0.00",
    )  # fmt: skip
    stated, events = await explained(api, answer["committed"]["explain"])
    assert stated == "480000.00"
    assert [event["type"] for event in events] == ["AgreementSigned"]
    assert sum(parse_chf(item["amount"]) for item in answer["plan"]) == parse_chf(answer["ceiling"]["amount"])


@pytest.mark.parametrize(
    ("as_of", "stage"),
    [("2021-05-20", "pending"), ("2021-07-31", "pending"), ("2021-11-27", "pending"), ("2021-11-28", "in_force")],
)
async def test_a_credits_legal_state_follows_the_booking_clock(api: httpx.AsyncClient, as_of: str, stage: str) -> None:
    answer = await ask(api, "credits/LR-2021-KIP2BIS", canton="BL", as_of=as_of)
    assert answer["stage"] == stage
    assert (answer["votes_for"], answer["votes_against"]) == (61, 22)
    assert answer.get("referendum") == (None if as_of == "2021-05-20" else "called")


async def test_a_credits_legal_state_follows_what_was_known(site: Site, api: httpx.AsyncClient) -> None:
    stages: list[str] = []
    for position in range(26, site.head):
        answer = await ask(api, "credits/LR-2021-KIP2BIS", canton="BL", at=position)
        stages += [answer["stage"]] if not stages or stages[-1] != answer["stage"] else []
    assert stages == ["proposed", "pending", "in_force"]


async def test_lists_name_credits_agreements_and_partners(api: httpx.AsyncClient) -> None:
    credits = (await ask(api, "credits", canton="BL"))["credits"]
    assert [credit["id"] for credit in credits] == ["LR-2021-KIP2BIS", "LR-2023-KIP3"]
    agreements = (await ask(api, "agreements", canton="BL", phase="KIP3", at=SIGNED_AT))["agreements"]
    assert [(one["id"], one["state"]) for one in agreements] == [("DEMO-2024-1", "signed"), ("DEMO-2024-2", "drafted")]
    partners = (await ask(api, "partners", canton="BL"))["partners"]
    assert {partner["id"]: partner["name"] for partner in partners}["SRK-BL"] == "SRK BL"


async def test_pages_of_events_follow_each_other_without_gap_and_cursors_stay_good(
    site: Site, api: httpx.AsyncClient
) -> None:
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await ask(api, "events", canton="BL", after=after, limit=17)
        seen += [event["position"] for event in page["events"]]
        after = page.get("next")
    assert seen == list(range(1, site.head + 1))
    decided = await ask(api, "events", canton="BL", type="CreditDecided")
    assert [event["data"]["credit"] for event in decided["events"]] == ["LR-2021-KIP2BIS", "LR-2023-KIP3"]
    about = await ask(api, "events", canton="BL", object="DEMO-2024-1")
    assert [event["type"] for event in about["events"]][:2] == ["AgreementDrafted", "AgreementSigned"]


async def test_an_event_comes_with_the_bytes_that_were_hashed(site: Site, api: httpx.AsyncClient) -> None:
    answer = await ask(api, "events/31", canton="BL")
    assert answer["leaf"] == leaf_of(site.entries[30]).hex()
    assert answer["subject"] == site.entries[30].subject


async def test_the_position_is_the_tag_and_who_has_it_gets_nothing_twice(site: Site, api: httpx.AsyncClient) -> None:
    asked = {"canton": "BL", "phase": "KIP3"}
    first = await api.get("balances", params=asked)
    assert first.headers["etag"] == f'"{site.head}"'
    again = await api.get("balances", params=asked, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    earlier = await api.get("balances", params=asked | {"at": 40}, headers={"If-None-Match": first.headers["etag"]})
    assert (earlier.status_code, earlier.headers["etag"]) == (200, '"40"')


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code"),
    [
        ("balances", {"canton": "XX", "phase": "KIP3"}, 404, "unknown_canton"),
        ("balances", {"canton": "ZH", "phase": "KIP3"}, 404, "book_missing"),
        ("balances", {"canton": "BL", "phase": "KIP9"}, 404, "phase_unknown"),
        ("balances", {"canton": "BL", "phase": "KIP3", "area": "SB"}, 422, "area_unknown"),
        ("balances", {"canton": "BL", "phase": "KIP3", "source": "lottery"}, 422, "source_unknown"),
        ("balances", {"canton": "BL", "phase": "KIP3", "as_of": "2026-02-30"}, 422, "malformed"),
        ("balances", {"canton": "BL", "phase": "KIP3", "at": "soon"}, 422, "malformed"),
        ("balances", {"canton": "BL", "phase": "KIP3", "at": "99999"}, 404, "beyond_head"),
        ("balances", {"canton": "BL", "phase": "KIP3", "asof": "2024-01-01"}, 422, "malformed"),
        ("explain", {"canton": "BL", "phase": "KIP3", "figure": "luck"}, 422, "malformed"),
        ("credits/NONE", {"canton": "BL"}, 404, "object_unknown"),
        ("events", {"canton": "BL", "type": "Nothing"}, 422, "event_type_unknown"),
        ("events/0", {"canton": "BL"}, 404, "beyond_head"),
        ("nothing", {}, 404, "not_found"),
    ],
)
async def test_what_cannot_be_answered_says_why_and_what_to_do(
    api: httpx.AsyncClient, path: str, parameters: dict[str, str], status: int, code: str
) -> None:
    answer = await api.get(path, params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["type"] == f"urn:landbuch:problem:{code}"
    assert problem["detail"]
    assert problem["remedy"]


async def test_a_day_is_known_until_its_midnight_in_zurich(site: Site, api: httpx.AsyncClient) -> None:
    asked = {"canton": "BL", "phase": "KIP3"}
    before = await api.get("balances", params=asked | {"at": "2026-11-21"})
    assert before.json()["code"] == "phase_unknown"  # the evening before nothing was known, not even the programme
    assert (await ask(api, "balances", at="2026-11-22", **asked))["position"] == site.head


async def test_a_time_behind_the_last_event_does_not_claim_to_be_a_fixed_state(
    site: Site, api: httpx.AsyncClient
) -> None:
    later = await api.get("http://reporting/de/BL/KIP3", params={"at": "2999-01-01"})
    there = await api.get("http://reporting/de/BL/KIP3", params={"at": str(site.head)})
    assert ("fester Stand" in later.text, "fester Stand" in there.text) == (False, True)


async def test_the_description_is_openapi_3_1(api: httpx.AsyncClient) -> None:
    described = await ask(api, "http://reporting/openapi.json")
    assert described["openapi"].startswith("3.1")
    validate(described)
    paths = {path.removeprefix("/api/v1/") for path in described["paths"] if path.startswith("/api/v1/")}
    assert paths >= {"balances", "explain", "compare", "credits", "agreements", "partners", "events"}


async def test_every_answer_carries_the_policy_also_those_of_the_api(api: httpx.AsyncClient) -> None:
    for path in ("balances?canton=BL&phase=KIP3", "nothing", "http://reporting/health/live", "http://reporting/de/"):
        assert "default-src 'none'" in (await api.get(path)).headers["content-security-policy"]
