from __future__ import annotations

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.iban import commitment, is_qr
from landbuch.contracts.refusals import Code
from tests.acting import IBAN, QR_IBAN, SALT, draft, in_force, partnered, sign


def test_nothing_is_signed_with_a_suspended_partner() -> None:
    book = partnered()
    draft(book)
    book.do("SuspendPartner", partner="P-1", reason="Prüfung")
    book.refused(
        Code.PARTNER_SUSPENDED,
        "SignAgreement",
        by="p-man-b",
        agreement="A-1",
        signed_on="2024-01-20",
        signatories=["p-man-b"],
    )
    book.do("ReinstatePartner", partner="P-1", reason="geprüft")
    sign(book)


def test_a_partner_is_suspended_and_reinstated_once() -> None:
    book = partnered()
    book.refused(Code.PARTNER_NOT_SUSPENDED, "ReinstatePartner", partner="P-1", reason="geprüft")
    book.do("SuspendPartner", partner="P-1", reason="Prüfung")
    book.refused(Code.PARTNER_SUSPENDED, "SuspendPartner", partner="P-1", reason="Prüfung")


def test_a_private_persons_name_never_enters_the_book() -> None:
    book = partnered("private_person")
    book.refused(Code.NAME_OUTSIDE_BOOK, "AmendPartner", partner="P-1", name="Somebody", reason="Heirat")


def test_a_partner_has_a_new_name() -> None:
    book = partnered()
    book.do("AmendPartner", partner="P-1", name="Verein Neu", reason="Fusion")
    assert book.state.partners["P-1"].name == "Verein Neu"


def test_bank_details_are_confirmed_by_somebody_else() -> None:
    book = in_force()
    book.do("RegisterPartner", partner="P-1", kind="ngo", name="Verein")
    (proposed,) = book.do("ProposePartnerBankDetails", by="p-man-a", partner="P-1", iban=IBAN, salt=SALT)
    order = {"partner": "P-1", "commitment": proposed.data.commitment}
    book.refused(Code.SECOND_PERSON_REQUIRED, "ConfirmPartnerBankDetails", by="p-man-a", **order)
    book.do("ConfirmPartnerBankDetails", by="p-man-b", **order)
    book.refused(Code.BANK_DETAILS_NOT_PROPOSED, "ConfirmPartnerBankDetails", by="p-man-b", **order)


def test_bank_details_that_were_not_proposed_cannot_be_confirmed() -> None:
    book = partnered()
    book.do("ProposePartnerBankDetails", by="p-man-a", partner="P-1", iban=QR_IBAN, salt=SALT)
    order = {"partner": "P-1", "commitment": commitment(IBAN, SALT)}
    book.refused(Code.BANK_DETAILS_NOT_PROPOSED, "ConfirmPartnerBankDetails", by="p-man-b", **order)


def test_the_number_itself_does_not_enter_the_book() -> None:
    book = in_force()
    book.do("RegisterPartner", partner="P-1", kind="ngo", name="Verein")
    (event,) = book.do("ProposePartnerBankDetails", partner="P-1", iban=IBAN, salt=SALT)
    payload = event.entry().payload
    assert IBAN.encode() not in payload
    assert SALT.encode() not in payload
    assert event.data.commitment == commitment(IBAN, SALT)
    assert event.data.kind == "iban"


def test_a_qr_iban_is_recognised_by_its_institution() -> None:
    assert is_qr("CH4430000123000889012")
    assert is_qr(QR_IBAN)
    assert not is_qr("CH4429999123000889012")
    assert not is_qr("CH4432000123000889012")
    assert not is_qr("DE89370400440532013000")


@pytest.mark.parametrize("iban", ["CH9300762011623852958", "CH930076201162385295", "DE89370400440532013001"])
def test_an_iban_with_wrong_digits_is_refused_at_the_door(iban: str) -> None:
    with pytest.raises(MalformedError, match="IBAN"):
        partnered().do("ProposePartnerBankDetails", partner="P-1", iban=iban, salt=SALT)


def test_a_foreign_iban_is_accepted() -> None:
    (event,) = partnered().do("ProposePartnerBankDetails", partner="P-1", iban="DE89370400440532013000", salt=SALT)
    assert event.data.country == "DE"
