"""The German words of the pages: cantons, figures, sources, states, and the many small terms of the events' data."""

from __future__ import annotations

CANTONS: dict[str, str] = {
    "AG": "Aargau", "AI": "Appenzell Innerrhoden", "AR": "Appenzell Ausserrhoden", "BE": "Bern",
    "BL": "Basel-Landschaft", "BS": "Basel-Stadt", "FR": "Freiburg", "GE": "Genf", "GL": "Glarus", "GR": "Graubünden",
    "JU": "Jura", "LU": "Luzern", "NE": "Neuenburg", "NW": "Nidwalden", "OW": "Obwalden", "SG": "St. Gallen",
    "SH": "Schaffhausen", "SO": "Solothurn", "SZ": "Schwyz", "TG": "Thurgau", "TI": "Tessin", "UR": "Uri",
    "VD": "Waadt", "VS": "Wallis", "ZG": "Zug", "ZH": "Zürich",
}  # fmt: skip

FIGURES: dict[str, tuple[str, str]] = {
    "decided": ("Beschlossen", "Was beschlossen ist: noch nicht rechtskräftig und rechtskräftig zusammen."),
    "pending": (
        "Noch nicht rechtskräftig",
        "Beschlossen, aber noch nicht rechtskräftig. Darüber darf niemand verfügen.",
    ),
    "in_force": (
        "Bewilligt",
        "Was rechtskräftig ist: nicht zugeteilt, den Förderbereichen zugeteilt und verfallen, abzüglich Fehlbetrag.",
    ),
    "unallocated": ("Nicht zugeteilt", "Rechtskräftig, aber noch keinem Förderbereich zugeteilt."),
    "approved": ("Zugeteilt", "Was dem Förderbereich zugeteilt ist: verfügbar, gesperrt, gebunden und verfallen."),
    "committed": (
        "Gebunden",
        "Was unterzeichnet versprochen ist: offen, freigegeben und ausbezahlt, ohne was zurückkam und wieder frei ist.",
    ),
    "disbursed": ("Ausbezahlt", "Was ausbezahlt ist, abzüglich dessen, was die Bank zurückgeleitet hat."),
    "recovered": ("Zurückgeholt", "Was zurückgefordert wurde, einging und wieder verfügbar ist."),
    "available": ("Verfügbar", "Was in den Förderbereichen frei ist für neue Vereinbarungen."),
    "blocked": ("Gesperrt", "Was gesperrt ist und nicht versprochen werden darf."),
    "lapsed": ("Verfallen", "Was nicht mehr verwendet werden kann."),
    "shortfall": (
        "Fehlbetrag",
        "Was wegfiel, obwohl es nicht mehr frei war. Bis zur Deckung wird nichts unterzeichnet.",
    ),
}
"""Each figure's name and what it means."""

NO_AREA = "ohne Förderbereich"

SOURCES: dict[str, str] = {
    "federal": "Bund (AIG Art. 58 Abs. 3)",
    "federal_flat": "Bund, Integrationspauschale",
    "canton": "Kanton",
    "communes": "Gemeinden",
    "third": "Dritte",
}

ACCOUNTS: dict[str, str] = {
    "authority": "Gegenkonto des Beschlusses",
    "pending": "noch nicht rechtskräftig",
    "unallocated": "nicht zugeteilt",
    "available": "verfügbar",
    "blocked": "gesperrt",
    "open": "gebunden, noch nicht freigegeben",
    "released": "zur Zahlung freigegeben",
    "used": "ausbezahlt",
    "recovered": "zurückgeholt",
    "lapsed": "verfallen",
    "shortfall": "Fehlbetrag",
}

STAGES: dict[str, str] = {
    "proposed": "beantragt",
    "withdrawn": "zurückgezogen",
    "returned": "zurückgewiesen",
    "rejected": "abgelehnt",
    "pending": "beschlossen, noch nicht rechtskräftig",
    "voted_down": "vom Volk abgelehnt",
    "in_force": "rechtskräftig",
    "annulled": "aufgehoben",
}

