"""A book for tests of the domain: people with roles send commands, and each event is judged and re-checked at once."""

from __future__ import annotations

import copy
import functools
import uuid
from collections.abc import Callable
from typing import Any, ParamSpec

import pytest

from landbuch.agreements.domain.desk import DESK as AGREEMENTS
from landbuch.contracts.catalogue import COMMANDS, CONFIRM
from landbuch.contracts.command import Command, read_command
from landbuch.contracts.dates import next_time
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve import evolve
from landbuch.contracts.identities import breaches_of_event, breaches_of_state
from landbuch.contracts.judge import Void, judge
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Order
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.sdk.deciding import Desk, decide

PEOPLE = {
    "administrator": ("p-admin-a", "p-admin-b"),
    "clerk": ("p-clerk-a", "p-clerk-b"),
    "finance": ("p-fin-a", "p-fin-b"),
    "approver": ("p-app-a", "p-app-b"),
    "treasurer": ("p-tre-a", "p-tre-b"),
    "agreement_manager": ("p-man-a", "p-man-b"),
    "auditor": ("p-aud-a", "p-aud-b"),
    "service": ("s-clock",),
}
Fields = dict[str, Any]
P = ParamSpec("P")
AREAS = ("IB", "SP", "AA", "FK", "ZP", "VD", "DO")
MILLION = 100_000_000
"""A million francs in Rappen."""


class Acting:
    """One book, decided on one state and re-checked on another, as a stranger would."""

    def __init__(self, canton: str = "BL", now: str = "2024-02-01T08:00:00.000000Z") -> None:
        self.state = BookState(canton)
        self.witness = BookState(canton)
        self.now = now
        self.number = 0
        self.checked = True

    def do(
        self, name: str, more: Fields | None = None, /, *, by: str | None = None, phase: str | None = None, **data: Any
    ) -> list[AnyEvent]:
        """Send one command; give its events. Fields that are named like an argument go into ``more``."""
        data |= more or {}
        command = self._command(name, by or self.person(name), phase, data)
        written = decide(self._desk(name, data), self.state, command, next_time(self.now, self.state.head.time))
        self.state.settle()
        events = []
        for one in written:
            verdict = judge(one.entry, self.witness.head.position + 1, self.witness.head.leaf)
            assert not isinstance(verdict, Void), verdict
            if self.checked:
                assert breaches_of_event(self.witness, verdict) == []
            evolve(self.witness, verdict, one.event.position, one.leaf)
            self.witness.settle()
            events.append(one.event)
        if self.checked:
            assert breaches_of_state(self.witness) == []
        assert dict(self.witness.balances) == dict(self.state.balances)
        return events

    def two(
        self, name: str, more: Fields | None = None, /, *, by: tuple[str, str] | None = None, **data: Any
    ) -> list[AnyEvent]:
        """Send a command of two persons and confirm it."""
        first, second = by or (self.person(name), self.person(name, 1))
        (proposal,) = self.do(name, more, by=first, **data)
        return self.do(CONFIRM, by=second, proposal=proposal.position)

    def refused(  # a command and the code
        self, code: Code, name: str, more: Fields | None = None, /, *, by: str | None = None, phase: str | None = None,
        **data: Any,
    ) -> str:  # fmt: skip
        """Send a command that must be refused with a code; give the detail."""
        data |= more or {}
        command = self._command(name, by or self.person(name), phase, data)
        before = (self.state.head, dict(self.state.balances))
        with pytest.raises(Refused) as refusal:
            decide(self._desk(name, data), self.state, command, next_time(self.now, self.state.head.time))
        assert refusal.value.code == code, refusal.value
        assert (self.state.head, dict(self.state.balances)) == before
        assert refusal.value.code.remedy
        return refusal.value.detail

    def confirm_refused(self, code: Code, proposal: AnyEvent, by: str) -> str:
        """Confirm a proposal, which must be refused with a code."""
        return self.refused(code, CONFIRM, by=by, proposal=proposal.position)

    def balance(self, account: str, phase: str = "KIP3") -> int:
        """The balance of an account in Rappen."""
        return self.state.balance(phase, account)

    def person(self, name: str, number: int = 0) -> str:
        """Somebody who may send a command."""
        if name == CONFIRM:
            raise AssertionError("say who confirms")
        roles = COMMANDS[name].roles or {"administrator"}
        found = [PEOPLE[role] for role in PEOPLE if role in roles and role != "service"]
        return found[0][number]

    def _desk(self, name: str, data: dict[str, Any]) -> Desk:
        if name in (CONFIRM, "RejectAct"):
            proposal = self.state.proposals.get(data["proposal"])
            return AGREEMENTS if proposal is not None and proposal.service == "agreements" else LEDGER
        return AGREEMENTS if COMMANDS[name].service == "agreements" else LEDGER

    def _command(self, name: str, by: str, phase: str | None, data: dict[str, Any]) -> Command[Order]:
        self.number += 1
        scope = "book" if name == CONFIRM else COMMANDS[name].scope
        usual = "KIP3" if scope == "programme" else "_"
        return read_command(
            name=name,
            canton=self.state.canton,
            phase=phase or usual,
            commandid=str(uuid.uuid5(uuid.NAMESPACE_OID, str(self.number))),
            actor=by,
            data=data,
        )


