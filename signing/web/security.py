"""Who calls, and what every answer carries.

Rules kept here:
* a view of the API names its scope with `requires`; one that does not is refused at registration
  by a test, and answers 401 to everybody;
* headers of web.md §2 on every answer; pages are never stored, assets are immutable;
* nothing of a request but method, endpoint, status and time enters the log: no path (it holds link
  tokens), no query, no body (T63).
"""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, g, request

from signing.errors import Unauthenticated
from signing.services.tenancy import check_scope
from signing.web import context

P = ParamSpec("P")
R = TypeVar("R")

JSON_LIMIT_BYTES = 1024 * 1024
UPLOAD_LIMIT_BYTES = 42 * 1024 * 1024
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Headers and the access log."""
    app.config["MAX_CONTENT_LENGTH"] = UPLOAD_LIMIT_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = JSON_LIMIT_BYTES
    app.before_request(_start_clock)
    app.after_request(_finish)


def requires(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The caller's API key must have that scope."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            key = context.services().tenancy.authenticate(_bearer())
            request.environ[context.CALLER] = key
            check_scope(key, scope)
            return view(*args, **kwargs)

        guarded.required_scope = scope  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """No key is needed, on purpose."""
    view.required_scope = ""  # type: ignore[attr-defined]
    return view


def _bearer() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated(
            "Send the API key as Authorization: Bearer sk_…",
            "请在 Authorization: Bearer 里带上 API 密钥",
            code="API_KEY_MISSING",
        )
    return secret.strip()


def _start_clock() -> None:
    g.started = time.monotonic()


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if context.config().public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    response.headers.setdefault("Cache-Control", "no-store")
    _log.info(
        "request",
        extra={
            "method": request.method,
            "endpoint": request.endpoint,
            "status": response.status_code,
            "milliseconds": round((time.monotonic() - g.get("started", 0)) * 1000, 1),
        },
    )
    return response


def scope_of(view: Any) -> str | None:
    """The declared scope of a view: "" for a public one, None for one that declares nothing."""
    return getattr(view, "required_scope", None)
