"""What a posting rule is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landbuch.contracts.accounts import Lines
from landbuch.contracts.state import BookState

Rule = Callable[[BookState, str, Any], Lines]
"""Gives the lines that a record causes in a phase, from the state before it."""
