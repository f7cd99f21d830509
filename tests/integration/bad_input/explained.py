"""What makes an error clear: code, detail and remedy through each door, and over HTTP a problem (RFC 9457)."""

from __future__ import annotations

from typing import Any

from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import SERVICES, Service
from landbuch.local.history.course import PEOPLE
from landbuch.sdk.host.problems import Problem
from tests.doors import Answer, Door, Doors

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


def good_order(service: Service, number: int) -> tuple[str, dict[str, Any]]:
    """A command that a service takes from a clerk; no other has this number."""
    if service == "ledger":
        return "RecordInformation", {"about": "programme", "topic": "test", "statement": f"All is well: {number}."}
    return "RegisterPartner", {"partner": f"P-{number}", "kind": "ngo", "name": "Verein"}


async def demand_works(doors: Doors, canton: str, before: int, *services: Service, door: Door = "http") -> None:
    """Demand that services (none named: both) take a good command each, and write them behind ``before``."""
    for position, service in enumerate(services or SERVICES, start=before + 1):
        command, data = good_order(service, position)
        answer = await doors.send(door, command, canton, data, actor=PEOPLE["clerk"])
        assert answer.body.get("position") == position, answer.body
