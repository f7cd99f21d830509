"""How answers leave the command line: as a table on a terminal, otherwise as JSON, NDJSON or CSV."""

from __future__ import annotations

import csv
import datetime
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson
from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from landbuch.contracts.money import chf, parse_chf

UNKNOWN = "–"
"""Stands for what is unknown or does not apply; never 0.00."""

PLAIN_WIDTH = 200
"""Width of tables that go into a file or a pipe, so that nothing is folded."""

SHORT_HASH = 4
RULED = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
"""A rule under the heads and one before each section, such as totals; nothing else."""
_FORMULA = ("=", "+", "-", "@")


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class TreeFormat(StrEnum):
    """How an answer is written that has no rows."""

    TABLE = "table"
    JSON = "json"


class RowFormat(StrEnum):
    """How rows are written that hold too much for CSV."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


def chosen(wanted: StrEnum | None) -> Format:
    """Give the format that was asked for, else a table on a terminal and JSON anywhere else."""
    if wanted is not None:
        return Format(wanted.value)
    return Format.TABLE if sys.stdout.isatty() else Format.JSON


def terminal() -> Console:
    """Give the console of standard output; plain and wide where that is no terminal."""
    return _console(sys.stdout)


def margin() -> Console:
    """Give the console of standard error, for progress and for what is not the answer itself."""
    return _console(sys.stderr)


def _console(file: Any) -> Console:  # noqa: ANN401  # a text stream
    width = None if file.isatty() else PLAIN_WIDTH
    return Console(file=file, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


def table(*heads: str, right: Iterable[str] = (), fold: Iterable[str] = ()) -> Table:
    """Begin a table; heads in ``right`` are columns of figures, those in ``fold`` hold texts that may be folded."""
    made = Table(box=RULED, pad_edge=False, show_edge=False, header_style="bold", collapse_padding=True)
    made.show_header = any(heads)
    figures, texts = frozenset(right), frozenset(fold)
    for head in heads:
        made.add_column(head, justify="right" if head in figures else "left", no_wrap=head not in texts)
    return made


def put(console: Console, made: Table) -> None:
    """Write a table; on a terminal too narrow for it, it runs over the edge rather than have figures cut short."""
    for column in made.columns:
        if column.no_wrap:
            column.min_width = max(cell_len(str(cell)) for cell in (column.header, *column.cells))
    usual = console.width
    needed = console.measure(made, options=console.options.update(max_width=PLAIN_WIDTH)).minimum
    console.width = max(needed, usual)
    console.print(made, crop=False)
    console.width = usual


def write_json(value: object) -> None:
    """Write one JSON value, indented, in UTF-8."""
    _write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def write_lines(rows: Iterable[Mapping[str, Any]], end: Mapping[str, Any]) -> None:
    """Write one JSON object per line; the last line says that it is the end, and how many rows came before."""
    count = 0
    for row in rows:
        _write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    _write(orjson.dumps({"end": True, "count": count, **end}, option=orjson.OPT_APPEND_NEWLINE))


def write_csv(heads: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write CSV (RFC 4180, UTF-8); an apostrophe stands before a text that a spreadsheet would take for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_cell(row.get(head)) for head in heads])
    _write(text.getvalue().encode())


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA):
        try:
            parse_chf(text)
        except ValueError:
            return f"'{text}"
    return text


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def money(text: str) -> str:
    """Write an amount of the API the Swiss way: ``-1498188.00`` becomes ``−1'498'188.00``."""
    return chf(parse_chf(text))


def number(value: int) -> str:
    """Write a position or a count with the thousands apart: ``184'223``."""
    return f"{value:,}".replace(",", "'")


def short(digest: str) -> str:
    """Shorten a hash to what people compare: ``3f9a…c21e``."""
    return f"{digest[:SHORT_HASH]}…{digest[-SHORT_HASH:]}"


def day(text: str | None) -> str:
    """Write a day for people: ``31 Mar 2026``."""
    return datetime.date.fromisoformat(text).strftime("%-d %b %Y") if text else UNKNOWN


def moment(text: str | None) -> str:
    """Write a recorded time for people: ``31 Mar 2026, 08:12:44 UTC``."""
    if not text:
        return UNKNOWN
    return datetime.datetime.fromisoformat(text).strftime("%-d %b %Y, %H:%M:%S UTC")
