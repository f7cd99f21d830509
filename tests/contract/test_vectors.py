"""The golden vectors, computed again with the standard library alone, as a stranger would in another language."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import Counter
from functools import cache
from typing import Any

import pytest

from landbuch.contracts.canonical import NotCanonicalError, canonical, parse
from landbuch.contracts.entry import Entry
from landbuch.contracts.judge import judge
from landbuch.contracts.merkle import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from landbuch.contracts.money import chf, decimal, parse_chf, split
from tests.contract.regenerate import CONTRACTS

Json = Any


@cache
def vector(name: str) -> Json:
    """A published vector."""
    return json.loads((CONTRACTS / "vectors" / name).read_bytes())


def jcs(value: Json) -> bytes:
    """Canonical JSON by the standard library, which suffices where keys are ASCII and numbers are integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(*parts: bytes) -> bytes:
    """Hash what stands one behind the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def tree(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01", tree(leaves[:half]), tree(leaves[half:]))


def counted(size: int) -> list[bytes]:
    """The leaves of the counted tree."""
    return [sha256(b"\x00", index.to_bytes(8, "big")) for index in range(size)]


def test_canonical_bytes() -> None:
    for case in vector("canonical.json")["written"]:
        assert jcs(case["value"]).hex() == case["hex"]
        assert hashlib.sha256(bytes.fromhex(case["hex"])).hexdigest() == case["sha256"]
        assert canonical(case["value"]) == bytes.fromhex(case["hex"])


@pytest.mark.parametrize("case", vector("canonical.json")["refused"], ids=lambda case: case["hex"][:30])
def test_bytes_that_are_not_canonical(case: Json) -> None:
    with pytest.raises(NotCanonicalError):
        parse(bytes.fromhex(case["hex"]))


def test_bytes_that_are_read_but_never_written() -> None:
    for case in vector("canonical.json")["read_but_not_written"]:
        value = parse(bytes.fromhex(case["hex"]))
        with pytest.raises(NotCanonicalError):
            canonical(value)


def test_money() -> None:
    cases = vector("money.json")
    assert [(chf(case["amount"]), decimal(case["amount"])) for case in cases["written"]] == [
        (case["chf"], case["decimal"]) for case in cases["written"]
    ]
    assert [parse_chf(case["text"]) for case in cases["read"]] == [case["amount"] for case in cases["read"]]
    assert [list(split(case["amount"], case["weights"])) for case in cases["split"]] == [
        case["parts"] for case in cases["split"]
    ]
    for text in cases["refused"]:
        with pytest.raises(ValueError, match="is no amount"):
            parse_chf(text)


def test_ids_derive_by_rfc_4122_from_the_canonical_bytes() -> None:
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "urn:landbuch")
    for case in [*vector("ids.json")["event_id"], *vector("ids.json")["timed_command_id"]]:
        assert str(uuid.uuid5(namespace, jcs(case["of"]).decode())) == case["id"]


def test_a_command_hash_is_taken_after_nfc() -> None:
    (case,) = vector("ids.json")["command_hash"]
    composed = json.loads(json.dumps(case["of"], ensure_ascii=False).replace("u\u0308", "\u00fc"))
    assert composed != case["of"]
    assert sha256(jcs(composed)).hex() == case["hash"]


def test_a_short_digest_is_the_beginning_of_the_hash() -> None:
    for case in vector("ids.json")["short_digest"]:
        assert sha256(case["of"].encode()).hex()[:16] == case["hex"]


def test_the_roots_of_trees() -> None:
    known = [sha256(b"\x00", bytes.fromhex(content)) for content in vector("merkle.json")["known"]["contents"]]
    for size, root in enumerate(vector("merkle.json")["known"]["roots"]):
        assert tree(known[:size]).hex() == root
    for size, root in enumerate(vector("merkle.json")["counted"]["roots"]):
        assert tree(counted(size)).hex() == root


def test_proofs() -> None:
    for case in vector("proofs.json")["inclusion"]:
        leaves, proof = counted(case["size"]), [bytes.fromhex(node) for node in case["proof"]]
        assert tree(leaves).hex() == case["root"]
        assert inclusion_proof(leaves, case["index"]) == proof
        leaf, root = bytes.fromhex(case["leaf"]), bytes.fromhex(case["root"])
        assert verify_inclusion(leaf, case["index"], case["size"], proof, root)
    for case in vector("proofs.json")["consistency"]:
        leaves, proof = counted(case["new_size"]), [bytes.fromhex(node) for node in case["proof"]]
        assert consistency_proof(leaves, case["old_size"]) == proof
        old, new = tree(leaves[: case["old_size"]]), tree(leaves)
        assert (old.hex(), new.hex()) == (case["old_root"], case["new_root"])
        assert verify_consistency(case["old_size"], case["new_size"], old, new, proof)


def trial_root(balances: dict[tuple[str, str], int]) -> str:
    """The trial balance root by the standard library."""
    rows = sorted(
        jcs([phase, account, amount if abs(amount) < 2**53 else str(amount)])
        for (phase, account), amount in balances.items()
        if amount
    )
    return tree([sha256(b"\x00", row) for row in rows]).hex()


def test_trial_balances() -> None:
    for case in vector("trial.json")["cases"]:
        balances = {(phase, account): int(amount) for phase, account, amount in case["balances"]}
        assert trial_root(balances) == case["root"]
        assert tree([sha256(b"\x00", row.encode()) for row in case["rows"]]).hex() == case["root"]
    assert vector("trial.json")["empty_root"] == sha256().hex() == vector("trial.json")["cases"][0]["root"]


def test_a_whole_book_replays_from_nothing_but_its_entries() -> None:
    leaves: list[bytes] = []
    balances: Counter[tuple[str, str]] = Counter()
    before = vector("trial.json")["genesis"]
    for entry in [*vector("book.json")["entries"], *vector("book_life.json")["entries"]]:
        event = json.loads(entry["payload"])
        leaves.append(sha256(b"\x00", entry["subject"].encode(), b"\n", entry["payload"].encode()))
        for account, amount in event["data"].get("lines", []):
            balances[event["phase"], account] += amount
        assert jcs(event) == entry["payload"].encode()
        assert (event["position"], event["prevhash"]) == (len(leaves), before)
        assert (leaves[-1].hex(), tree(leaves).hex()) == (entry["leaf"], entry["root"])
        assert trial_root(balances) == entry["trial_root"]
        before = entry["leaf"]


def test_the_second_file_goes_on_where_the_first_ends() -> None:
    first, then = vector("book.json")["entries"], vector("book_life.json")["entries"]
    assert json.loads(then[0]["payload"])["prevhash"] == first[-1]["leaf"]
    assert [entry["position"] for entry in (*first, *then)] == list(range(1, len(first) + len(then) + 1))


@pytest.mark.parametrize("case", vector("void.json")["cases"], ids=lambda case: case["name"])
def test_void_entries(case: Json) -> None:
    verdict = judge(Entry(case["subject"], bytes.fromhex(case["payload_hex"])), case["position"], case["prevhash"])
    subject = re.sub(rb"[\x80-\xff]+", b"?", case["subject"].encode())
    assert sha256(b"\x00", subject, b"\n", bytes.fromhex(case["payload_hex"])).hex() == case["leaf"]
    found = {"Void": "void", "Unknown": "unknown"}.get(type(verdict).__name__, "event")
    assert (found, getattr(verdict, "reason", None)) == (case["judged"], case.get("reason"))


def test_the_table_of_void_entries_reaches_every_reason() -> None:
    reasons = {case["reason"] for case in vector("void.json")["cases"] if case["judged"] == "void"}
    assert reasons == {
        "too_large", "not_canonical", "bad_envelope", "bad_schema", "foreign_subject", "wrong_position", "unbalanced",
        "wrong_predecessor",
    }  # fmt: skip
