"""The German names of the fields of the events' data, and the words for the codes that stand in them."""

from __future__ import annotations

from collections.abc import Mapping

from landbuch.reporting.web import words

FIELDS: dict[str, str] = {
    "about": "Gegenstand", "abstentions": "Enthaltungen", "act": "Handlung", "advance_cap": "Vorschuss höchstens",
    "agreement": "Vereinbarung", "allocations": "Zuteilung", "amount": "Betrag", "amounts": "Betrag",
    "approvers": "bewilligt durch", "area": "Förderbereich", "area_set": "Förderbereiche", "areas": "Bereich",
    "as_of": "Stand vom", "balances": "Saldo", "bank_reference": "Bankreferenz", "basis": "Grundlage",
    "batch": "Zahlungslauf", "bfs_number": "BFS-Nummer", "binding": "verbindlich", "body": "Organ",
    "body_name": "beschlossen von", "book_balance": "Saldo des Buchs", "bound": "gebundene Ausgabe",
    "by": "ergriffen von", "ceiling": "Höchstbetrag", "code": "Kürzel", "command": "Auftrag",
    "commandid": "Auftragsnummer", "commitment": "Siegel der Bankverbindung", "conflicts_with": "Widerspruch",
    "counterparty": "Gegenseite", "country": "Land", "court": "Gericht", "covers": "deckt Position",
    "credit": "Kredit", "data": "Angaben", "date": "Datum", "days": "Frist in Tagen", "de": "deutsch",
    "decided_by": "beschlossen von", "deciding_body": "zuständiges Organ", "description": "Beschreibung",
    "disbursement": "Auszahlung", "discrepancy": "Abweichung", "document": "Dokument (SHA-256)", "due": "fällig am",
    "eligible_costs": "anrechenbare Kosten", "en": "englisch", "end": "Ende", "end_to_end_id": "Zahlungskennung",
    "evaluation": "Evaluation", "event": "Ereignis", "executive_limit_once": "Kompetenz der Exekutive, einmalig",
    "executive_limit_yearly": "Kompetenz der Exekutive, jährlich", "explanation": "Erklärung", "figures": "Angabe",
    "finding": "Feststellung", "form": "Form", "fr": "französisch", "from_area": "aus Bereich",
    "from_available": "aus Verfügbarem", "from_unallocated": "aus nicht Zugeteiltem", "gazette": "Amtsblatt",
    "ground": "Grund", "interest": "Zins", "it": "italienisch", "items": "Plan", "kind": "Art", "label": "Bezeichnung",
    "limit": "Betragsgrenze", "longest_agreement_months": "längste Laufzeit in Monaten",
    "matching": "Gegenleistung nötig", "method": "Verfahren", "milestone": "Meilenstein", "milestones": "Meilenstein",
    "name": "Name", "names": "Name", "new": "neue Ausgabe", "no": "Nein", "number": "Nummer",
    "occurred_on": "geschehen am", "of": "Herkunft", "office": "Fachstelle", "outcome": "Ergebnis",
    "own_funds": "Eigenmittel", "pain_sha256": "Zahlungsdatei (SHA-256)", "partner": "Leistungserbringer",
    "parts": "Teil", "payer": "Zahlerin", "period_end": "Periode bis", "period_start": "Periode ab",
    "person": "Person", "phase": "Programm", "pillar": "Pfeiler", "place": "Ort", "pledge": "Beitragszusicherung",
    "programme": "Programm",
    "policies": "Regeln", "position": "Position", "precision": "Genauigkeit", "predecessors": "Vorgänger",
    "proposal": "Antrag bei Position", "proposed_by": "beantragt von", "provisional": "vorläufig",
    "published_on": "veröffentlicht am", "publisher": "Herausgeberin", "purpose": "Zweck", "reason": "Grund",
    "recovery": "Rückforderung", "recovery_due": "zurückzufordern",
    "recovery_restores_credit": "Rückforderung macht Kredit wieder frei", "reference": "Referenz",
    "referendum": "Referendum", "report": "Bericht", "reserve": "Reserve", "reserve_cap": "Reserve höchstens",
    "resolution": "Erledigung", "role": "Rolle", "rules": "Bewilligungsregeln", "scope": "gilt für",
    "sha256": "SHA-256", "shares": "Anteil", "signatories": "unterzeichnet durch", "signatures": "Unterschriften",
    "signed_by": "unterzeichnet durch", "signed_on": "unterzeichnet am", "source": "Quelle", "sources": "Quelle",
    "start": "Beginn", "statement": "Aussage", "statement_balance": "Saldo der Bank", "statement_date": "Auszug vom",
    "supplement_to": "Zusatz zu", "surplus": "Überschuss", "tail": "Nachlauf", "tail_end": "Ende der Nachlaufzeit",
    "target": "Zuordnung", "term": "Bezeichnung", "title": "Titel", "to_area": "in Bereich", "topic": "Thema",
    "tranche": "Rate", "tranches": "Rate", "trigger": "Auslöser", "turnout": "Stimmbeteiligung", "uid": "UID",
    "unit": "Einheit", "valid_from": "gültig ab", "value": "Wert", "value_date": "Valuta", "vat": "Mehrwertsteuer",
    "version": "Fassung", "votes_against": "Nein", "votes_for": "Ja", "warnings": "Hinweis", "weight": "Gewicht",
    "window_ends": "Referendumsfrist bis", "year": "Jahr", "years": "Jahr", "yes": "Ja", "yes_share": "Anteil Ja",
}  # fmt: skip
"""The names of the fields of the events' data; one that is not here is shown by its own name."""

_BODIES = {"parliament": "Parlament", "assembly": "Landsgemeinde", "executive": "Exekutive"}
CODES: dict[str, Mapping[str, str]] = {
    "source": words.SOURCES,
    "trigger": words.TRIGGERS,
    "form": words.FORMS,
    "ground": words.GROUNDS,
    "reason": words.GROUNDS,
    "role": words.ROLES,
    "precision": words.PRECISIONS,
    "kind": words.KINDS | words.PARTNERS,
    "body": _BODIES,
    "deciding_body": _BODIES,
    "method": {"vote": "Abstimmung", "show_of_hands": "offenes Handmehr", "executive": "Beschluss der Exekutive"},
    "outcome": {"accepted": "angenommen", "rejected": "abgelehnt", "returned": "zurückgewiesen"},
    "basis": {"net": "netto", "gross": "brutto"},
    "warnings": {
        "booked_by_convention": "Buchungstag nach Übereinkunft: Der Tag des Vorgangs ist nicht genau bekannt",
    },
}
"""The words for codes, by field; other texts are shown as they were recorded."""
