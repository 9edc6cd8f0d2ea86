"""Notice to sign, certificate of the end, certified copy: the enterprise's alone, over HTTP."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from running_service import sign_as_worker, worker_of

NOTICE = {
    "sign_by_date": "2027-06-30",
    "sign_channel": "本通知所附的签署链接",
    "contact": "人力资源部刘敏，电话0731-88860117",
}
END = {
    "termination_reason": "worker_proposed",
    "termination_date": "2027-06-30",
    "settlement_date": "2027-06-30",
    "service_months": 7,
}


@pytest.fixture
def body(service):
    return service.example("labour_contract")


@pytest.fixture
def pending(api, body):
    """A labour contract that waits for its worker."""
    return api.create(body)


@pytest.fixture
def contract(service, api, body):
    """A completed labour contract."""
    return signed(service, api, api.create(body), body)


def signed(service, api, agreement, body):
    sign_as_worker(service.phone_of(agreement, body))
    return api.wait_for(agreement["id"], status="completed")


def made(api, path, values=None):
    answer = api.post(path, {"values": values or {}})
    assert answer.status_code == 201, answer.text
    return answer.json()


def judged(service, api, document, folder: Path):
    """The verdict of `signing verify` on the file as it is downloaded."""
    pdf = api.get(f"/agreements/{document['id']}/document").content
    file = folder / f"{document['companion']}.pdf"
    file.write_bytes(pdf)
    program = Path(sys.executable).with_name("signing")
    done = subprocess.run(
        [program, "verify", file, "--trust", service.folder / "trust", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout), pdf


def named(parent):
    return {key: parent[key] for key in ("id", "number")} | {"sha256": parent["document_sha256"]}


@pytest.mark.parametrize("what", ["notices", "certificates", "copies"])
def test_a_one_sided_document_is_sealed_at_once_and_verifies(service, api, what, tmp_path, request):
    parent = request.getfixturevalue("pending" if what == "notices" else "contract")
    values = {"notices": NOTICE, "certificates": LATER, "copies": {}}[what]

    document = made(api, f"/agreements/{parent['id']}/{what}", values)

    assert document["status"] == "completed"
    assert [p["custody"] for p in document["parties"]] == ["service"]
    assert named(parent).items() <= document["parent"].items()
    archived = api.wait_for(document["id"], archive_sha256=...)
    verdict, pdf = judged(service, api, archived, tmp_path)
    assert verdict["indication"] == "TOTAL-PASSED"
    assert verdict["document"]["complete"] is True
    assert hashlib.sha256(pdf).hexdigest() == archived["archive_sha256"]
    preview = api.get(f"/agreements/{document['id']}/preview").text
    assert parent["number"] in preview
    assert parent["document_sha256"] in preview
    assert api.agreement(parent["id"])["document_sha256"] == parent["document_sha256"]
    assert service.check().returncode == 0


LATER = {
    "service_months": 7,
    "termination_date": "2027-06-30",
    "termination_basis": "worker_notice",
}


def test_the_worker_is_told_of_a_notice_and_the_telling_is_an_event(service, api, body):
    worker_of(body)["phone"] = "13911110042"
    pending = api.create(body)

    notice = made(api, f"/agreements/{pending['id']}/notices", NOTICE)

    wait_for_event(api, notice, "agreement.delivered")
    told = [text for text in service.messages("13911110042") if "订立书面劳动合同通知书" in text]
    assert len(told) == 1
    assert notice["number"] in told[0]
    assert notice["document_sha256"][:6].upper() in told[0]
    assert service.check().returncode == 0


def wait_for_event(api, agreement, name):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if name in {
            e["type"] for e in api.get(f"/agreements/{agreement['id']}/events").json()["items"]
        }:
            return
        time.sleep(0.2)
    raise AssertionError(f"{agreement['id']} has no {name}")


def test_a_copy_says_that_it_agrees_with_the_original_and_bears_its_code(api, contract):
    copy = made(api, f"/agreements/{contract['id']}/copies")

    preview = api.get(f"/agreements/{copy['id']}/preview").text
    assert "与原件核对一致" in preview
    assert contract["document_sha256"][:12].upper() in preview
    assert copy["parent"]["code"] == contract["document_sha256"][:12].upper()
    assert int(copy["parent"]["pages"]) > 1


def test_the_certificate_of_a_termination_takes_over_what_was_agreed(service, api, body, contract):
    end = made(api, f"/agreements/{contract['id']}/terminations", END)
    end = signed(service, api, end, body)

    certificate = made(api, f"/agreements/{end['id']}/certificates")

    assert named(end).items() <= certificate["parent"].items()
    assert certificate["parent"]["contract_sha256"] == contract["document_sha256"]
    preview = api.get(f"/agreements/{certificate['id']}/preview").text
    assert contract["document_sha256"] in preview
    assert end["document_sha256"] in preview
    assert "2027年6月30日" in preview


def test_a_copy_of_an_amendment_can_be_certified_too_but_not_of_a_copy(api, contract):
    certificate = made(api, f"/agreements/{contract['id']}/certificates", LATER)

    copy = made(api, f"/agreements/{certificate['id']}/copies")

    assert copy["parent"]["title"] == "解除（终止）劳动合同证明书"
    assert code(api, copy, "copies") == (409, "PARENT_IS_COMPANION")


def code(api, parent, what, values=None):
    answer = api.post(f"/agreements/{parent['id']}/{what}", {"values": values or {}})
    return answer.status_code, answer.json().get("code")


def test_what_is_signed_needs_no_notice_and_what_is_not_has_no_copy(api, pending, contract):
    assert code(api, contract, "notices", NOTICE) == (409, "PARENT_SIGNED")
    assert code(api, pending, "copies") == (409, "PARENT_NOT_COMPLETED")
    assert code(api, pending, "certificates", LATER) == (409, "PARENT_NOT_COMPLETED")


def test_a_written_agreement_has_neither_notice_nor_certificate(service, api):
    agreement = api.create(service.example("written_agreement"))

    assert code(api, agreement, "notices", NOTICE) == (409, "PARENT_KIND")
    assert code(api, agreement, "certificates", LATER) == (409, "PARENT_KIND")


def test_another_platform_gets_no_copy(other, contract):
    assert code(other, contract, "copies") == (404, "NOT_FOUND")


def test_what_the_certificate_does_not_say_is_asked_for(api, contract):
    answer = api.post(f"/agreements/{contract['id']}/certificates", {"values": {}})

    assert answer.status_code == 422
    paths = {error["path"] for error in answer.json()["errors"]}
    assert {"values.termination_date", "values.termination_basis"} <= paths
