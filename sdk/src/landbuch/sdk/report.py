"""A book's figures as plain text: credit control card and parity of each programme, trial balance.

Pure, from a state alone, and the same bytes for the same state: it can be printed, compared and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from landbuch.contracts import trial
from landbuch.contracts.accounts import LAYERS, layer
from landbuch.contracts.acts.programme import ProgrammeTerms
from landbuch.contracts.figures import DEFINITIONS, NO_AREA, Figures, headline, total
from landbuch.contracts.money import chf
from landbuch.contracts.parity import DEFINITION, Measure, parity
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE

CARD = ("decided", "in_force", "approved", "committed", "disbursed", "available")
"""The columns of the credit control card."""
MEASURES: tuple[Measure, ...] = ("in_force", "committed", "disbursed")
"""The figures by which parity is told."""
NOTHING = "nothing is booked"
_GAP = "  "


def report(state: BookState) -> str:
    """Tell a whole book: each programme in the order of its start, then what belongs to none."""
    parts = [f"{state.canton}: position {state.head.position}, trial balance root {trial.root(state.balances)}"]
    phases = sorted(state.programmes, key=lambda phase: state.programmes[phase].start)
    if state.accounts(NO_PHASE, ""):
        phases.append(NO_PHASE)
    parts += [programme_report(state, phase) for phase in phases]
    return "\n\n".join(parts) + "\n"


def programme_report(state: BookState, phase: str) -> str:
    """Tell one programme, without a line feed at the end; ``_`` is what belongs to none."""
    programme = state.programmes.get(phase)
    title = f"{state.canton} {phase}" if programme is None else f"{state.canton} {phase}, {programme.label}"
    if not state.accounts(phase, ""):
        return f"{title}: {NOTHING}"
    parts = [title, _trial_balance(state, phase)]
    if programme is not None:
        parts[1:1] = [credit_control_card(state, phase), _parity(state, phase, programme)]
    return "\n\n".join(parts)


def credit_control_card(state: BookState, phase: str) -> str:
    """Give the headline figures per area and source; areas in the order of their set, then what has no area."""
    figures = headline(dict(state.accounts(phase, "credit:")))
    order = {area.code: area.number for area in state.programmes[phase].area_set.areas}
    keys = sorted(figures, key=lambda key: (key[0] == NO_AREA, order.get(key[0], 0), key))
    rows = [(*("-" if part == NO_AREA else part for part in key), *_amounts(figures[key])) for key in keys]
    sources = sorted({source for _, source in figures})
    if len(sources) > 1:
        rows += [("all", source, *_amounts(total(_of_source(figures, source)))) for source in sources]
    rows.append(("all", "all", *_amounts(total(figures))))
    heads = ("area", "source", *(name.replace("_", " ") for name in CARD))
    notes = [f"  {name.replace('_', ' ')}: {DEFINITIONS[name]}" for name in CARD]
    notes.append("  all: approved is then what is in force")
    return "\n".join(["Credit control card, CHF", *_table(heads, rows, texts=2), *notes])


def _of_source(figures: dict[tuple[str, str], Figures], source: str) -> dict[tuple[str, str], Figures]:
    return {key: figure for key, figure in figures.items() if key[1] == source}


def _amounts(figures: Figures) -> Iterator[str]:
    return (chf(getattr(figures, name)) for name in CARD)


def _parity(state: BookState, phase: str, programme: ProgrammeTerms) -> str:
    figures = headline(dict(state.accounts(phase, "credit:")))
    matching = {one.source for one in programme.sources if one.matching}
    rows = []
    for measure in MEASURES:
        found = parity(figures, matching, measure)
        says = "holds" if found.holds else f"{chf(found.missing)} missing"
        rows.append((measure.replace("_", " "), chf(found.own), chf(found.matched), says))
    return "\n".join([f"Parity, CHF: {DEFINITION}", *_table(("by", "own", "matched", "parity"), rows, texts=1)])


def _trial_balance(state: BookState, phase: str) -> str:
    """Every account that is not zero, by layer, debit and credit; each layer's sums are equal."""
    rows: list[tuple[str, ...]] = []
    for name in LAYERS:
        booked = [(account, amount) for account, amount in state.accounts(phase, name) if layer(account) == name]
        if not booked:
            continue
        rows += [(account, *_sides(amount)) for account, amount in booked]
        debit = sum(amount for _, amount in booked if amount > 0)
        credit = -sum(amount for _, amount in booked if amount < 0)
        rows.append((f"{name} layer", chf(debit), chf(credit)))
    return "\n".join(["Trial balance, CHF", *_table(("account", "debit", "credit"), rows, texts=1)])


def _sides(amount: int) -> tuple[str, str]:
    return (chf(amount), "") if amount > 0 else ("", chf(-amount))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int) -> Iterator[str]:
    """Lay out rows; the first ``texts`` columns stand left, the others right."""
    everything = [heads, *rows]
    widths = [max(len(row[column]) for row in everything) for column in range(len(heads))]
    for row in everything:
        cells = (
            cell.ljust(width) if column < texts else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"{_GAP}{_GAP.join(cells)}".rstrip()
