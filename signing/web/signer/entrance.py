"""W1, W2, W11: who asks, three consents, the gate; and the way back to where one was."""

from collections.abc import Sequence

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from signing.domain.ceremony import WrongAnswer
from signing.domain.identity_numbers import normalise, resident_id_check_character
from signing.errors import FieldError, Invalid, SigningError
from signing.services.ceremony.opening import Doorway
from signing.web import context
from signing.web.signer import session, states
from signing.web.signer.frame import UNPROCESSABLE, page
from signing.web.signer.notices import Notice, load_notice, load_notices
from signing.web.signer.session import session_of_request
from signing.web.signer.states import SEE_OTHER, go, open_doorway

RESIDENT_ID_LENGTH = 18
SHORTEST_RESIDENT_ID_LIKE = 15
"""Digits: no other document's number is as long."""

blueprint = Blueprint("entrance", __name__)
blueprint.register_error_handler(SigningError, states.explain)


def _notices() -> tuple[Notice, ...]:
    return load_notices(retention_years=context.config().retention_years)


@blueprint.get("")
def door(link_token: str) -> Response:
    """W1. Looking changes nothing: scanners fetch links too."""
    return _door(link_token, open_doorway(link_token))


def _door(
    link_token: str,
    doorway: Doorway,
    errors: Sequence[FieldError] = (),
    ticked: Sequence[str] = (),
) -> Response:
    return page(
        "door.html",
        link_token,
        title=f"{doorway.platform}请您签一份协议",
        doorway=doorway,
        errors=errors,
        status=UNPROCESSABLE if errors else 200,
        notices=_notices(),
        ticked=ticked,
    )


@blueprint.post("/begin")
def begin(link_token: str) -> Response:
    """开始: the three consents, each with the text that stood on the page."""
    notices = _notices()
    consents = {n.name: n.sha256 for n in notices if request.form.get(n.name) == n.sha256}
    try:
        context.services().opening.begin(link_token, consents=consents, visitor=context.visitor())
    except Invalid as error:
        labels = {notice.name: notice.label for notice in notices}
        missing = [
            FieldError(e.path, e.code, e.message, f"还没勾：{labels[e.path]}") for e in error.errors
        ]
        return _door(link_token, open_doorway(link_token), missing, list(consents))
    return go(link_token, "identity")


@blueprint.get("/next")
def resume(link_token: str) -> Response:
    """接着签: the first step that is not finished."""
    open_doorway(link_token)
    return go(link_token, _next_step(link_token, session_of_request()))


def _next_step(link_token: str, value: str) -> str:
    reading = context.services().reading_room.open(link_token, session=value)
    if reading.party.has_finished:
        return "done"
    return "sign" if reading.has_read else "read"


@blueprint.get("/identity")
def identity(link_token: str) -> Response:
    """W2. Also for somebody who signed and comes back for the copy."""
    doorway = open_doorway(link_token, or_signed=True)
    if not doorway.has_begun:
        return go(link_token, "")
    return _identity(link_token, doorway)


def _identity(link_token: str, doorway: Doorway, errors: Sequence[FieldError] = ()) -> Response:
    return page(
        "identity.html",
        link_token,
        title="证明是您本人",
        doorway=doorway,
        step=0,
        errors=errors,
        status=UNPROCESSABLE if errors else 200,
        name=request.form.get("name", ""),
        is_again="again" in request.args,
    )


@blueprint.post("/identity")
def confirm_identity(link_token: str) -> Response:
    """Name and number against what the platform gave."""
    name, number = request.form.get("name", ""), request.form.get("id_number", "")
    doorway = open_doorway(link_token, or_signed=True)
    if mistakes := _identity_mistakes(name, number):
        return _identity(link_token, doorway, mistakes)
    try:
        value = context.services().identity.confirm(
            link_token, name=name, id_number=number, visitor=context.visitor()
        )
    except WrongAnswer as error:
        return _identity(link_token, doorway, [_wrong(error, number)])
    # Straight to the step: a second redirect costs two seconds on a slow line.
    response = go(link_token, _next_step(link_token, value))
    session.give_session(response, link_token, value)
    return response


def _identity_mistakes(name: str, number: str) -> list[FieldError]:
    """What was left empty; that costs none of the tries."""
    mistakes = []
    if not name.strip():
        mistakes.append(FieldError("name", "MISSING", "Fill in the name", "请填姓名"))
    if not normalise(number):
        text = "请填身份证号码"
        mistakes.append(FieldError("id_number", "MISSING", "Fill in the number", text))
    return mistakes


def _wrong(error: WrongAnswer, number: str) -> FieldError:
    """One message for both fields, but for a number that is none: it tells nobody anything."""
    if not _looks_mistyped(normalise(number)):
        return FieldError("name", error.code, error.message, error.message_zh)
    text = f"身份证号码不对，请看着身份证再填一次，还可以试 {error.facts['left']} 次"
    return FieldError("id_number", "CHECK_CHARACTER", "Mistyped", text)


def _looks_mistyped(number: str) -> bool:
    """Whether it means to be a resident identity number and is none."""
    digits = number.removesuffix("X")
    if len(number) < SHORTEST_RESIDENT_ID_LIKE or not (digits.isascii() and digits.isdigit()):
        return False
    if len(number) != RESIDENT_ID_LENGTH:
        return True
    return resident_id_check_character(number[:-1]) != number[-1]


@blueprint.get("/notice/<name>")
def notice(link_token: str, name: str) -> Response:
    """W11, and the other two texts, to be read at any time."""
    text = load_notice(name, retention_years=context.config().retention_years)
    doorway = context.services().opening.look(link_token)
    return page("notice.html", link_token, title=text.title, doorway=doorway, notice=text)


@blueprint.post("/size")
def change_size(link_token: str) -> Response:
    """大字 on or off, and back to the page that was shown."""
    back = request.form.get("back", "")
    place = f"/s/{link_token}"
    is_ours = back == place or back.startswith((f"{place}/", f"{place}?"))
    response = redirect(back if is_ours else place, SEE_OTHER)
    session.give_size(response, is_big=request.form.get("big") == "1")
    return response
