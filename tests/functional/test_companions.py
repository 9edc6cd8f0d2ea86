"""Amendment, renewal and termination of a signed agreement, over HTTP."""

import pytest

from running_service import sign_as_worker

CHANGE = {
    "effective_date": "2027-03-01",
    "reason": "季度协商调整报酬标准",
    "changes": [{"clause": "恶劣天气补贴", "after": "每单4元"}],
    "guaranteed_hourly_fen": 2700,
}
ENDING = {
    "termination_reason": "worker_proposed",
    "termination_date": "2027-06-30",
    "settlement_date": "2027-07-05",
}


@pytest.fixture
def body(service):
    return service.example("written_agreement")


@pytest.fixture
def parent(service, api, body):
    """A completed written agreement."""
    return signed(service, api, api.create(body), body)


def signed(service, api, agreement, body):
    """The agreement once its worker has signed on a phone."""
    sign_as_worker(service.phone_of(agreement, body))
    return api.wait_for(agreement["id"], status="completed")


def test_an_amendment_is_signed_anew_and_names_its_parents_hash(service, api, parent, body):
    answer = api.post(f"/agreements/{parent['id']}/amendments", {"values": CHANGE})

    assert answer.status_code == 201, answer.text
    amendment = answer.json()
    assert amendment["companion"] == "amendment"
    assert amendment["parent"] == {
        "id": parent["id"],
        "number": parent["number"],
        "sha256": parent["document_sha256"],
    }
    done = signed(service, api, amendment, body)
    assert done["document_sha256"] != parent["document_sha256"]
    assert api.agreement(parent["id"])["document_sha256"] == parent["document_sha256"]
    preview = api.get(f"/agreements/{done['id']}/preview").text
    assert parent["document_sha256"] in preview
    assert parent["number"] in preview


def test_an_agreement_that_is_not_signed_by_all_cannot_be_amended(api, body):
    pending = api.create(body)

    answer = api.post(f"/agreements/{pending['id']}/amendments", {"values": CHANGE})

    assert answer.status_code == 409
    assert answer.json()["code"] == "PARENT_NOT_COMPLETED"


def test_an_amendment_below_the_lowest_wage_is_refused(api, parent):
    values = {**CHANGE, "guaranteed_hourly_fen": 900}

    answer = api.post(f"/agreements/{parent['id']}/amendments", {"values": values})

    assert answer.status_code == 422
    blocking = {f["rule"] for f in answer.json()["findings"] if f["severity"] == "block"}
    assert blocking == {"R-06a"}


def test_another_platform_cannot_end_the_agreement(other, parent):
    answer = other.post(f"/agreements/{parent['id']}/terminations", {"values": ENDING})

    assert answer.status_code == 404


def test_an_amendment_cannot_be_amended_in_turn(api, parent):
    amendment = api.post(f"/agreements/{parent['id']}/amendments", {"values": CHANGE}).json()

    answer = api.post(f"/agreements/{amendment['id']}/amendments", {"values": CHANGE})

    assert answer.status_code == 409
    assert answer.json()["code"] == "PARENT_IS_COMPANION"
