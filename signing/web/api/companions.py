"""Documents about an agreement: changed, renewed, ended, and what the enterprise declares alone."""

from typing import Any

from flask import Response

from signing.domain.agreement import Agreement
from signing.domain.draft import Companion
from signing.services.companions import CompanionRequest
from signing.web import context
from signing.web.api.answers import Answer, once, repeatable, replayed
from signing.web.api.parsing import ApiBlueprint
from signing.web.api.schemas import AgreementOut, CompanionIn, OneSidedIn
from signing.web.api.views import agreement_view
from signing.web.security import requires

blueprint = ApiBlueprint(
    "companions",
    __name__,
    url_prefix="/api/v1/agreements/<agreement_id>",
    description="Documents about an agreement",
)


@blueprint.post("/amendments")
@requires("agreements")
@blueprint.arguments(CompanionIn)
@blueprint.response(201, AgreementOut)
@repeatable
def amend(body: dict[str, Any], agreement_id: str) -> Response:
    """A new document that changes the agreement and names its SHA-256."""
    return _issue(agreement_id, Companion.AMENDMENT, body)


@blueprint.post("/renewals")
@requires("agreements")
@blueprint.arguments(CompanionIn)
@blueprint.response(201, AgreementOut)
@repeatable
def renew(body: dict[str, Any], agreement_id: str) -> Response:
    """A new document that renews the agreement and names its SHA-256."""
    return _issue(agreement_id, Companion.RENEWAL, body)


@blueprint.post("/terminations")
@requires("agreements")
@blueprint.arguments(CompanionIn)
@blueprint.response(201, AgreementOut)
@repeatable
def terminate(body: dict[str, Any], agreement_id: str) -> Response:
    """A new document that ends the agreement and names its SHA-256."""
    return _issue(agreement_id, Companion.TERMINATION, body)


@blueprint.post("/notices")
@requires("agreements")
@blueprint.arguments(CompanionIn)
@blueprint.response(201, AgreementOut)
@repeatable
def give_notice(body: dict[str, Any], agreement_id: str) -> Response:
    """Written notice to sign this labour contract, sealed by the employer (劳动合同法 10)."""
    return _issue(agreement_id, Companion.NOTICE, body)


@blueprint.post("/certificates")
@requires("agreements")
@blueprint.arguments(OneSidedIn)
@blueprint.response(201, AgreementOut)
@repeatable
def certify_end(body: dict[str, Any], agreement_id: str) -> Response:
    """That a labour contract ended, sealed by the employer (劳动合同法 50).

    `agreement_id` is the contract or the termination that ended it: then what the termination says
    need not be given again.
    """
    return _issue(agreement_id, Companion.CERTIFICATE, body)


@blueprint.post("/copies")
@requires("agreements")
@blueprint.arguments(OneSidedIn)
@blueprint.response(201, AgreementOut)
@repeatable
def certify_copy(body: dict[str, Any], agreement_id: str) -> Response:
    """That a print agrees with the completed original, with its code (人社厅发〔2021〕54号 13)."""
    return _issue(agreement_id, Companion.COPY, body)


def _issue(agreement_id: str, companion: Companion, body: dict[str, Any]) -> Response:
    with once(_created) as ticket:
        first = replayed(ticket)
        if first is not None:
            return first
        agreement = context.services().companions.issue(
            agreement_id,
            CompanionRequest(companion=companion, **body),
            tenant_id=context.caller().tenant_id,
            ticket=ticket,
        )
    return _created(agreement).to_response()


def _created(agreement: Agreement) -> Answer:
    desk = context.services().agreements
    view = agreement_view(agreement, desk=desk, key=context.caller())
    return Answer(201, view, f"/api/v1/agreements/{agreement.id}")
