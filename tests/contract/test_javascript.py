"""The void rule in JavaScript, as strangers copy it, judges as the contracts do."""

from __future__ import annotations

import json
import subprocess
from itertools import count
from typing import Any

from landbuch.contracts.publish import files
from tests.javascript import FOLDER, installed

FILES = files()
JUDGE = """
import { judge, leafOf } from "./void.mjs";
let given = "";
for await (const part of process.stdin) given += part;
const judged = JSON.parse(given).map(({ subject, payload_hex, position, prevhash }) => {
  const payload = Buffer.from(payload_hex, "hex");
  return [leafOf(subject, payload), judge(subject, payload, position, prevhash).reason ?? "counts"];
});
console.log(JSON.stringify(judged));
"""


def judged(cases: list[dict[str, Any]]) -> list[list[str]]:
    """The leaf of each entry and what JavaScript says of it."""
    program = ["node", "--input-type=module", "--eval", JUDGE]
    given = json.dumps(cases).encode()
    said: list[list[str]] = json.loads(
        subprocess.run(program, cwd=installed(), input=given, check=True, capture_output=True).stdout
    )
    return said


MALFORMED = {"bad_envelope", "bad_schema", "foreign_subject"}  # in JavaScript the schema finds all three


def test_javascript_judges_each_case_of_the_void_rule_as_the_contracts_do() -> None:
    cases = json.loads(FILES["vectors/void.json"])["cases"]
    for case, (leaf, found) in zip(cases, judged(cases), strict=True):
        wanted = case.get("reason", "counts")
        assert leaf == case["leaf"], case["name"]
        assert found == wanted or {found, wanted} <= MALFORMED, case["name"]


def test_javascript_takes_every_event_of_the_example_book() -> None:
    entries = json.loads(FILES["vectors/book.json"])["entries"]
    before = ["0" * 64, *(entry["leaf"] for entry in entries)]
    cases = [
        {**entry, "payload_hex": entry["payload"].encode().hex(), "position": position, "prevhash": prevhash}
        for position, entry, prevhash in zip(count(1), entries, before, strict=False)
    ]
    assert judged(cases) == [[entry["leaf"], "counts"] for entry in entries]


def test_the_lock_of_the_packages_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_bytes())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in package and "integrity" in package for package in packages.values())
