from __future__ import annotations

from landbuch.agreements.domain import clocks as agreement_clocks
from landbuch.ledger.domain import clocks as ledger_clocks
from landbuch.sdk.deciding import Timed
from tests.acting import Acting, opened, signed


def send(book: Acting, timed: Timed) -> None:
    book.do(timed.name, dict(timed.data), by="s-clock", phase=timed.phase)


def published(day: str = "2024-01-10") -> Acting:
    """A decision whose referendum window of 20 days began on a day."""
    book = opened()
    rules = {"version": "V-1", "valid_from": "2020-01-01", "deciding_body": "parliament", "referendum": "optional"}
    book.two("AdoptApprovalRules", rules, days=20)
    book.do(
        "ProposeCredit",
        credit="K-1",
        term="Kredit",
        amounts=[{"source": "canton", "amount": 9}],
        new=9,
        bound=0,
    )
    decision = {"body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": "accepted"}
    book.do("RecordCreditDecision", decision, credit="K-1")
    book.do("RecordPublication", credit="K-1", gazette="Amtsblatt", published_on=day)
    return book


def test_a_window_is_over_the_day_after_its_last_day() -> None:
    book = published("2024-01-11")
    assert book.state.credits["K-1"].window_ends == "2024-01-31"
    assert ledger_clocks.due(book.state, "2024-01-31") == []
    (timed,) = ledger_clocks.due(book.state, "2024-02-01")
    send(book, timed)
    assert book.state.credits["K-1"].referendum == "expired"
    assert ledger_clocks.due(book.state, "2024-02-01") == []


def test_a_called_referendum_does_not_expire() -> None:
    book = published()
    book.do("RecordReferendum", {"credit": "K-1", "by": "Komitee", "occurred_on": "2024-01-20"})
    assert ledger_clocks.due(book.state, "2024-06-01") == []


def test_the_same_moment_gives_the_same_command() -> None:
    book = published()
    assert ledger_clocks.due(book.state, "2024-02-01") == ledger_clocks.due(book.state, "2024-03-01")


def test_a_milestone_is_due_on_its_day() -> None:
    book = signed()
    book.do("PlanMilestone", milestone="M-1", title="Kurse", due="2024-02-01")
    assert agreement_clocks.due(book.state, "2024-01-31") == []
    (timed,) = agreement_clocks.due(book.state, "2024-02-01")
    send(book, timed)
    assert book.state.milestones["M-1"].stage == "due"
    assert agreement_clocks.due(book.state, "2024-02-01") == []


def test_a_milestone_that_was_moved_falls_due_under_another_id() -> None:
    book = signed()
    book.do("PlanMilestone", milestone="M-1", title="Kurse", due="2024-02-01")
    (first,) = agreement_clocks.due(book.state, "2024-02-01")
    book.do("RescheduleMilestone", milestone="M-1", due="2024-03-01", reason="später")
    assert agreement_clocks.due(book.state, "2024-02-29") == []
    (second,) = agreement_clocks.due(book.state, "2024-03-01")
    assert first.commandid != second.commandid
