"""Random commands of several people: whatever they try, the identities hold after every event; facts are recorded."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from landbuch.contracts.catalogue import CONFIRM
from landbuch.contracts.refusals import Code, Refused
from tests.acting import PEOPLE, in_force, register

SEEDS = 8
STEPS = 500
MONEY_MOVES = frozenset(
    {
        "ApproveDisbursement", "RecordPayment", "RecordReturn", "RevokeApproval", "CancelDisbursement", "SettleAdvance",
        "ClaimRecovery", "RecordRecoveryReceipt", "WaiveRecovery", "RecordBankEntry", "AssignBankEntry", "ReverseEntry",
        "ClaimContribution", "RecordContributionReceipt", "RecogniseContribution", "RecordContributionPledgeAmendment",
        "SignAgreement", "AmendAgreement", "SettleAgreement", "CloseAgreement",
    }
)  # fmt: skip
"""What must have happened in some of the lives, or chance has tried nothing."""
SOURCES = ("canton", "federal")
FACTS = frozenset(
    {"RecordBankEntry", "RecordContributionReceipt", "RecordRecoveryReceipt", "RecordContributionPledgeAmendment"}
)
"""What happened is refused for no reason but that it was recorded before or names nothing."""
NAMES_NOTHING = frozenset({Code.BANK_REFERENCE_USED, Code.PLEDGE_UNKNOWN, Code.RECOVERY_UNKNOWN, Code.ROLE_MISSING})
Fields = dict[str, Any]


class Life:
    """One book and what happens to it by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.book = in_force(restores=bool(seed % 2))
        self.outcomes: Counter[str] = Counter()
        self.written: list[Any] = []
        for partner, kind in (("P-1", "ngo"), ("P-2", "commune")):
            register(self.book, partner, kind)
        self.book.do(
            "RecordContributionPledge",
            {"pledge": "PL-1", "source": "federal", "payer": "SEM", "years": [2024], "binding": True},
            amount=40_000_000,
        )
        parts = [{"area": area, "source": "federal", "amount": 15_000_000} for area in ("SP", "FK")]
        self.book.do("AllocateCredit", credit="PL-1", allocations=parts)

    def amount(self) -> int:
        """Some Rappen, often few."""
        return self.chance.choice((1, 7, 999, self.chance.randrange(1, 9_000_000), self.chance.randrange(1, 10**5)))

    def one(self, kind: str, most: int = 6) -> str:
        """Some id, known or not."""
        return f"{kind}-{self.chance.randrange(1, most)}"

    def fresh(self, kind: str) -> str:
        """An id that likely nothing has."""
        taken = len(self.book.state.objects)
        return f"{kind}-{taken}" if self.chance.random() < 0.9 else self.one(kind)

    def agreement(self, *stages: str) -> str:
        """The id of an agreement that likely is in one of the stages, running unless said otherwise."""
        known = self.book.state.agreements.items()
        fitting = [name for name, agreement in known if agreement.stage in (stages or ("signed",))]
        return self.chance.choice(fitting) if fitting and self.chance.random() < 0.9 else self.one("A")

    def recovery(self) -> str:
        """The id of a claim, likely one that there is."""
        known = list(self.book.state.recoveries)
        return self.chance.choice(known) if known and self.chance.random() < 0.9 else self.one("R")

    def payment(self, *stages: str) -> str:
        """The id of a payment that likely is in one of the stages."""
        known = self.book.state.disbursements.items()
        fitting = [name for name, payment in known if payment.stage in stages]
        return self.chance.choice(fitting) if fitting and self.chance.random() < 0.9 else self.one("D")

    def parts(self, *, year: bool) -> list[Fields]:
        """One or two shares of areas and sources."""
        keys = self.chance.sample([(a, s) for a in ("SP", "FK") for s in SOURCES], self.chance.randrange(1, 3))
        more = {"year": 2024} if year else {}
        return [{"area": area, "source": source, "amount": self.amount()} | more for area, source in keys]

    def try_(self, name: str, more: Fields, *, by: str | None = None, phase: str | None = None) -> None:
        """Send a command; confirm what needs two. A refusal is an answer, anything else a fault."""
        try:
            events = self.book.do(name, more, by=by, phase=phase)
            if events[0].name == "ActProposed":
                everybody = [person for people in PEOPLE.values() for person in people]
                likely = self.chance.random() < 0.9
                second = self.book.person(name, 1) if likely else self.chance.choice(everybody)
                events = self.book.do(CONFIRM, by=second, proposal=events[0].position)
        except Refused as refusal:
            self.outcomes[refusal.code] += 1
            if name in FACTS and refusal.code not in NAMES_NOTHING:
                raise AssertionError(f"{name} is a fact, but {refusal}") from refusal
        else:
            self.outcomes[name] += 1
            self.written += events

    def step(self) -> None:
        """Do something."""
        if self.chance.random() < 0.02:
            year, month = 2024 + self.chance.randrange(2), self.chance.randrange(1, 13)
            self.book.now = f"{year}-{month:02d}-15T08:00:00.000000Z"
        self.chance.choice(ACTIONS)(self)


