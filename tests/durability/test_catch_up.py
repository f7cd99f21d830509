"""The database is away while the book grows, and is killed again while the ledger catches up."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from landbuch.local.stack import LocalStack
from tests.doors import doors_of, head_of, history_told
from tests.durability.proof import demand_nothing_lost
from tests.durability.sending import run
from tests.durability.stream import BULK, errands_of, rounds

pytestmark = pytest.mark.timeout(600)

SEED = 20_230_608
MIDDLE = 6_000
"""At least this many entries behind: the ledger writes 2000 in one transaction."""


def killed_in_the_middle(stack: LocalStack, canton: str, before: int, head: int) -> int:
    """Kill the database as soon as the copy lies between two positions; gives where it stood then."""
    until = time.monotonic() + 60
    with psycopg.connect(stack.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        while True:
            found = connection.execute("SELECT position FROM ledger.projection WHERE book = %s", [canton]).fetchone()
            at = 0 if found is None else int(found[0])
            assert at < head, "the ledger had caught up before the blow fell"
            if at > before:
                break
            assert time.monotonic() < until, f"the copy still stands at {at}"
            time.sleep(0.001)
        pid = stack.kill("postgres")
    stack.wait_replaced("postgres", pid)
    return at


async def test_a_database_killed_while_the_ledger_catches_up_ends_at_the_head(
    stack: LocalStack, canton: str, count: int
) -> None:
    async with doors_of(stack) as doors:
        before = await history_told(doors, canton)
    sent = rounds(SEED, max(MIDDLE, 4 * count), BULK)
    await asyncio.to_thread(stack.stop_program, "postgres")
    await run(stack, canton, sent, blows=[])
    assert not any(errand.unknown for errand in errands_of(sent)), "without its database the ledger goes on deciding"
    await asyncio.to_thread(stack.start_program, "postgres")
    await asyncio.to_thread(stack.wait_ready, "postgres")
    head = await head_of(stack, canton)
    at = await asyncio.to_thread(killed_in_the_middle, stack, canton, before, head)
    print(f"the database was killed when the copy stood at {at} of {head}")
    await demand_nothing_lost(stack, canton, sent, told=before)
