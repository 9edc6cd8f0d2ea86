"""W12: 不是我签的. Two steps away from W8, so that no slip of the finger reports anything.

Rules kept here:
* the page says first what will happen and what will not; the way back comes before the way on;
* nothing is ticked beforehand, and both the reason and 我要报告 have to be;
* it needs no script.
"""

from collections.abc import Sequence

from flask import Blueprint, request
from werkzeug.wrappers import Response

from signing.domain.agreement import PartyStatus
from signing.errors import FieldError, Invalid, SigningError
from signing.services.ceremony.reporting import HAPPENINGS
from signing.web import context
from signing.web.signer import states
from signing.web.signer.frame import UNPROCESSABLE, page
from signing.web.signer.session import session_of_request
from signing.web.signer.states import go

blueprint = Blueprint("reports", __name__)
blueprint.register_error_handler(SigningError, states.explain)


@blueprint.get("/report")
def confirm_report(link_token: str) -> Response:
    """W12. Looking reports nothing."""
    return _report(link_token)


def _report(link_token: str, errors: Sequence[FieldError] = ()) -> Response:
    doorway = context.services().opening.look(link_token)
    if doorway.party_status is not PartyStatus.SIGNED or doorway.report is not None:
        return go(link_token, "done")
    # Opened to make sure that somebody known is asking.
    context.services().copies.look(link_token, session=session_of_request())
    return page(
        "report.html",
        link_token,
        title="不是您签的？",
        doorway=doorway,
        errors=errors,
        status=UNPROCESSABLE if errors else 200,
        happenings=HAPPENINGS,
        chosen=request.form.get("happening", ""),
    )


@blueprint.post("/report")
def report(link_token: str) -> Response:
    """报告: revoked, logged, told; W8 says so from then on."""
    try:
        context.services().reporting.report(
            link_token,
            session=session_of_request(),
            happening=request.form.get("happening", ""),
            is_sure=request.form.get("sure") == "yes",
            visitor=context.visitor(),
        )
    except Invalid as error:
        return _report(link_token, error.errors)
    return go(link_token, "done")
