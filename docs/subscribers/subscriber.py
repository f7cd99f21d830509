"""Print what was committed to each agreement, and go on after a stop: ``python subscriber.py BL position.json``."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nats

from landbuch.contracts.judge import Void
from landbuch.contracts.money import chf
from landbuch.sdk.book.api import Mark, Start, Stored
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.connection import find

COMMITTED = re.compile(r"credit:(?:open|released|used|recovered):[^:]+:[^:]+:([^:]+)")


async def subscribe(canton: str, memory: Path, known: Mark) -> None:
    """Follow a book from a known place on; only a kill between a line and the memory repeats the line."""
    stack = find(None, os.environ)
    user = stack.users["reader"]
    who = {"user": user.name, "password": user.password, "inbox_prefix": user.inbox_prefix.encode()}
    nc = await nats.connect(stack.nats(), max_reconnect_attempts=-1, **who)
    book = await find_book(nc, canton)
    async for batch in book.follow(Start(known)):
        for stored in batch:
            for line in lines(stored):
                print(line, flush=True)
            new = memory.with_suffix(".new")
            new.write_text(json.dumps({"position": stored.position, "leaf": stored.leaf.hex()}))
            new.replace(memory)


def lines(stored: Stored) -> Iterator[str]:
    """Say by how much an entry changes what is committed; a void entry changes nothing."""
    if isinstance(stored.verdict, Void):
        return
    event = json.loads(stored.entry.payload)
    committed: Counter[str] = Counter()
    for account, amount in event["data"].get("lines", ()):
        if agreement := COMMITTED.fullmatch(account):
            committed[agreement[1]] += amount
    for name in filter(committed.get, committed):
        yield f"{stored.position} {event['bookedon']} {event['phase']} {name} {chf(committed[name])}"


if __name__ == "__main__":
    path = Path(sys.argv[2])
    asyncio.run(subscribe(sys.argv[1], path, Mark(**json.loads(path.read_text())) if path.exists() else Mark()))
