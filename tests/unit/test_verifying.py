from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from landbuch.contracts import merkle, trial
from landbuch.contracts.canonical import canonical
from landbuch.contracts.dates import next_time
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.sdk.book.api import Evidence
from landbuch.sdk.book.memory import MemoryBook
from landbuch.sdk.findings import TITLES, Check, Live, Report
from landbuch.sdk.verifying import Verification, read_into
from tests.tampered_books import (
    Author,
    copied,
    edited,
    flipped,
    history,
    rewritten,
    swapped,
    with_wrong_predecessor,
    without,
)
from tests.told_books import NOW, memory_book

LENGTH = len(history())
MIDDLE = range(2, LENGTH - 1)


def verified(entries: Sequence[Entry], copy: Evidence | None = None, batch: int = 1000) -> Report:
    verification = Verification("BL", copy, at=(5,))
    for first in range(0, len(entries), batch):
        verification.feed(entries[first : first + batch])
    return verification.report()


def only(report: Report) -> tuple[str, str]:
    """The one finding: its check, and what it says with what to do."""
    (finding,) = report.findings
    return finding.check, f"{finding.sentence} {finding.remedy}"


# -- a good book ----------------------------------------------------------------------------------------------------


def test_a_good_book_is_all_well() -> None:
    report = verified(history(), copied(history()))
    assert (report.exit_code, report.findings, report.skipped) == (0, (), frozenset())
    assert (report.entries, report.events, report.corrupt_at) == (LENGTH, LENGTH, None)
    assert {report.status(check) for check in TITLES} == {"ok"}


def test_the_roots_are_those_of_the_book() -> None:
    report = verified(history())
    assert report.root == merkle.root(leaf_of(entry) for entry in history()).hex()
    assert report.trial_root == trial.root(Author(history()).state.balances)
    assert report.trial_roots[5] == trial.root(Author(history()[:5]).state.balances)


def test_batches_of_any_size_give_the_same_report() -> None:
    reports = [verified(history(), batch=batch) for batch in (1, 7, 1000)]
    assert reports[0] == reports[1] == reports[2]


def test_an_empty_book_is_all_well() -> None:
    report = verified((), Evidence(0, merkle.EMPTY_ROOT))
    assert (report.exit_code, report.entries, report.trial_root) == (0, 0, merkle.EMPTY_ROOT.hex())


def test_without_a_copy_nothing_is_compared_with_one() -> None:
    report = verified(history())
    assert (report.exit_code, report.status("copy")) == (0, "not_checked")


# -- corruption: each is found with its position, a plain sentence and exit code 3 ----------------------------------


@pytest.mark.parametrize("position", range(1, LENGTH))
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_flipped_byte_is_found(position: int, share: float) -> None:
    offset = int(share * len(history()[position - 1].payload))
    report = verified(flipped(history(), position, offset))
    assert report.exit_code == 3
    assert report.corrupt_at in (position - 1, position)  # what was flipped may be the predecessor that it names
    assert only(report)[0] == "chain"
    assert f"position {position}" in only(report)[1]
    assert "altered after it was written" in only(report)[1]


@pytest.mark.parametrize("position", range(1, LENGTH + 1))
def test_with_the_copy_a_flipped_byte_is_found_even_at_the_end(position: int) -> None:
    report = verified(flipped(history(), position, 300), copied(history()))
    assert report.exit_code == 3
    assert report.corrupt_at is not None
    assert report.corrupt_at >= position


@pytest.mark.parametrize("position", MIDDLE)
def test_a_removed_event_is_found(position: int) -> None:
    report = verified(without(history(), position))
    assert (report.exit_code, report.corrupt_at) == (3, position)
    assert f"At position {position} an event is missing" in only(report)[1]


def test_three_removed_events_are_counted() -> None:
    report = verified([*history()[:9], *history()[12:]])
    assert "At position 10 3 events are missing" in only(report)[1]


