"""Everything dies at one moment, the supervisor too, and is started again on the same directory."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from landbuch.local import endings, postgres_place
from landbuch.local.processes import of_stack
from landbuch.local.stack import LocalStack
from tests.doors import doors_of, history_told
from tests.durability.proof import demand_nothing_lost
from tests.durability.sending import run
from tests.durability.stream import errands_of, rounds
from tests.hosts import eventually

pytestmark = pytest.mark.timeout(600)

CANTON = "BL"
SEED = 20_220_101


class PowerCut(Exception):
    """Ends the clients: what they have no answer for stays open."""


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Give a directory for a stack; whatever is left running there is ended."""
    yield tmp_path / "stack"
    endings.delete(tmp_path / "stack")


async def cut(stack: LocalStack) -> None:
    """Kill every process of a stack by −9, the supervisor first."""
    found = of_stack(stack.places, postgres_place.data_directory(stack.places))
    supervisor = stack.described["pid"]
    children = [child for process in found for child in process.children()]
    pids = {process.pid for process in (*found, *children)} - {supervisor}
    for pid in (supervisor, *pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    print(f"killed {len(pids) + 1} processes at once")
    raise PowerCut


def gone(stack: LocalStack) -> bool:
    """Whether no process of a stack is left."""
    return not endings.left_over(stack.places)


async def started(directory: Path) -> LocalStack:
    """Start the stack in a directory, whatever was left there."""
    began = time.monotonic()
    stack = LocalStack(directory)
    await asyncio.to_thread(stack.start)
    print(f"up after {time.monotonic() - began:.1f} s")
    return stack


async def test_after_power_cuts_the_same_directory_holds_everything_that_was_acknowledged(
    directory: Path, count: int
) -> None:
    sent = rounds(SEED, 2 * count)
    stack = await started(directory)
    async with doors_of(stack) as doors:
        before = await history_told(doors, CANTON)
    for share in (0.3, 0.6) if count > 1_000 else (0.4,):
        with pytest.raises(ExceptionGroup) as ended:
            await run(stack, CANTON, sent, blows=[(share, cut)])
        assert ended.group_contains(PowerCut)
        await eventually(partial(gone, stack))
        stack = await started(directory)
    await run(stack, CANTON, sent, blows=[])
    assert any(errand.sent > 1 for errand in errands_of(sent)), "nobody noticed the power cuts"
    await demand_nothing_lost(stack, CANTON, sent, told=before)
    await asyncio.to_thread(stack.stop)