def _draft(life: Life) -> None:
    items = life.parts(year=True)
    terms = {"start": "2024-01-01", "end": "2025-12-31", "form": life.chance.choice(("contract", "ruling"))}
    partner = life.chance.choice(("P-1", "P-2"))
    ceiling = sum(item["amount"] for item in items)
    more = {"agreement": life.fresh("A"), "partner": partner, "ceiling": ceiling, "items": items}
    life.try_("DraftAgreement", terms | more, by="p-man-a")


def _sign(life: Life) -> None:
    order = {"agreement": life.agreement("drafted"), "signed_on": "2024-01-20", "signatories": ["p-man-b"]}
    life.try_("SignAgreement", order, by=life.chance.choice(("p-man-a", "p-man-b", "p-man-b")))


def _amend(life: Life) -> None:
    items = life.parts(year=True)
    ceiling = sum(item["amount"] for item in items)
    life.try_("AmendAgreement", {"agreement": life.agreement(), "ceiling": ceiling, "items": items, "reason": "x"})


def _stage(life: Life) -> None:
    name = life.chance.choice(("SuspendAgreement", "ResumeAgreement", "ResumeAgreement"))
    life.try_(name, {"agreement": life.agreement("signed", "suspended"), "reason": "x"})


def _settle(life: Life) -> None:
    zero = dict.fromkeys(("eligible_costs", "own_funds", "surplus", "reserve", "recovery_due"), 0)
    if life.chance.random() < 0.3:
        life.try_("SettleAgreement", {"agreement": life.agreement()} | zero)
    else:
        life.try_("CloseAgreement", {"agreement": life.agreement("settled")})


def _request(life: Life) -> None:
    more: Fields = {}
    amount = life.amount()
    if life.chance.random() < 0.5:
        more["shares"] = life.parts(year=False)
        amount = sum(share["amount"] for share in more["shares"])
    kind = life.chance.choice(("advance", "instalment", "final"))
    order = {"disbursement": life.fresh("D"), "agreement": life.agreement(), "amount": amount, "kind": kind}
    life.try_("RequestDisbursement", order | more, by=life.chance.choice(PEOPLE["clerk"]))


def _approve(life: Life) -> None:
    life.try_("ApproveDisbursement", {"disbursement": life.payment("requested")})


def _over(life: Life) -> None:
    names = ("RejectDisbursement", "WithdrawDisbursement", "RevokeApproval", "CancelDisbursement", "CancelDisbursement")
    stages = ("requested", "approved", "returned")
    life.try_(life.chance.choice(names), {"disbursement": life.payment(*stages), "reason": "x"})


def _bank(life: Life) -> None:
    name = life.payment("approved", "paid", "returned")
    payment = life.book.state.disbursements.get(name)
    released = sum(amount for _, _, amount in payment.released) if payment else 1
    used = sum(amount for _, _, amount in payment.used) if payment else 1
    if life.chance.random() < 0.6:
        amount = max(released, 1) + (life.chance.random() < 0.1)
        life.try_("RecordPayment", {"disbursement": name, "amount": amount, "bank_reference": life.one("out", 400)})
    else:
        amount = life.chance.randrange(1, max(used, 1) + 2)
        life.try_("RecordReturn", {"disbursement": name, "amount": amount, "bank_reference": life.one("back", 400)})


