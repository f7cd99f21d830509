"""Each event in German: its name, and in one sentence what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.money import chf
from landbuch.reporting.domain.told import Told
from landbuch.reporting.web import words
from landbuch.reporting.web.format import day, number, percent

Data = Mapping[str, Any]

NAMES: dict[str, str] = {
    "ActProposed": "Antrag einer ersten Person",
    "ActRejected": "Antrag abgelehnt",
    "RoleGranted": "Rolle erteilt",
    "RoleRevoked": "Rolle entzogen",
    "InformationRecorded": "Information festgehalten",
    "ProgrammeOpened": "Programm eröffnet",
    "ApprovalRulesAdopted": "Bewilligungsregeln erlassen",
    "CreditProposed": "Kredit beantragt",
    "CreditProposalWithdrawn": "Kreditantrag zurückgezogen",
    "CreditDecided": "Kreditbeschluss",
    "DecisionPublished": "Beschluss veröffentlicht",
    "ReferendumCalled": "Referendum ergriffen",
    "ReferendumNotQualified": "Referendum nicht zustande gekommen",
    "ReferendumExpired": "Referendumsfrist unbenutzt abgelaufen",
    "PopularVoteHeld": "Volksabstimmung",
    "DecisionAnnulled": "Beschluss gerichtlich aufgehoben",
    "CreditEnteredIntoForce": "Kredit rechtskräftig",
    "CreditAllocated": "Kredit zugeteilt",
    "AllocationShifted": "Zuteilung verschoben",
    "ShortfallCovered": "Fehlbetrag gedeckt",
    "CreditReduced": "Kredit gekürzt",
    "CreditBlocked": "Kredit gesperrt",
    "CreditUnblocked": "Sperre aufgehoben",
    "CreditLapsed": "Kredit verfallen",
    "BudgetVoted": "Voranschlagskredit beschlossen",
    "BudgetSupplemented": "Nachtragskredit",
    "BudgetBlocked": "Voranschlagskredit gesperrt",
    "BudgetUnblocked": "Sperre des Voranschlagskredits aufgehoben",
    "BudgetCarriedOver": "Voranschlagskredit übertragen",
    "BudgetLapsed": "Voranschlagskredit verfallen",
    "ContributionPledged": "Beitrag zugesichert",
    "ContributionPledgeAmended": "Beitragszusicherung geändert",
    "ContributionClaimed": "Beitrag eingefordert",
    "ContributionReceived": "Beitrag eingegangen",
    "ContributionRecognised": "Beitrag vereinnahmt",
    "ContributionMovedToTail": "Beitrag in die Nachlaufzeit übertragen",
    "TailExpired": "Nachlaufzeit abgelaufen",
    "RefundPaid": "Beitrag zurückbezahlt",
    "ProgrammeAgreementSigned": "Programmvereinbarung unterzeichnet",
    "PartnerRegistered": "Leistungserbringer erfasst",
    "PartnerAmended": "Angaben zum Leistungserbringer berichtigt",
    "PartnerSuspended": "Leistungserbringer sistiert",
    "PartnerReinstated": "Sistierung des Leistungserbringers aufgehoben",
    "PartnerBankDetailsProposed": "Bankverbindung gemeldet",
    "PartnerBankDetailsConfirmed": "Bankverbindung bestätigt",
    "AgreementDrafted": "Vereinbarung entworfen",
    "AgreementSigned": "Vereinbarung unterzeichnet",
    "AgreementAmended": "Vereinbarung geändert",
    "AgreementSuspended": "Vereinbarung sistiert",
    "AgreementResumed": "Vereinbarung wieder aufgenommen",
    "AgreementTerminated": "Vereinbarung vorzeitig beendet",
    "AgreementSettled": "Vereinbarung abgerechnet",
    "AgreementClosed": "Vereinbarung abgeschlossen",
    "TranchesScheduled": "Zahlungsplan festgelegt",
    "ReportSubmitted": "Bericht eingereicht",
    "ReportAccepted": "Bericht genehmigt",
    "ReportRejected": "Bericht zurückgewiesen",
    "MilestonePlanned": "Meilenstein geplant",
    "MilestoneRescheduled": "Meilenstein verschoben",
    "MilestoneBecameDue": "Meilenstein fällig",
    "MilestoneReached": "Meilenstein erreicht",
    "MilestoneMissed": "Meilenstein verpasst",
    "MilestoneWaived": "Meilenstein erlassen",
    "EvaluationCommissioned": "Evaluation in Auftrag gegeben",
    "EvaluationDelivered": "Evaluation abgeliefert",
    "EvaluationPublished": "Evaluation veröffentlicht",
    "FindingRaised": "Feststellung der Revision",
    "FindingResolved": "Feststellung erledigt",
    "DisbursementRequested": "Auszahlung beantragt",
    "DisbursementApproved": "Auszahlung bewilligt",
    "DisbursementRejected": "Auszahlung abgelehnt",
    "DisbursementWithdrawn": "Auszahlungsantrag zurückgezogen",
    "ApprovalRevoked": "Bewilligung der Auszahlung widerrufen",
    "PaymentInstructed": "Zahlung angewiesen",
    "DisbursementPaid": "Ausbezahlt",
    "DisbursementReturned": "Zahlung von der Bank zurückgeleitet",
    "DisbursementCancelled": "Auszahlung storniert",
    "AdvanceSettled": "Vorschuss abgerechnet",
    "BankEntryRecorded": "Bankbuchung ohne Zuordnung",
    "BankEntryAssigned": "Bankbuchung zugeordnet",
    "RecoveryClaimed": "Rückforderung gestellt",
    "RecoveryReceived": "Rückforderung eingegangen",
    "RecoveryWaived": "Auf Rückforderung verzichtet",
    "EntryReversed": "Buchung storniert",
    "OpeningBalanceImported": "Eröffnungssalden übernommen",
    "ReconciliationCompleted": "Mit der Bank abgestimmt",
    "DiscrepancyRecorded": "Abweichung zur Bank festgestellt",
    "DiscrepancyExplained": "Abweichung zur Bank geklärt",
    "PeriodClosed": "Periode abgeschlossen",
    "PhaseClosed": "Programmphase abgeschlossen",
    "BalancesSealed": "Salden besiegelt",
}


def name(event: str) -> str:
    """Name an event; one that is not known yet keeps its own name."""
    return NAMES.get(event, event)


def sentence(told: Told) -> str:
    """Say in a sentence what an event says, as far as there is more to say than its name."""
    say = _SENTENCES.get(told.name)
    if say is not None and told.known:
        return say(told.data)
    reason = told.data.get("reason") or told.data.get("statement") or told.data.get("description")
    return str(reason) if isinstance(reason, str) else ""


def _amounts(parts: Any) -> str:  # noqa: ANN401  # JSON of any shape
    return ", ".join(f"{words.SOURCES[part['source']]} {chf(part['amount'])}" for part in parts or ())


def _areas(parts: Any) -> str:  # noqa: ANN401  # JSON of any shape
    return ", ".join(f"{part['area']} {chf(part['amount'])}" for part in parts or ())


def _proposed(data: Data) -> str:
    return f"{data['term']}: {_amounts(data['amounts'])}."


def _decided(data: Data) -> str:
    outcome = {"accepted": "angenommen", "rejected": "abgelehnt", "returned": "zurückgewiesen"}[data["outcome"]]
    if "votes_for" in data:
        abstentions = f" bei {number(data['abstentions'])} Enthaltungen" if "abstentions" in data else ""
        how = f" mit {number(data['votes_for'])} zu {number(data['votes_against'])} Stimmen{abstentions}"
    else:
        how = {
            "show_of_hands": " im offenen Handmehr, ohne Auszählung",
            "executive": "",
            "vote": "; das Stimmenverhältnis ist nicht bekannt",
        }[data["method"]]
    return f"{data['body_name']}: {outcome}{how}."


def _vote(data: Data) -> str:
    outcome = "angenommen" if data["outcome"] == "accepted" else "abgelehnt"
    parts = []
    if "yes" in data:
        parts.append(f"{number(data['yes'])} Ja zu {number(data['no'])} Nein")
    elif "yes_share" in data:
        parts.append(f"{percent(data['yes_share'])} Ja")
    if "turnout" in data:
        parts.append(f"Stimmbeteiligung {percent(data['turnout'])}")
    provisional = "Vorläufiges Ergebnis: " if data.get("provisional") else "Vom Volk "
    return f"{provisional}{outcome}{': ' if parts else ''}{'; '.join(parts)}."


def _called(data: Data) -> str:
    signatures = f" mit {number(data['signatures'])} Unterschriften" if "signatures" in data else ""
    return f"Ergriffen von: {data['by']}{signatures}. Bis zum Entscheid darf nichts versprochen werden."


def _published(data: Data) -> str:
    until = f" Die Referendumsfrist läuft bis {day(data['window_ends'])}." if "window_ends" in data else ""
    return f"{data['gazette']}, {day(data['published_on'])}.{until}"


def _drafted(data: Data) -> str:
    title = f"{data['title']}: " if "title" in data else ""
    return f"{title}höchstens {chf(data['ceiling'])}, {day(data['start'])} bis {day(data['end'])}."


def _act(data: Data) -> str:
    act = COMMANDS.get(data["act"])
    return f"«{name(act.event) if act is not None else data['act']}»: Eine zweite Person muss bestätigen."


def _pledged(data: Data) -> str:
    kind = "verbindlich" if data["binding"] else "unverbindlich"
    years = ", ".join(str(year) for year in data["years"])
    return f"{data['payer']}: {chf(data['amount'])}, {words.SOURCES[data['source']]}, {kind}, für {years}."


def _tranches(data: Data) -> str:
    count = len(data["tranches"])
    total = chf(sum(part["amount"] for part in data["tranches"]))
    return f"{count} {'Rate' if count == 1 else 'Raten'}, zusammen {total}."


_SENTENCES: dict[str, Callable[[Data], str]] = {
    "ActProposed": _act,
    "RoleGranted": lambda data: f"{data['person']}: {words.ROLES.get(data['role'], data['role'])}.",
    "RoleRevoked": lambda data: f"{data['person']}: {words.ROLES.get(data['role'], data['role'])}.",
    "InformationRecorded": lambda data: str(data["statement"]),
    "ProgrammeOpened": lambda data: f"{data['label']}, {day(data['start'])} bis {day(data['end'])}.",
    "CreditProposed": _proposed,
    "CreditDecided": _decided,
    "DecisionPublished": _published,
    "ReferendumCalled": _called,
    "ReferendumNotQualified": lambda data: f"Grund: {words.GROUNDS[data['reason']]}.",
    "PopularVoteHeld": _vote,
    "DecisionAnnulled": lambda data: f"{data['court']}, {data['reference']}.",
    "CreditEnteredIntoForce": lambda data: f"Rechtskräftig {words.TRIGGERS[data['trigger']]}.",
    "CreditAllocated": lambda data: f"{_areas(data['allocations'])}.",
    "AllocationShifted": lambda data: (
        f"{chf(data['amount'])} von {data['from_area']} zu {data['to_area']}, beschlossen von: {data['decided_by']}."
    ),
    "CreditReduced": lambda data: f"{chf(data['amount'])}: {data['reason']}",
    "CreditBlocked": lambda data: f"{data['area']} {chf(data['amount'])}: {data['reason']}",
    "CreditUnblocked": lambda data: f"{data['area']} {chf(data['amount'])}: {data['reason']}",
    "CreditLapsed": lambda data: f"{data['area']} {chf(data['amount'])}: {data['reason']}",
    "BudgetVoted": lambda data: f"{data['year']}: {chf(data['amount'])}, beschlossen von: {data['decided_by']}.",
    "BudgetSupplemented": lambda data: f"{data['year']}: {chf(data['amount'])}, {words.GROUNDS[data['ground']]}.",
    "ContributionPledged": _pledged,
    "PartnerRegistered": lambda data: f"{data.get('name', data['partner'])} ({words.PARTNERS[data['kind']]}).",
    "ProgrammeAgreementSigned": lambda data: f"Mit {data['counterparty']}, für den Kanton: {data['signed_by']}.",
    "AgreementDrafted": _drafted,
    "AgreementSigned": lambda data: f"Unterzeichnet am {day(data['signed_on'])}.",
    "TranchesScheduled": _tranches,
    "MilestonePlanned": lambda data: f"{data['title']}, fällig am {day(data['due'])}.",
    "MilestoneRescheduled": lambda data: f"Neu fällig am {day(data['due'])}: {data['reason']}",
    "DisbursementRequested": lambda data: f"{words.KINDS[data['kind']]}: {chf(data['amount'])}.",
    "DisbursementApproved": lambda data: f"{_areas(data['shares'])}, zulasten des Voranschlags {data['year']}.",
    "PaymentInstructed": lambda data: f"Zahlungslauf {data['batch']}.",
    "DisbursementPaid": lambda data: f"{chf(data['amount'])}, Bankreferenz {data['bank_reference']}.",
    "DisbursementReturned": lambda data: f"{chf(data['amount'])}, Bankreferenz {data['bank_reference']}.",
    "RecoveryClaimed": lambda data: f"{_areas(data['parts'])}: {words.GROUNDS[data['ground']]}.",
    "RecoveryReceived": lambda data: f"{chf(data['amount'])}, Bankreferenz {data['bank_reference']}.",
    "RecoveryWaived": lambda data: f"{chf(data['amount'])}: {data['reason']}",
    "EntryReversed": lambda data: f"Position {number(data['position'])}: {data['reason']}",
    "EvaluationCommissioned": lambda data: f"{data['title']}.",
}
