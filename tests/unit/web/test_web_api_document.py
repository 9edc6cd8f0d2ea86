"""The OpenAPI document says what the API does, and no view of the API is without a scope."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from signing.config import Config
from signing.web.application import install_context, make_flask
from signing.web.security import scope_of

OFFICIAL = Path(__file__).parents[2] / "vectors" / "openapi-3.1.schema.json"
"""https://spec.openapis.org/oas/3.1/schema/2022-10-07, as it is published (Apache-2.0)."""

METHODS = ("get", "post", "put", "patch", "delete")
SCOPES = {"", "agreements", "links", "seals", "reports", "webhooks"}
BESIDE = {"/api/v1/openapi.json", "/api/v1/docs"}
"""What is served under /api/v1 and is no operation."""


@pytest.fixture(scope="module")
def app():
    config = Config.from_env({})
    app = make_flask(config)
    install_context(app, services=None, config=config, cookie_secret=bytes(32))
    return app


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/api/v1/openapi.json").json


def api_rules(app):
    return [
        r for r in app.url_map.iter_rules() if r.rule.startswith("/api/") and r.rule not in BESIDE
    ]


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def nodes(value):
    yield value
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, dict | list):
            yield from nodes(member)


def test_the_document_is_valid_by_the_official_schema(document):
    official = Draft202012Validator(json.loads(OFFICIAL.read_text("utf-8")))

    assert [e.message for e in official.iter_errors(document)] == []
    assert document["openapi"].startswith("3.1")


def test_every_shape_in_it_is_a_json_schema(document):
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_in_it_leads_somewhere(document):
    references = {n["$ref"] for n in nodes(document) if isinstance(n, dict) and "$ref" in n}

    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    assert references


def test_it_has_no_shape_that_nobody_uses(document):
    references = {n["$ref"] for n in nodes(document) if isinstance(n, dict) and "$ref" in n}
    used = {reference.rpartition("/")[2] for reference in references}

    assert set(document["components"]["schemas"]) == used
    assert set(document["components"]) == {"schemas", "securitySchemes"}


def test_it_describes_every_view_of_the_api_and_no_other(app, document):
    views = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in api_rules(app)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {name for name, _ in operations(document)} == views


def test_every_view_of_the_api_declares_a_scope(app):
    declared = {rule.rule: scope_of(app.view_functions[rule.endpoint]) for rule in api_rules(app)}

    assert {rule: scope for rule, scope in declared.items() if scope not in SCOPES} == {}
    assert [rule for rule, scope in declared.items() if scope == ""] == ["/api/v1/verifications"]


def test_it_says_which_operations_need_a_key(document):
    without = [name for name, operation in operations(document) if "security" not in operation]

    assert without == ["POST /api/v1/verifications"]
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    link = document["paths"]["/api/v1/agreements/{agreement_id}/parties/{party_id}/link"]["post"]
    assert link["security"] == [{"apiKey": ["links"]}]


def test_it_says_which_operations_give_the_first_answer_again(document):
    under_key = [
        name
        for name, operation in operations(document)
        if "Idempotency-Key" in [p["name"] for p in operation.get("parameters", [])]
    ]

    creating = [name for name, operation in operations(document) if "201" in operation["responses"]]
    assert set(creating) < set(under_key)
    assert not [name for name in under_key if name.startswith("GET")]


def test_it_says_that_every_operation_may_answer_with_a_problem(document):
    for name, operation in operations(document):
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, name


def test_it_has_a_word_about_every_operation_and_no_two_share_a_name(document):
    found = [operation for _, operation in operations(document)]

    names = [operation["operationId"] for operation in found]
    assert all(operation.get("summary") for operation in found)
    assert len(set(names)) == len(names)


def test_its_page_is_made_on_the_server_and_asks_nobody_else(app, document):
    page = app.test_client().get("/api/v1/docs").text

    assert "<script" not in page
    assert "style" not in page
    assert "//" not in page
    assert all(f"<code>{path}</code>" in page for path in document["paths"])
    assert all(f'id="{name}"' in page for name in document["components"]["schemas"])
