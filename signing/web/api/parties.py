"""What one party of an agreement needs: a link, a seal, a signature by its own key."""

from base64 import b64encode
from typing import Any

from flask import Response

from signing.domain.agreement import Agreement
from signing.errors import Broken
from signing.web import context
from signing.web.api.answers import Answer, once, repeatable, replayed
from signing.web.api.parsing import ApiBlueprint, decode_base64
from signing.web.api.schemas import (
    AgreementOut,
    LinkOut,
    SignatureIn,
    SignatureRequestIn,
    SignatureRequestOut,
)
from signing.web.api.views import agreement_view, rfc3339
from signing.web.security import requires

blueprint = ApiBlueprint(
    "parties",
    __name__,
    url_prefix="/api/v1/agreements/<agreement_id>/parties/<party_id>",
    description="Parties of an agreement",
)


def _shown(agreement: Agreement) -> Answer:
    desk = context.services().agreements
    return Answer(200, agreement_view(agreement, desk=desk, key=context.caller()))


@blueprint.post("/link")
@requires("links")
@blueprint.response(200, LinkOut)
@repeatable
def link(agreement_id: str, party_id: str) -> Response:
    """A fresh signing link; the old one dies."""
    desk = context.services().agreements

    def dump(agreement: Agreement) -> Answer:
        new_link = desk.link_of(agreement, party_id)
        if new_link is None:
            raise Broken("A party with a fresh link has none")
        return Answer(200, {"signing_link": new_link})

    with once(dump) as ticket:
        first = replayed(ticket)
        if first is not None:
            return first
        agreement = desk.renew_link(
            agreement_id, party_id, tenant_id=context.caller().tenant_id, ticket=ticket
        )
    return dump(agreement).to_response()


@blueprint.post("/seal")
@requires("seals")
@blueprint.response(200, AgreementOut)
def seal(agreement_id: str, party_id: str) -> Response:
    """Sign with the tenant's seal; sealing twice changes nothing the second time."""
    tenant_id = context.caller().tenant_id
    agreement = context.services().sealing.seal(agreement_id, party_id, tenant_id=tenant_id)
    return _shown(agreement).to_response()


@blueprint.post("/signature-request")
@requires("seals")
@blueprint.arguments(SignatureRequestIn)
@blueprint.response(200, SignatureRequestOut)
def signature_request(body: dict[str, Any], agreement_id: str, party_id: str) -> dict[str, Any]:
    """Bytes for the party's own key to sign (custody `external`)."""
    wanted = context.services().external_signing.request(
        agreement_id,
        party_id,
        tenant_id=context.caller().tenant_id,
        certificates=[
            decode_base64(text, f"certificates[{index}]")
            for index, text in enumerate(body["certificates"])
        ],
    )
    return {
        "to_be_signed": b64encode(wanted.data).decode(),
        "digest": b64encode(wanted.digest).decode(),
        "expires_at": rfc3339(wanted.expires_at),
    }


@blueprint.post("/signature")
@requires("seals")
@blueprint.arguments(SignatureIn)
@blueprint.response(200, AgreementOut)
def signature(body: dict[str, Any], agreement_id: str, party_id: str) -> Response:
    """The value for the newest request; repeating it changes nothing."""
    agreement = context.services().external_signing.submit(
        agreement_id,
        party_id,
        tenant_id=context.caller().tenant_id,
        value=decode_base64(body["value"], "value"),
    )
    return _shown(agreement).to_response()
