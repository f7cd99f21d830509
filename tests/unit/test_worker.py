"""The worker on a book in memory: groups, refusals on current state, command ids that answer the same for ever."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import pytest

from landbuch.contracts.acts.programme import RecordInformation
from landbuch.contracts.entry import leaf_of
from landbuch.contracts.judge import Void
from landbuch.ledger.domain.desk import DESK
from landbuch.sdk.deciding import Desk
from landbuch.sdk.worker.answers import Accepted
from landbuch.sdk.worker.terms import Ask
from tests.workers import (
    QUICK,
    Alone,
    accepted,
    book,
    code,
    found,
    founded,
    order,
    submit,
    tell,
    working,
)


async def test_an_accepted_command_is_answered_with_position_and_leaf_of_each_event() -> None:
    on = book()
    async with working(on) as worker:
        (answer,) = await submit(worker, found())
    body = accepted(answer).body()
    entries = [entry for entry in on.memory.stored if entry is not None]
    assert [event["position"] for event in body["events"]] == [1, 2, 3]
    assert [event["leaf"] for event in body["events"]] == [leaf_of(entry).hex() for entry in entries]
    assert (body["outcome"], body["position"], body["warnings"]) == ("accepted", 3, [])


async def test_what_waits_is_stored_in_one_append() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        answers = await submit(worker, *(tell(f"number {i}") for i in range(50)))
    assert [accepted(answer).position for answer in answers] == list(range(4, 54))
    assert on.sizes == [3, 50]


async def test_a_group_has_at_most_1000_events() -> None:
    on = book()
    async with working(on, limits=QUICK) as worker:
        await founded(worker)
        many = [Ask(tell(f"number {i}")) for i in range(1200)]
        halves = await asyncio.gather(worker.submit(many[:600]), worker.submit(many[600:]))
    assert {code(answer) for half in halves for answer in half} == {"accepted"}
    assert on.sizes == [3, 1000, 200]


async def test_the_events_of_a_command_are_never_parted() -> None:
    on = book()
    async with working(on, limits=replace(QUICK, group=4)) as worker:
        answers = await submit(worker, found(), tell("one"), tell("two"))
    assert {code(answer) for answer in answers} == {"accepted"}
    assert on.sizes == [4, 1]
    assert [len(accepted(answer).events) for answer in answers] == [3, 1, 1]


async def test_a_command_with_more_events_than_a_group_may_have_is_stored_alone() -> None:
    on = book()
    async with working(on, limits=replace(QUICK, group=1)) as worker:
        await submit(worker, found(), tell("one"))
    assert on.sizes == [3, 1]


async def test_each_command_is_decided_on_the_state_that_the_ones_before_it_leave() -> None:
    on = book()
    async with working(on) as worker:
        answers = await submit(worker, tell("too early"), found(), tell("in time"), found())
    assert [code(answer) for answer in answers] == [
        "book_not_founded", "accepted", "accepted", "book_already_founded",
    ]  # fmt: skip
    assert len(on.memory.stored) == 4


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_refusal_is_given_on_what_others_wrote_meanwhile(*, fresh: bool) -> None:
    on = book()
    async with working(on, limits=replace(QUICK, tick_s=60), turn=Alone(fresh=fresh)) as late:
        await submit(late, tell("now it is caught up"))
        async with working(on) as other:
            await founded(other)
        (answer,) = await submit(late, found())
    assert code(answer) == "book_already_founded"


async def test_the_same_id_with_the_same_content_gets_the_first_answer_again() -> None:
    on, command = book(), tell("once")
    async with working(on) as worker:
        await founded(worker)
        first = await submit(worker, command)
        await submit(worker, tell("between"))
        assert await submit(worker, command) == first
    assert len(on.memory.stored) == 5


async def test_the_first_answer_comes_again_after_a_restart_and_from_another_instance() -> None:
    on, commands = book(), [found(), *(tell(f"number {i}") for i in range(40))]
    async with working(on) as worker:
        first = await submit(worker, *commands)
    async with working(on) as another:
        assert await submit(another, *reversed(commands)) == list(reversed(first))
    assert len(on.memory.stored) == 43


async def test_the_same_id_with_another_content_is_refused() -> None:
    on, known = book(), str(uuid.uuid4())
    async with working(on) as worker:
        await founded(worker)
        await submit(worker, tell("one", commandid=known))
        (answer,) = await submit(worker, tell("two", commandid=known))
    assert code(answer) == "command_id_reused"
    assert "position 4" in answer.body()["detail"]


async def test_the_same_id_twice_in_one_group_is_written_once() -> None:
    on, known = book(), str(uuid.uuid4())
    async with working(on) as worker:
        await founded(worker)
        one, again, other = await submit(
            worker, tell("one", commandid=known), tell("one", commandid=known), tell("two", commandid=known)
        )
    assert accepted(one) == accepted(again)
    assert code(other) == "command_id_reused"
    assert len(on.memory.stored) == 4


async def test_a_refused_command_is_decided_again_when_it_comes_again() -> None:
    on, early = book(), tell("early")
    async with working(on) as worker:
        (refused,) = await submit(worker, early)
        await founded(worker)
        (answer,) = await submit(worker, early)
    assert (code(refused), code(answer)) == ("book_not_founded", "accepted")


async def test_a_dry_run_says_what_would_be_written_and_writes_nothing() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        tried, real = await worker.submit([Ask(tell("tried"), dry_run=True), Ask(tell("real"))])
        (refused,) = await submit(worker, found(), dry_run=True)
    assert len(on.memory.stored) == 4
    body = accepted(tried).body()
    assert body["dry_run"] is True
    assert body["events"][0]["data"]["statement"] == "tried"
    assert accepted(tried).position == accepted(real).position == 4
    assert code(refused) == "book_already_founded"


async def test_a_command_waits_for_the_position_that_it_names() -> None:
    on = book()
    async with working(on) as worker, working(on) as other:
        waiting = asyncio.create_task(submit(worker, found(), after_position=3))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await founded(other)
        (answer,) = await waiting
    assert code(answer) == "book_already_founded"


async def test_a_position_that_is_not_reached_in_time_is_said_so() -> None:
    on = book()
    async with working(on, limits=replace(QUICK, patience_s=0.1)) as worker:
        (answer,) = await submit(worker, found(), after_position=7)
    assert code(answer) == "position_not_reached"
    assert "stands at 0, before 7" in answer.body()["detail"]
    assert on.memory.stored == []


async def test_a_full_queue_is_answered_busy_at_once() -> None:
    on = book()
    async with working(on, limits=replace(QUICK, queue=10)) as worker:
        answers = await submit(worker, *(tell(f"number {i}") for i in range(11)))
    assert {code(answer) for answer in answers} == {"busy"}
    assert "at most 10 may" in answers[0].body()["detail"]


async def test_a_fault_in_a_rule_fails_its_command_alone() -> None:
    def faulty(state: object, data: RecordInformation, case: object) -> list[object]:
        if data.statement == "faulty":
            raise ZeroDivisionError
        return DESK.rules[RecordInformation](state, data, case)  # type: ignore[arg-type,return-value]  # handed through

    desk = Desk("ledger", {**DESK.rules, RecordInformation: faulty})  # type: ignore[dict-item]  # as above
    on = book()
    async with working(on, desk=desk) as worker:
        await founded(worker)
        answers = await submit(worker, tell("one"), tell("faulty"), tell("two"))
    assert [code(answer) for answer in answers] == ["accepted", "internal", "accepted"]
    assert len(on.memory.stored) == 5


async def test_every_entry_that_a_worker_wrote_counts() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        await submit(worker, *(tell(f"number {i}") for i in range(20)), order("GrantRole", {
            "person": "p-9c1d", "role": "clerk",
        }))  # fmt: skip
        frontier = worker.fold.frontier.root()
    stored = [one async for batch in on.memory.read() for one in batch]
    assert not [one for one in stored if isinstance(one.verdict, Void)]
    async with working(on) as another:
        await submit(another, tell("afterwards"), dry_run=True)
        assert another.fold.frontier.root() == frontier


async def test_commands_that_wait_are_answered_when_the_worker_stops() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        asked = asyncio.create_task(submit(worker, *(tell(f"number {i}") for i in range(100))))
        await asyncio.sleep(0)
        worker.stop()
        answers = await asked
        (late,) = await submit(worker, tell("late"))
    assert {type(answer) for answer in answers} == {Accepted}
    assert code(late) == "unavailable"
