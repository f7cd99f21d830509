"""What makes an error clear: code, detail and remedy through each door, and over HTTP a problem (RFC 9457)."""

from __future__ import annotations

from landbuch.contracts.refusals import Code
from landbuch.sdk.host.problems import Problem
from tests.doors import Answer

REFUSED = 409


def demand_explained(answer: Answer, code: Code | Problem) -> None:
    """Demand that an answer says what is wrong and what to do about it."""
    body = answer.body
    assert body.get("code") == code, body
    assert body["outcome"] == ("refused" if isinstance(code, Code) else "failed")
    assert body["remedy"] == code.remedy
    assert len(body["detail"].split()) > 1
    if answer.status is None:
        return
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == answer.status == (REFUSED if isinstance(code, Code) else code.status)
    assert body["type"] == f"urn:landbuch:{'refusal' if isinstance(code, Code) else 'problem'}:{code}"
    assert body["title"]
