"""The pages in a real browser: no script, no stranger, no sideways scrolling, every link in reach of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from landbuch.reporting.web.security import POLICY
from tests.web.site import Site

PAGES = [
    "/de/",
    "/de/BL/KIP3",
    "/de/BL/KIP2BIS?as_of=2021-08-31",
    "/de/BL/KIP1",
    "/de/BL/KIP3/nachweis?figure=committed",
    "/de/BL/KIP3/nachweis?figure=available&area=IB&source=canton",
    "/de/BL/kredit/LR-2021-KIP2BIS",
    "/de/BL/vereinbarung/DEMO-2024-1",
    "/de/BL/vereinbarung/DEMO-2024-2",
    "/de/BL/ereignisse",
    "/de/BL/ereignisse/31",
    "/de/BL/KIP9",
]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a fresh browser context without scripts, as narrow as the smallest telephone."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Give a page of it."""
    page = context.new_page()
    page.set_default_timeout(5_000)
    return page


@pytest.mark.parametrize("path", PAGES)
def test_each_page_works_without_scripts_and_asks_only_its_own_server(page: Page, address: str, path: str) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    answer = page.goto(f"{address}{path}")
    assert answer is not None
    assert answer.headers["content-security-policy"] == POLICY
    assert page.locator("h1").inner_text()
    assert {url for url in asked if not url.startswith(f"{address}/")} == set()
    assert f"{address}/static/style.css" in asked
    assert [text for text in said if "Content Security Policy" in text] == []
    assert page.locator("script, [style], style").count() == 0


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 640})
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{address}{path}")
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, path
    context.close()


def test_the_font_is_served_by_us_and_used(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    with page.expect_response(re.compile(r"\.woff2$")) as awaited:
        page.goto(f"{address}/de/BL/KIP3")
    assert awaited.value.ok
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Noto Sans\"'))")
    context.close()


@pytest.mark.parametrize("path", ["/de/BL/KIP3", "/de/BL/kredit/LR-2021-KIP2BIS", "/de/BL/ereignisse"])
def test_the_keyboard_reaches_every_link_and_field(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}{path}")
    wanted = page.locator("a[href], input:not([type=hidden]), select, button").count()
    reached: set[int] = set()
    index = """() => [...document.querySelectorAll('a[href], input:not([type=hidden]), select, button')]
        .indexOf(document.activeElement)"""
    for _ in range(wanted + 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(index))
    assert reached >= set(range(wanted))
    context.close()


def test_every_figure_of_the_overview_is_a_link_to_a_proof_that_shows_the_same_figure(page: Page, address: str) -> None:
    page.goto(f"{address}/de/BL/KIP3?at=140")
    figures = [
        (link.get_attribute("href") or "", link.inner_text())
        for link in page.locator(".big a.figure, .areas a.figure").all()
    ]
    assert len(figures) > 15
    for href, text in figures:
        page.goto(f"{address}{href}")
        assert page.locator(".result data").inner_text() == text, href
        if text == "0.00" and page.locator(".reason").count():
            assert "sie ist null" in page.locator(".reason").inner_text(), href
        else:
            assert page.locator("table.proof tfoot data").inner_text() == text, href
            assert page.locator("table.proof .equal").count() == 1, href


def test_the_as_of_bar_keeps_what_is_looked_at_and_sets_both_clocks(page: Page, address: str) -> None:
    page.goto(f"{address}/de/BL/KIP3/nachweis?figure=available&area=IB")
    page.get_by_label("gebucht per").fill("31.1.2024")
    page.get_by_label("bekannt bis").fill("47")
    page.get_by_role("button", name="Anzeigen").click()
    assert "figure=available" in page.url
    assert "area=IB" in page.url
    assert page.locator(".result data").inner_text() == "900'000.00"
    assert "Stand 31.01.2024" in page.locator(".provenance").inner_text()
    assert "Buch BL 47" in page.locator(".provenance").inner_text()
    assert page.get_by_label("gebucht per").input_value() == "31.01.2024"
    page.get_by_role("link", name="KIP 3", exact=True).first.click()
    assert "as_of=2024-01-31" in page.url
    assert "at=47" in page.url


def test_a_stored_address_with_a_fixed_position_gives_identical_bytes_later(
    context: BrowserContext, site: Site, address: str
) -> None:
    paths = [f"{path}{'&' if '?' in path else '?'}at=60" for path in PAGES if path.startswith("/de/BL/")]
    first = [context.request.get(f"{address}{path}").body() for path in paths]
    site.books.progresses["BL"].saw(site.head + 5)  # later: the book has grown, the tables lag
    try:
        now = context.request.get(f"{address}/de/BL/KIP3").text()
        assert "5 Einträge des Buchs fehlen hier noch." in now
        assert [context.request.get(f"{address}{path}").body() for path in paths] == first
    finally:
        site.caught_up()


