"""W4, W6, W7, W9: the text, questions about it, signing it or not."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from signing.errors import FieldError, Invalid, SigningError
from signing.services.ceremony.asking import QUESTION_LIMIT
from signing.services.ceremony.opening import Doorway
from signing.web import context
from signing.web.signer import states
from signing.web.signer.fragment import as_part_of_page
from signing.web.signer.frame import UNPROCESSABLE, page
from signing.web.signer.session import session_of_request
from signing.web.signer.states import go, open_doorway

CANNOT_SIGN_HERE = FieldError(
    "",
    "NO_SCRIPT",
    "The page's script did not run",
    "这个浏览器签不了，没有签。请点右上角“…”，选“在浏览器打开”",
)

blueprint = Blueprint("reading", __name__)
blueprint.register_error_handler(SigningError, states.explain)


@blueprint.get("/read")
def read(link_token: str) -> Response:
    """W4."""
    return _read(link_token, open_doorway(link_token))


def _read(link_token: str, doorway: Doorway, errors: Sequence[FieldError] = ()) -> Response:
    reading = context.services().reading_room.open(link_token, session=session_of_request())
    return page(
        "read.html",
        link_token,
        title="看合同",
        doorway=doorway,
        step=1,
        errors=errors,
        status=UNPROCESSABLE if errors else 200,
        reading=reading,
        contract=as_part_of_page(reading.page.fragment),
    )


@blueprint.post("/read")
def finish_reading(link_token: str) -> Response:
    """全文看完了: ticks, the hash of what was on the screen, how long each clause was there."""
    text_sha256 = request.form.get("text_sha256", "")
    try:
        context.services().reading_room.finish(
            link_token,
            session=session_of_request(),
            text_sha256=text_sha256,
            ticked=request.form.getlist("card"),
            dwell_ms=_dwell(request.form.get("dwell_ms", "")),
            visitor=context.visitor(),
        )
    except Invalid as error:
        return _read(link_token, open_doorway(link_token), error.errors)
    except SigningError as error:
        if error.code == "TEXT_CHANGED" and not text_sha256:
            return _read(link_token, open_doorway(link_token), [CANNOT_SIGN_HERE])
        raise
    return go(link_token, "sign")


def _dwell(text: str) -> dict[str, int]:
    """Milliseconds by clause; nobody vouches for it, so what is odd is left out."""
    try:
        given: Any = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    return {key: ms for key, ms in given.items() if type(ms) is int}


@blueprint.get("/question")
def question(link_token: str) -> Response:
    """W6."""
    return _question(link_token, open_doorway(link_token))


def _question(link_token: str, doorway: Doorway, errors: Sequence[FieldError] = ()) -> Response:
    # The text is opened to make sure that somebody known is asking.
    context.services().reading_room.open(link_token, session=session_of_request())
    return page(
        "question.html",
        link_token,
        title="不明白 / 想改",
        doorway=doorway,
        step=1,
        errors=errors,
        status=UNPROCESSABLE if errors else 200,
        was_sent="sent" in request.args,
        limit=QUESTION_LIMIT,
        question=request.form.get("question", ""),
    )


@blueprint.post("/question")
def ask(link_token: str) -> Response:
    """Put the question to the platform."""
    try:
        context.services().asking.ask(
            link_token,
            session=session_of_request(),
            question=request.form.get("question", ""),
            visitor=context.visitor(),
        )
    except Invalid as error:
        return _question(link_token, open_doorway(link_token), error.errors)
    return go(link_token, "question?sent=1")


@blueprint.get("/decline")
def confirm_decline(link_token: str) -> Response:
    """W9: asked once more, without a word that holds anybody back."""
    doorway = open_doorway(link_token)
    context.services().reading_room.open(link_token, session=session_of_request())
    return page("decline.html", link_token, title="确定不签？", doorway=doorway)


@blueprint.post("/decline")
def decline(link_token: str) -> Response:
    """不签."""
    context.services().declining.decline(
        link_token, session=session_of_request(), reason=request.form.get("reason", "")
    )
    return go(link_token, "")


@blueprint.get("/sign")
def sign(link_token: str) -> Response:
    """W7."""
    doorway = open_doorway(link_token)
    reading = context.services().reading_room.open(link_token, session=session_of_request())
    if not reading.has_read:
        return go(link_token, "read")
    return page("sign.html", link_token, title="签字", doorway=doorway, step=2, reading=reading)
