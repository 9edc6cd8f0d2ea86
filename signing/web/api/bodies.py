"""Bodies that come from elsewhere than a request: the same shapes, the same mistakes."""

from collections.abc import Mapping
from typing import Any

from signing.domain.draft import AgreementDraft
from signing.errors import Invalid
from signing.web.api.schemas import AnyBody, Asked

ISSUED_KEYS = ("issued", "test_certificates")
"""What an attached agreement.json has beside the body."""


def read_asked(document: Mapping[str, Any]) -> Asked:
    """What a body or an attached agreement.json asks for, with its mistakes.

    Raises Invalid where not even the kind can be read.
    """
    body = {key: value for key, value in document.items() if key not in ISSUED_KEYS}
    return AnyBody().load(body)


def read_draft(document: Mapping[str, Any]) -> AgreementDraft:
    """The draft of such a document. Raises Invalid with every mistake."""
    asked = read_asked(document)
    if asked.misshapen:
        raise Invalid(asked.misshapen)
    return asked.draft
