"""Comparing two states: each difference is the sum of the events that it lists."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.figures import DEFINITIONS, headline
from landbuch.sdk.comparing import Comparison, Difference, compare
from landbuch.sdk.explaining import Clocks
from tests.judged_books import Balances, books, figures_of, known
from tests.unit.test_explaining import PHASES, states

Told = dict[tuple[str, str, str, str], tuple[int, int]]


def told(before: Balances, after: Balances) -> Told:
    """What differs between two states, from their balances alone."""
    found: Told = {}
    for phase in {phase for phase, _ in before | after}:
        rows = [
            headline({account: amount for (of, account), amount in state.items() if of == phase})
            for state in (before, after)
        ]
        for area, source in rows[0] | rows[1]:
            for figure in DEFINITIONS:
                one, other = (getattr(row.get((area, source)), figure, 0) for row in rows)
                if one != other:
                    found[phase, area, source, figure] = (one, other)
    return found


def causes(differences: Iterable[Difference]) -> dict[int, set[str]]:
    return {
        cause.event.position: {cause.why, "second" if cause.of_second else "first"}
        for difference in differences
        for cause in difference.causes
    }


@given(st.data())
def test_each_difference_is_the_sum_of_its_events(data: st.DataObject) -> None:
    verdicts = data.draw(st.sampled_from(books()))
    first, second = data.draw(states(verdicts)), data.draw(states(verdicts))
    found = compare(verdicts, first, second)
    for one in found.differences:
        assert one.amount == one.after - one.before == sum(cause.amount for cause in one.causes)
    shown = {(one.phase, one.area, one.source, one.figure): (one.before, one.after) for one in found.differences}
    assert shown == told(known(verdicts, first), known(verdicts, second))


@given(st.data())
def test_the_other_way_round_every_sign_changes(data: st.DataObject) -> None:
    verdicts = data.draw(st.sampled_from(books()))
    first, second = data.draw(states(verdicts)), data.draw(states(verdicts))

    def amounts(found: Comparison, sign: int) -> list[tuple[str, int, int]]:
        return [(d.figure, sign * d.amount, sign * sum(c.amount for c in d.causes)) for d in found.differences]

    assert amounts(compare(verdicts, first, second), 1) == amounts(compare(verdicts, second, first), -1)


@given(st.data())
def test_the_programmes_sums_are_those_of_each_state(data: st.DataObject) -> None:
    verdicts = data.draw(st.sampled_from(books()))
    first, second, phase = data.draw(states(verdicts)), data.draw(states(verdicts)), data.draw(st.sampled_from(PHASES))
    found = compare(verdicts, first, second, phase=phase)
    expected = tuple(figures_of(known(verdicts, clocks), phase) for clocks in (first, second))
    assert found.programme(phase) == expected


def test_a_state_is_equal_to_itself() -> None:
    assert compare(books()[2], Clocks(), Clocks()).differences == ()


def test_an_event_that_only_the_later_day_counts_was_booked_later() -> None:
    found = compare(books()[0], Clocks("2021-05-19"), Clocks("2021-05-20"), phase="KIP2BIS")
    assert [one.figure for one in found.differences] == ["decided", "pending"]
    assert all(reasons == {"booked_later", "second"} for reasons in causes(found.differences).values())


def test_an_event_that_only_the_later_position_knows_was_learned_later() -> None:
    last = books()[2][-1].position  # type: ignore[union-attr]
    found = compare(books()[2], Clocks(at=last - 40), Clocks(at=last))
    assert found.differences
    assert (found.first_position, found.second_position) == (last - 40, last)
    assert all(reasons == {"learned_later", "second"} for reasons in causes(found.differences).values())


def test_an_event_that_only_the_first_state_counts_is_taken_away() -> None:
    found = compare(books()[0], Clocks("2021-05-20"), Clocks("2021-05-19"), phase="KIP2BIS")
    assert [(one.figure, one.amount) for one in found.differences] == [
        ("decided", -149_818_800),
        ("pending", -149_818_800),
    ]
    assert all(reasons == {"booked_later", "first"} for reasons in causes(found.differences).values())


def test_an_event_can_be_booked_and_learned_later() -> None:
    found = compare(books()[0], Clocks("2021-01-01", 5), Clocks(), phase="KIP2BIS")
    assert {"booked_and_learned_later", "second"} in causes(found.differences).values()


def test_one_area_and_source_can_be_compared_alone() -> None:
    whole = compare(books()[0], Clocks(at=0), Clocks())
    one = compare(books()[0], Clocks(at=0), Clocks(), phase="KIP3", area="SP", source="canton")
    wanted = [d for d in whole.differences if (d.phase, d.area, d.source) == ("KIP3", "SP", "canton")]
    assert wanted
    assert list(one.differences) == wanted
