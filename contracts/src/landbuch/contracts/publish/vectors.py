"""Golden vectors: what any language must compute from what, as JSON files with bytes in hex."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from landbuch.contracts import merkle, trial
from landbuch.contracts.canonical import canonical, digest
from landbuch.contracts.dates import first_day, last_day, next_time, zurich_day
from landbuch.contracts.entry import GENESIS
from landbuch.contracts.envelope import command_hash, event_id, short_digest, timed_command_id
from landbuch.contracts.money import chf, decimal, parse_chf, split
from landbuch.contracts.publish.book import Line, example_book, first_road
from landbuch.contracts.publish.schemas import pretty
from landbuch.contracts.publish.void import void_cases

SIZES = 34
PROVEN_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33)
CT_INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
"""The leaves that the reference implementation of Certificate Transparency is tested with."""


def vectors() -> dict[str, bytes]:
    """Give the vectors by file name."""
    found = {
        "book.json": _book(first_road()),
        "book_life.json": _book(example_book(), behind=len(first_road())),
        "canonical.json": _canonical(),
        "dates.json": _dates(),
        "ids.json": _ids(),
        "merkle.json": _merkle(),
        "money.json": _money(),
        "proofs.json": _proofs(),
        "trial.json": _trial(),
        "void.json": {"about": "Each entry, judged at a position behind a leaf.", "cases": void_cases()},
    }
    return {name: pretty(content) for name, content in found.items()}


def _book(lines: Sequence[Line], behind: int = 0) -> dict[str, Any]:
    """A whole small book: bytes, leaf, chain, the tree's root and the trial balance root after each entry.

    ``behind`` leaves out so many entries, which another file holds.
    """
    tree = merkle.Frontier()
    entries = []
    for line in lines:
        tree.append(bytes.fromhex(line.leaf))
        entries.append(
            {
                "position": line.event.position,
                "subject": line.entry.subject,
                "payload": line.entry.payload.decode(),
                "leaf": line.leaf,
                "root": tree.root().hex(),
                "trial_root": line.trial_root,
            }
        )
    about = "leaf = SHA-256(0x00, subject, line feed, payload); prevhash = leaf before"
    return {"about": f"{about}; goes on where book.json ends" if behind else about, "entries": entries[behind:]}


_WRITTEN: tuple[object, ...] = (
    {}, [], "", 0, True, False, -1, 2**53 - 1, -(2**53) + 1, {"b": 1, "a": 2, "B": 3, "_": 4, "10": 5, "9": 6},
    {"nested": {"z": [1, [2, {"y": []}]], "a": {}}},
    "Zürich – Graubünden", "\u00e9", "\U0001d11e", "\u20ac\u2028\u2029",
    '\b\t\n\f\r"\\/', "".join(map(chr, range(1, 32))), "\x7f\u0080", ["finance:100", -12000000],
)  # fmt: skip
_REFUSED = (
    "", " {}", "{} ", '{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":1}', "1.0", "1e2", "-0", "01", "null", '{"a":null}',
    "9007199254740992", "-9007199254740992", '"\\u0041"', '"\\u000A"', '"\\/"', '{"\u00e9":1}', '"\\u0000"', "NaN",
    "'a'", "[1,]", "[" * 33 + "]" * 33, '"\\ud800"', "\ufeff{}",
)  # fmt: skip


def _canonical() -> dict[str, Any]:
    return {
        "about": "RFC 8785, without floats, nulls, U+0000, keys beyond ASCII; at most 32 levels",
        "written": [{"value": value, "hex": canonical(value).hex(), "sha256": digest(value)} for value in _WRITTEN],
        "refused": [{"hex": text.encode().hex(), "text": text} for text in _REFUSED]
        + [{"hex": "22ff22"}, {"hex": "22c0af22"}],
        "read_but_not_written": [{"hex": '"e\u0301"'.encode().hex(), "why": "text is not in Unicode NFC"}],
    }


def _money() -> dict[str, Any]:
    amounts = (0, 1, 99, 100, 12_345, 99_999, 100_000, 149_818_800, 10**13, -1, -149_818_800)
    read = ("0", "1", "1.00", "1498188", "1'498'188.00", "1\u2019498\u2019188.00", "-5.05", "\u22125.05", " 7 ", "007")
    refused = (
        "",
        "1.5",
        "1.555",
        "1,50",
        "1'49",
        "1498'188",
        "1 498 188",
        "+1",
        "1.",
        ".50",
        "--1",
        "CHF 1",
        "\u0661",
        "1e3",
    )
    splits = (
        (100, (1, 1, 1)),
        (101, (1, 1)),
        (-100, (1, 1, 1)),
        (5, (0, 1, 0)),
        (7, (3, 2, 2)),
        (0, (1, 2)),
        (1, (1,) * 7),
    )
    return {
        "about": "Amounts are integer Rappen; splits go by the largest remainder, ties to the first",
        "written": [{"amount": amount, "chf": chf(amount), "decimal": decimal(amount)} for amount in amounts],
        "read": [{"text": text, "amount": parse_chf(text)} for text in read],
        "refused": list(refused),
        "split": [
            {"amount": amount, "weights": weights, "parts": split(amount, weights)} for amount, weights in splits
        ],
    }


def _dates() -> dict[str, Any]:
    times = (
        "2024-03-28T08:12:44.120391Z", "2024-03-30T23:00:00.000000Z", "2024-03-30T22:59:59.999999Z",
        "2024-03-31T21:59:59.999999Z", "2024-03-31T22:00:00.000000Z", "2024-10-26T22:00:00.000000Z",
        "2024-10-27T22:59:59.999999Z", "2024-10-27T23:00:00.000000Z", "2024-12-31T23:00:00.000000Z",
    )  # fmt: skip
    facts = ("2021", "2021-02", "2024-02", "2021-12", "2021-11-28")
    clocks = (
        (times[0], None),
        (times[0], "2024-03-28T08:12:44.120390Z"),
        (times[0], times[0]),
        (times[0], "2024-12-31T23:59:59.999999Z"),
    )
    return {
        "zurich_day": [{"time": time, "day": zurich_day(time)} for time in times],
        "days_of_a_fact": [{"occurred_on": fact, "first": first_day(fact), "last": last_day(fact)} for fact in facts],
        "next_time": [
            {"now": now, "time": next_time(now, last), **({"last": last} if last else {})} for now, last in clocks
        ],
    }


def _ids() -> dict[str, Any]:
    command = "0b54ac1f-6a1c-5b3f-8a52-3c0d6a2f1e77"
    hashed: dict[str, Any] = {
        "actor": "p-7f3a",
        "canton": "BL",
        "phase": "KIP3",
        "data": {"credit": "KIP3-BASE", "reason": "Zu\u0308rich zieht zuru\u0308ck"},
    }
    return {
        "event_id": [
            {"of": ["BL", service, command, index], "id": event_id("BL", service, command, index)}
            for service in ("ledger", "agreements")
            for index in (0, 1, 999)
        ],
        "timed_command_id": [
            {"of": list(due), "id": timed_command_id(*due)}
            for due in (
                ("BL", "ReferendumExpired", "KIP3-BASE", "2023-08-17"),
                ("GL", "TailExpired", "KIP2", "2023-12-31"),
            )
        ],
        "command_hash": [
            {
                "of": hashed | {"type": "WithdrawCreditProposal"},
                "hash": command_hash(**hashed, command_type="WithdrawCreditProposal"),
            }
        ],
        "short_digest": [{"of": command, "hex": f"{short_digest(command):016x}"}],
    }


def _merkle() -> dict[str, Any]:
    known = [merkle.leaf_hash(bytes.fromhex(content)) for content in CT_INPUTS]
    counted = _counted(SIZES)
    return {
        "about": "RFC 6962, section 2.1; leaf = SHA-256(0x00, content), node = SHA-256(0x01, left, right)",
        "known": {"contents": list(CT_INPUTS), "roots": [merkle.root(known[:size]).hex() for size in range(9)]},
        "counted": {
            "contents": "leaf i has the content i as eight bytes, big-endian",
            "roots": [merkle.root(counted[:size]).hex() for size in range(SIZES + 1)],
        },
    }


def _counted(size: int) -> list[bytes]:
    return [merkle.leaf_hash(index.to_bytes(8, "big")) for index in range(size)]


def _proofs() -> dict[str, Any]:
    leaves = _counted(SIZES)
    inclusion = [
        {
            "size": size,
            "index": index,
            "leaf": leaves[index].hex(),
            "root": merkle.root(leaves[:size]).hex(),
            "proof": [node.hex() for node in merkle.inclusion_proof(leaves[:size], index)],
        }
        for size in PROVEN_SIZES
        for index in sorted({0, size // 2, size - 1})
    ]
    consistency = [
        {
            "old_size": old,
            "new_size": new,
            "old_root": merkle.root(leaves[:old]).hex(),
            "new_root": merkle.root(leaves[:new]).hex(),
            "proof": [node.hex() for node in merkle.consistency_proof(leaves[:new], old)],
        }
        for new in PROVEN_SIZES
        for old in sorted({1, new // 2 or 1, new - 1 or 1, new})
    ]
    return {"about": "Over the counted leaves of merkle.json", "inclusion": inclusion, "consistency": consistency}


def _trial() -> dict[str, Any]:
    last = first_road()[-1]
    books = {
        "no rows": {},
        "zero rows are left out": {
            ("KIP3", "finance:100"): 0,
            ("KIP3", "finance:200:A-1"): -5,
            ("_", "finance:100"): 5,
        },
        "bytewise order": {
            ("KIP3", "credit:available:SP:canton"): 1,
            ("KIP3", "credit:available:SP:canton_x"): 2,
            ("KIP2BIS", "credit:available:SP:canton"): 3,
            ("_", "budget:free:2024"): -6,
        },
        "beyond what JSON carries exactly": {("KIP3", "finance:100"): 2**53, ("KIP3", "finance:200:A-1"): -(2**53)},
    }
    return {
        "about": "Rows are canonical arrays [phase, account, amount], sorted bytewise; the root is RFC 6962 over them",
        "cases": [
            {
                "name": name,
                "balances": [[phase, account, str(amount)] for (phase, account), amount in balances.items()],
                "rows": [row.decode() for row in trial.rows(balances)],
                "root": trial.root(balances),
            }
            for name, balances in books.items()
        ],
        "example_book": {"position": last.event.position, "root": last.trial_root},
        "empty_root": hashlib.sha256(b"").hexdigest(),
        "genesis": GENESIS,
    }
