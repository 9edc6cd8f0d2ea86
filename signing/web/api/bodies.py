"""Bodies that come from elsewhere than a request: the same shapes, the same mistakes."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from signing.domain.draft import AgreementDraft
from signing.errors import Invalid
from signing.web.api.parsing import flatten
from signing.web.api.schemas import AnyBody

ISSUED_KEYS = ("issued", "test_certificates")
"""What an attached agreement.json has beside the body."""


def read_draft(document: Mapping[str, Any]) -> AgreementDraft:
    """The draft of a body or of an attached agreement.json. Raises Invalid with every mistake."""
    body = {key: value for key, value in document.items() if key not in ISSUED_KEYS}
    try:
        draft: AgreementDraft = AnyBody().load(body)
    except ValidationError as error:
        raise Invalid(list(flatten(error.messages))) from error
    return draft
