"""What is remarkable but not refused: codes that are stored in the event."""

from __future__ import annotations

from enum import StrEnum


class Warn(StrEnum):
    """The warnings."""

    BEYOND_EXECUTIVE_LIMIT = "beyond_executive_limit"
    BEYOND_YEARLY_PLAN = "beyond_yearly_plan"
    BOOKED_BY_CONVENTION = "booked_by_convention"
    NO_APPROVAL_RULES = "no_approval_rules"
    OUTSIDE_WINDOW = "outside_window"
    SHORTFALL = "shortfall"
    SUPPLEMENT_IN_USE = "supplement_in_use"
    TIME_AHEAD = "time_ahead"
    TRANCHES_BEYOND_CEILING = "tranches_beyond_ceiling"
    WINDOW_UNDECIDABLE = "window_undecidable"
    WRONG_SIDE = "wrong_side"

    @property
    def meaning(self) -> str:
        """The warning in a sentence."""
        return MEANINGS[self]


MEANINGS: dict[Warn, str] = {
    Warn.BEYOND_EXECUTIVE_LIMIT: "The executive decided beyond its limit; the credit cannot enter into force.",
    Warn.BEYOND_YEARLY_PLAN: "The agreement's items plan less for this area, source and year than is approved now.",
    Warn.BOOKED_BY_CONVENTION: "The booking date does not follow from the date of the fact; it was set by convention.",
    Warn.NO_APPROVAL_RULES: "No approval rules were adopted for the day of the decision.",
    Warn.OUTSIDE_WINDOW: "The referendum was filed outside the window.",
    Warn.SHORTFALL: "More was taken away than was free: no signing from this source until it is covered.",
    Warn.SUPPLEMENT_IN_USE: "A part of the supplement was used already and stays beside the voted budget.",
    Warn.TIME_AHEAD: "The book's last recorded time lay ahead of the clock; this event follows a microsecond later.",
    Warn.TRANCHES_BEYOND_CEILING: "The planned tranches come to more than the agreement's new ceiling.",
    Warn.WINDOW_UNDECIDABLE: "Nothing in the book tells when the referendum window ends.",
    Warn.WRONG_SIDE: "A claim, a debt or a deferral stands on the wrong side.",
}
