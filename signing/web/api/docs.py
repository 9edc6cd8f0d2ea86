"""The OpenAPI document and its page for people.

The page is made on the server from the document itself: stock viewers need inline styles, which the
Content-Security-Policy forbids, or another host, which we do not ask (interfaces.md §9).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, render_template
from flask_smorest import Api

from signing.web.api.answers import takes_key
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
    components = api.spec.components
    components.responses.clear()  # these, and two shapes, are flask-smorest's own: not ours
    for name in ("Error", "PaginationMetadata"):
        components.schemas.pop(name, None)
    components.schema("Problem", schema=ProblemOut)
    views = {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}")): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, operations in api.spec._paths.items():  # noqa: SLF001 - apispec has no other access
        for method in filter(operations.get, _METHODS):
            endpoint = views[method, path]
            _complete(operations[method], endpoint, app.view_functions[endpoint])

    @app.get("/api/v1/docs")
    def api_docs() -> Response:
        return Response(render_template("api/docs.html", spec=api.spec.to_dict()))


def describe_values(app: Flask, texts: Sequence[Mapping[str, Any]]) -> None:
    """Put the schema of each text's `values` into the document: declared with the text, once.

    `texts` as `services.texts.list()` gives them.
    """
    spec = next(iter(app.extensions["flask-smorest"]["apis"].values()))["ext_obj"].spec
    names = []
    for text in texts:
        schema = {k: v for k, v in text["values_schema"].items() if k not in ("$schema", "$id")}
        names.append(f"{text['kind'].title().replace('_', '')}Values")
        spec.components.schema(names[-1], schema)
    spec.components.schemas["AgreementIn"]["properties"]["values"] = {
        "description": "The values of the text that `kind` names",
        "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names],
    }


def _complete(operation: dict[str, Any], endpoint: str, view: Any) -> None:
    """What holds for every operation: a name, its key's scope, problems, the Idempotency-Key."""
    operation["operationId"] = endpoint.replace(".", "_")
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)  # flask-smorest's own shape, which is not ours
    responses["default"] = _PROBLEM
    scope = scope_of(view)
    if scope:
        operation["security"] = [{"apiKey": [scope]}]
    if takes_key(view):
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)


_PROBLEM = {
    "description": "A problem (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "Same key and body: the first answer again. Kept 7 days.",
}
