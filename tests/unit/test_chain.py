"""Chain: what a predecessor that does not fit means, and what settles it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.judge import Void
from landbuch.contracts.merkle import Frontier, root
from landbuch.sdk.book.api import Evidence, Mark, Start, Stored
from landbuch.sdk.book.chain import Chain
from landbuch.sdk.errors import ChainBrokenError
from landbuch.sdk.testing.events import after, information, informations


def read(chain: Chain, entries: Sequence[Entry]) -> list[Stored]:
    stored = [chain.admit(entry) for entry in entries]
    chain.finish()
    return stored


def reasons(stored: Sequence[Stored]) -> list[str]:
    return [s.verdict.reason if isinstance(s.verdict, Void) else "" for s in stored]


def evidence(entries: Sequence[Entry]) -> Evidence:
    return Evidence(len(entries), root(leaf_of(entry) for entry in entries))


def altered(entries: Sequence[Entry], index: int) -> list[Entry]:
    """The same entries, but one says something else, as if it had been changed on the disk."""
    changed = list(entries)
    changed[index] = information(after(Mark(), *entries[:index]), writer="a burglar")
    return changed


def with_stranger(entries: Sequence[Entry], index: int) -> list[Entry]:
    """The entries with one between that names a predecessor nobody has seen, and the rest on top of it."""
    before = after(Mark(), *entries[:index])
    stranger = information(Mark(before.position, "ab" * 32), writer="a stranger")
    rest = informations(after(before, stranger), len(entries) - index)
    return [*entries[:index], stranger, *rest]


FIVE = informations(Mark(), 5)


def test_a_whole_chain_is_admitted_without_a_word() -> None:
    stored = read(Chain(Start()), FIVE)
    assert reasons(stored) == [""] * 5
    assert [s.position for s in stored] == [1, 2, 3, 4, 5]
    assert [s.leaf for s in stored] == [leaf_of(entry) for entry in FIVE]


def test_the_first_entry_follows_64_zeros() -> None:
    stranger = information(Mark(0, "ab" * 32))
    assert reasons(read(Chain(Start()), [stranger])) == ["wrong_predecessor"]


def test_at_rest_a_misfit_without_evidence_stops_the_reader_at_its_position() -> None:
    with pytest.raises(ChainBrokenError, match="position 4") as broken:
        read(Chain(Start()), with_stranger(FIVE, 3))
    assert broken.value.position == 4


def test_behind_the_own_mark_a_misfit_is_rubbish() -> None:
    mark = after(Mark(), *FIVE[:3])
    stored = read(Chain(Start(mark)), with_stranger(FIVE, 3)[3:])
    assert reasons(stored) == ["wrong_predecessor", "", ""]


@pytest.mark.parametrize(("live_after", "trusted"), [(2, True), (3, True), (4, False)])
def test_a_misfit_is_rubbish_only_when_the_entry_before_was_read_while_watching(
    live_after: int, *, trusted: bool
) -> None:
    chain = Chain(Start(), live_after)
    if trusted:
        assert reasons(read(chain, with_stranger(FIVE, 3))) == ["", "", "", "wrong_predecessor", "", ""]
    else:
        with pytest.raises(ChainBrokenError, match="position 4"):
            read(chain, with_stranger(FIVE, 3))


def test_a_book_that_was_empty_when_the_reader_came_is_watched_from_its_first_entry() -> None:
    assert reasons(read(Chain(Start(), live_after=0), with_stranger(FIVE, 1)))[1] == "wrong_predecessor"


@pytest.mark.parametrize("size", [3, 4, 6])
def test_evidence_that_reaches_the_entry_before_settles_that_a_misfit_is_rubbish(size: int) -> None:
    entries = with_stranger(FIVE, 3)
    stored = read(Chain(Start(evidence=evidence(entries[:size]))), entries)
    assert reasons(stored) == ["", "", "", "wrong_predecessor", "", ""]


def test_evidence_that_ends_before_the_entry_before_settles_nothing() -> None:
    entries = with_stranger(FIVE, 3)
    with pytest.raises(ChainBrokenError, match="position 4"):
        read(Chain(Start(evidence=evidence(entries[:2]))), entries)


def test_evidence_names_the_altered_entry_whose_successor_does_not_fit() -> None:
    with pytest.raises(ChainBrokenError, match="position 3") as broken:
        read(Chain(Start(evidence=evidence(FIVE))), altered(FIVE, 2))
    assert broken.value.position == 3
    assert "altered" in str(broken.value)


def test_evidence_finds_an_altered_last_entry_which_the_chain_cannot_see() -> None:
    entries = altered(FIVE, 4)
    assert reasons(read(Chain(Start()), entries)) == [""] * 5
    with pytest.raises(ChainBrokenError, match="position 5"):
        read(Chain(Start(evidence=evidence(FIVE))), entries)


def test_evidence_about_the_start_itself_is_compared_at_once() -> None:
    frontier = Frontier()
    for entry in FIVE[:3]:
        frontier.append(leaf_of(entry))
    mark = after(Mark(), *FIVE[:3])
    read(Chain(Start(mark, frontier, evidence(FIVE[:3]))), FIVE[3:])
    with pytest.raises(ChainBrokenError, match="position 3"):
        Chain(Start(mark, frontier, evidence(altered(FIVE[:3], 1))))


def test_a_tree_that_does_not_end_at_the_mark_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="0 leaves, but its mark is position 5"):
        Chain(Start(after(Mark(), *FIVE), Frontier(), evidence(FIVE)))


def test_the_start_is_not_changed_by_reading() -> None:
    frontier = Frontier()
    read(Chain(Start(frontier=frontier, evidence=evidence(FIVE))), FIVE)
    assert frontier.size == 0


@given(count=st.integers(2, 8), where=st.integers(0, 7), with_copy=st.booleans(), flip=st.booleans())
def test_an_altered_entry_never_passes_unless_it_is_the_last_and_nobody_has_a_copy(
    *, count: int, where: int, with_copy: bool, flip: bool
) -> None:
    entries = informations(Mark(), count)
    index = where % count
    changed = altered(entries, index)
    if flip:
        payload = entries[index].payload
        changed[index] = Entry(entries[index].subject, payload[:40] + bytes([payload[40] ^ 1]) + payload[41:])
    chain = Chain(Start(evidence=evidence(entries) if with_copy else None))
    if with_copy or index < count - 1:
        with pytest.raises(ChainBrokenError):
            read(chain, changed)
    else:
        read(chain, changed)


@given(count=st.integers(1, 8), where=st.integers(0, 8), kind=st.sampled_from(["bytes", "predecessor"]))
def test_rubbish_is_void_and_everything_else_counts_when_a_copy_vouches(count: int, where: int, kind: str) -> None:
    entries = informations(Mark(), count)
    index = where % (count + 1)
    if kind == "predecessor":
        entries = with_stranger(entries, index)
    else:
        rubbish = Entry("book.BL._.ledger.InformationRecorded", b"\xff\x00")
        before = after(Mark(), *entries[:index], rubbish)
        entries = [*entries[:index], rubbish, *informations(before, count - index)]
    stored = read(Chain(Start(evidence=evidence(entries))), entries)
    expected = [""] * len(entries)
    expected[index] = "wrong_predecessor" if kind == "predecessor" else "not_canonical"
    assert reasons(stored) == expected
