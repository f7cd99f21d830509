"""The example book: what the contracts alone write is what the services' rules write, and it keeps every promise."""

from __future__ import annotations

from itertools import groupby

import pytest

from landbuch.agreements.domain.desk import DESK as AGREEMENTS
from landbuch.contracts import trial
from landbuch.contracts.catalogue import EVENTS, ORDERS
from landbuch.contracts.evolve import evolve
from landbuch.contracts.identities import breaches_of_event, breaches_of_state
from landbuch.contracts.judge import Void, judge
from landbuch.contracts.publish.book import example_book
from landbuch.contracts.publish.steps import CANTON
from landbuch.contracts.state import BookState
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.sdk.deciding import decide

DESKS = {desk.service: desk for desk in (LEDGER, AGREEMENTS)}


def test_the_rules_write_the_same_bytes() -> None:
    state = BookState(CANTON)
    for _, lines in groupby(example_book(), key=lambda line: line.command.commandid):
        expected = list(lines)
        command = expected[0].command
        written = decide(DESKS[expected[0].service], state, command, expected[0].now)
        assert [one.entry for one in written] == [line.entry for line in expected], command.name


def test_every_event_counts_and_breaks_no_promise() -> None:
    state = BookState(CANTON)
    for line in example_book():
        event = judge(line.entry, state.head.position + 1, state.head.leaf)
        assert not isinstance(event, Void)
        assert breaches_of_event(state, event) == []
        evolve(state, event, line.event.position, line.leaf)
        assert breaches_of_state(state) == []
        assert trial.root(state.balances) == line.trial_root


@pytest.mark.parametrize("type_", EVENTS)
def test_every_event_occurs(type_: str) -> None:
    assert any(line.event.type == type_ for line in example_book())


@pytest.mark.parametrize("name", ORDERS)
def test_every_command_occurs(name: str) -> None:
    assert any(line.command.name == name for line in example_book())