def kept(build: Callable[P, Acting]) -> Callable[P, Acting]:
    """Build each book once, and give a copy of it: what tests begin with is the same each time."""
    known: dict[str, Acting] = {}

    @functools.wraps(build)
    def copied(*given: P.args, **more: P.kwargs) -> Acting:
        key = repr((given, sorted(more.items())))
        if key not in known:
            known[key] = build(*given, **more)
        return copy.deepcopy(known[key])

    return copied


@kept
def founded() -> Acting:
    """A founded book in which everybody has a role."""
    book = Acting()
    book.do("FoundBook", administrators=list(PEOPLE["administrator"]), services=list(PEOPLE["service"]))
    for role, people in PEOPLE.items():
        if role not in ("administrator", "service"):
            for person in people:
                book.two("GrantRole", person=person, role=role)
    return book


@kept
def opened(*, basis: str = "net", restores: bool = True, phase: str = "KIP3", **more: Any) -> Acting:
    """A book with one open programme of seven areas and four sources."""
    book = founded()
    open_programme(book, basis=basis, restores=restores, phase=phase, **more)
    return book


def open_programme(
    book: Acting, *, basis: str = "net", restores: bool = True, phase: str = "KIP3", **more: Any
) -> None:
    """Open a programme in a book."""
    areas = [{"code": code, "number": number, "names": {"de": code}} for number, code in enumerate(AREAS, start=1)]
    terms: dict[str, Any] = {
        "label": f"Programm {phase}",
        "start": "2024-01-01",
        "end": "2027-12-31",
        "tail_end": "2029-12-31",
        "area_set": {"code": "SEVEN", "areas": areas},
        "sources": [
            {"source": "federal", "matching": True, "tail": True},
            {"source": "federal_flat", "matching": False, "tail": True},
            {"source": "canton", "matching": False, "tail": False},
            {"source": "communes", "matching": False, "tail": False},
        ],
        "policies": {"basis": basis, "recovery_restores_credit": restores},
    }
    book.two("OpenProgramme", phase=phase, **(terms | more))


@kept
def in_force(**more: Any) -> Acting:
    """A programme with a million of the canton in force, 500'000 in SP, 200'000 in FK, and a budget for 2024."""
    book = opened(**more)
    book.do("ProposeCredit", credit="K-1", term="Ausgabenbewilligung", amounts=[_million()], new=MILLION, bound=0)
    book.do(
        "RecordCreditDecision",
        credit="K-1",
        body="parliament",
        body_name="Landrat",
        method="vote",
        votes_for=61,
        votes_against=22,
        outcome="accepted",
    )
    evidence = [{"kind": "official", "title": "Seite des Kantons"}]
    book.do("RecordEntryIntoForce", credit="K-1", trigger="documented", evidence=evidence)
    book.do(
        "AllocateCredit",
        credit="K-1",
        allocations=[
            {"area": "SP", "source": "canton", "amount": 50_000_000},
            {"area": "FK", "source": "canton", "amount": 20_000_000},
        ],
    )
    book.do("RecordBudgetVote", year=2024, amount=60_000_000, decided_by="Landrat")
    return book


