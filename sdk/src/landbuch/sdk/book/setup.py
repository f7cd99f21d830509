"""The law of a book's stream, how a book is opened, found, and checked before anybody works with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from nats.aio.client import Client

from landbuch.contracts.entry import book_subjects
from landbuch.contracts.vocabulary import CANTONS
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.wire import ServerError, ask
from landbuch.sdk.errors import BookMissingError, StreamDiffersError

MAX_MESSAGE_BYTES = 61_440
"""Largest message of a book, headers included: an event of 60 000 bytes, its subject and the headers of a batch."""

LAW: dict[str, object] = {
    "storage": "file",
    "retention": "limits",
    "discard": "new",
    "max_consumers": -1,
    "max_msgs": -1,
    "max_bytes": -1,
    "max_age": 0,
    "max_msgs_per_subject": -1,
    "max_msg_size": MAX_MESSAGE_BYTES,
    "deny_delete": True,
    "deny_purge": True,
    "allow_rollup_hdrs": False,
    "allow_direct": True,
    "allow_atomic": True,
}
"""What every book's stream must be set to, beside its subjects: nothing is ever dropped, replaced or deleted."""

FREE = frozenset(
    {"name", "subjects", "num_replicas", "duplicate_window", "compression", "placement", "metadata", "description"}
)
"""Settings that do not touch what a book promises, or that are checked on their own. Any other must be off."""

_REASONS = {
    "max_msgs": "old entries would be dropped or new ones refused",
    "max_bytes": "old entries would be dropped or new ones refused",
    "max_age": "entries would be dropped when they are old",
    "max_msgs_per_subject": "entries would be dropped or refused",
    "discard": "a full stream would drop its oldest entries",
    "retention": "entries would be dropped once they are read",
    "storage": "entries would not survive a restart",
    "deny_delete": "single entries could be deleted",
    "deny_purge": "the book could be emptied",
    "allow_rollup_hdrs": "a message could replace the ones before it",
    "allow_atomic": "several events could not be stored all or none",
    "allow_direct": "replicas could not be read",
    "subject_transform": "stored subjects would not be the ones that were written",
    "mirror": "the entries would be another stream's",
    "sources": "entries would come from other streams, past the guard",
    "republish": "entries would be sent on to other subjects",
    "no_ack": "nobody would know whether an event was stored",
    "sealed": "nothing could be appended",
    "allow_msg_ttl": "entries could expire",
    "persist_mode": "entries would be acknowledged before they are on the disk",
}
_BOOK_SUBJECTS = re.compile(r"book\.([A-Z]{2})\.>")
_NAME_TAKEN = 10058
_SUBJECTS_TAKEN = 10065


def stream_name(canton: str) -> str:
    """Name the stream of a canton's first generation; after a restore it may be another: find books by subject."""
    return f"BOOK-{canton}"


def law(canton: str, replicas: int) -> dict[str, object]:
    """Give the whole configuration with which a canton's stream is created."""
    if canton not in CANTONS:
        message = f"{canton!r} is not the code of a Swiss canton"
        raise ValueError(message)
    return {"name": stream_name(canton), "subjects": [book_subjects(canton)], "num_replicas": replicas, **LAW}


def differences(config: Mapping[str, Any], replicas: int | None = None) -> list[str]:
    """List in plain sentences what differs between a stream's configuration and the law."""
    found = []
    subjects = config.get("subjects") or []
    if len(subjects) != 1 or not _canton(subjects[0]):
        found.append(f"subjects are {subjects!r}; they must be the subjects of one canton, such as ['book.BL.>'].")
    if replicas is not None and config.get("num_replicas") != replicas:
        found.append(f"num_replicas is {config.get('num_replicas')!r}; it must be {replicas}, as this service is told.")
    for name, demanded in LAW.items():
        actual = config.get(name, False if demanded is False else None)
        if actual != demanded or isinstance(actual, bool) != isinstance(demanded, bool):
            found.append(_sentence(name, actual, demanded))
    for name, actual in config.items():
        if name not in LAW and name not in FREE and actual:
            if name == "consumer_limits" and not any(actual.values()):
                continue
            found.append(_sentence(name, actual, "left out"))
    return found


