"""Texts that workers agree to: a published version is never edited."""

import pytest

from signing.errors import NotFound
from signing.services.ceremony.opening import CONSENTS
from signing.web.signer.notices import load_notice, load_notices

PUBLISHED = {
    (
        "electronic_form",
        "2026.1",
    ): "6120d2f17bcaba85fb1f57b32873d0d95c9870f7f9e1022619db2481c166232e",
    (
        "signing_notice",
        "2026.1",
    ): "172383965917f4074db23d464803932c61c874db835c82c3e15f496f7f779363",
    (
        "privacy_notice",
        "2026.1",
    ): "6e42fac7533d84d77d99366de0acf5d31b49bafa1c69c3cdb21ee0e7cd2300e8",
}


def test_every_consent_has_its_text():
    notices = load_notices(retention_years=5)

    assert tuple(notice.name for notice in notices) == CONSENTS
    assert all(notice.paragraphs and notice.label for notice in notices)


@pytest.mark.parametrize("name", CONSENTS)
def test_a_published_text_is_never_edited(name):
    notice = load_notice(name, retention_years=5)

    assert PUBLISHED[name, notice.version] == notice.sha256


def test_the_years_of_keeping_are_those_of_the_settings():
    five, seven = (load_notice("privacy_notice", retention_years=years) for years in (5, 7))

    assert any("协议结束后 7 年" in paragraph for paragraph in seven.paragraphs)
    assert five.sha256 != seven.sha256


def test_an_unknown_name_opens_no_file():
    with pytest.raises(NotFound):
        load_notice("../notices/privacy_notice", retention_years=5)
