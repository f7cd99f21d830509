"""One valid example of each event, in its canonical bytes, and of each command's data; all out of the example book."""

from __future__ import annotations

from landbuch.contracts.publish.book import example_book
from landbuch.contracts.publish.schemas import pretty


def examples() -> dict[str, bytes]:
    """Give the examples by file name; the first of each kind in the example book."""
    found: dict[str, bytes] = {}
    for line in example_book():
        found.setdefault(f"{line.event.type}.json", line.entry.payload)
        content = line.command.data.model_dump(mode="json", exclude_unset=True)
        found.setdefault(f"command.{line.command.name}.v1.json", pretty(content))
    return dict(sorted(found.items()))