def _clearing(life: Life) -> None:
    waiting = [name for name, movement in life.book.state.movements.items() if movement.clearing]
    if waiting and life.chance.random() < 0.6:
        purpose = life.chance.choice(("payment", "return", "recovery", "contribution"))
        paid = life.payment("approved", "paid")
        targets = {"payment": paid, "return": paid, "recovery": life.recovery(), "contribution": "PL-1"}
        order = {"bank_reference": life.chance.choice(waiting), "programme": "KIP3", "purpose": purpose}
        life.try_("AssignBankEntry", order | {"target": targets[purpose]})
    else:
        payments = [sum(part[2] for part in one.released) for one in life.book.state.disbursements.values()]
        amount = -life.chance.choice(payments or [0]) or life.amount() * life.chance.choice((1, -1))
        life.try_("RecordBankEntry", {"bank_reference": life.one("x", 400), "amount": amount})


def _advance(life: Life) -> None:
    life.try_("SettleAdvance", {"agreement": life.agreement(), "amount": life.amount()})


def _recovery(life: Life) -> None:
    name = life.agreement("signed", "settled")
    part = life.parts(year=False)[0] | {"of": life.chance.choice(("advance", "this_year", "earlier_year"))}
    spent = [part for payment in life.book.state.payments(name) for part in payment.used]
    if spent:
        area, source, amount = life.chance.choice(spent)
        part |= {"area": area, "source": source, "amount": life.chance.randrange(1, amount + 2)}
    order = {"recovery": life.fresh("R"), "agreement": name, "ground": "unused", "parts": [part]}
    life.try_("ClaimRecovery", order | {"interest": life.chance.randrange(3)})


def _recovered(life: Life) -> None:
    if life.chance.random() < 0.8:
        order = {"recovery": life.recovery(), "amount": life.amount(), "bank_reference": life.one("in", 400)}
        life.try_("RecordRecoveryReceipt", order)
    else:
        life.try_("WaiveRecovery", {"recovery": life.recovery(), "amount": life.amount(), "reason": "x"})


def _contribution(life: Life) -> None:
    match life.chance.randrange(4):
        case 0:
            life.try_("ClaimContribution", {"pledge": "PL-1", "amount": life.amount()})
        case 1:
            order = {"pledge": "PL-1", "amount": life.amount(), "bank_reference": life.one("in", 400)}
            life.try_("RecordContributionReceipt", order)
        case 2:
            amount = life.amount() * life.chance.choice((1, 1, -1))
            life.try_("RecogniseContribution", {"pledge": "PL-1", "amount": amount})
        case _:
            amount = life.chance.randrange(50_000_000)
            life.try_("RecordContributionPledgeAmendment", {"pledge": "PL-1", "amount": amount, "reason": "x"})


def _reverse(life: Life) -> None:
    recent = life.written[-12:]
    if recent:
        event = life.chance.choice(recent)
        order = {"position": event.position, "event": event.id, "reason": "x"}
        life.try_("ReverseEntry", order, phase=event.phase)


def _budget(life: Life) -> None:
    order = {"year": life.chance.choice((2024, 2025)), "amount": life.amount(), "decided_by": "Landrat"}
    life.try_("RecordBudgetSupplement", order | {"ground": "regular"})


ACTIONS: tuple[Callable[[Life], None], ...] = (
    _draft, _draft, _sign, _sign, _amend, _stage, _settle, _request, _request, _request, _approve, _approve, _approve,
    _approve, _over, _bank, _bank, _bank, _clearing, _clearing, _advance, _recovery, _recovered, _contribution,
    _reverse, _budget,
)  # fmt: skip


def test_whatever_people_try_the_identities_hold() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(SEEDS):
        print(f"seed {seed}")
        life = Life(seed)
        for _ in range(STEPS):
            life.step()
        outcomes += life.outcomes
    print(sorted((str(name), count) for name, count in outcomes.items()))
    missing = MONEY_MOVES - set(outcomes)
    assert not missing


def test_the_same_seed_tells_the_same_life() -> None:
    heads = []
    for _ in range(2):
        life = Life(7)
        for _ in range(60):
            life.step()
        heads.append(life.book.state.head)
    assert heads[0] == heads[1]
