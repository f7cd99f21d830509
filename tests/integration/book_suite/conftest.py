"""The suite runs once in memory and once on JetStream."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.book_suite.bench import Bench, JetStreamBench, MemoryBench


@pytest.fixture(params=["memory", "jetstream"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Give each kind of book in turn."""
    if request.param == "memory":
        yield MemoryBench()
    else:
        async with JetStreamBench(request.getfixturevalue("nats")).running() as running:
            yield running