TRIGGERS: dict[str, str] = {
    "expired": "nach unbenutztem Ablauf der Referendumsfrist",
    "vote": "durch die Volksabstimmung",
    "executive": "in abschliessender Kompetenz der Exekutive",
    "final": "endgültig, ohne Referendum",
    "documented": "gemäss amtlicher Quelle",
}

AGREEMENT_STATES: dict[str, str] = {
    "drafted": "Entwurf",
    "signed": "unterzeichnet",
    "suspended": "sistiert",
    "terminated": "vorzeitig beendet",
    "settled": "abgerechnet",
    "closed": "abgeschlossen",
}
FORMS: dict[str, str] = {"contract": "Vertrag", "ruling": "Verfügung"}
MILESTONES: dict[str, str] = {
    "planned": "geplant",
    "due": "fällig",
    "reached": "erreicht",
    "missed": "verpasst",
    "waived": "erlassen",
}
DISBURSEMENTS: dict[str, str] = {
    "requested": "beantragt", "approved": "bewilligt", "rejected": "abgelehnt", "withdrawn": "zurückgezogen",
    "revoked": "Bewilligung widerrufen", "instructed": "angewiesen", "paid": "ausbezahlt", "returned": "zurückgeleitet",
    "cancelled": "storniert",
}  # fmt: skip
KINDS: dict[str, str] = {"advance": "Vorschuss", "instalment": "Rate", "final": "Schlusszahlung"}
GROUNDS: dict[str, str] = {
    "unused": "nicht verwendet", "not_eligible": "nicht anrechenbar", "breach": "Verletzung der Vereinbarung",
    "settlement": "Abrechnung", "other": "anderer Grund", "regular": "ordentlich", "overrun": "Kreditüberschreitung",
    "urgent": "dringlich", "no_budget": "ohne Budget", "late": "verspätet", "signatures": "zu wenige Unterschriften",
}  # fmt: skip
PARTNERS: dict[str, str] = {
    "ngo": "Organisation", "commune": "Gemeinde", "cantonal_unit": "kantonale Stelle", "company": "Unternehmen",
    "church": "Kirche", "private_person": "Privatperson",
}  # fmt: skip
EVIDENCE: dict[str, str] = {
    "document": "Dokument",
    "official": "amtlich",
    "press": "Presse",
    "illustration": "Illustration",
}
PRECISIONS: dict[str, str] = {"exact": "genau", "approximate": "gerundet", "derived": "abgeleitet"}
VOIDS: dict[str, str] = {
    "too_large": "zu gross",
    "not_canonical": "keine kanonischen Bytes",
    "bad_envelope": "Umschlag fehlerhaft",
    "bad_schema": "Inhalt entspricht dem Schema nicht",
    "foreign_subject": "unter fremdem Namen geschrieben",
    "wrong_position": "falsche Position",
    "unbalanced": "Buchung nicht ausgeglichen",
    "wrong_predecessor": "falscher Vorgänger",
}
TOPICS: dict[str, str] = {
    "agreements": "Leistungsvereinbarungen", "amounts": "Beträge", "announcement": "Ankündigung",
    "areas": "Förderbereiche", "focus": "Schwerpunkte", "mandate": "Verhandlungsmandat", "measures": "Massnahmen",
    "other sources": "Weitere Finanzierungsquellen", "parity": "Parität", "projects": "Projekte",
    "referendum": "Referendum", "shares": "Anteile", "target groups": "Zielgruppen", "total": "Gesamtbetrag",
}  # fmt: skip
"""What pieces of information are about; a topic that is not here is shown as it was recorded."""

ROLES: dict[str, str] = {
    "administrator": "Verwaltung", "clerk": "Sachbearbeitung", "finance": "Finanzen", "approver": "Zahlungsbewilligung",
    "treasurer": "Kasse", "agreement_manager": "Vereinbarungen", "auditor": "Revision", "service": "Dienst",
    "viewer": "Einsicht",
}  # fmt: skip
