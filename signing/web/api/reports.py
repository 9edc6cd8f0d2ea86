"""A party's key in wrong hands: the platform's report (电子签名法 15, 27)."""

from typing import Any

from flask import Response

from signing.domain.agreement import Agreement
from signing.domain.compromise import Reporter
from signing.services.compromise import Statement
from signing.web import context
from signing.web.api.answers import Answer, once, repeatable, replayed
from signing.web.api.parsing import ApiBlueprint
from signing.web.api.schemas import AgreementOut, CompromiseIn
from signing.web.api.views import agreement_view
from signing.web.security import requires

blueprint = ApiBlueprint(
    "reports",
    __name__,
    url_prefix="/api/v1/agreements/<agreement_id>/parties/<party_id>",
    description="Keys in wrong hands",
)


@blueprint.post("/report-compromise")
@requires("seals")
@blueprint.arguments(CompromiseIn)
@blueprint.response(200, AgreementOut)
@repeatable
def report_compromise(body: dict[str, Any], agreement_id: str, party_id: str) -> Response:
    """Report that a party's key is in wrong hands: it cannot be taken back.

    Its certificate is revoked at once (reason keyCompromise), logged as `certificate.revoked`, and
    the worker is told by SMS. A seal of the service signs no more until it is rotated; every
    pending agreement that bears a signature under it is frozen. A certificate of somebody else's CA
    is refused from now on; tell that CA too. A completed agreement keeps its file, and what was
    timestamped before the report stays valid. 409 `NOTHING_TO_REVOKE` if the party has not signed.
    """
    with once(_shown) as ticket:
        first = replayed(ticket)
        if first is not None:
            return first
        agreement = context.services().compromise.report_party(
            agreement_id,
            party_id,
            Statement(Reporter.PLATFORM, body["reason"], context.visitor().as_evidence()),
            tenant_id=context.caller().tenant_id,
            ticket=ticket,
        )
    return _shown(agreement).to_response()


def _shown(agreement: Agreement) -> Answer:
    desk = context.services().agreements
    return Answer(200, agreement_view(agreement, desk=desk, key=context.caller()))
