"""Every operation of the API's own document × who calls: generated, so a new one is in it (T04).

Another platform's agreement answers byte for byte like one that never was; without a key nothing
answers, and with a key of another scope neither.
"""

import json

import pytest
import requests

from running_service import Api, worker_of

BODIES = {
    "/agreements": {},
    "/check": {},
    "/void": {"reason": "x"},
    "/signature-request": {"certificates": ["MAA="]},
    "/signature": {"value": "MAA="},
    "/amendments": {"values": {}},
    "/renewals": {"values": {}},
    "/terminations": {"values": {}},
    "/notices": {"values": {}},
    "/certificates": {"values": {}},
    "/copies": {"values": {}},
    "/report-compromise": {"reason": "x"},
}
"""A body of the right shape for each operation that takes one, by the end of its path."""


@pytest.fixture(scope="module")
def operations(service) -> list[tuple[str, str, str]]:
    """(method, path, scope) of every operation that needs a key."""
    document = requests.get(f"{service.url}/api/v1/openapi.json", timeout=30).json()
    found = [
        (method.upper(), path.removeprefix("/api/v1"), operation["security"][0]["apiKey"][0])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "security" in operation
    ]
    assert len(found) > 15
    return found


@pytest.fixture(scope="module")
def nobodys(service) -> Api:
    """A key of the platform for something else entirely."""
    return service.key_with("webhooks")


@pytest.fixture(scope="module")
def theirs(service):
    """An agreement of the first platform, for the second to reach for."""
    return service.api.create(service.example("written_agreement"))


def call(api: Api, method: str, path: str, **names: str) -> requests.Response:
    body = next((b for end, b in BODIES.items() if method == "POST" and path.endswith(end)), None)
    data = None if body is None else json.dumps(body).encode()
    return api.call(method, path.format(kind="written_agreement", **names), data=data)


def without_time(answer: requests.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Date"}


def test_anothers_agreement_is_one_that_never_was(service, api, other, operations, theirs):
    real = {"agreement_id": theirs["id"], "party_id": worker_of(theirs)["id"]}
    never = {"agreement_id": "agr_" + "0" * 32, "party_id": "pty_" + "0" * 32}
    reaching = [(method, path) for method, path, _ in operations if "{agreement_id}" in path]
    before = api.get(f"/agreements/{theirs['id']}/events").json()

    for method, path in reaching:
        seen, unseen = call(other, method, path, **real), call(other, method, path, **never)

        assert seen.status_code == 404, f"{method} {path}: {seen.text}"
        assert seen.content == unseen.content, f"{method} {path}"
        assert without_time(seen) == without_time(unseen), f"{method} {path}"
    after = api.get(f"/agreements/{theirs['id']}/events").json()
    assert [e["leaf_hash"] for e in after["items"]] == [e["leaf_hash"] for e in before["items"]]
    assert len(reaching) > 12


def test_without_a_key_nothing_answers(service, operations, theirs):
    names = {"agreement_id": theirs["id"], "party_id": worker_of(theirs)["id"]}
    nobody = Api(service.url, "")

    for method, path, _ in operations:
        answer = call(nobody, method, path, **names)

        assert answer.status_code == 401, f"{method} {path}"
        assert answer.json()["code"] == "API_KEY_MISSING"


def test_with_a_key_of_another_scope_nothing_answers(nobodys, operations, theirs):
    names = {"agreement_id": theirs["id"], "party_id": worker_of(theirs)["id"]}

    for method, path, scope in operations:
        answer = call(nobodys, method, path, **names)

        assert answer.status_code == 403, f"{method} {path}"
        assert answer.json()["scope"] == scope


def test_a_workers_link_is_no_key(service, operations, theirs):
    token = worker_of(theirs)["signing_link"].rpartition("/")[2]
    names = {"agreement_id": theirs["id"], "party_id": worker_of(theirs)["id"]}

    for method, path, _ in operations:
        assert call(Api(service.url, token), method, path, **names).status_code == 401


def test_an_unknown_id_of_any_kind_answers_alike(other):
    ids = ["agr_" + f"{n:032x}" for n in range(20)] + ["x", "agr_", "agr_" + "f" * 33, "张三"]

    answers = [other.get(f"/agreements/{each}") for each in ids]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
