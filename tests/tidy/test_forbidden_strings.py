"""No file names a machine's folders, a package host or a thing left to do."""

from __future__ import annotations

import re

import pytest

from tests.tidy.tree import ROOT, demand_none, files

# In pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a folder of one machine": [
        r"(?<![\w.])/" + r"wo" + r"rk/",
        "/ro" + "ot/",
        "/tm" + "p/plan",
        r"(?<![\w.])/ho" + r"me/\w",
    ],
    "a host of packages": [
        "pypi" + r"\.org",
        "python" + r"hosted\.org",
        "npm" + r"js\.(?:org|com)",
        "deb" + r"\.debian\.org",
        "crates" + r"\.io",
        "proxy" + r"\.golang\.org",
    ],
    "a host of scripts or fonts": [
        "jsdel" + r"ivr\.net",
        "unp" + r"kg\.com",
        "cdn" + r"js\.",
        r"\besm" + r"\.sh",
        "fonts" + r"\.g(?:oogleapis|static)\.com",
    ],
    "a thing left to do": [r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b"],
}
PATTERN = re.compile("|".join(f"(?P<k{i}>{'|'.join(found)})" for i, found in enumerate(FORBIDDEN.values())))


def forbidden(path: str, text: str) -> list[str]:
    """Each forbidden string in a file's path (line 0) or text, with its line and what it is."""
    kinds = dict(zip(PATTERN.groupindex, FORBIDDEN, strict=True))
    whole = f"{path}\n{text}"
    return [
        f"{path}:{whole.count(chr(10), 0, match.start())}: `{match.group()}` is {kinds[match.lastgroup or '']}"
        for match in PATTERN.finditer(whole)
    ]


def test_no_tracked_file_holds_a_forbidden_string() -> None:
    found = []
    for path in files():
        # Bytes that are no text are read all the same: a host inside a picture's metadata counts.
        found += forbidden(path, (ROOT / path).read_bytes().decode("utf-8", "replace"))
    demand_none(found)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cd /wo" + "rk/main", "a folder of one machine"),
        ("cat /ro" + "ot/.profile", "a folder of one machine"),
        ("see /ho" + "me/someone", "a folder of one machine"),
        ("--index-url https://" + "pypi" + ".org/simple", "a host of packages"),
        ("https://files.python" + "hosted.org/x", "a host of packages"),
        ("https://registry.npm" + "js.org", "a host of packages"),
        ("<script src=https://cdn.jsdel" + "ivr.net/x>", "a host of scripts or fonts"),
        ("https://unp" + "kg.com/x", "a host of scripts or fonts"),
        ("# TO" + "DO later", "a thing left to do"),
        ("# FIX" + "ME", "a thing left to do"),
        ("# XX" + "X", "a thing left to do"),
    ],
)
def test_a_forbidden_string_is_found_on_its_line(text: str, kind: str) -> None:
    (finding,) = forbidden("a.md", f"one\ntwo {text}\n")
    assert finding.startswith("a.md:2: ")
    assert finding.endswith(kind)


@pytest.mark.parametrize(
    "text", ["mktemp -d XXXXXX", "deploy/wo" + "rk/", "the root of the tree", "https://www.baselland.ch/"]
)
def test_an_innocent_string_is_left_alone(text: str) -> None:
    assert forbidden("a.md", text) == []
