"""What the API answers has the shape that its own document promises."""

import json

import pytest
import requests
from jsonschema import Draft202012Validator

from enterprise_ca import enterprise_of
from running_service import party_of, worker_of

NEW = "/agreements"


@pytest.fixture(scope="module")
def document(service):
    return requests.get(f"{service.url}/api/v1/openapi.json", timeout=30).json()


def mistakes(document, answer, operation: str, path: str) -> list[str]:
    """Where an answer differs from what the document says of that operation."""
    method, _, name = operation.partition(" ")
    responses = document["paths"][f"/api/v1{name}"][method.lower()]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])
    ((content_type, media),) = described["content"].items()
    assert answer.headers["Content-Type"].partition(";")[0] == content_type, path
    if not content_type.endswith("json"):
        return []
    schema = {**media["schema"], "components": document["components"]}
    found = Draft202012Validator(schema).iter_errors(answer.json())
    unknown = unknown_members(document, media["schema"], answer.json())
    return [*(f"{path}: {e.json_path} {e.message}" for e in found), *unknown]


def unknown_members(document, schema, value) -> list[str]:
    """Members at the top that the document does not know; problems may have more (RFC 9457)."""
    name = schema["$ref"].rpartition("/")[2]
    known = document["components"]["schemas"][name]["properties"]
    return [] if name == "Problem" else [f"{name}.{m}" for m in value if m not in known]


def test_every_answer_has_the_shape_that_the_document_promises(service, api, document):
    body = service.example("written_agreement")
    party_of(body, "enterprise")["seal"] = "manual"
    made = api.post(NEW, body)
    agreement = made.json()
    one = f"{NEW}/{agreement['id']}"
    enterprise = f"{one}/parties/{party_of(agreement, 'enterprise')['id']}"
    worker = f"{one}/parties/{worker_of(agreement)['id']}"
    certificates = {"certificates": enterprise_of(body).certificates()}
    files = {"file": ("a.pdf", api.get(f"{one}/document").content)}
    an_agreement, a_party = (
        f"{NEW}/{{agreement_id}}",
        f"{NEW}/{{agreement_id}}/parties/{{party_id}}",
    )
    answers = {
        f"POST {NEW}": made,
        f"POST {NEW}/check": api.post(f"{NEW}/check", body),
        f"GET {NEW}": api.get(f"{NEW}?limit=2"),
        f"GET {an_agreement}": api.get(one),
        f"GET {an_agreement}/document": api.get(f"{one}/document"),
        f"GET {an_agreement}/preview": api.get(f"{one}/preview"),
        f"GET {an_agreement}/evidence": api.get(f"{one}/evidence"),
        f"GET {an_agreement}/events": api.get(f"{one}/events"),
        f"POST {a_party}/signature-request": api.post(
            f"{enterprise}/signature-request", certificates
        ),
        f"POST {a_party}/signature": api.post(f"{enterprise}/signature", {"value": "MAA="}),
        f"POST {a_party}/seal": api.post(f"{enterprise}/seal"),
        f"POST {a_party}/link": api.post(f"{worker}/link"),
        f"POST {an_agreement}/void": api.post(f"{one}/void", {"reason": "试一试"}),
        "GET /templates": api.get("/templates"),
        "GET /templates/{kind}": api.get("/templates/tripartite_agreement"),
        "POST /verifications": requests.post(
            f"{api.url}/api/v1/verifications", files=files, timeout=60
        ),
    }

    found = [
        mistake
        for operation, answer in answers.items()
        for mistake in mistakes(document, answer, operation, operation)
    ]

    assert found == []
    refused = {name for name, answer in answers.items() if answer.status_code >= 400}
    assert refused == {f"POST {a_party}/signature"}


def test_problems_have_the_shape_that_the_document_promises(service, api, document):
    unlawful = service.example("labour_contract")
    unlawful["values"]["other_terms"] = "劳动者自愿放弃社会保险，单位不缴纳社会保险。"
    answers = [
        api.call("POST", NEW, data=b"{"),
        api.post(NEW, {}),
        api.post(NEW, unlawful),
        api.get(NEW, headers={"Authorization": ""}),
    ]

    found = [mistake for a in answers for mistake in mistakes(document, a, f"POST {NEW}", "")]

    assert [answer.status_code for answer in answers] == [400, 422, 422, 401]
    assert found == [], json.dumps(found, ensure_ascii=False)
