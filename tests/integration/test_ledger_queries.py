"""The ledger's answers over HTTP, from a real database: figures, both clocks, events, and what is asked badly."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from landbuch.contracts import figures, trial
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.figures import Figures
from landbuch.contracts.money import decimal, parse_chf
from landbuch.contracts.state import BookState
from landbuch.ledger import queries
from landbuch.ledger.store import reading
from landbuch.ledger.store.engine import open_engine
from landbuch.sdk.book.api import Mark
from tests.projecting import project_to, projecting, until
from tests.told_books import folded, memory_book, shifts, stored_of, told_history, unknown_event

BL, BL_STATE = told_history("BL")
HEAD = len(BL)


@pytest.fixture
async def client(engine: sa.Engine) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an application that has the ledger's routes and nothing else."""
    app = FastAPI()
    app.include_router(queries.router(engine))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://ledger/v1") as client:
        yield client


@pytest.fixture
async def told(engine: sa.Engine, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Give a client of a ledger that has projected the history of BL."""
    await project_to(memory_book("BL", BL), engine, HEAD)
    return client


async def ask(client: httpx.AsyncClient, path: str, **parameters: Any) -> dict[str, Any]:
    """Ask and give the answer."""
    answer = await client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def refused(client: httpx.AsyncClient, path: str, **parameters: Any) -> tuple[int, str, str]:
    """Ask what cannot be answered; give status, code and detail, and demand a remedy."""
    answer = await client.get(path, params=parameters)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:landbuch:problem:{problem['code']}"
    assert problem["title"]
    assert problem["remedy"]
    return answer.status_code, problem["code"], problem["detail"]


def expected(state: BookState, phase: str) -> dict[str, Figures]:
    balances = {account: amount for (of, account), amount in state.balances.items() if of == phase}
    return {f"{area} {source}": part for (area, source), part in figures.headline(balances).items()}


def as_strings(part: Figures) -> dict[str, str]:
    return {figure.name: decimal(getattr(part, figure.name)) for figure in fields(part)}


@pytest.mark.parametrize(("phase", "share"), [("KIP2BIS", "1498188.00"), ("KIP3", "3392068.00")])
async def test_the_cantons_share_adds_up_to_what_the_landrat_decided(
    told: httpx.AsyncClient, phase: str, share: str
) -> None:
    answer = await ask(told, "BL/balances", phase=phase)
    assert answer["currency"] == "CHF"
    (of,) = answer["phases"]
    (canton,) = [source for source in of["sources"] if source["source"] == "canton"]
    assert canton["decided"] == canton["in_force"] == canton["approved"] == share
    rows = [row for row in of["rows"] if row["source"] == "canton"]
    assert sum(parse_chf(row["decided"]) for row in rows) == parse_chf(share)


async def test_every_phase_is_shown_and_each_row_is_what_the_fold_says(told: httpx.AsyncClient) -> None:
    answer = await ask(told, "BL/balances")
    assert [part["phase"] for part in answer["phases"]] == ["KIP1", "KIP2", "KIP2BIS", "KIP3"]
    for part in answer["phases"]:
        shown = {f"{row['area']} {row['source']}": row for row in part["rows"]}
        assert shown == {
            key: {"area": key.split()[0], "source": key.split()[1], **as_strings(row)}
            for key, row in expected(BL_STATE, part["phase"]).items()
        }


async def test_position_leaf_and_both_clocks_stand_beside_the_figures(told: httpx.AsyncClient) -> None:
    answer = await ask(told, "BL/balances", phase="KIP3")
    assert (answer["position"], answer["head_leaf"]) == (HEAD, leaf_of(BL[-1]).hex())
    assert (answer["recorded_at"], answer["as_of"]) == (BL_STATE.head.time, "2026-11-22")
    assert answer["definitions"] == figures.DEFINITIONS


async def test_each_area_ties(told: httpx.AsyncClient) -> None:
    for part in (await ask(told, "BL/balances"))["phases"]:
        for row in part["rows"]:
            if row["area"] == "_":
                continue
            amounts = {name: parse_chf(row[name]) for name in figures.DEFINITIONS}
            left = amounts["available"] + amounts["blocked"] + amounts["lapsed"]
            assert amounts["approved"] - amounts["committed"] == left


async def test_the_table_of_balances_and_the_journal_give_the_same_answer(told: httpx.AsyncClient) -> None:
    now = await ask(told, "BL/balances")
    assert await ask(told, "BL/balances", at=HEAD) == now
    assert await ask(told, "BL/balances", at=HEAD, as_of="2026-11-22") == now


async def test_at_a_position_the_figures_are_those_of_the_fold_up_to_there(told: httpx.AsyncClient) -> None:
    stored = await stored_of(memory_book("BL", BL))
    for position in range(HEAD + 1):
        answer = await ask(told, "BL/balances", at=position)
        state = folded(stored[:position])
        found = {
            (part["phase"], row["area"], row["source"], row["decided"])
            for part in answer["phases"]
            for row in part["rows"]
        }
        wanted = {
            (phase, *key.split(), decimal(row.decided))
            for phase in ("KIP2BIS", "KIP3")
            for key, row in expected(state, phase).items()
        }
        assert found == wanted, position
        assert (answer["position"], answer["head_leaf"]) == (position, state.head.leaf)


async def test_as_of_counts_what_was_booked_until_then_not_what_was_known(told: httpx.AsyncClient) -> None:
    before = await ask(told, "BL/balances", phase="KIP2BIS", as_of="2021-05-19")
    decided = await ask(told, "BL/balances", phase="KIP2BIS", as_of="2021-05-20")
    assert (before["phases"][0]["rows"], before["as_of"], before["position"]) == ([], "2021-05-19", HEAD)
    assert decided["phases"][0]["total"]["pending"] == "1498188.00"
    assert decided["phases"][0]["total"]["in_force"] == "0.00"


async def test_a_day_before_the_first_booking_says_so(told: httpx.AsyncClient) -> None:
    answer = await ask(told, "BL/balances", phase="KIP2BIS", as_of="2019-01-01")
    assert answer["note"] == (
        "Nothing was booked for BL KIP2BIS on or before 2019-01-01; the first booking day is 2021-05-20."
    )
    assert "note" not in await ask(told, "BL/balances", phase="KIP2BIS")


async def test_a_position_before_the_first_booking_says_so(told: httpx.AsyncClient) -> None:
    answer = await ask(told, "BL/balances", at=0)
    assert answer["note"] == "Nothing was booked for BL up to position 0."
    assert (answer["head_leaf"], answer["position"], answer["phases"]) == ("0" * 64, 0, [])


@pytest.mark.parametrize("written", ["2026-11-22T08:00:00.000010Z", "2026-11-22T09:00:00.000010+01:00"])
async def test_at_may_be_a_recorded_time_in_any_zone(told: httpx.AsyncClient, written: str) -> None:
    answer = await ask(told, "BL/trial-balance", at=written)
    assert (answer["position"], answer["recorded_at"]) == (11, "2026-11-22T08:00:00.000010Z")


async def test_area_and_source_narrow_rows_and_totals(told: httpx.AsyncClient) -> None:
    (of,) = (await ask(told, "BL/balances", phase="KIP2BIS", area="SB", source="canton"))["phases"]
    (row,) = of["rows"]
    assert (row["area"], row["source"], row["approved"]) == ("SB", "canton", "500000.00")
    assert of["total"]["approved"] == "500000.00"
    (none,) = (await ask(told, "BL/balances", phase="KIP2BIS", source="federal"))["phases"]
    assert (none["rows"], none["total"]["decided"]) == ([], "0.00")


async def test_the_trial_balance_has_the_root_of_the_fold(told: httpx.AsyncClient) -> None:
    answer = await ask(told, "BL/trial-balance")
    assert answer["root"] == trial.root(BL_STATE.balances)
    assert {(phase, account): amount for phase, account, amount in answer["rows"]} == dict(BL_STATE.balances)
    assert (answer["unit"], answer["position"], answer["leaf"]) == ("Rappen", HEAD, BL_STATE.head.leaf)


async def test_the_head_and_the_books_are_those_of_the_copy(told: httpx.AsyncClient, engine: sa.Engine) -> None:
    head = await ask(told, "BL/head")
    assert head == {"canton": "BL", "recorded_at": BL_STATE.head.time, **reading.head_of_copy(engine, "BL")}
    assert await ask(told, "books") == {"books": [head]}


async def test_an_answer_that_the_asker_has_is_not_sent_again(told: httpx.AsyncClient) -> None:
    first = await told.get("BL/balances")
    assert first.headers["etag"] == f'"{HEAD}"'
    again = await told.get("BL/balances", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await told.get("BL/balances", headers={"If-None-Match": f'"{HEAD - 1}"'})
    assert other.status_code == 200
    past = await told.get("BL/balances", params={"at": 3})
    assert past.headers["etag"] == '"3"'


async def test_events_come_in_order_page_by_page(told: httpx.AsyncClient) -> None:
    seen, after = [], 0
    while True:
        page = await ask(told, "BL/events", after=after, limit=10)
        assert page["position"] == HEAD
        seen += page["events"]
        if "next" not in page:
            break
        after = page["next"]
    assert [event["position"] for event in seen] == list(range(1, HEAD + 1))
    assert [event["leaf"] for event in seen] == [leaf_of(entry).hex() for entry in BL]


async def test_a_page_that_ends_at_the_head_names_no_next(told: httpx.AsyncClient) -> None:
    page = await ask(told, "BL/events", after=HEAD - 5, limit=5)
    assert len(page["events"]) == 5
    assert "next" not in page
    assert (await ask(told, "BL/events", after=HEAD))["events"] == []


@pytest.mark.parametrize("name", ["CreditDecided", "landbuch.CreditDecided.v1"])
async def test_events_of_one_type_can_be_listed(told: httpx.AsyncClient, name: str) -> None:
    page = await ask(told, "BL/events", type=name, limit=1)
    (first,) = page["events"]
    assert (first["type"], first["phase"], first["bookedon"]) == ("landbuch.CreditDecided.v1", "KIP2BIS", "2021-05-20")
    assert first["data"]["votes_for"] == 61
    rest = await ask(told, "BL/events", type=name, after=page["next"])
    assert [event["phase"] for event in rest["events"]] == ["KIP3"]


async def test_a_known_type_without_events_is_an_empty_list(told: httpx.AsyncClient) -> None:
    assert (await ask(told, "BL/events", type="DecisionAnnulled"))["events"] == []


async def test_an_entry_is_given_with_the_bytes_that_its_leaf_stands_for(told: httpx.AsyncClient) -> None:
    answer = await ask(told, "BL/events/27")
    entry = Entry(answer["subject"], base64.b64decode(answer["payload"]))
    assert entry == BL[26]
    assert leaf_of(entry).hex() == answer["leaf"]
    assert answer["type"] == "landbuch.CreditDecided.v1"


async def test_void_entries_are_listed_with_their_reason(client: httpx.AsyncClient, engine: sa.Engine) -> None:
    book = memory_book("BL", [Entry("book.BL.KIP3.ledger.CreditDecided", b"{}")])
    await project_to(book, engine, 1)
    (listed,) = (await ask(client, "BL/events"))["events"]
    assert listed["void"]["reason"] == "bad_envelope"
    assert "type" not in listed
    assert (await ask(client, "BL/events", type="CreditDecided"))["events"] == []
    assert base64.b64decode((await ask(client, "BL/events/1"))["payload"]) == b"{}"


async def test_a_type_that_only_the_book_knows_can_be_asked_for(client: httpx.AsyncClient, engine: sa.Engine) -> None:
    lines = [("credit:pending:X:canton", 7), ("credit:authority:X:canton", -7)]
    await project_to(memory_book("BL", [unknown_event(Mark(), lines)]), engine, 1)
    assert len((await ask(client, "BL/events", type="SomethingNewer"))["events"]) == 1
    (part,) = (await ask(client, "BL/balances"))["phases"]
    assert (part["phase"], "label" in part, part["total"]["pending"]) == ("KIP3", False, "0.07")


async def test_an_empty_book_answers_that_nothing_is_booked(client: httpx.AsyncClient, engine: sa.Engine) -> None:
    async with projecting(memory_book("GL", []), engine) as progress:
        await until(lambda: progress.started)
    answer = await ask(client, "GL/balances")
    assert (answer["position"], answer["phases"], answer["note"]) == (0, [], "Nothing is booked for GL yet.")
    assert (await ask(client, "GL/trial-balance"))["root"] == trial.root({})
    assert (await ask(client, "GL/events"))["events"] == []


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code", "said"),
    [
        ("XX/balances", {}, 404, "unknown_canton", "'XX' is not the code"),
        ("bl/balances", {}, 404, "unknown_canton", "'bl' is not the code"),
        ("GL/balances", {}, 404, "book_missing", "no book of GL; it has: BL"),
        ("BL/balances", {"phase": "KIP9"}, 404, "phase_unknown", "opened so far: KIP1, KIP2, KIP2BIS, KIP3"),
        ("BL/balances", {"phase": "KIP3", "area": "SB"}, 422, "area_unknown", "AA, DO, FK, IB, SP, VD, ZP"),
        ("BL/balances", {"phase": "KIP3\x00"}, 422, "malformed", "phase"),
        ("BL/events", {"type": "Credit\x00"}, 422, "malformed", "type"),
        ("BL/events", {"after": 10**30, "type": "\ud7ff"}, 422, "event_type_unknown", "neither"),
        ("BL/balances", {"area": "QQ"}, 422, "area_unknown", "any phase"),
        ("BL/balances", {"source": "lottery"}, 422, "source_unknown", "federal, federal_flat, canton"),
        ("BL/balances", {"as_of": "22.11.2026"}, 422, "malformed", "write YYYY-MM-DD"),
        ("BL/balances", {"as_of": "2026-02-30"}, 422, "malformed", "write YYYY-MM-DD"),
        ("BL/balances", {"as_of": "20261122"}, 422, "malformed", "write YYYY-MM-DD"),
        ("BL/balances", {"at": "yesterday"}, 422, "malformed", "neither a position nor a time"),
        ("BL/balances", {"at": "2026-11-22T08:00:00"}, 422, "malformed", "neither a position nor a time"),
        ("BL/balances", {"at": "-1"}, 422, "malformed", "neither a position nor a time"),
        ("BL/balances", {"at": "0001-01-01T00:00:00+10:00"}, 422, "malformed", "neither a position nor a time"),
        ("BL/balances", {"at": "99999"}, 404, "beyond_head", f"ends at position {HEAD}"),
        ("BL/balances", {"asof": "2026-11-22"}, 422, "malformed", "asof: Extra inputs"),
        ("BL/balances", {"after_position": "x"}, 422, "malformed", "after_position"),
        ("BL/trial-balance", {"phase": "KIP3"}, 422, "malformed", "phase: Extra inputs"),
        ("BL/events", {"limit": 0}, 422, "malformed", "limit"),
        ("BL/events", {"limit": 1001}, 422, "malformed", "limit"),
        ("BL/events", {"after": -1}, 422, "malformed", "after"),
        ("BL/events", {"type": "CreditImagined"}, 422, "event_type_unknown", "'CreditImagined'"),
        ("BL/events/0", {}, 404, "beyond_head", "begins at position 1"),
        (f"BL/events/{HEAD + 1}", {}, 404, "beyond_head", f"ends at {HEAD}"),
        ("BL/events/first", {}, 422, "malformed", "position"),
        ("books", {"all": "yes"}, 422, "malformed", "all: Extra inputs"),
    ],
)
async def test_a_bad_question_gets_a_code_a_detail_and_a_remedy(
    told: httpx.AsyncClient, path: str, parameters: dict[str, Any], status: int, code: str, said: str
) -> None:
    found_status, found_code, detail = await refused(told, path, **parameters)
    assert (found_status, found_code) == (status, code)
    assert said in detail


async def test_an_answer_waits_for_the_position_that_was_asked_for(
    client: httpx.AsyncClient, engine: sa.Engine
) -> None:
    entries = list(shifts(Mark(), 3))
    book = memory_book("BL", entries[:2])
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 2)
        waiting = asyncio.create_task(ask(client, "BL/head", after_position=3))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await book.append(entries[2:], 2)
        assert (await waiting)["position"] == 3
    assert (await ask(client, "BL/head", after_position=2))["position"] == 3


async def test_an_answer_does_not_wait_for_ever(told: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PATIENCE_S", 0.1)
    status, code, detail = await refused(told, "BL/head", after_position=HEAD + 1)
    assert (status, code) == (503, "position_not_reached")
    assert f"position {HEAD}, not yet at {HEAD + 1}" in detail


async def test_a_database_that_is_away_is_a_problem_not_a_crash() -> None:
    app = FastAPI()
    app.include_router(queries.router(open_engine("postgresql+psycopg://a:b@127.0.0.1:1/c")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ledger/v1") as client:
        for path in ("BL/balances", "books", "BL/events"):
            assert (await refused(client, path))[:2] == (503, "unavailable")


async def test_figures_and_position_of_an_answer_belong_together_while_the_book_grows(
    client: httpx.AsyncClient, engine: sa.Engine
) -> None:
    book = memory_book("BL", [])
    entries = list(shifts(Mark(), 600))
    stored = await stored_of(memory_book("BL", entries))
    async with projecting(book, engine, 3) as progress:
        await until(lambda: progress.started)
        asked = 0
        for position in range(0, 600, 3):
            await book.append(entries[position : position + 3], position)
            if position % 30 == 0:
                answer = await ask(client, "BL/trial-balance")
                assert answer["root"] == trial.root(folded(stored[: answer["position"]]).balances)
                asked += answer["position"] not in (0, 600)
        assert asked > 5


async def test_the_questions_are_described_with_their_problems() -> None:
    app = FastAPI()
    app.include_router(queries.router(open_engine("postgresql+psycopg://a:b@127.0.0.1:1/c")))
    described = app.openapi()
    balances = described["paths"]["/v1/{canton}/balances"]["get"]
    assert {part["name"] for part in balances["parameters"]} == {
        "canton", "phase", "area", "source", "as_of", "at", "after_position",
    }  # fmt: skip
    assert {"200", "404", "422", "503"} <= set(balances["responses"])
    assert "application/problem+json" in balances["responses"]["404"]["content"]