def check_stream(info: Mapping[str, Any], replicas: int | None = None) -> None:
    """Refuse a stream that is not set up as the law demands; ``info`` is what ``STREAM.INFO`` answers.

    Raises ``StreamDiffersError`` with every difference. ``replicas``: how many there must be, where that is known.
    """
    found = differences(info["config"], replicas)
    if found:
        name = info["config"].get("name")
        raise StreamDiffersError(
            f"stream {name} is not set up as the law of a book demands, so this service refuses to work with it:\n"
            + "\n".join(f"  - {sentence}" for sentence in found)
            + "\nFind out who changed it and when, compare the book with the ledger's copy (`landbuch verify`), and "
            "have the operator set the stream right or restore the book into a new one."
        )


async def stream_info(nc: Client, stream: str) -> dict[str, Any]:
    """Ask the leader for a stream's configuration and state; raises ``BookMissingError`` and ``UnavailableError``."""
    return await ask(nc, f"STREAM.INFO.{stream}")


async def open_book(nc: Client, canton: str, replicas: int) -> str:
    """Create a canton's stream after the law, or confirm the one that is there; gives its name. For the operator only.

    Raises ``StreamDiffersError`` when there is a stream that differs, ``PermissionDeniedError`` for other users.
    """
    config = law(canton, replicas)
    name = stream_name(canton)
    try:
        info = await ask(nc, f"STREAM.CREATE.{name}", config, timeout_s=10.0)
    except ServerError as error:
        if error.number not in {_NAME_TAKEN, _SUBJECTS_TAKEN}:
            raise
        books = await find_books(nc)
        info = await stream_info(nc, books.get(canton, name))
    check_stream(info, replicas)
    return str(info["config"]["name"])


async def find_books(nc: Client) -> dict[str, str]:
    """Find the streams that capture subjects of books: canton to stream name, whatever the streams are called.

    Raises ``StreamDiffersError`` when a stream captures a part of a book, more than one, or one twice.
    """
    books: dict[str, str] = {}
    names = await _names(nc)
    for name, subjects in zip(names, await asyncio.gather(*(_subjects(nc, name) for name in names)), strict=True):
        if subjects is None:
            continue  # it was moved aside or removed in this very moment
        canton = _canton(subjects[0]) if len(subjects) == 1 else None
        if canton is None:
            raise StreamDiffersError(
                f"stream {name} captures {', '.join(subjects)}; a book's stream captures all subjects of one canton "
                "and nothing else. Have the operator move it aside."
            )
        if canton in books:
            raise StreamDiffersError(f"both {books[canton]} and {name} claim to be the book of {canton}.")
        books[canton] = name
    return dict(sorted(books.items()))


async def find_book(nc: Client, canton: str) -> JetStreamBook:
    """Give a canton's book; raises ``BookMissingError`` when no stream captures its subjects."""
    books = await find_books(nc)
    if canton not in books:
        raise BookMissingError(f"there is no book for {canton}; open it first (`landbuch book open {canton}`).")
    return JetStreamBook(nc, canton, books[canton])


async def _names(nc: Client) -> list[str]:
    names: list[str] = []
    while True:
        answer = await ask(nc, "STREAM.NAMES", {"subject": "book.>", "offset": len(names)})
        page = answer.get("streams") or []
        names.extend(page)
        if not page or len(names) >= int(answer.get("total", 0)):
            return sorted(names)


async def _subjects(nc: Client, stream: str) -> list[str] | None:
    try:
        return list((await stream_info(nc, stream))["config"].get("subjects") or [])
    except BookMissingError:
        return None


def _canton(subject: str) -> str | None:
    match = _BOOK_SUBJECTS.fullmatch(subject)
    return match[1] if match is not None and match[1] in CANTONS else None


def _sentence(name: str, actual: object, demanded: object) -> str:
    reason = f": {_REASONS[name]}" if name in _REASONS else ""
    shown = "left out" if actual is None else repr(actual)
    return f"{name} is {shown}; it must be {demanded if demanded == 'left out' else repr(demanded)}{reason}."
