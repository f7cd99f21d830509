"""What can be wrong with a question: closed codes, each with HTTP status and a remedy in two languages."""

from __future__ import annotations

from enum import Enum


class Problem(Enum):
    """Code, HTTP status, title and remedy in English, title and remedy in German."""

    UNKNOWN_CANTON = (
        "unknown_canton", 404, "No such canton", "Use the two-letter code of one of the 26 cantons, such as BL.",
        "Diesen Kanton gibt es nicht", "Verwenden Sie das Kürzel eines der 26 Kantone, zum Beispiel BL.",
    )  # fmt: skip
    BOOK_MISSING = (
        "book_missing", 404, "No such book", "GET /api/v1/books lists the books that are here.",
        "Für diesen Kanton ist kein Buch eröffnet", "Die Startseite zeigt, welche Bücher es gibt.",
    )  # fmt: skip
    PHASE_UNKNOWN = (
        "phase_unknown", 404, "No such programme phase", "Use a phase that the detail names, such as KIP3.",
        "Diese Programmphase gibt es nicht", "Wählen Sie eine der genannten Phasen.",
    )  # fmt: skip
    OBJECT_UNKNOWN = (
        "object_unknown", 404, "No such object", "Look at an earlier state's successor: the object may be known later.",
        "Dieser Gegenstand ist im gewählten Stand nicht bekannt",
        "Prüfen Sie die Nummer, oder wählen Sie einen späteren Stand.",
    )  # fmt: skip
    AREA_UNKNOWN = (
        "area_unknown", 422, "No such funding area", "Use an area that the detail names; _ is what has none.",
        "Diesen Förderbereich gibt es nicht", "Wählen Sie einen der genannten Bereiche.",
    )  # fmt: skip
    SOURCE_UNKNOWN = (
        "source_unknown", 422, "No such funding source", "Use a funding source that the detail names.",
        "Diese Finanzierungsquelle gibt es nicht", "Wählen Sie eine der genannten Quellen.",
    )  # fmt: skip
    EVENT_TYPE_UNKNOWN = (
        "event_type_unknown", 422, "No such event type", "Use the name of an event, such as CreditDecided.",
        "Diese Art von Ereignis gibt es nicht", "Wählen Sie eine Art aus der Liste.",
    )  # fmt: skip
    MALFORMED = (
        "malformed", 422, "Malformed question", "Correct what the detail names; /openapi.json lists the parameters.",
        "Diese Anfrage ist nicht lesbar", "Berichtigen Sie die genannte Angabe.",
    )  # fmt: skip
    BEYOND_HEAD = (
        "beyond_head", 404, "Beyond the head", "Ask for a position that the book has; GET /api/v1/books tells.",
        "So weit reicht das Buch noch nicht", "Wählen Sie eine Position, die das Buch schon hat.",
    )  # fmt: skip
    UNAVAILABLE = (
        "unavailable", 503, "Unavailable", "Nothing is lost: the books are elsewhere. Try again later.",
        "Die Auskunft ist im Moment nicht möglich",
        "Es ist nichts verloren: Die Bücher liegen anderswo. Versuchen Sie es in einer Minute noch einmal.",
    )  # fmt: skip
    NOT_FOUND = (
        "not_found", 404, "Not found", "/openapi.json lists what there is.",
        "Diese Seite gibt es nicht", "Die Startseite führt weiter.",
    )  # fmt: skip

    INTERNAL = (
        "internal", 500, "Fault", "Tell the operator; the log says more.",
        "Hier ist ein Fehler passiert", "Melden Sie ihn der Betreiberin; das Protokoll sagt mehr.",
    )  # fmt: skip

    def __init__(self, code: str, status: int, title: str, remedy: str, titel: str, abhilfe: str) -> None:
        """Name the parts."""
        self.code = code
        self.status = status
        self.title = title
        self.remedy = remedy
        self.titel = titel
        self.abhilfe = abhilfe


class Unanswerable(Exception):
    """A question cannot be answered; ``detail`` is a sentence about the case, ``angaben`` the same in German."""

    def __init__(self, problem: Problem, detail: str, angaben: str | None = None) -> None:
        """Give the problem and the sentence."""
        super().__init__(f"{problem.code}: {detail}")
        self.problem = problem
        self.detail = detail
        self.angaben = angaben or detail
