"""The compact memory of command ids: it says where to look, also when it has grown over many runs."""

from __future__ import annotations

import uuid

import pytest

from landbuch.sdk import seen
from landbuch.sdk.seen import Seen


def test_the_position_of_the_first_event_of_a_command_is_given() -> None:
    memory = Seen()
    for position, commandid in enumerate(["a", "a", "b", "a"], start=1):
        memory.note(commandid, position)
    assert memory.positions("a") == [1, 4]
    assert memory.positions("b") == [3]
    assert memory.positions("c") == []
    assert len(memory) == 3


def test_nothing_is_forgotten_when_runs_are_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_FRESH_AT_MOST", 8)
    monkeypatch.setattr(seen, "_RUN_AT_MOST", 64)
    memory = Seen()
    ids = [str(uuid.UUID(int=number)) for number in range(1_000)]
    for position, commandid in enumerate(ids, start=1):
        memory.note(commandid, position)
    assert [memory.positions(commandid) for commandid in ids] == [[position] for position in range(1, 1_001)]
    assert max(len(digests) for digests, _ in memory._runs) == 64  # noqa: SLF001  # its shape is what is tested


def test_two_ids_with_one_digest_are_both_places_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "short_digest", lambda _: 7)
    monkeypatch.setattr(seen, "_FRESH_AT_MOST", 1)
    memory = Seen()
    memory.note("a", 5)
    memory.note("b", 9)
    memory.note("c", 2)
    assert memory.positions("a") == [2, 5, 9]
