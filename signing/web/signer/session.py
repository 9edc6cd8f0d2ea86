"""Who is at the door, as cookies and form tokens.

Rules kept here (security.md T15, T17):
* the session is a random value given out at the gate, in a cookie that only this link's pages get;
* a form is taken only from our own page: the browser's own word (`Sec-Fetch-Site`, `Origin`) and a
  token that only that page could know, bound to the session, or before the gate to the link;
* behind https its name begins with `__Secure-`, so that no page of plain http can plant one
  (`__Host-` would ask for the path `/`, and then every link's pages would get it);
* the cookie outlives the session: so the person is told that time ran out, not that a page is odd.
"""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from signing.errors import Forbidden
from signing.web import context

SESSION_COOKIE = "signing_session"
SIZE_COOKIE = "signing_big"
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
FORM_TOKEN_HEADER = "X-Form-Token"  # noqa: S105 - the name of a header
_SESSION_COOKIE_SECONDS = 24 * 3600
_SIZE_COOKIE_SECONDS = 365 * 24 * 3600


def session_of_request() -> str:
    """The session's value, "" if the request bears none."""
    return request.cookies.get(_session_cookie(), "")


def give_session(response: Response, link_token: str, session: str) -> None:
    """Put the session into a cookie of this link's pages alone."""
    response.set_cookie(
        _session_cookie(),
        session,
        max_age=_SESSION_COOKIE_SECONDS,
        path=f"/s/{link_token}",
        secure=_is_https(),
        httponly=True,
        samesite="Lax",
    )


def wants_big_print() -> bool:
    """Whether 大字 is on."""
    return request.cookies.get(SIZE_COOKIE) == "1"


def give_size(response: Response, *, is_big: bool) -> None:
    """Remember the size of the print."""
    response.set_cookie(
        SIZE_COOKIE,
        "1" if is_big else "0",
        max_age=_SIZE_COOKIE_SECONDS,
        path="/s/",
        secure=_is_https(),
        httponly=True,
        samesite="Lax",
    )


def form_token(link_token: str) -> str:
    """What a form of the page now shown has to send back."""
    key = session_of_request() or link_token
    return hmac.new(key.encode(), b"form " + link_token.encode(), sha256).hexdigest()


def check_form(link_token: str) -> None:
    """Refuse what was not sent by a page of this link. Raises Forbidden `FORM_REFUSED`."""
    given = request.headers.get(FORM_TOKEN_HEADER) or request.form.get(FORM_TOKEN, "")
    is_ours = hmac.compare_digest(given.encode(), form_token(link_token).encode())
    if not (is_ours and _comes_from_us()):
        raise Forbidden(
            "The form does not belong to this session",
            "这一页开得太久了，什么都没有办。请重新打开链接",
            code="FORM_REFUSED",
        )


def _comes_from_us() -> bool:
    """What the browser says of the sender; older ones say `null` on pages without a referrer."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.host


def _session_cookie() -> str:
    return f"__Secure-{SESSION_COOKIE}" if _is_https() else SESSION_COOKIE


def _is_https() -> bool:
    return context.config().public_url.startswith("https://")
