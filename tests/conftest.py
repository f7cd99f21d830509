"""What all tests share: how much they try, and the servers they run against.

Small seeded counts by default, full counts with LANDBUCH_TEST_COUNTS=full; for the servers see ``tests/servers.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

from tests.servers import USED, Nats, Pool, nats_server

# Small counts draw the same examples on every machine; full counts look for new ones and print how to repeat them.
hypothesis.settings.register_profile("small", max_examples=50, derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("full", max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("full" if os.environ.get("LANDBUCH_TEST_COUNTS") == "full" else "small")


@pytest.fixture(scope="session")
def nats_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """Give the pool that keeps one NATS server for many tests."""
    pool = Pool(lambda: nats_server(tmp_path_factory.mktemp("nats")))
    yield pool
    pool.close()


@pytest.fixture
def nats(nats_pool: Pool) -> Nats:
    """Give a running NATS server, one node, with cantons that no test has used; not to be killed."""
    return nats_pool.server()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which servers the tests ran against."""
    for used in sorted(USED):
        terminalreporter.write_line(f"ran against: {used}")
