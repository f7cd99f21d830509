"""What time makes true, on the real stack: written by the services themselves, once, however many instances run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from landbuch.agreements.domain import clocks as agreement_clocks
from landbuch.ledger.domain import clocks as ledger_clocks
from landbuch.local.history.course import ADMINISTRATORS, PEOPLE
from landbuch.local.history.story import steps
from landbuch.local.stack import LocalStack
from landbuch.sdk.host.host import Extras
from tests.hosts import Running, entries, eventually, hosted, opened

OPENED = 9
"""Steps of the history until all programmes are open."""
INTERVAL_S = 0.1


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with LocalStack(tmp_path / "stack", services=(), postgres=False) as running:
        yield running


def keeping(stack: LocalStack) -> AbstractAsyncContextManager[Running]:
    """An instance of the agreements service that looks at the clock every moment."""
    return hosted(stack, "agreements", extras=Extras(due=agreement_clocks.due), clock_s=INTERVAL_S)


async def accepted(service: Running, name: str, data: dict[str, Any], actor: str, phase: str = "_") -> dict[str, Any]:
    """Send a command, and the second administrator's half where one is needed."""
    answer = await service.ask("BL", name, data, token=service.token(actor), phase=phase)
    assert answer["outcome"] == "accepted", answer
    if answer["events"][-1]["type"] == "landbuch.ActProposed.v1":
        confirm = {"proposal": answer["position"]}
        answer = await service.ask("BL", "ConfirmAct", confirm, token=service.token(ADMINISTRATORS[1]))
        assert answer["outcome"] == "accepted", answer
    return answer


async def begun(stack: LocalStack, *, services: list[str] | None = None) -> None:
    """Open a book with people and programmes, and with services that are named in it."""
    await opened(stack, "BL")
    async with hosted(stack) as ledger:
        for step in steps("BL")[:OPENED]:
            data = step.data if step.command != "FoundBook" or services is None else step.data | {"services": services}
            await accepted(ledger, step.command, data, step.actor, step.phase)


async def events(stack: LocalStack, name: str) -> list[Any]:
    """The events of a name, read as a stranger does."""
    return [one.verdict for one in await entries(stack, "BL") if one.verdict.name == name]


def milestone(name: str) -> dict[str, Any]:
    return {"milestone": name, "title": "Kurse", "due": "2024-06-30"}


async def test_a_milestone_falls_due_once_although_two_instances_look_and_one_is_restarted(stack: LocalStack) -> None:
    await begun(stack)
    async with keeping(stack) as service, keeping(stack):
        for name in ("M-1", "M-2", "M-3"):
            await accepted(service, "PlanMilestone", milestone(name), PEOPLE["drafter"], "KIP3")
        await eventually(lambda: came(stack, 3))
        await asyncio.sleep(5 * INTERVAL_S)
    async with keeping(stack):
        await asyncio.sleep(5 * INTERVAL_S)
    found = await events(stack, "MilestoneBecameDue")
    assert sorted(event.data.milestone for event in found) == ["M-1", "M-2", "M-3"]
    assert {(event.actor, event.service, event.phase) for event in found} == {("svc-agreements", "agreements", "KIP3")}


async def came(stack: LocalStack, count: int) -> bool:
    return len(await events(stack, "MilestoneBecameDue")) >= count


async def test_a_referendum_window_that_passed_is_recorded_by_the_ledger(stack: LocalStack) -> None:
    await begun(stack)
    rules = {"version": "V-1", "valid_from": "2020-01-01", "deciding_body": "parliament", "referendum": "optional"}
    credit = {"credit": "K-1", "term": "Kredit", "amounts": [{"source": "canton", "amount": 9}], "new": 9, "bound": 0}
    decision = {"body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": "accepted"}
    async with hosted(stack, extras=Extras(due=ledger_clocks.due), clock_s=INTERVAL_S) as ledger:
        await accepted(ledger, "AdoptApprovalRules", rules | {"days": 56}, ADMINISTRATORS[0])
        await accepted(ledger, "ProposeCredit", credit, PEOPLE["clerk"], "KIP3")
        await accepted(ledger, "RecordCreditDecision", {"credit": "K-1", **decision}, PEOPLE["clerk"], "KIP3")
        published = {"credit": "K-1", "gazette": "Amtsblatt", "published_on": "2024-01-11"}
        await accepted(ledger, "RecordPublication", published, PEOPLE["clerk"], "KIP3")

        async def expired() -> bool:
            return bool(await events(stack, "ReferendumExpired"))

        await eventually(expired)
    (event,) = await events(stack, "ReferendumExpired")
    assert (event.actor, event.data.credit) == ("svc-ledger", "K-1")


async def test_a_service_without_its_role_is_ready_and_says_what_is_not_written(stack: LocalStack) -> None:
    await begun(stack, services=["svc-ledger"])
    async with keeping(stack) as service:
        await accepted(service, "PlanMilestone", milestone("M-1"), PEOPLE["drafter"], "KIP3")
        await eventually(lambda: "warning" in service.host.readiness()["books"]["BL"])
        readiness = service.host.readiness()
    assert readiness["ready"]
    assert "svc-agreements is not agreement_manager or service in the book of BL" in readiness["books"]["BL"]["warning"]
    assert await events(stack, "MilestoneBecameDue") == []
