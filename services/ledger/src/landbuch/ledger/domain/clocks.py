"""What time makes true for the ledger's own objects."""

from __future__ import annotations

from landbuch.contracts.acts.credits import RecordReferendumExpiry
from landbuch.contracts.envelope import timed_command_id
from landbuch.contracts.state import BookState
from landbuch.sdk.deciding import Timed


def due(state: BookState, today: str) -> list[Timed]:
    """Give the commands that the day makes true (Zurich): referendum windows that passed without a referendum.

    Asked again they have the same ids, so that each is written once.
    """
    return [
        Timed(
            RecordReferendumExpiry.__name__,
            credit.phase,
            timed_command_id(state.canton, RecordReferendumExpiry.__name__, name, credit.window_ends),
            {"credit": name},
        )
        for name, credit in sorted(state.credits.items())
        if credit.stage == "accepted"
        and credit.referendum is None
        and credit.vote is None
        and credit.window_ends is not None
        and credit.window_ends < today
    ]
