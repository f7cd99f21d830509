"""Clients that note each answer and send again, under the same id, what they have no answer for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import httpx

from landbuch.local.stack import LocalStack
from landbuch.sdk.errors import FailedError
from tests.doors import Answer, Doors, doors_of
from tests.durability.stream import Errand, Parcel, Round, errands_of
from tests.hosts import eventually

AGAIN = frozenset({"busy", "unavailable", "outcome_unknown"})
"""What a service answers when a command should be sent again under the same id."""
PATIENCE_S = 4.0
"""Less than a service may take: a command is sometimes sent again while the first sending is still in hand."""
PAUSE_S = 0.1

Blow = Callable[[LocalStack], Awaitable[None]]


async def run(stack: LocalStack, canton: str, sent: Sequence[Round], *, blows: Sequence[tuple[float, Blow]]) -> None:
    """Let every client send its round; each blow falls when a share of all commands has been answered."""
    errands = errands_of(sent)
    began = time.monotonic()
    async with doors_of(stack) as doors, asyncio.TaskGroup() as group:
        for one in sent:
            group.create_task(_carry(doors, canton, one), name=one.name)
        group.create_task(_strike(stack, errands, blows))
    took_s = time.monotonic() - began
    unknown = sum(errand.unknown for errand in errands)
    print(f"{len(errands)} commands of {len(sent)} clients in {took_s:.1f} s; {unknown} sendings without an outcome")


async def _strike(stack: LocalStack, errands: Sequence[Errand], blows: Sequence[tuple[float, Blow]]) -> None:
    for share, blow in blows:
        await eventually(partial(_answered, errands, share * len(errands)), timeout_s=300)
        assert answered(errands) < len(errands), "the stream was over before the blow fell"
        await blow(stack)


def answered(errands: Sequence[Errand]) -> int:
    """Count the commands whose outcome is known."""
    return sum(errand.answer is not None for errand in errands)


def _answered(errands: Sequence[Errand], at_least: float) -> bool:
    return answered(errands) >= at_least


async def _carry(doors: Doors, canton: str, one: Round) -> None:
    """Send one client's parcels in order, each until every command in it has an outcome."""
    for parcel in one.parcels:
        while waiting := [errand for errand in parcel.errands if errand.answer is None]:
            for errand in waiting:
                errand.sent += 1
                errand.begun_at = time.time()
            answers = await _sent(doors, canton, one, Parcel(parcel.service, tuple(waiting)))
            for errand, answer in zip(waiting, answers, strict=True):
                _note(errand, answer)
            if any(errand.answer is None for errand in waiting):
                await asyncio.sleep(PAUSE_S)


def _note(errand: Errand, answer: Answer | None) -> None:
    if answer is None or answer.code in AGAIN:
        errand.unknown += 1
        return
    assert answer.body["outcome"] in ("accepted", "refused"), answer.body
    errand.answer = answer


async def _sent(doors: Doors, canton: str, one: Round, parcel: Parcel) -> Sequence[Answer | None]:
    try:
        if one.batched:
            return await _batch(doors, canton, parcel)
        return [await single(doors, one, canton, errand) for errand in parcel.errands]
    except (FailedError, httpx.HTTPError):
        return [None] * len(parcel.errands)


async def single(doors: Doors, one: Round, canton: str, errand: Errand) -> Answer:
    """Send one command through a client's door."""
    return await doors.send(
        one.door, errand.command, canton, errand.data, actor=errand.actor, phase=errand.phase,
        commandid=errand.commandid, timeout_s=PATIENCE_S,
    )  # fmt: skip


async def _batch(doors: Doors, canton: str, parcel: Parcel) -> Sequence[Answer | None]:
    commands = [
        {"type": errand.command, "commandid": errand.commandid, "phase": errand.phase, "data": errand.data}
        for errand in parcel.errands
    ]
    token = doors.token(parcel.errands[0].actor)
    answer = await doors.batch(parcel.service, canton, commands, token=token, timeout_s=PATIENCE_S)
    if "outcomes" not in answer.body:
        return [answer] * len(commands)
    return [Answer(body) for body in answer.body["outcomes"]]
