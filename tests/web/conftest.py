"""One server, one site and one browser for all tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.databases import postgres_server
from tests.web.site import Site, long_history, reported, served

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give the site in this process."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as postgres, reported(postgres, long_history()) as site:
        yield site


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Give the site's address on the loopback interface."""
    with served(site.app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium (`apt-get install chromium`), headless.

    It keeps an event loop in this thread, so it must be gone before tests of other tiers start theirs.
    """
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing; install it: apt-get install --no-install-recommends chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()
