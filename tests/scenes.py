"""Who speaks, what they order, and the beginnings that many tests share. Everything here is invented."""

from __future__ import annotations

from typing import Any

from landbuch.agreements.domain.desk import DESK as AGREEMENTS
from landbuch.contracts.acts.agreements import (
    DraftAgreement,
    RecordProgrammeAgreement,
    RegisterPartner,
    SignAgreement,
)
from landbuch.contracts.acts.contributions import RecordContributionPledge, RecordContributionPledgeAmendment
from landbuch.contracts.acts.credits import (
    AllocateCredit,
    ProposeCredit,
    RecordCreditDecision,
    RecordEntryIntoForce,
    RecordPopularVote,
    RecordPublication,
    RecordReferendum,
)
from landbuch.contracts.acts.programme import AdoptApprovalRules, FoundBook, GrantRole, OpenProgramme, Role
from landbuch.contracts.vocabulary import Order
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.sdk.testing.given import Kit, Said, voice

KIT = Kit((LEDGER, AGREEMENTS), canton="BL")
given = KIT.given

FIRST, SECOND = voice("p-admin1"), voice("p-admin2")
ADMINISTRATORS = voice("p-admin1", "p-admin2")
CLERK, FINANCE = voice("p-clerk", phase="KIP3"), voice("p-finance", phase="KIP3")
DRAFTER, SIGNER = voice("p-drafter", phase="KIP3"), voice("p-signer", phase="KIP3")
NOBODY = voice("p-nobody", phase="KIP3")


def order(model: type[Order], **data: Any) -> Any:
    """Read an order as it arrives: lists for tuples, objects for models."""
    return model.model_validate(data)


FOUND = FIRST(FoundBook(administrators=("p-admin1", "p-admin2"), services=("s-ledger",)))


def grant(person: str, role: Role, **more: Any) -> Said:
    """Two administrators grant a role."""
    return ADMINISTRATORS(order(GrantRole, person=person, role=role, **more))


FOUNDED = (
    FOUND,
    grant("p-clerk", "clerk"),
    grant("p-finance", "finance"),
    grant("p-drafter", "agreement_manager"),
    grant("p-signer", "agreement_manager"),
)

RULES = order(
    AdoptApprovalRules,
    version="R-1",
    valid_from="2020-01-01",
    deciding_body="parliament",
    executive_limit_once=50_000_00,
    referendum="optional",
    days=30,
)


def programme(**changes: Any) -> OpenProgramme:
    """The order that opens a programme of two areas and three sources on a net basis."""
    terms: dict[str, Any] = {
        "label": "KIP 3",
        "start": "2024-01-01",
        "end": "2027-12-31",
        "tail_end": "2029-12-31",
        "area_set": {
            "code": "SEVEN",
            "areas": [
                {"code": "SP", "number": 1, "names": {"de": "Sprache"}},
                {"code": "ZP", "number": 2, "names": {"de": "Zusammenleben und Partizipation"}},
            ],
        },
        "sources": [
            {"source": "canton", "matching": False, "tail": False},
            {"source": "federal", "matching": True, "tail": True},
            {"source": "communes", "matching": False, "tail": False},
        ],
        "policies": {"basis": "net", "recovery_restores_credit": True, "longest_agreement_months": 24},
    }
    return OpenProgramme.model_validate(terms | changes)


OPEN = (*FOUNDED, ADMINISTRATORS(RULES), ADMINISTRATORS.within("KIP3")(programme()))
"""A founded book with roles, approval rules and the programme KIP3."""
OPEN_WITHOUT_RULES = (*FOUNDED, ADMINISTRATORS.within("KIP3")(programme()))


def propose(credit: str = "C", amount: int = 500_000_00, **more: Any) -> Said:
    """The clerk puts a credit of the canton forward."""
    amounts = [{"source": "canton", "amount": amount}]
    terms = {"credit": credit, "term": "Kredit", "amounts": amounts, "new": amount, "bound": 0}
    return CLERK(order(ProposeCredit, **(terms | more)))


def decide(credit: str = "C", outcome: str = "accepted", **more: Any) -> Said:
    """The clerk records parliament's decision."""
    terms = {"credit": credit, "body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": outcome}
    return CLERK(order(RecordCreditDecision, **(terms | more)))


