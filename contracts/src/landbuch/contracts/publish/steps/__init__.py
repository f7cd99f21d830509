"""What happens in the example book, step by step: the first road, and the life of its agreement that follows."""

from __future__ import annotations

from landbuch.contracts.publish.steps import agreement, first, money
from landbuch.contracts.publish.steps.step import CANTON, Also, Step

FIRST = first.FIRST
LIFE = (*agreement.PARTNERS, *agreement.RUNNING, *money.PAYMENTS, *money.INCOMING, *money.BANK, *agreement.ENDING)
"""What follows; it is never put in between, so that what was published of the first road stays as it is."""

__all__ = ["CANTON", "FIRST", "LIFE", "Also", "Step"]
