"""The receipt fits on a slip of paper; downloads bear names that old programs survive."""

from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from fakes_web import LINK, client_of, doorway, use_case
from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.services.ceremony.copy import Copy
from signing.web.signer.copies import RECEIPT_LIMIT_BYTES, receipt

SHA256 = "ab" * 32
AGREEMENT = SimpleNamespace(number="HN20261125-PPKIJ6B7", document_sha256=SHA256)


def copy(*, is_complete):
    return Copy(AGREEMENT, None, b"%PDF-1.7", SHA256, is_complete)


@pytest.mark.parametrize("url", ["https://sign.example", "https://" + "long." * 60 + "example"])
def test_a_receipt_names_number_and_digest_in_300_bytes(url):
    text = receipt(copy(is_complete=True), url)

    assert len(text.encode()) <= RECEIPT_LIMIT_BYTES
    assert AGREEMENT.number in text
    assert SHA256 in text


@pytest.mark.parametrize(("is_complete", "mark"), [(True, ""), (False, "_未完成")])
def test_a_file_that_is_not_signed_by_all_says_so_in_its_name(is_complete, mark):
    status = AgreementStatus.COMPLETED if is_complete else AgreementStatus.PENDING
    held = copy(is_complete=is_complete)
    client = client_of(
        opening=use_case(look=doorway(agreement_status=status, party_status=PartyStatus.SIGNED)),
        copies=use_case(look=held, download=held),
    )

    response = client.get(f"/s/{LINK}/document.pdf?save=1")

    kind, plain, name = response.headers["Content-Disposition"].split("; ")
    assert (kind, plain) == ("attachment", "filename=agreement.pdf")
    assert response.headers["ETag"] == f'"{SHA256}"'
    assert unquote(name) == f"filename*=UTF-8''书面协议_{AGREEMENT.number}{mark}.pdf"


def test_a_file_that_the_phone_has_already_is_not_sent_again():
    client = client_of(
        opening=use_case(look=doorway()), copies=use_case(look=copy(is_complete=False))
    )

    response = client.get(f"/s/{LINK}/document.pdf", headers={"If-None-Match": f'"{SHA256}"'})

    assert response.status_code == 304
    assert response.data == b""