def publish(credit: str = "C", day: str = "2024-01-20") -> Said:
    """The clerk records the publication; the window of the rules ends 30 days later."""
    return CLERK(RecordPublication(credit=credit, gazette="Amtsblatt", published_on=day))


def call(credit: str = "C", **more: Any) -> Said:
    """The clerk records a referendum."""
    return CLERK(order(RecordReferendum, credit=credit, by="Komitee", **more))


def vote(credit: str = "C", outcome: str = "accepted", **more: Any) -> Said:
    """The clerk records a popular vote."""
    return CLERK(order(RecordPopularVote, credit=credit, outcome=outcome, **more))


EVIDENCE = [{"kind": "official", "title": "Landratsbeschluss"}]


def enter(credit: str = "C", trigger: str = "documented", **more: Any) -> Said:
    """The clerk records the entry into force, documented unless told otherwise."""
    evidence = {"evidence": EVIDENCE} if trigger == "documented" else {}
    return CLERK(order(RecordEntryIntoForce, credit=credit, trigger=trigger, **(evidence | more)))


def allocate(area: str = "SP", amount: int = 300_000_00, credit: str = "C", source: str = "canton") -> Said:
    """Finance gives money of a credit to an area."""
    share = {"area": area, "source": source, "amount": amount}
    return FINANCE(order(AllocateCredit, credit=credit, allocations=[share]))


ACCEPTED = (*OPEN, propose(), decide())
"""A credit of 500'000.00 that parliament accepted."""
IN_FORCE = (*ACCEPTED, enter())
"""The same credit in force."""
ALLOCATED = (*IN_FORCE, allocate())
"""300'000.00 of it in the area SP."""

PARTNER = DRAFTER.within("_")(order(RegisterPartner, partner="P-1", kind="ngo", name="Verein Beispiel"))


def draft(
    agreement: str = "A-1", amount: int = 200_000_00, area: str = "SP", source: str = "canton", **more: Any
) -> Said:
    """The drafter drafts an agreement with one item in 2024."""
    item = {"area": area, "source": source, "year": 2024, "amount": amount}
    terms = {
        "agreement": agreement,
        "partner": "P-1",
        "form": "contract",
        "start": "2024-01-01",
        "end": "2024-12-31",
        "ceiling": amount,
        "items": [item],
    }
    return DRAFTER(order(DraftAgreement, **(terms | more)))


def sign(agreement: str = "A-1", day: str = "2024-03-20") -> Said:
    """The signer signs."""
    return SIGNER(SignAgreement(agreement=agreement, signed_on=day, signatories=("p-signer", "p-partner")))


DRAFTED = (*ALLOCATED, PARTNER, draft())
"""A draft of 200'000.00 where 300'000.00 are available."""
SIGNED = (*DRAFTED, sign())
"""The same, signed."""


def pledge(name: str = "PL", amount: int = 100_000_00, source: str = "federal", **more: Any) -> Said:
    """The clerk records a binding pledge of the Confederation."""
    terms = {"pledge": name, "source": source, "payer": "SEM", "amount": amount, "years": [2024], "binding": True}
    return CLERK(order(RecordContributionPledge, **(terms | more)))


def amend(amount: int, name: str = "PL") -> Said:
    """The clerk records that a pledge has a new total."""
    return CLERK(RecordContributionPledgeAmendment(pledge=name, amount=amount, reason="The payer wrote"))


PROMISED = (
    *IN_FORCE,
    pledge(),
    allocate("SP", 100_000_00, credit="PL", source="federal"),
    PARTNER,
    draft(amount=80_000_00, source="federal"),
    sign(),
)
"""A pledge of 100'000.00, of which 80'000.00 are promised to a partner."""
SHORT = (*PROMISED, amend(50_000_00))
"""The same after the pledge was cut to 50'000.00: 20'000.00 were free, 30'000.00 are a shortfall."""
SHORTFALL_AT = len(KIT.given(*SHORT).events)
"""The position of the cut."""

PROGRAMME_AGREEMENT = DRAFTER(order(RecordProgrammeAgreement, counterparty="SEM", signed_by="Regierungsrat"))