@pytest.mark.parametrize("position", MIDDLE)
def test_a_swapped_pair_is_found(position: int) -> None:
    report = verified(swapped(history(), position))
    assert (report.exit_code, report.corrupt_at) == (3, position)
    assert f"positions {position} and {position + 1} stand in each other's place" in only(report)[1]


@pytest.mark.parametrize("position", MIDDLE)
def test_a_wrong_predecessor_is_found(position: int) -> None:
    report = verified(with_wrong_predecessor(history(), position))
    assert (report.exit_code, report.corrupt_at) == (3, position - 1)
    assert f"The event at position {position} was not written on top of" in only(report)[1]


def test_an_event_that_was_put_in_between_is_found() -> None:
    report = verified([*history()[:20], Entry("book.BL._.ledger.X", b"rubbish"), *history()[20:]])
    assert (report.exit_code, report.corrupt_at) == (3, 22)
    assert [finding.check for finding in report.findings] == ["void", "chain"]
    assert "An event was put in before position 22" in report.findings[1].sentence


def test_several_events_out_of_order_are_found() -> None:
    entries = [*history()[:9], history()[11], history()[9], history()[10], *history()[12:]]
    report = verified(entries)
    assert (report.exit_code, report.corrupt_at) == (3, 10)
    assert "positions 10 to 12" in only(report)[1]


def test_the_last_two_events_swapped_are_found_by_the_copy_and_doubted_without() -> None:
    entries = swapped(history(), LENGTH - 1)
    assert verified(entries, copied(history())).exit_code == 3
    assert verified(entries).exit_code != 0


def test_a_book_chained_anew_is_found_by_the_copy_alone() -> None:
    def dearer(value: dict[str, Any]) -> None:
        value["data"]["statement"] = "Something else."

    entries = rewritten(history(), 25, dearer)
    assert verified(entries).exit_code == 0
    report = verified(entries, copied(history()))
    assert report.exit_code == 3
    assert "no longer holds what the ledger copied" in only(report)[1]


def test_what_is_found_before_the_damage_is_kept_and_what_follows_from_it_is_not() -> None:
    author = Author(history())
    author.rubbish(Entry("book.BL._.ledger.X", b"rubbish"))
    for _ in range(3):
        author.tell()
    report = verified(flipped(author.entries, LENGTH + 3, 300))
    assert [finding.check for finding in report.findings] == ["void", "chain"]
    assert report.status("trial") == report.status("copy") == "not_checked"


def test_an_event_of_an_unknown_type_cannot_be_verified() -> None:
    author = Author(history())

    def newer(value: dict[str, Any]) -> None:
        value["type"] = "landbuch.SomethingNew.v1"

    entry = author.next_event(newer)
    author.rubbish(Entry("book.BL._.ledger.SomethingNew", entry.payload))
    author.tell()
    report = verified(author.entries)
    assert (report.exit_code, report.corrupt_at) == (3, None)
    assert "does not know" in only(report)[1]
    assert "Install the newer version" in only(report)[1]


# -- rubbish: void, listed, without effect, and the book goes on ----------------------------------------------------


def unbalanced(author: Author) -> Entry:
    return author.next_event(lambda value: value["data"].update(lines=[["credit:available:SP:canton", 100]]))


def under_foreign_subject(author: Author) -> Entry:
    return Entry("book.BL._.agreements.InformationRecorded", author.next_event().payload)


def under_foreign_service(author: Author) -> Entry:
    entry = author.next_event(lambda value: value.update(source="urn:landbuch:BL:agreements"))
    return Entry("book.BL._.agreements.InformationRecorded", entry.payload)


def no_json(_: Author) -> Entry:
    return Entry("book.BL._.ledger.CreditDecided", b"\xffrubbish")


def not_canonical(author: Author) -> Entry:
    entry = author.next_event()
    return Entry(entry.subject, b" " + entry.payload)


