"""Errors as answers: RFC 9457 problems for programs, pages for people. The only giver of numbers.

Rules kept here:
* every error has a stable `code`, English and Chinese words, and for bad input the list of all
  mistakes with their paths;
* what we did not expect is an opaque 500 with an id that stands in the log too: no trace, no value
  of the request (ASVS 16.5.1).
"""

import json
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from signing import errors
from signing.domain.ceremony import WrongAnswer
from signing.domain.finding import Finding, Unlawful

STATUS: Mapping[type[errors.SigningError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    Unlawful: 422,
    errors.Locked: 423,
    errors.TooMany: 429,
    WrongAnswer: 422,
    errors.Rejected: 422,
    errors.Unavailable: 503,
    errors.Broken: 500,
    errors.SigningError: 500,
}
"""The nearest class of an error's ancestry decides."""

RETRY_AFTER_SECONDS = 5
_HTTP_ZH: Mapping[int, str] = {
    400: "请求看不懂，请检查格式",
    404: "没有这个地址",
    405: "这个地址不支持这种方法",
    413: "文件太大",
    415: "请用 application/json",
    429: "太频繁了，请过一会儿再试",
}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Answer every error of this application."""
    app.register_error_handler(errors.SigningError, _signing_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: errors.SigningError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def finding_view(finding: Finding) -> dict[str, Any]:
    """A finding as the API shows it (interfaces.md §4)."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "article": finding.article,
        "message_zh": finding.message_zh,
        "message": finding.message,
        "path": finding.path,
        "excerpt": finding.excerpt,
        "instead_zh": finding.instead_zh,
    }


def field_error_view(mistake: errors.FieldError) -> dict[str, str]:
    """A mistake of shape as the API shows it."""
    return {
        "path": mistake.path,
        "code": mistake.code,
        "message": mistake.message,
        "message_zh": mistake.message_zh,
    }


def problem_view(error: errors.SigningError) -> dict[str, Any]:
    """The members of the problem document."""
    status = status_of(error)
    view: dict[str, Any] = {
        "type": f"urn:signing:problem:{error.code.lower().replace('_', '-')}",
        "title": error.message,
        "title_zh": error.message_zh,
        "status": status,
        "code": error.code,
        "detail": error.message,
        "detail_zh": error.message_zh,
    }
    if isinstance(error, errors.Invalid):
        view["errors"] = [field_error_view(mistake) for mistake in error.errors]
        if "findings" in error.facts:
            view["findings"] = [finding_view(finding) for finding in error.facts["findings"]]
    if isinstance(error, Unlawful):
        view["findings"] = [finding_view(finding) for finding in error.findings]
    facts = {key: _plain(value) for key, value in error.facts.items()}
    return {**view, **{key: value for key, value in facts.items() if key not in view}}


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _signing_error(error: errors.SigningError) -> Response:
    status = status_of(error)
    if isinstance(error, errors.Broken):
        return _unexpected(error)
    response = _answer(problem_view(error), status)
    if isinstance(error, errors.Unauthenticated) and _wants_problem():
        response.headers["WWW-Authenticate"] = 'Bearer realm="signing"'
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.facts.get("retry_after_seconds", 60))
    if isinstance(error, errors.Unavailable) or error.code == "IDEMPOTENCY_IN_FLIGHT":
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None and status < 400:  # noqa: PLR2004 - a redirect is no error
        return cast("Response", error.get_response())
    view = {
        "type": "about:blank",
        "title": error.name,
        "title_zh": _HTTP_ZH.get(status, "请求没有办成"),
        "status": status,
        "code": error.name.upper().replace(" ", "_"),
        "detail": error.description or error.name,
        "detail_zh": _HTTP_ZH.get(status, "请求没有办成"),
    }
    response = _answer(view, status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    incident = secrets.token_hex(8)
    code = error.code if isinstance(error, errors.SigningError) else "BROKEN"
    _log.error(
        "request failed", exc_info=error, extra={"incident": incident, "endpoint": request.endpoint}
    )
    view = {
        "type": "about:blank",
        "title": "Something is broken on our side",
        "title_zh": "我们这边出了毛病",
        "status": 500,
        "code": code,
        "detail": f"Tell the operator this number: {incident}",
        "detail_zh": f"请把这个编号告诉管理员：{incident}",
        "incident": incident,
    }
    return _answer(view, 500)


def _wants_problem() -> bool:
    """Programs get JSON: the API, the signing page's script, and who asks for it before HTML."""
    is_script = (request.endpoint or "").startswith("signer.exchange.")
    if is_script or request.path.startswith(("/api/", "/tsa", "/log/", "/pki/")):
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def _answer(view: dict[str, Any], status: int) -> Response:
    if _wants_problem():
        body = json.dumps(view, ensure_ascii=False)
        return Response(body, status, content_type="application/problem+json; charset=utf-8")
    return Response(render_template("errors/error.html", problem=view), status)
