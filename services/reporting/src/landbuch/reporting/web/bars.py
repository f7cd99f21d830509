"""The bullet bar: approved as outline, committed hatched, disbursed solid, available light."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from markupsafe import Markup

from landbuch.contracts.money import chf

WIDTH, HEIGHT = 240, 20
_TOP, _BOTTOM = 3, 17
TONES = {
    "IB": "IB", "SP": "SP", "AA": "AA", "FK": "FK", "VD": "VD", "ZP": "ZP", "DO": "DO",
    "EI": "IB", "BE": "IB", "SB": "SP", "AM": "AA", "FF": "FK", "SD": "VD", "SI": "ZP", "IV": "DO",
}  # fmt: skip
"""The colour of each area; those of the former set of eight have the colour of the area that they went into."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a bar shows, in Rappen; ``full`` is the amount that would fill its width."""

    approved: int
    committed: int
    disbursed: int
    available: int
    full: int


def tone(area: str) -> str:
    """Name the colour of an area."""
    return TONES.get(area, "none")


def svg(bar: Bar, area: str, name: str) -> Markup:
    """Draw a bar; ``name`` is unique on the page, for the hatch."""
    if bar.full <= 0:
        return Markup("")
    approved, committed, disbursed = (_x(amount, bar.full) for amount in (bar.approved, bar.committed, bar.disbursed))
    free = _x(bar.available, bar.full)
    words = (
        f"Zugeteilt {chf(bar.approved)}, davon gebunden {chf(bar.committed)}, ausbezahlt {chf(bar.disbursed)}, "
        f"verfügbar {chf(bar.available)}"
    )
    hatch = f"hatch-{name}"
    height = _BOTTOM - _TOP
    parts = [
        f'<svg class="bar tone-{tone(area)}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={quoteattr(words)}>',
        f'<pattern id="{hatch}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">',
        '<rect class="bar-back" width="5" height="5"/><rect class="bar-solid" width="2" height="5"/></pattern>',
    ]
    if free > 0:
        parts.append(f'<rect class="bar-light" x="{committed}" y="{_TOP}" width="{free}" height="{height}"/>')
    if committed > 0:
        parts.append(f'<rect fill="url(#{hatch})" x="0" y="{_TOP}" width="{committed}" height="{height}"/>')
    if disbursed > 0:
        parts.append(f'<rect class="bar-solid" x="0" y="{_TOP}" width="{disbursed}" height="{height}"/>')
    if approved > 0:
        parts.append(
            f'<rect class="bar-outline" x="0.5" y="{_TOP}.5" width="{max(approved - 1, 1)}" height="{height - 1}"/>'
        )
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704  # numbers of ours and one quoted attribute


def _x(amount: int, full: int) -> int:
    """Where an amount ends on the bar; what is more than nothing is at least a hair wide."""
    if amount <= 0:
        return 0
    return min(max(amount * WIDTH // full, 2), WIDTH)
