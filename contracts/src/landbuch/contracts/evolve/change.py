"""What a change of state is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.state import BookState

Change = Callable[[BookState, AnyEvent, Any], None]
"""Changes the rows that a record is about; balances are booked from the event's lines."""
