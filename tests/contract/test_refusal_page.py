"""The catalogue of refusals says what the rules answer today."""

from __future__ import annotations

from tests.contract.refusal_page import PAGE, page


def test_the_catalogue_of_refusals_is_what_the_rules_answer() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
