"""The OpenAPI document and its page for people.

The page is made on the server from the document itself: stock viewers need inline styles, which the
Content-Security-Policy forbids, or another host, which we do not ask (interfaces.md §9).
"""

from typing import Any

from flask import Flask, Response, render_template
from flask_smorest import Api

from signing.web.api.schemas import ProblemOut
from signing.web.security import scope_of

SPEC_OPTIONS: dict[str, Any] = {
    "info": {
        "description": (
            "Agreements between platforms and workers: made, checked against the law, signed on "
            "the worker's own phone, provable offline. Errors are RFC 9457 problems."
        )
    },
    "components": {
        "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "sk_…"}}
    },
}
_METHODS = ("get", "post", "put", "patch", "delete")


def install(app: Flask, api: Api) -> None:
    """Finish the document once all views are known, and serve its page."""
    api.spec.components.schema("Problem", schema=ProblemOut)
    _describe_errors(app, api)

    @app.get("/api/v1/docs")
    def api_docs() -> Response:
        return Response(render_template("api/docs.html", spec=api.spec.to_dict()))


def _describe_errors(app: Flask, api: Api) -> None:
    """Every operation may answer with a problem; those with a scope need a key."""
    problem = {
        "description": "A problem (RFC 9457)",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    scopes = {
        rule.rule.replace("<", "{").replace(">", "}"): scope_of(app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
    }
    for path, operations in api.spec._paths.items():  # noqa: SLF001 - apispec has no other access
        for method in _METHODS:
            operation = operations.get(method)
            if operation is None:
                continue
            operation.setdefault("responses", {})["default"] = problem
            if scopes.get(path):
                operation["security"] = [{"apiKey": []}]
            if method == "post" and scopes.get(path):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)


_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "Same key and body: the first answer again. Kept 7 days.",
}
