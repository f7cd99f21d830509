"""From an order to the record with the same terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from landbuch.contracts.vocabulary import Order, Record
from landbuch.contracts.warn import Warn

R = TypeVar("R", bound=Record)


def recorded(record: type[R], order: Order, warnings: Iterable[Warn] = (), **derived: Any) -> R:  # noqa: ANN401  # checked by the record's model
    """Give the record of an order: its terms, what the rule derived, its warnings; derived ``None`` is left out."""
    terms = {name: getattr(order, name) for name in order.model_fields_set if name in record.model_fields}
    known = {name: value for name, value in derived.items() if value is not None}
    codes = tuple(sorted(warnings))
    return record.model_validate(
        {**terms, **known, **({"warnings": tuple(str(code) for code in codes)} if codes else {})}
    )
