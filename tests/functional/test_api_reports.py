"""`report-compromise` on each engine: what the platform sends, gets and sees from then on."""

import time

import pytest
import requests

from running_service import PATIENCE_SECONDS, Api, party_of, sign_as_worker, worker_of


@pytest.fixture(scope="module")
def platform(service) -> Api:
    """A platform of its own: its seals are nobody else's."""
    with service.opened() as application:
        return Api(service.url, application.services.tenancy.create("平台丙").api_key)


@pytest.fixture(scope="module")
def reported(service, platform):
    """Two pending agreements under one seal, one completed; the seal is reported from the first."""
    body = service.example("written_agreement")
    done = platform.create(body)
    sign_as_worker(service.phone_of(done, body))
    first, second = platform.create(body), platform.create(body)
    path = f"/agreements/{first['id']}/parties/{party_of(first, 'enterprise')['id']}"
    headers = {"Idempotency-Key": "report-1"}
    call = {"body": {"reason": "U 盾丢了"}, "headers": headers}
    answers = [platform.post(f"{path}/report-compromise", **call) for _ in range(2)]
    return {"answers": answers, "first": first, "second": second, "done": done}


def events(platform, agreement):
    items = platform.get(f"/agreements/{agreement['id']}/events").json()["items"]
    return [event["type"] for event in items]


def test_the_answer_is_the_agreement_frozen_and_the_same_again(reported):
    first, again = reported["answers"]

    told = party_of(first.json(), "enterprise")["compromise"]
    assert first.status_code == 200, first.text
    assert (first.json()["status"], first.json()["frozen"]) == ("pending", True)
    assert (told["reported_by"], told["reason"], told["revoked"]) == ("platform", "U 盾丢了", True)
    assert worker_of(first.json())["compromise"] is None
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"


def test_what_bears_the_seal_and_is_pending_is_frozen_and_what_is_done_is_not(platform, reported):
    second, done = (platform.agreement(reported[name]["id"]) for name in ("second", "done"))

    assert (second["frozen"], second["status"]) == (True, "pending")
    assert (done["frozen"], done["status"]) == (False, "completed")
    assert events(platform, second)[-1] == "certificate.revoked"
    assert "certificate.revoked" not in events(platform, done)


def test_a_frozen_agreement_answers_409_in_both_languages(platform, reported):
    worker = worker_of(reported["first"])

    refused = platform.post(f"/agreements/{reported['first']['id']}/parties/{worker['id']}/link")

    assert (refused.status_code, refused.json()["code"]) == (409, "AGREEMENT_FROZEN")
    assert "冻结" in refused.json()["title_zh"]
    assert "frozen" in refused.json()["title"]


def test_the_list_is_published_at_once(service, reported):
    told = party_of(reported["answers"][0].json(), "enterprise")["compromise"]

    crl = requests.get(f"{service.url}/pki/issuing.crl", timeout=30).content

    serial = bytes.fromhex(told["serial"].zfill(len(told["serial"]) + len(told["serial"]) % 2))
    assert serial in crl


def test_the_document_of_the_api_tells_of_it(service):
    document = requests.get(f"{service.url}/api/v1/openapi.json", timeout=30).json()
    path = "/api/v1/agreements/{agreement_id}/parties/{party_id}/report-compromise"

    operation = document["paths"][path]["post"]
    schemas = document["components"]["schemas"]

    assert operation["security"] == [{"apiKey": ["seals"]}]
    assert "frozen" in schemas["AgreementOut"]["required"]
    assert "compromise" in schemas["PartyOut"]["required"]
    assert "certificate.revoked" in schemas["EventOut"]["properties"]["type"]["description"]


@pytest.mark.usefixtures("reported")
def test_the_worker_is_told_and_what_is_stored_agrees(service):
    phone = worker_of(service.example("written_agreement"))["phone"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not has_been_told(service, phone) and time.monotonic() < deadline:
        time.sleep(0.2)

    checked = service.check()

    assert has_been_told(service, phone)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def has_been_told(service, phone):
    return any("印章可能被别人用了" in text for text in service.messages(phone))
