"""Agreements: make, check, look, fetch, withdraw."""

from typing import Any
from urllib.parse import quote

from flask import Response, request

from signing.domain.agreement import Agreement
from signing.domain.search import AgreementFilter
from signing.web import context
from signing.web.api.answers import Answer, once, repeatable, replayed
from signing.web.api.parsing import ApiBlueprint
from signing.web.api.schemas import (
    BYTES,
    AgreementIn,
    AgreementListIn,
    AgreementListOut,
    AgreementOut,
    Asked,
    CheckOut,
    EventListOut,
    VoidIn,
)
from signing.web.api.views import agreement_view, event_view
from signing.web.problems import finding_view
from signing.web.security import requires

blueprint = ApiBlueprint(
    "agreements", __name__, url_prefix="/api/v1/agreements", description="Agreements"
)


def _view(agreement: Agreement) -> dict[str, Any]:
    return agreement_view(agreement, desk=context.services().agreements, key=context.caller())


def _created(agreement: Agreement) -> Answer:
    return Answer(201, _view(agreement), f"/api/v1/agreements/{agreement.id}")


def _shown(agreement: Agreement) -> Answer:
    return Answer(200, _view(agreement))


@blueprint.post("")
@requires("agreements")
@blueprint.arguments(AgreementIn)
@blueprint.response(201, AgreementOut)
@repeatable
def create(asked: Asked) -> Response:
    """Make an agreement. Blocking findings are 422 with `findings`."""
    with once(_created) as ticket:
        first = replayed(ticket)
        if first is not None:
            return first
        agreement = context.services().issuing.issue(
            asked.draft,
            tenant_id=context.caller().tenant_id,
            ticket=ticket,
            misshapen=asked.misshapen,
        )
    return _created(agreement).to_response()


@blueprint.post("/check")
@requires("agreements")
@blueprint.arguments(AgreementIn)
@blueprint.response(200, CheckOut)
def check(asked: Asked) -> dict[str, Any]:
    """Every finding of a body; stores nothing."""
    vetted = context.services().vetting.vet(asked.draft, misshapen=asked.misshapen)
    vetted.check_shape()
    return {
        "findings": [finding_view(finding) for finding in vetted.findings],
        "would_create": vetted.would_create,
    }


@blueprint.get("")
@requires("agreements")
@blueprint.arguments(AgreementListIn, location="query")
@blueprint.response(200, AgreementListOut)
def list_agreements(query: dict[str, Any]) -> dict[str, Any]:
    """A page of agreements, newest first."""
    agreements, cursor = context.services().agreements.list(
        tenant_id=context.caller().tenant_id,
        matching=AgreementFilter(
            status=query["status"],
            kind=query["kind"],
            reference=query["reference"],
            region=query["region"],
            query=query["q"],
            created_after=query["created_after"],
        ),
        limit=query["limit"],
        cursor=query["cursor"],
    )
    return {"items": [_view(agreement) for agreement in agreements], "next_cursor": cursor}


@blueprint.get("/<agreement_id>")
@requires("agreements")
@blueprint.response(200, AgreementOut)
def get(agreement_id: str) -> dict[str, Any]:
    """One agreement."""
    tenant_id = context.caller().tenant_id
    return _view(context.services().agreements.get(agreement_id, tenant_id=tenant_id))


@blueprint.get("/<agreement_id>/document")
@requires("agreements")
@blueprint.response(200, BYTES, content_type="application/pdf")
def document(agreement_id: str) -> Response:
    """The newest revision as PDF, the same bytes at every download."""
    tenant_id = context.caller().tenant_id
    stored = context.services().agreements.document(agreement_id, tenant_id=tenant_id)
    suffix = "" if stored.is_complete else "-未完成"
    return file_response(
        stored.content,
        content_type="application/pdf",
        name=f"{stored.agreement.number}{suffix}.pdf",
        etag=stored.sha256,
    )


@blueprint.get("/<agreement_id>/evidence")
@requires("agreements")
@blueprint.response(200, BYTES, content_type="application/vnd.etsi.asic-e+zip")
def evidence(agreement_id: str) -> Response:
    """evidence.zip: everything that an arbitrator needs, sequenced and published first."""
    tenant_id = context.caller().tenant_id
    package = context.services().evidence.for_tenant(agreement_id, tenant_id=tenant_id)
    return file_response(
        package.content,
        content_type="application/vnd.etsi.asic-e+zip",
        name=f"{package.agreement.number}-evidence.zip",
    )


@blueprint.get("/<agreement_id>/events")
@requires("agreements")
@blueprint.response(200, EventListOut)
def events(agreement_id: str) -> dict[str, Any]:
    """All events, oldest first."""
    tenant_id = context.caller().tenant_id
    logged = context.services().agreements.events(agreement_id, tenant_id=tenant_id)
    return {"items": [event_view(event) for event in logged], "next_cursor": None}


@blueprint.get("/<agreement_id>/preview")
@requires("agreements")
@blueprint.response(200, {"type": "string"}, content_type="text/html")
def preview(agreement_id: str) -> Response:
    """The text as the worker's phone shows it."""
    tenant_id = context.caller().tenant_id
    page = context.services().agreements.preview(agreement_id, tenant_id=tenant_id)
    html = f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><body>{page.fragment}</body>'
    return Response(html, content_type="text/html; charset=utf-8")


@blueprint.post("/<agreement_id>/void")
@requires("agreements")
@blueprint.arguments(VoidIn)
@blueprint.response(200, AgreementOut)
@repeatable
def void(body: dict[str, Any], agreement_id: str) -> Response:
    """Take an agreement back; 409 once it is completed."""
    with once(_shown) as ticket:
        first = replayed(ticket)
        if first is not None:
            return first
        agreement = context.services().agreements.void(
            agreement_id,
            tenant_id=context.caller().tenant_id,
            reason=body["reason"],
            ticket=ticket,
        )
    return _shown(agreement).to_response()


@blueprint.post("/<agreement_id>/remind")
@requires("links")
@blueprint.response(200, AgreementOut)
@repeatable
def remind(agreement_id: str) -> Response:
    """Send the worker the link once more, at most hourly."""
    with once(_shown) as ticket:
        first = replayed(ticket)
        if first is not None:
            return first
        agreement = context.services().agreements.remind(
            agreement_id, tenant_id=context.caller().tenant_id, ticket=ticket
        )
    return _shown(agreement).to_response()


def file_response(
    content: bytes, *, content_type: str, name: str, etag: str | None = None
) -> Response:
    """A download with an RFC 6266 name; 304 where the client has that very file (D17)."""
    response = Response(content, content_type=content_type)
    ascii_name = "".join(c if c.isascii() and c not in '"\\' else "_" for c in name)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    )
    if etag is not None:
        response.set_etag(etag)
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response