def test_numbers_days_and_the_state_are_written_the_swiss_way(page: Page, site: Site, address: str) -> None:
    page.goto(f"{address}/de/BL/KIP3")
    text = page.locator("body").inner_text()
    assert "3'792'068.00" in text
    assert "08.06.2023" in text
    assert page.locator("dl.big data").first.get_attribute("value") == "3792068.00"
    strip = page.locator(".provenance").inner_text()
    assert re.search(rf"Buch BL {site.head} · [0-9a-f]{{4}}…[0-9a-f]{{4}} · Kette geprüft · Rückstand 0 s", strip)


def test_unknown_is_a_dash_with_its_reason(page: Page, address: str) -> None:
    page.goto(f"{address}/de/BL/KIP1")
    assert page.locator("dl.big dd").all_inner_texts() == ["–"] * 4
    assert "noch nichts gebucht" in page.locator(".reason").inner_text()
    assert "0.00" not in page.locator("main").inner_text()
    page.goto(f"{address}/de/BL/KIP2BIS?as_of=2021-05-19")
    assert "Die erste Buchung ist vom 20.05.2021" in page.locator(".reason").inner_text()


def test_a_running_referendum_is_an_alert_until_the_people_have_voted(page: Page, address: str) -> None:
    page.goto(f"{address}/de/BL/KIP2BIS?as_of=2021-08-31")
    assert "Referendum hängig gegen LR-2021-KIP2BIS" in page.locator(".alerts").inner_text()
    page.goto(f"{address}/de/BL/KIP2BIS?as_of=2021-11-28")
    assert page.locator(".alerts").count() == 0


def test_what_is_invented_says_so_and_what_is_decided_does_not(page: Page, address: str) -> None:
    page.goto(f"{address}/de/BL/KIP3?at=49")
    shown = dict(
        zip(page.locator("dl.big dt").all_inner_texts(), page.locator("dl.big dd").all_inner_texts(), strict=True)
    )
    assert "Illustration" not in shown["Bewilligt"]
    assert "Illustration" in shown["Gebunden"]
    page.goto(f"{address}/de/BL/vereinbarung/DEMO-2024-1")
    assert page.locator(".lead .invented").inner_text() == "Illustration"


def test_the_credit_page_tells_votes_legal_state_and_evidence(page: Page, address: str) -> None:
    page.goto(f"{address}/de/BL/kredit/LR-2021-KIP2BIS")
    text = page.locator("main").inner_text()
    for said in (
        "61 Ja : 22 Nein",
        "62'957 Ja zu 43'908 Nein",
        "Rechtskräftig durch die Volksabstimmung seit 28.11.2021",
    ):
        assert said in text
    names = page.locator(".timeline h3 a").all_inner_texts()
    assert names.index("Kreditbeschluss") < names.index("Referendum ergriffen") < names.index("Volksabstimmung")
    assert page.locator(".timeline .evidence li").count() > 5


def test_events_are_filtered_and_paged_with_cursors_that_stay_good(page: Page, site: Site, address: str) -> None:
    page.goto(f"{address}/de/BL/ereignisse?at={site.head}")
    seen: list[int] = []
    while True:
        seen += [int(text.replace("'", "")) for text in page.locator("td.position").all_inner_texts()]
        older = page.get_by_role("link", name="ältere →")
        if older.count() == 0:
            break
        older.click()
    assert seen == list(range(site.head, 0, -1))
    page.get_by_role("link", name="← neuere").click()
    second_last = (site.head - 1) // 50 - 1
    assert page.locator("td.position").first.inner_text() == str(site.head - 50 * second_last)
    page.goto(f"{address}/de/BL/ereignisse")
    page.get_by_label("Art").select_option("CreditDecided")
    page.get_by_role("button", name="Filtern").click()
    assert set(page.locator("tbody th a").all_inner_texts()) == {"Kreditbeschluss"}


def test_the_page_of_an_event_shows_the_bytes_that_were_hashed(page: Page, site: Site, address: str) -> None:
    page.goto(f"{address}/de/BL/ereignisse/31")
    assert page.locator("pre").inner_text() == site.entries[30].payload.decode()
    text: Any = page.locator("main").inner_text()
    assert site.entries[30].subject in text


def test_paper_is_white_and_shows_the_state_without_the_controls(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/de/BL/KIP3")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(media="print")
    assert dark == "rgb(19, 27, 34)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".provenance").is_visible()
    assert not page.locator(".state").is_visible()
    context.close()