def too_large(_: Author) -> Entry:
    return Entry("book.BL._.ledger.CreditDecided", b"x" * 60_001)


def unknown_field(author: Author) -> Entry:
    return author.next_event(lambda value: value["data"].update(colour="red"))


def without_an_actor(author: Author) -> Entry:
    return author.next_event(lambda value: value.pop("actor"))


def at_another_position(author: Author) -> Entry:
    return author.next_event(lambda value: value.update(position=7))


def a_copy_of_an_old_event(author: Author) -> Entry:
    return author.entries[11]


RUBBISH: dict[Callable[[Author], Entry], tuple[str, Check]] = {
    unbalanced: ("unbalanced", "balance"),
    under_foreign_subject: ("foreign_subject", "schema"),
    under_foreign_service: ("foreign_subject", "schema"),
    no_json: ("not_canonical", "bytes"),
    not_canonical: ("not_canonical", "bytes"),
    too_large: ("too_large", "bytes"),
    unknown_field: ("bad_schema", "schema"),
    without_an_actor: ("bad_envelope", "schema"),
    at_another_position: ("wrong_position", "chain"),
    a_copy_of_an_old_event: ("wrong_position", "chain"),
}


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("make", RUBBISH)
def test_rubbish_is_listed_and_has_no_effect(make: Callable[[Author], Entry], goes_on: bool) -> None:  # noqa: FBT001
    reason, check = RUBBISH[make]
    author = Author(history())
    author.rubbish(make(author))
    if goes_on:
        author.tell()
    report = verified(author.entries)
    (finding,) = report.findings
    assert (report.exit_code, finding.check, finding.code, finding.position) == (1, "void", reason, LENGTH + 1)
    assert finding.sentence.startswith(f"The entry at position {LENGTH + 1} counts for nothing: it")
    assert (report.status(check), report.status("void"), report.status("trial")) == ("breached", "breached", "ok")
    assert report.trial_root == verified(history()).trial_root


def test_several_copies_of_old_events_are_rubbish_and_no_events_out_of_order() -> None:
    author = Author(history())
    for entry in history()[10:13]:
        author.rubbish(entry)
    author.tell()
    assert [finding.check for finding in verified(author.entries).findings] == ["void"] * 3


def test_an_appended_wrong_predecessor_is_rubbish_where_the_copy_says_so_and_unverifiable_without() -> None:
    author = Author(history())
    author.rubbish(author.next_event(lambda value: value.update(prevhash="ab" * 32)))
    author.tell()
    report = verified(author.entries, copied(author.entries))
    assert (report.exit_code, [finding.code for finding in report.findings]) == (1, ["wrong_predecessor"])
    assert verified(author.entries).exit_code == 3


def test_a_last_entry_from_farther_on_needs_the_copy_to_tell_rubbish_from_loss() -> None:
    author = Author(history())
    author.rubbish(author.next_event(lambda value: value.update(position=LENGTH + 3)))
    assert "either events before it are missing, or it is rubbish" in only(verified(author.entries))[1]
    assert verified(author.entries, copied(author.entries)).exit_code == 1
    author.tell()
    assert verified(author.entries).exit_code == 1


# -- rules that were broken: listed, and the event counts -----------------------------------------------------------


def rule_breaker(edit: Any) -> Report:
    author = Author(history())
    author.rubbish(author.next_event(edit))
    return verified(author.entries)


def test_lines_that_the_posting_rules_do_not_demand_are_listed() -> None:
    lines = [["credit:available:SP:canton", 100], ["credit:authority:LR-2023-KIP3:canton", -100]]
    report = rule_breaker(lambda value: value["data"].update(lines=lines))
    (finding,) = report.findings
    assert (report.exit_code, finding.check, finding.position) == (1, "posting", LENGTH + 1)
    assert "should book nothing, but books" in finding.sentence
    assert "reverse it" in finding.remedy
    assert report.trial_root != verified(history()).trial_root


