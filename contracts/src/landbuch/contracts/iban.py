"""Bank account numbers: check digits, QR-IBAN, and the commitment that stands in a book in their place.

The number itself lives outside the book, erasable; the book holds only a salted hash of it.
"""

from __future__ import annotations

from landbuch.contracts.canonical import digest

_SWISS = frozenset({"CH", "LI"})
_SWISS_LENGTH = 21
_QR_INSTITUTIONS = range(30000, 32000)


def demand_iban(iban: str) -> None:
    """Raise ``ValueError`` unless the check digits fit (ISO 13616, modulo 97) and a Swiss number has 21 characters."""
    if iban[:2] in _SWISS and len(iban) != _SWISS_LENGTH:
        message = f"an IBAN of {iban[:2]} has {_SWISS_LENGTH} characters, not {len(iban)}"
        raise ValueError(message)
    rearranged = iban[4:] + iban[:4]
    if int("".join(str(int(character, 36)) for character in rearranged)) % 97 != 1:
        message = "the check digits of the IBAN do not fit: compare it with the partner's letter"
        raise ValueError(message)


def is_qr(iban: str) -> bool:
    """Tell whether a number is a QR-IBAN: institution 30000 to 31999 (Swiss Payment Standards)."""
    return iban[:2] in _SWISS and iban[4:9].isdigit() and int(iban[4:9]) in _QR_INSTITUTIONS


def commitment(iban: str, salt: str) -> str:
    """Commit to a number (64 hex digits): whoever knows number and salt can show what was meant; nobody can guess."""
    return digest({"iban": iban, "salt": salt})
