"""From a template and what it shows to a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from landbuch.contracts.money import chf, decimal
from landbuch.reporting.web import bars, event_words, format, words  # noqa: A004  # our module of formats

STATIC = {
    "style.css": "text/css; charset=utf-8",
    "noto-sans.woff2": "font/woff2",
    "icon.svg": "image/svg+xml",
}
"""The files that pages refer to, with their media types."""


@cache
def static(name: str) -> bytes:
    """Read a file that pages refer to."""
    return resources.files(__package__).joinpath("static", name).read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("landbuch.reporting.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "chf": chf,
        "decimal": decimal,
        "day": format.day,
        "moment": format.moment,
        "number": format.number,
        "percent": format.percent,
        "short": format.short,
        "event": event_words.name,
        "sentence": event_words.sentence,
        "tone": bars.tone,
    }
    environment.globals |= {"words": words, "UNKNOWN": format.UNKNOWN}
    return environment


def page(template: str, shown: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Render a page."""
    text = _environment().get_template(template).render(shown)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-cache"})