def test_an_actor_without_the_role_is_listed() -> None:
    report = rule_breaker(lambda value: value.update(actor="p-none"))
    assert (report.exit_code, only(report)[0]) == (1, "roles")
    assert "p-none" in only(report)[1]


def test_an_event_that_is_older_than_the_one_before_is_listed() -> None:
    report = rule_breaker(lambda value: value.update(time="2026-01-01T00:00:00.000000Z", bookedon="2026-01-01"))
    assert (report.exit_code, only(report)[0]) == (1, "form")


def test_an_account_below_zero_is_listed_once() -> None:
    lines = [["credit:available:SP:canton", -(10**12)], ["credit:available:FK:canton", 10**12]]
    report = rule_breaker(lambda value: value["data"].update(lines=lines))
    assert sorted(finding.code for finding in report.findings) == ["I3", "posting"]


def test_an_event_confirmed_by_its_author_is_listed() -> None:
    author = Author(history())
    author.order("GrantRole", "p-a7f1", person="p-x1", role="viewer")
    proposal = len(author.entries)

    def confirmed_alone(value: dict[str, Any]) -> None:
        time = next_time(NOW, author.state.head.time)
        value.update(position=proposal + 1, prevhash=author.state.head.leaf, actor="p-a7f1", time=time)
        value["data"].update(proposal=proposal, person="p-x1", role="viewer")

    author.rubbish(edited(history()[5], confirmed_alone))
    report = verified(author.entries)
    assert (report.exit_code, only(report)[0]) == (1, "roles")
    assert "proposed and confirmed alone" in only(report)[1]


# -- what the ledger shows ------------------------------------------------------------------------------------------


def test_the_same_root_at_the_same_position_is_equal() -> None:
    report = verified(history())
    assert report.compared(Live(LENGTH, report.trial_root)) == report
    assert report.compared(Live(5, report.trial_roots[5])) == report


def test_another_root_is_a_difference() -> None:
    report = verified(history()).compared(Live(5, "ab" * 32))
    assert (report.exit_code, report.status("trial")) == (1, "breached")
    assert "at position 5" in only(report)[1]


# -- reading a book -------------------------------------------------------------------------------------------------


async def read(book: MemoryBook, copy: Evidence | None = None) -> Report:
    verification = Verification("BL", copy)
    await read_into(verification, book, copy.size if copy else 0)
    return verification.report()


async def test_a_whole_book_is_read() -> None:
    assert (await read(memory_book("BL", history()), copied(history()))).exit_code == 0


async def test_a_hole_is_found_with_its_position() -> None:
    book = memory_book("BL", history())
    book.stored[16] = None
    report = await read(book)
    assert (report.exit_code, report.corrupt_at) == (3, 17)
    assert "The event at position 17 is missing" in only(report)[1]


async def test_a_lost_end_is_found_by_the_copy() -> None:
    report = await read(memory_book("BL", history()[:-2]), copied(history()))
    assert (report.exit_code, report.corrupt_at) == (3, LENGTH - 1)
    assert f"The stream ends at position {LENGTH - 2}" in only(report)[1]


async def test_a_removed_event_is_not_taken_for_a_lost_end() -> None:
    report = await read(memory_book("BL", without(history(), 9)), copied(history()))
    assert "At position 9 an event is missing" in only(report)[1]


async def test_the_copy_may_lie_behind_the_book() -> None:
    report = await read(memory_book("BL", history()), copied(history()[:-3]))
    assert (report.exit_code, report.status("copy")) == (0, "ok")


def test_a_payload_that_is_json_but_no_object_is_rubbish() -> None:
    author = Author(history())
    author.rubbish(Entry("book.BL._.ledger.X", canonical([1, 2])))
    assert [finding.code for finding in verified(author.entries).findings] == ["bad_envelope"]
