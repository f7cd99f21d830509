"""A book whose credit several services race for: the ledger blocks pieces of it, agreements signs pieces of it."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

from landbuch.local.stack import LocalStack

UNITS = 1_500
UNIT = 100  # Rappen
PHASE, AREA, CREDIT = "KIP3", "SP", "RACE"
ADMINISTRATORS = ("p-01aa", "p-02bb")
CLERK, FINANCE, DRAFTER, SIGNER = "p-03cc", "p-04dd", "p-05ee", "p-06ff"
AGAIN = {"busy", "unavailable", "outcome_unknown"}
INVENTED = [{"kind": "illustration", "title": "Invented for a test"}]

PROGRAMME = {
    "label": "A programme",
    "start": "2024-01-01",
    "end": "2027-12-31",
    "area_set": {"code": "ONE", "areas": [{"code": AREA, "number": 1, "names": {"de": "Sprache"}}]},
    "sources": [{"source": "canton", "matching": False, "tail": False}],
    "policies": {"basis": "net", "recovery_restores_credit": True},
}


@dataclass
class Order:
    """One command of the race."""

    canton: str
    service: str
    name: str
    actor: str
    data: dict[str, Any]
    commandid: str
    answer: dict[str, Any] = field(default_factory=dict)
    took_s: float = 0.0
    tries: int = 0


@dataclass
class Racer:
    """A client with a connection of its own."""

    nc: Client
    tokens: dict[str, str]
    codes: Counter[str]

    async def ask(self, subject: str, message: dict[str, Any], timeout_s: float = 4.0) -> dict[str, Any] | None:
        """Ask once; ``None`` when no answer came."""
        try:
            reply = await self.nc.request(subject, json.dumps(message).encode(), timeout_s)
        except (NatsError, TimeoutError):
            self.codes["no answer"] += 1
            return None
        answer: dict[str, Any] = json.loads(reply.data)
        return answer

    async def one(self, order: Order) -> None:
        """Send a command until it is answered for good, always with the same id."""
        began = time.monotonic()
        message = {**_item(order), "token": self.tokens[order.actor]}
        del message["type"]
        while not _final(order.answer):
            order.tries += 1
            answer = await self.ask(f"command.{order.service}.{order.canton}.{order.name}", message)
            await self._take(order, answer)
        order.took_s = time.monotonic() - began

    async def many(self, orders: Sequence[Order]) -> None:
        """Send commands of one actor to one service and book in one message, until each is answered for good."""
        began = time.monotonic()
        first = orders[0]
        while left := [order for order in orders if not _final(order.answer)]:
            message = {"token": self.tokens[first.actor], "commands": [_item(order) for order in left]}
            answer = await self.ask(f"command.{first.service}.{first.canton}._batch", message, 8.0)
            outcomes = [None] * len(left) if answer is None else answer.get("outcomes", [answer] * len(left))
            for order, outcome in zip(left, outcomes, strict=True):
                order.tries += 1
                await self._take(order, outcome)
        for order in orders:
            order.took_s = time.monotonic() - began

    async def _take(self, order: Order, answer: dict[str, Any] | None) -> None:
        if answer is None:
            await asyncio.sleep(0.1)
            return
        self.codes[answer.get("code", "accepted")] += 1
        order.answer = answer
        if not _final(answer):
            assert answer["code"] in AGAIN, answer
            await asyncio.sleep(0.05)


def tokens(stack: LocalStack) -> dict[str, str]:
    """Give everybody a token."""
    return {actor: stack.token(actor) for actor in (*ADMINISTRATORS, CLERK, FINANCE, DRAFTER, SIGNER)}


def _final(answer: dict[str, Any]) -> bool:
    return answer.get("outcome") in {"accepted", "refused"}


def _item(order: Order) -> dict[str, Any]:
    phase = "_" if order.name in {"FoundBook", "GrantRole", "ConfirmAct", "RegisterPartner"} else PHASE
    if order.name == "ConfirmAct" and order.data.get("proposal", 0) > _LAST_ROLE:
        phase = PHASE
    return {"type": order.name, "commandid": order.commandid, "phase": phase, "data": order.data}


_ROLES = ((CLERK, "clerk"), (FINANCE, "finance"), (DRAFTER, "agreement_manager"), (SIGNER, "agreement_manager"))
_LAST_ROLE = 2 + 2 * len(_ROLES)


async def prepare(racer: Racer, canton: str, agreements: int, piece: int) -> None:
    """Found a book with a credit of 1'500 units in force and allocated, and draft agreements of ``piece`` units."""

    async def send(service: str, actor: str, *commands: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        orders = [Order(canton, service, name, actor, data, str(uuid.uuid4())) for name, data in commands]
        for start in range(0, len(orders), 500):
            await racer.many(orders[start : start + 500])
        for order in orders:
            assert order.answer["outcome"] == "accepted", (order.name, order.answer)
        return [order.answer for order in orders]

    first, second = ADMINISTRATORS
    await send("ledger", first, ("FoundBook", {"administrators": list(ADMINISTRATORS)}))
    for person, role in _ROLES:
        (proposed,) = await send("ledger", first, ("GrantRole", {"person": person, "role": role}))
        await send("ledger", second, ("ConfirmAct", {"proposal": proposed["position"]}))
    (proposed,) = await send("ledger", first, ("OpenProgramme", PROGRAMME))
    await send("ledger", second, ("ConfirmAct", {"proposal": proposed["position"]}))
    amount = UNITS * UNIT
    decision = {"credit": CREDIT, "body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": "accepted"}
    terms = {"credit": CREDIT, "term": "Ausgabenbewilligung", "new": amount, "bound": 0}
    await send(
        "ledger", CLERK,
        ("ProposeCredit", {**terms, "amounts": [{"source": "canton", "amount": amount}]}),
        ("RecordCreditDecision", decision),
        ("RecordEntryIntoForce", {"credit": CREDIT, "trigger": "documented", "evidence": INVENTED}),
    )  # fmt: skip
    share = {"area": AREA, "source": "canton", "amount": amount}
    await send("ledger", FINANCE, ("AllocateCredit", {"credit": CREDIT, "allocations": [share]}))
    await send("agreements", CLERK, ("RegisterPartner", {"partner": "P-1", "kind": "ngo", "name": "An organisation"}))
    drafts = [("DraftAgreement", _draft(number, piece)) for number in range(agreements)]
    await send("agreements", DRAFTER, *drafts)


def _draft(number: int, piece: int) -> dict[str, Any]:
    return {
        "agreement": f"A-{number}",
        "partner": "P-1",
        "form": "contract",
        "start": "2024-01-01",
        "end": "2025-12-31",
        "ceiling": piece * UNIT,
        "items": [{"area": AREA, "source": "canton", "amount": piece * UNIT, "year": 2024}],
    }


def orders(canton: str, count: int, piece: int, draw: random.Random) -> list[Order]:
    """Give the commands of one book: ``count`` signatures and ``count`` blocks of ``piece`` units each."""
    signed = {"signed_on": "2024-01-15", "signatories": [SIGNER]}
    block = {"area": AREA, "source": "canton", "amount": piece * UNIT}
    found = [
        Order(canton, "agreements", "SignAgreement", SIGNER, {"agreement": f"A-{number}", **signed}, _id(draw))
        for number in range(count)
    ]
    found += [
        Order(canton, "ledger", "BlockCredit", FINANCE, {**block, "reason": f"Block {number}"}, _id(draw))
        for number in range(count)
    ]
    return found


def _id(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


async def race(racers: Sequence[Racer], everything: Sequence[Order], draw: random.Random) -> None:
    """Let the clients send all commands, dealt out by chance; a quarter of the clients sends batches."""
    shuffled = list(everything)
    draw.shuffle(shuffled)
    hands = [shuffled[number :: len(racers)] for number in range(len(racers))]
    batching = len(racers) // 4

    async def singly(racer: Racer, hand: list[Order]) -> None:
        waiting = iter(hand)

        async def lane() -> None:
            for order in waiting:
                await racer.one(order)

        await asyncio.gather(*(lane() for _ in range(8)))

    async def in_batches(racer: Racer, hand: list[Order]) -> None:
        piles: dict[tuple[str, str], list[Order]] = {}
        for order in hand:
            piles.setdefault((order.service, order.canton), []).append(order)
        for pile in piles.values():
            await racer.many(pile)

    async with asyncio.TaskGroup() as running:
        for number, (racer, hand) in enumerate(zip(racers, hands, strict=True)):
            running.create_task(in_batches(racer, hand) if number < batching else singly(racer, hand))
