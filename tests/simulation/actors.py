"""People who order at random: mostly what could be right, now and then what cannot."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from landbuch.contracts.catalogue import COMMANDS, ORDERS
from landbuch.contracts.rows import Proposal
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE
from tests.simulation.actors_life import LIFE, LIFE_OFTEN

PHASES = ("KIP3", "KIP4")
AREAS, SOURCES = ("SP", "ZP"), ("canton", "federal")
CREDITS, PLEDGES, AGREEMENTS, PARTNERS = (
    ("C1", "C2", "C3", "C4", "C5", "C6"), ("PL1", "PL2", "PL3"), ("A1", "A2", "A3", "A4", "A5"), ("P1", "P2"),
)  # fmt: skip
DAYS = ("2023-12-31", "2024-01-15", "2024-02-20", "2024-03-01", "2024-03-28")
PEOPLE = {
    "administrator": ("p-admin1", "p-admin2"),
    "clerk": ("p-clerk",),
    "finance": ("p-finance", "p-finance2"),
    "agreement_manager": ("p-drafter", "p-signer"),
    "approver": ("p-approver1", "p-approver2"),
    "treasurer": ("p-treasurer1", "p-treasurer2"),
    "auditor": ("p-auditor",),
    "service": ("s-ledger",),
}
_USUALLY = {"DraftAgreement": ["p-drafter"], "SignAgreement": ["p-signer"]}
EVERYBODY = (*(person for people in PEOPLE.values() for person in people), "p-nobody")
Said = tuple[str, str, str, dict[str, Any]]
"""Who orders, in which phase, which command, with which data."""


class Crowd:
    """Draws orders; the same seed draws the same orders from the same states."""

    def __init__(self, seed: int) -> None:
        self.draw: random.Random = random.Random(seed)
        self.idle = False

    def order(self, state: BookState) -> Said:
        """Give the next order."""
        name, phase, data = self._drawn(state)
        for _ in range(5):
            if not self.idle:
                break
            name, phase, data = self._drawn(state)
        if self.draw.random() < 0.1:
            data["occurred_on"] = self.draw.choice((*DAYS, "2024-02", "2024", "2099"))
        if self.draw.random() < 0.1:
            data["booked_on"] = self.draw.choice((*DAYS, "fact", "2099-03-29"))
        return self.who(name, state.proposals.get(data.get("proposal", 0))), phase, name, data

    def _drawn(self, state: BookState) -> tuple[str, str, dict[str, Any]]:
        """A command with its phase and data; idle when there is nothing that it could be about."""
        self.idle = False
        name = self.draw.choice(_MENU)
        phase = self.rarely(
            self.draw.choice((*state.programmes, "KIP3", "KIP3")), self.draw.choice((*PHASES, "KIP9", NO_PHASE))
        )
        if name == "OpenProgramme":
            phase = self.draw.choice(PHASES)
        elif name not in COMMANDS or COMMANDS[name].scope == "book":
            phase = self.rarely(NO_PHASE, phase)
        data = _DATA[name](self, state, phase)
        if name == "ReverseEntry":
            phase = self.rarely(state.past[data["position"]].phase, phase)
        return name, phase, data

    def who(self, name: str, proposal: Proposal | None = None) -> str:
        """Mostly somebody who may; to confirm, mostly somebody else than who proposed."""
        if proposal is not None and proposal.act in COMMANDS:
            others = [self.who(proposal.act) for _ in range(3)]
            return next((person for person in others if person != proposal.author), others[0])
        roles = COMMANDS[name].roles if name in COMMANDS else {"administrator"}
        able = _USUALLY.get(name) or [person for role in sorted(roles) for person in PEOPLE.get(role, ())]
        return str(self.rarely(self.draw.choice(able or EVERYBODY), self.draw.choice(EVERYBODY)))

    def rarely(self, usual: Any, seldom: Any) -> Any:
        """The usual, and once in twelve times the other."""
        return seldom if self.draw.random() < 1 / 12 else usual

    def pick(self, fitting: Iterable[str], pool: tuple[str, ...]) -> str:
        """Something that fits, or once in twelve times whatever."""
        names = sorted(fitting)
        self.idle = self.idle or not names
        return str(self.rarely(self.draw.choice(names or pool), self.draw.choice(pool)))

    def credit(self, state: BookState, phase: str, *stages: str) -> str:
        """A credit of the phase at one of these stages."""
        fitting = (name for name, known in state.credits.items() if known.phase == phase and known.stage in stages)
        return self.pick(fitting, CREDITS)

    def account(self, state: BookState, phase: str, kind: str) -> tuple[str, str, int]:
        """An account of the credit layer that has something: its two names and its balance."""
        found = [
            (*account.split(":")[2:4], free) for account, free in state.accounts(phase, f"credit:{kind}:") if free > 0
        ]
        first = self.draw.choice((*CREDITS, *PLEDGES)) if kind == "unallocated" else self.area()
        whatever = (first, self.source(), 0)
        self.idle = self.idle or not found
        known: tuple[str, str, int] = self.draw.choice(found) if found else whatever  # type: ignore[assignment]
        return known if self.draw.random() > 1 / 12 else whatever

    def amount(self, free: int = 0) -> int:
        """One Rappen, all that is free, one more, a part, or a lot."""
        part = self.draw.randint(1, max(1, free))
        lot = self.draw.choice((10_000_00, 250_000_00, 10**13))
        return max(1, self.draw.choices((1, free, free + 1, part, lot), (5, 20, 5, 50, 20))[0])

    def area(self) -> str:
        """An area of the programme, or rarely another."""
        return str(self.rarely(self.draw.choice(AREAS), "XX"))

    def source(self) -> str:
        """A source of the programme, or rarely another."""
        return str(self.rarely(self.draw.choice(SOURCES), "third"))

    def day(self) -> str:
        """A day around the history."""
        return self.draw.choice(DAYS)


def _propose(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    parts = [{"source": crowd.rarely("canton", "federal"), "amount": crowd.draw.randint(1, 900_000_00)}]
    total = sum(part["amount"] for part in parts)
    bound = crowd.draw.randint(0, total)
    known = [name for name, credit in state.credits.items() if credit.phase == phase]
    supplement = {"supplement_to": crowd.pick(known, CREDITS)} if known and crowd.draw.random() < 0.5 else {}
    credit = crowd.pick(set(CREDITS) - set(state.objects), CREDITS)
    return {"credit": credit, "term": "Kredit", "amounts": parts, "new": total - bound, "bound": bound, **supplement}


def _decision(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    body = crowd.draw.choice(("parliament", "assembly", "executive"))
    outcome = crowd.draw.choices(("accepted", "rejected", "returned"), (80, 10, 10))[0]
    votes = {"votes_for": crowd.draw.randint(0, 90), "votes_against": crowd.draw.randint(0, 30)}
    counted = votes if crowd.draw.random() < 0.4 else {}
    credit = crowd.credit(state, phase, "proposed", "returned", "rejected")
    return {"credit": credit, "body": body, "body_name": "Rat", "method": "vote", "outcome": outcome, **counted}


def _vote(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    outcome = crowd.draw.choices(("accepted", "rejected"), (80, 20))[0]
    provisional = crowd.draw.random() < 0.2
    return {"credit": crowd.credit(state, phase, "accepted"), "outcome": outcome, "provisional": provisional}


def _enter(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    trigger = crowd.draw.choice(("expired", "vote", "executive", "final", "documented", "documented"))
    evidence = crowd.rarely({"evidence": [{"kind": "official", "title": "Beschluss"}]}, {})
    return {"credit": crowd.credit(state, phase, "accepted"), "trigger": trigger, **evidence}


def _allocate(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    giver, source, free = crowd.account(state, phase, "unallocated")
    return {"credit": giver, "allocations": [{"area": crowd.area(), "source": source, "amount": crowd.amount(free)}]}


def _shift(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    area, source, free = crowd.account(state, phase, "available")
    other = crowd.rarely("ZP" if area == "SP" else "SP", "XX")
    amount = crowd.amount(free)
    return {"source": source, "from_area": area, "to_area": other, "amount": amount, "decided_by": "Rat"}


def _cover(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    kind = crowd.draw.choice(("unallocated", "available"))
    name, source, free = crowd.account(state, phase, kind)
    short = [cut for (_, cut), known in state.cuts.items() if known.phase == phase and known.uncovered]
    crowd.idle = crowd.idle or not short
    if source not in short:
        name, source, free = crowd.account(state, phase, kind)
    cuts = [position for (position, of), cut in state.cuts.items() if of == source and cut.phase == phase]
    covers = crowd.draw.sample(cuts, crowd.draw.randint(1, min(3, len(cuts)))) if cuts else [crowd.draw.randint(1, 99)]
    amount = crowd.amount(min(free, max(0, -state.balance(phase, f"credit:shortfall:{source}"))))
    if kind == "available":
        return {"source": source, "covers": covers, "from_available": [{"area": name, "amount": amount}]}
    return {"source": source, "covers": covers, "from_unallocated": [{"credit": name, "amount": amount}]}


def _reduce(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    giver, source, free = crowd.account(state, phase, "unallocated")
    if crowd.draw.random() < 0.5:
        return {"credit": giver, "source": source, "amount": crowd.amount(free), "reason": "Savings"}
    area, source, free = crowd.account(state, phase, "available")
    return {"credit": giver, "source": source, "area": area, "amount": crowd.amount(free), "reason": "Savings"}


def _share(kind: str) -> Callable[[Crowd, BookState, str], dict[str, Any]]:
    def data(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
        area, source, free = crowd.account(state, phase, kind)
        return {"area": area, "source": source, "amount": crowd.amount(free), "reason": "Audit"}

    return data


def _budget(kind: str, **more: str) -> Callable[[Crowd, BookState, str], dict[str, Any]]:
    def data(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
        year = crowd.draw.choice((2024, 2025))
        free = state.balance(phase, f"budget:{kind}:{year}") if kind else 100_000_00
        return {"year": year, "amount": crowd.amount(free), **more}

    return data


def _supplement(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    ground = crowd.draw.choice(("regular", "overrun", "urgent", "no_budget", "no_budget"))
    return _budget("", decided_by="Rat", ground=ground)(crowd, state, phase)


def _pledge(crowd: Crowd, state: BookState, _phase: str) -> dict[str, Any]:
    name = crowd.pick(set(PLEDGES) - set(state.objects), PLEDGES)
    terms = {"source": crowd.rarely("federal", crowd.source()), "payer": "SEM", "years": [2024]}
    binding = crowd.draw.random() < 0.9
    return {
        "pledge": name,
        "amount": crowd.draw.randint(1, 900_000_00),
        "binding": binding,
        **terms,
    }


def _amend(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    name = crowd.pick((name for name, known in state.pledges.items() if known.phase == phase), PLEDGES)
    known = state.pledges[name].amount if name in state.pledges else 5
    return {
        "pledge": name,
        "amount": crowd.draw.choice((0, known // 2, known, known + 1, known * 2)),
        "reason": "Letter",
    }


def _draft(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    shares = {crowd.account(state, phase, "available") for _ in range(crowd.draw.randint(1, 2))}
    items: list[dict[str, Any]] = [
        {"area": area, "source": source, "year": 2024, "amount": crowd.amount(free)}
        for area, source, free in sorted(shares)
    ]
    return {
        "agreement": crowd.pick(set(AGREEMENTS) - set(state.objects), AGREEMENTS),
        "partner": crowd.pick(state.partners, PARTNERS),
        "form": "contract",
        "start": crowd.rarely("2024-01-01", "2020-01-01"),
        "end": "2024-12-31",
        "ceiling": min(10**13, sum(item["amount"] for item in items)),
        "items": items,
    }


def _sign(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    drafts = (name for name, known in state.agreements.items() if known.phase == phase and known.stage == "drafted")
    name = crowd.pick(drafts, AGREEMENTS)
    return {"agreement": name, "signed_on": crowd.rarely(crowd.day(), "2024-12-31"), "signatories": ["p-signer"]}


def _partner(crowd: Crowd, _state: BookState, _phase: str) -> dict[str, Any]:
    kind = crowd.draw.choice(({"kind": "ngo", "name": "Verein"}, {"kind": "private_person"}))
    return {"partner": crowd.draw.choice(PARTNERS), **kind}


def _proposal(crowd: Crowd, state: BookState, _phase: str) -> dict[str, Any]:
    waiting = [position for position, proposal in state.proposals.items() if proposal.open]
    crowd.idle = not waiting
    return {"proposal": crowd.rarely(crowd.draw.choice(waiting[-3:]) if waiting else 1, crowd.draw.randint(1, 50))}


def _reject(crowd: Crowd, state: BookState, phase: str) -> dict[str, Any]:
    return _proposal(crowd, state, phase) | {"reason": "No"}


def _grant(crowd: Crowd, _state: BookState, _phase: str) -> dict[str, Any]:
    return {
        "person": crowd.draw.choice(EVERYBODY),
        "role": crowd.draw.choice(("clerk", "finance", "viewer", "auditor")),
    }


def _rules(crowd: Crowd, _state: BookState, _phase: str) -> dict[str, Any]:
    number = crowd.draw.randint(1, 4)
    terms = {"version": f"R-{number}", "valid_from": f"202{number}-01-01", "deciding_body": "parliament"}
    kind = crowd.draw.choice(("none", "optional"))
    return {**terms, "referendum": kind, "days": 30, "executive_limit_once": crowd.draw.choice((1, 10**8))}


def _programme(_crowd: Crowd, _state: BookState, _phase: str) -> dict[str, Any]:
    areas = [{"code": code, "number": number, "names": {"de": code}} for number, code in enumerate(AREAS, 1)]
    sources = [{"source": source, "matching": False, "tail": False} for source in SOURCES]
    policies = {"basis": "net", "recovery_restores_credit": False}
    terms = {"label": "KIP", "start": "2024-01-01", "end": "2027-12-31", "sources": sources, "policies": policies}
    return {**terms, "area_set": {"code": "TWO", "areas": areas}}


def _of_credit(*stages: str, **more: str) -> Callable[[Crowd, BookState, str], dict[str, Any]]:
    return lambda crowd, state, phase: {"credit": crowd.credit(state, phase, *stages), **more}


_DATA: dict[str, Callable[[Crowd, BookState, str], dict[str, Any]]] = {
    "FoundBook": lambda *_: {"administrators": ["p-admin1", "p-admin2"]},
    "GrantRole": _grant,
    "RevokeRole": _grant,
    "AdoptApprovalRules": _rules,
    "OpenProgramme": _programme,
    "RejectAct": _reject,
    "ConfirmAct": _proposal,
    "RecordInformation": lambda *_: {"about": "BL", "topic": "news", "statement": "Something"},
    "ProposeCredit": _propose,
    "WithdrawCreditProposal": _of_credit("proposed", reason="No"),
    "RecordCreditDecision": _decision,
    "RecordPublication": lambda crowd, state, phase: {
        "credit": crowd.credit(state, phase, "accepted"), "gazette": "Amtsblatt", "published_on": crowd.day(),
    },
    "RecordReferendum": _of_credit("accepted", by="Komitee"),
    "RecordReferendumNotQualified": lambda crowd, state, phase: {
        "credit": crowd.pick(
            (name for name, credit in state.credits.items() if credit.phase == phase and credit.referendum == "called"),
            CREDITS,
        ),
        "reason": "late",
    },
    "RecordReferendumExpiry": _of_credit("accepted"),
    "RecordPopularVote": _vote,
    "RecordAnnulment": _of_credit("accepted", "in_force", court="Gericht", reference="1"),
    "RecordEntryIntoForce": _enter,
    "AllocateCredit": _allocate,
    "ShiftAllocation": _shift,
    "CoverShortfall": _cover,
    "ReduceCredit": _reduce,
    "BlockCredit": _share("available"),
    "UnblockCredit": _share("blocked"),
    "LapseCredit": _share("available"),
    "RecordBudgetVote": _budget("", decided_by="Rat"),
    "RecordBudgetSupplement": _supplement,
    "BlockBudget": _budget("free", reason="Audit"),
    "UnblockBudget": _budget("blocked", reason="Audit"),
    "CarryOverBudget": _budget("free", decided_by="Rat"),
    "LapseBudget": _budget("free", reason="Audit"),
    "RecordContributionPledge": _pledge,
    "RecordContributionPledgeAmendment": _amend,
    "RecordProgrammeAgreement": lambda *_: {"counterparty": "SEM", "signed_by": "Rat"},
    "RegisterPartner": _partner,
    "DraftAgreement": _draft,
    "SignAgreement": _sign,
    **LIFE,
}  # fmt: skip
_OFTEN = {
    "ProposeCredit": 4, "RecordCreditDecision": 4, "RecordEntryIntoForce": 5, "AllocateCredit": 8, "ConfirmAct": 25,
    "RecordContributionPledge": 3, "RecordContributionPledgeAmendment": 3, "DraftAgreement": 5, "SignAgreement": 6,
    "CoverShortfall": 4, "RegisterPartner": 3, "RecordPublication": 2, "UnblockBudget": 2,
    "BlockCredit": 2, "UnblockCredit": 2, "RecordReferendumExpiry": 2, "RecordReferendum": 3,
    "RecordReferendumNotQualified": 4, **LIFE_OFTEN,
}  # fmt: skip
_MENU = [name for name in ORDERS for _ in range(_OFTEN.get(name, 1))]
