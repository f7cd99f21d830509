"""What time makes true for the objects of the agreements service."""

from __future__ import annotations

from landbuch.contracts.acts.milestones import RecordMilestoneDue
from landbuch.contracts.envelope import timed_command_id
from landbuch.contracts.state import BookState
from landbuch.sdk.deciding import Timed


def due(state: BookState, today: str) -> list[Timed]:
    """Give the commands that the day makes true (Zurich): planned milestones whose day has come.

    Asked again they have the same ids, so that each is written once; a milestone that was moved has another.
    """
    return [
        Timed(
            RecordMilestoneDue.__name__,
            milestone.phase,
            timed_command_id(state.canton, RecordMilestoneDue.__name__, name, milestone.due),
            {"milestone": name},
        )
        for name, milestone in sorted(state.milestones.items())
        if milestone.stage == "planned" and milestone.due <= today
    ]
