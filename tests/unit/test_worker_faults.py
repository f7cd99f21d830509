"""The worker when something fails: nothing is lost, nothing is written twice, nobody is told what is not settled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from landbuch.contracts.acts.programme import FoundBook
from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import event_id
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.sdk.book.api import Mark
from landbuch.sdk.deciding import Case, Decided, Desk
from landbuch.sdk.errors import (
    ConflictError,
    OutcomeUnknownError,
    PermissionDeniedError,
    UnavailableError,
)
from landbuch.sdk.testing.events import informations
from landbuch.sdk.worker.answers import Answer
from tests.workers import (
    CANTON,
    QUICK,
    PagedFaultyBook,
    accepted,
    book,
    code,
    found,
    founded,
    submit,
    tell,
    working,
)


def ids(on: PagedFaultyBook) -> list[str]:
    """The ids of what is stored."""
    return [str(parse(entry.payload)["id"]) for entry in on.memory.stored if entry is not None]  # type: ignore[index]


def others_write(on: PagedFaultyBook, count: int = 1) -> None:
    """Let somebody else write just before the next append."""

    def write(_expected: int) -> Sequence[Entry]:
        return informations(head(on), count, canton=CANTON, writer="somebody else")

    on.conflict_next_append(write)


def head(on: PagedFaultyBook) -> Mark:
    """The mark at the end of a book."""
    last = on.memory.stored[-1] if on.memory.stored else None
    return Mark() if last is None else Mark(len(on.memory.stored), leaf_of(last).hex())


# -- somebody else wrote first --------------------------------------------------------------------------------------


async def test_after_a_conflict_everything_is_decided_again_behind_what_others_wrote() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        others_write(on, 5)
        answers = await submit(worker, *(tell(f"number {i}") for i in range(8)))
        assert worker.counts.conflicts == 1
    assert [accepted(answer).position for answer in answers] == list(range(9, 17))
    assert len(set(ids(on))) == len(ids(on)) == 16


async def test_a_conflict_halves_the_group_and_success_doubles_it_again() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        others_write(on)
        others_write(on)
        await submit(worker, *(tell(f"number {i}") for i in range(40)))
    assert on.sizes == [3, 40, 20, 10, 20, 10]


async def test_what_was_accepted_on_a_state_that_is_gone_is_refused_on_the_new_one() -> None:
    on = book()
    async with working(on) as late, working(on) as other:
        await submit(late, tell("both have read the book"))
        await submit(other, tell("both have read the book"))
        first, second = await asyncio.gather(submit(late, found()), submit(other, found()))
    assert sorted(code(answer) for answer in (*first, *second)) == ["accepted", "book_already_founded"]
    assert len(on.memory.stored) == 3


# -- the answer is lost ---------------------------------------------------------------------------------------------


async def test_what_was_stored_although_the_answer_was_lost_is_accepted_with_its_answer() -> None:
    on, command = book(), tell("stored")
    async with working(on) as worker:
        await founded(worker)
        on.lose_next_answer()
        (answer,) = await submit(worker, command)
        assert worker.counts.unknown_outcomes == 1
    assert accepted(answer).position == 4
    assert ids(on)[3:] == [event_id(CANTON, "ledger", command.commandid, 0)]


async def test_what_was_not_stored_is_decided_again_and_written_once() -> None:
    on, command = book(), tell("not stored at first")
    async with working(on) as worker:
        await founded(worker)
        on.fail_next_append()
        (answer,) = await submit(worker, command)
    assert accepted(answer).position == 4
    assert len(on.memory.stored) == 4


async def test_nobody_is_told_of_a_refusal_while_an_append_may_still_store_the_command() -> None:
    on = book()
    ghost: list[Entry] = []

    async def lost(entries: Sequence[Entry], _expected: int) -> None:
        ghost.extend(entries)
        raise OutcomeUnknownError("still on its way")

    async with working(on, limits=replace(QUICK, patience_s=1.0)) as worker:
        await submit(worker, tell("the book is read"))
        on._faults.append(lost)  # noqa: SLF001  # a fault of our own
        worker.desk = refusing(worker.desk)
        asked = asyncio.create_task(submit(worker, found()))
        await asyncio.sleep(0.2)
        assert not asked.done(), "the outcome is not settled"
        await on.memory.append(ghost, 0)
        (answer,) = await asked
    assert accepted(answer).position == 3


async def test_a_command_that_is_repeated_is_not_refused_while_the_first_attempt_is_not_settled() -> None:
    on = book()
    ghost: list[Entry] = []

    async def lost(entries: Sequence[Entry], _expected: int) -> None:
        ghost.extend(entries)
        raise OutcomeUnknownError("still on its way")

    async with working(on, limits=replace(QUICK, patience_s=0.2)) as worker:
        await submit(worker, tell("the book is read"))
        on._faults.append(lost)  # noqa: SLF001  # a fault of our own
        worker.desk = refusing(worker.desk)
        command = found()
        first = await submit(worker, command)
        second = await submit(worker, command)
        await on.memory.append(ghost, 0)
        third = await submit(worker, command)
    assert [code(answer) for answer in (*first, *second, *third)] == ["outcome_unknown", "outcome_unknown", "accepted"]


async def test_what_cannot_be_settled_in_time_is_said_to_be_unknown() -> None:
    on = book()

    async def lost(_entries: Sequence[Entry], _expected: int) -> None:
        raise OutcomeUnknownError("nobody knows")

    async with working(on, limits=replace(QUICK, patience_s=0.2)) as worker:
        await founded(worker)
        on._faults.extend([lost] * 1000)  # noqa: SLF001  # a fault of our own
        (answer,) = await submit(worker, tell("lost"))
    assert code(answer) == "outcome_unknown"
    assert "same command id" in answer.body()["remedy"]


def refusing(desk: Desk) -> Desk:
    """A desk whose rule for founding accepts once and refuses from then on."""
    asked = 0

    def rule(state: BookState, data: FoundBook, case: Case) -> Decided:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise Refused(Code.BOOK_ALREADY_FOUNDED, "made to refuse")
        return desk.rules[FoundBook](state, data, case)

    return replace(desk, rules={**desk.rules, FoundBook: rule})


# -- servers away ---------------------------------------------------------------------------------------------------


async def test_a_broker_that_is_away_for_a_while_loses_nothing() -> None:
    on, away = book(), True
    asked_head = on.memory.head

    async def head_or_away() -> int:
        if away:
            raise UnavailableError("the broker is away")
        return await asked_head()

    on.memory.head = head_or_away  # type: ignore[method-assign]
    async with working(on) as worker:
        asked = asyncio.create_task(submit(worker, found()))
        await asyncio.sleep(0.1)
        assert not worker.status().ready
        assert worker.status().wrong == "unavailable"
        away = False
        (answer,) = await asked
        assert worker.status().ready
    assert accepted(answer).position == 3


async def test_a_broker_that_stays_away_is_answered_unavailable() -> None:
    on = book()
    on.memory.opened = False
    async with working(on, limits=replace(QUICK, patience_s=0.1)) as worker:
        (answer,) = await submit(worker, found())
    assert code(answer) == "book_missing"


async def test_a_user_without_the_right_is_answered_and_nothing_is_written() -> None:
    on = book()

    async def forbidden(_entries: Sequence[Entry], _expected: int) -> None:
        raise PermissionDeniedError("this NATS user may not publish there")

    async with working(on, limits=replace(QUICK, patience_s=0.1)) as worker:
        await submit(worker, tell("the book is read"))
        on._faults.extend([forbidden] * 1000)  # noqa: SLF001  # a fault of our own
        (answer,) = await submit(worker, found())
    assert (code(answer), answer.body()["detail"]) == ("unavailable", "this NATS user may not publish there")


# -- and otherwise ---------------------------------------------------------------------------------------------------


async def test_a_fault_of_the_worker_itself_is_survived() -> None:
    on, faults = book(), 1

    async def append(entries: Sequence[Entry], expected: int) -> None:
        nonlocal faults
        if faults:
            faults -= 1
            raise ZeroDivisionError
        await on.memory.append(entries, expected)

    answers: list[Answer] = []
    async with working(on) as worker:
        await submit(worker, tell("the book is read"))
        on._faults.append(append)  # noqa: SLF001  # a fault of our own
        answers += await submit(worker, found())
    assert accepted(answers[0]).position == 3
    assert len(on.memory.stored) == 3


async def test_a_conflict_with_nothing_is_tried_again() -> None:
    on = book()
    async with working(on) as worker:
        await submit(worker, tell("the book is read"))
        on.conflict_next_append()
        await founded(worker)
        assert worker.counts.conflicts == 1


async def test_a_conflict_is_no_sign_that_something_is_wrong() -> None:
    on = book()

    async def conflict(_entries: Sequence[Entry], _expected: int) -> None:
        raise ConflictError("made to conflict")

    async with working(on, limits=replace(QUICK, patience_s=0.2)) as worker:
        await submit(worker, tell("the book is read"))
        on._faults.extend([conflict] * 1000)  # noqa: SLF001  # a fault of our own
        (answer,) = await submit(worker, found())
        assert worker.status().ready
    assert code(answer) in {"busy", "outcome_unknown"}, "an attempt may be under way at that moment"
