"""W5, W8: the file itself, before and after signing, and what else the worker takes home."""

from urllib.parse import quote

import segno
from flask import Blueprint, request
from werkzeug.wrappers import Response

from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.domain.compromise import Reporter
from signing.errors import SigningError, Unauthenticated
from signing.services.ceremony.copy import Copy
from signing.web import context
from signing.web.beijing import beijing_time
from signing.web.signer import states
from signing.web.signer.frame import kilobytes, page
from signing.web.signer.session import session_of_request

RECEIPT_LIMIT_BYTES = 300

blueprint = Blueprint("copies", __name__)
blueprint.register_error_handler(SigningError, states.explain)


@blueprint.get("/document.pdf")
def document(link_token: str) -> Response:
    """The newest revision: held by the phone while it signs, kept by the worker afterwards."""
    doorway = context.services().opening.look(link_token)
    copies, session = context.services().copies, session_of_request()
    if doorway.agreement_status is AgreementStatus.COMPLETED:
        copy = copies.download(link_token, session=session, visitor=context.visitor())
    else:
        copy = copies.look(link_token, session=session)
    response = Response(copy.content, content_type="application/pdf")
    mark = "" if copy.is_complete else "_未完成"
    _name(response, f"{doorway.title}_{copy.agreement.number}{mark}.pdf")
    response.set_etag(copy.sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@blueprint.get("/evidence.zip")
def evidence(link_token: str) -> Response:
    """保存签署证据: what an arbitrator needs, free."""
    package = context.services().evidence.for_party(link_token, session=session_of_request())
    response = Response(package.content, content_type="application/vnd.etsi.asic-e+zip")
    _name(response, f"签署证据_{package.agreement.number}.zip", is_kept=True)
    return response


def _name(response: Response, name: str, *, is_kept: bool = False) -> None:
    """RFC 6266: a name in Chinese, and what old programs make of it."""
    kind = "attachment" if is_kept or "save" in request.args else "inline"
    plain = "agreement" + name[name.rindex(".") :]
    response.headers["Content-Disposition"] = (
        f"{kind}; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    )


@blueprint.get("/original")
def original(link_token: str) -> Response:
    """W5: the file as it is, beside the text of the page."""
    doorway = states.open_doorway(link_token)
    copy = context.services().copies.look(link_token, session=session_of_request())
    return page(
        "original.html",
        link_token,
        title="PDF 原件",
        doorway=doorway,
        step=1,
        size=kilobytes(len(copy.content)),
        sha256=copy.sha256,
    )


@blueprint.get("/done")
def done(link_token: str) -> Response:
    """W8. Without a session it says that it is signed, and asks who wants the file."""
    doorway = context.services().opening.look(link_token)
    if doorway.party_status is not PartyStatus.SIGNED:
        return states.go(link_token)
    try:
        copy = context.services().copies.look(link_token, session=session_of_request())
    except Unauthenticated:
        copy = None
    is_reported = doorway.report is not None and doorway.report.by is Reporter.WORKER
    return page(
        "done.html",
        link_token,
        title="已经报告" if is_reported else "签好了",
        doorway=doorway,
        signed_at=beijing_time(doorway.signed_at),
        reported_at=beijing_time(doorway.report.at) if doorway.report else "",
        copy=copy,
        size=kilobytes(len(copy.content)) if copy else "",
        receipt=receipt(copy, context.config().public_url) if copy else "",
        qr=_qr(receipt(copy, context.config().public_url)) if copy else "",
    )


def receipt(copy: Copy, public_url: str) -> str:
    """What fits on a slip of paper: number, digest, where to check; at most 300 bytes (D18)."""
    agreement = copy.agreement
    lines = ("合同回执", agreement.number, f"SHA-256 {agreement.document_sha256}")
    text = "\n".join((*lines, f"{public_url}/verify"))
    return text if len(text.encode()) <= RECEIPT_LIMIT_BYTES else "\n".join(lines)


def _qr(text: str) -> str:
    uri: str = segno.make(text, error="m", micro=False, encoding="utf-8").svg_data_uri(
        scale=4, border=4, xmldecl=False
    )
    return uri