def _million() -> dict[str, Any]:
    return {"source": "canton", "amount": MILLION}


IBAN = "CH9300762011623852957"
QR_IBAN = "CH4431999123000889012"
SALT = "5a" * 32


@kept
def partnered(kind: str = "ngo", **more: Any) -> Acting:
    """A book in force with a partner P-1 whose bank details are confirmed."""
    book = in_force(**more)
    register(book, "P-1", kind)
    return book


def register(book: Acting, partner: str, kind: str = "ngo") -> None:
    """Register a partner and confirm where it is paid."""
    name: dict[str, Any] = {} if kind == "private_person" else {"name": f"Verein {partner}"}
    commune: dict[str, Any] = {"bfs_number": 2829} if kind == "commune" else {}
    book.do("RegisterPartner", partner=partner, kind=kind, **name, **commune)
    (proposed,) = book.do("ProposePartnerBankDetails", partner=partner, iban=IBAN, salt=SALT)
    book.do("ConfirmPartnerBankDetails", by="p-man-b", partner=partner, commitment=proposed.data.commitment)


def draft(book: Acting, name: str = "A-1", amount: int = 20_000_000, **more: Any) -> None:
    """Draft an agreement with P-1 over one area, unless items are given."""
    terms: dict[str, Any] = {
        "agreement": name,
        "partner": "P-1",
        "form": "contract",
        "start": "2024-01-01",
        "end": "2025-12-31",
        "ceiling": amount,
        "items": [{"area": "SP", "source": "canton", "amount": amount, "year": 2024}],
    }
    book.do("DraftAgreement", by="p-man-a", **(terms | more))


def sign(book: Acting, name: str = "A-1") -> None:
    """Sign a draft as the second manager."""
    book.do("SignAgreement", by="p-man-b", agreement=name, signed_on="2024-01-20", signatories=["p-man-b"])


@kept
def signed(amount: int = 20_000_000, *, restores: bool = True, kind: str = "ngo", **more: Any) -> Acting:
    """A book with a signed agreement A-1 over 200'000 francs in SP."""
    book = partnered(kind, restores=restores)
    draft(book, amount=amount, **more)
    sign(book)
    return book


def requested(book: Acting, name: str = "D-1", amount: int = 5_000_000, **more: Any) -> None:
    """Request a payment under A-1 as a clerk."""
    terms: dict[str, Any] = {"disbursement": name, "agreement": "A-1", "amount": amount, "kind": "instalment"}
    book.do("RequestDisbursement", by="p-clerk-a", **(terms | more))


def approved(book: Acting, name: str = "D-1", amount: int = 5_000_000, **more: Any) -> AnyEvent:
    """Request a payment and let two approve it; give the approval."""
    requested(book, name, amount, **more)
    (event,) = book.two("ApproveDisbursement", disbursement=name)
    return event


def paid(book: Acting, name: str = "D-1", amount: int = 5_000_000, **more: Any) -> None:
    """Request, approve, instruct and pay."""
    approved(book, name, amount, **more)
    book.do("InstructPayment", disbursement=name, batch="B-1", end_to_end_id=f"E2E-{name}")
    book.do("RecordPayment", disbursement=name, amount=amount, bank_reference=f"out-{name}")


def returned(book: Acting, name: str = "D-1", amount: int = 5_000_000, reference: str | None = None) -> None:
    """Record that the bank returned money."""
    book.do("RecordReturn", disbursement=name, amount=amount, bank_reference=reference or f"back-{name}")


def claimed(book: Acting, amount: int, name: str = "R-1", of: str = "this_year", interest: int = 0) -> None:
    """Claim money back of A-1."""
    parts = [{"area": "SP", "source": "canton", "amount": amount, "of": of}]
    book.do("ClaimRecovery", recovery=name, agreement="A-1", ground="unused", parts=parts, interest=interest)


def settlement() -> Fields:
    """A settlement of A-1 without surplus."""
    zero = dict.fromkeys(("eligible_costs", "own_funds", "surplus", "reserve", "recovery_due"), 0)
    return {"agreement": "A-1", **zero}
