"""The three walks over HTTP: a platform issues, a worker signs, a stranger verifies offline."""

import io
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from enterprise_ca import Enterprise, enterprise_of
from running_service import party_of, sign_as_worker, worker_of

KINDS = ["labour_contract", "written_agreement", "tripartite_agreement"]
SIGNERS = {"labour_contract": 2, "written_agreement": 2, "tripartite_agreement": 3}


def verify_offline(folder, pdf: bytes, evidence: bytes | None, trust: Path) -> dict:
    """`signing verify` in an interpreter of its own."""
    call = [sys.executable, "-m", "signing.cli.main", "verify", "--json", "--trust", str(trust)]
    (folder / "agreement.pdf").write_bytes(pdf)
    if evidence is not None:
        (folder / "evidence.zip").write_bytes(evidence)
        call += ["--evidence", str(folder / "evidence.zip")]
    call.append(str(folder / "agreement.pdf"))
    return json.loads(subprocess.run(call, capture_output=True, timeout=60, check=False).stdout)


def verify_at_the_portal(api, pdf: bytes, evidence: bytes | None = None) -> dict:
    """POST /verifications, without a key."""
    files = {"file": ("a.pdf", pdf)} | ({"evidence": ("e.zip", evidence)} if evidence else {})
    answer = requests.post(f"{api.url}/api/v1/verifications", files=files, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", KINDS)
def test_a_platform_issues_a_worker_signs_and_a_stranger_verifies(service, api, kind, tmp_path):
    body = service.example(kind)

    agreement = api.create(body)
    sign_as_worker(service.phone_of(agreement, body))
    done = api.wait_for(agreement["id"], archive_sha256=...)

    assert done["status"] == "completed"
    assert [party["status"] for party in done["parties"]] == ["signed"] * SIGNERS[kind]
    assert worker_of(done)["custody"] == "device"
    pdf = api.get(f"/agreements/{done['id']}/document").content
    evidence = api.get(f"/agreements/{done['id']}/evidence").content
    verdict = verify_offline(tmp_path, pdf, evidence, service.folder / "trust")
    assert (verdict["indication"], verdict["outcome"]) == ("TOTAL-PASSED", "valid")
    assert len(verdict["signatures"]) == SIGNERS[kind]
    assert verdict["signatures"][-1]["role"] == "worker"
    assert verdict["document"]["number"] == done["number"]
    assert verdict["document"]["identical_to_stored"] is True
    assert verdict["log"]["included"] is True


def test_the_portal_gives_the_verdict_of_the_command_line(service, api, tmp_path):
    body = service.example("written_agreement")
    agreement = api.create(body)
    sign_as_worker(service.phone_of(agreement, body))
    api.wait_for(agreement["id"], archive_sha256=...)
    pdf = api.get(f"/agreements/{agreement['id']}/document").content
    evidence = api.get(f"/agreements/{agreement['id']}/evidence").content

    portal = verify_at_the_portal(api, pdf, evidence)

    offline = verify_offline(tmp_path, pdf, evidence, service.folder / "trust")
    assert {**portal, "generated_at": ""} == {**offline, "generated_at": ""}


def test_the_portal_finds_the_evidence_of_a_file_that_it_knows(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    sign_as_worker(service.phone_of(agreement, body))
    signed = api.get(f"/agreements/{agreement['id']}/document").content

    verdict = verify_at_the_portal(api, signed)

    assert verdict["indication"] == "TOTAL-PASSED"
    assert verdict["log"]["included"] is True
    assert verdict["document"]["identical_to_stored"] is True


@pytest.mark.parametrize(
    ("damage", "indication", "outcome"),
    [
        (lambda pdf: pdf[:3000] + bytes([pdf[3000] ^ 1]) + pdf[3001:], "TOTAL-FAILED", "tampered"),
        (lambda pdf: pdf + b"\n% more\n", "TOTAL-FAILED", "tampered"),
        (lambda pdf: b"GIF89a" + pdf[6:], None, "unreadable"),
    ],
    ids=["a flipped byte", "bytes appended", "no PDF"],
)
def test_a_damaged_file_never_passes(service, api, damage, indication, outcome):
    agreement = api.create(service.example("written_agreement"))
    pdf = api.get(f"/agreements/{agreement['id']}/document").content

    verdict = verify_at_the_portal(api, damage(pdf))

    assert (verdict["indication"], verdict["outcome"]) == (indication, outcome)


def test_a_half_signed_file_is_incomplete_and_named_so(service, api):
    agreement = api.create(service.example("tripartite_agreement"))

    answer = api.get(f"/agreements/{agreement['id']}/document")

    assert "%E6%9C%AA%E5%AE%8C%E6%88%90.pdf" in answer.headers["Content-Disposition"]
    verdict = verify_at_the_portal(api, answer.content)
    assert (verdict["indication"], verdict["outcome"]) == ("INDETERMINATE", "incomplete")
    assert [s["role"] for s in verdict["signatures"]] == ["platform", "service_provider"]


def test_the_worker_may_sign_first_and_the_enterprise_concludes(service, api, tmp_path):
    body = service.example("written_agreement", order="worker_first")
    agreement = api.create(body)
    assert [party["status"] for party in agreement["parties"]] == ["waiting", "invited"]

    sign_as_worker(service.phone_of(agreement, body))

    done = api.wait_for(agreement["id"], archive_sha256=...)
    assert done["status"] == "completed"
    pdf = api.get(f"/agreements/{agreement['id']}/document").content
    verdict = verify_offline(tmp_path, pdf, None, service.folder / "trust")
    assert verdict["indication"] == "TOTAL-PASSED"
    assert [s["role"] for s in verdict["signatures"]] == ["worker", "enterprise"]


def test_a_seal_is_set_when_the_platform_says_so_and_once_only(service, api):
    body = service.example("written_agreement")
    party_of(body, "enterprise")["seal"] = "manual"
    agreement = api.create(body)
    enterprise = party_of(agreement, "enterprise")
    assert enterprise["status"] == "invited"
    assert worker_of(agreement)["status"] == "waiting"
    path = f"/agreements/{agreement['id']}/parties/{enterprise['id']}/seal"

    first, second = api.post(path), api.post(path)

    assert [first.status_code, second.status_code] == [200, 200]
    sealed = party_of(first.json(), "enterprise")
    assert (sealed["status"], sealed["custody"]) == ("signed", "service")
    assert second.json() == first.json()
    events = [e["type"] for e in api.get(f"/agreements/{agreement['id']}/events").json()["items"]]
    assert events.count("party.signed") == 1
    sign_as_worker(service.phone_of(first.json(), body))
    assert api.agreement(agreement["id"])["status"] == "completed"


def test_an_enterprise_signs_with_its_own_key(service, api, tmp_path):
    body = service.example("written_agreement")
    party_of(body, "enterprise")["seal"] = "manual"
    agreement, enterprise = api.create(body), enterprise_of(body)
    path = f"/agreements/{agreement['id']}/parties/{party_of(agreement, 'enterprise')['id']}"

    asked = api.post(f"{path}/signature-request", {"certificates": enterprise.certificates()})
    assert asked.status_code == 200, asked.text
    value = enterprise.sign(asked.json()["to_be_signed"])
    signed = api.post(f"{path}/signature", {"value": value})
    again = api.post(f"{path}/signature", {"value": value})

    assert signed.status_code == 200, signed.text
    assert party_of(signed.json(), "enterprise")["custody"] == "external"
    assert again.json() == signed.json()
    sign_as_worker(service.phone_of(signed.json(), body))
    api.wait_for(agreement["id"], archive_sha256=...)
    pdf = api.get(f"/agreements/{agreement['id']}/document").content
    unknown = verify_offline(tmp_path, pdf, None, service.folder / "trust")
    assert (unknown["indication"], unknown["outcome"]) == ("INDETERMINATE", "valid_unknown_issuer")
    trust = enterprise.trusted_too(service.folder / "trust", tmp_path / "trust")
    known = verify_offline(tmp_path, pdf, None, trust)
    assert (known["indication"], known["outcome"]) == ("TOTAL-PASSED", "valid")


def test_a_certificate_of_somebody_else_is_refused_before_anything_is_signed(service, api):
    body = service.example("written_agreement")
    party_of(body, "enterprise")["seal"] = "manual"
    agreement, stranger = api.create(body), Enterprise("别的公司")
    path = f"/agreements/{agreement['id']}/parties/{party_of(agreement, 'enterprise')['id']}"

    refused = api.post(f"{path}/signature-request", {"certificates": stranger.certificates()})

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "CERTIFICATE_UNUSABLE")
    assert (problem["reason"], problem["title_zh"][:6]) == ("PARTY_NAME", "证书不能用：")
    events = [e["type"] for e in api.get(f"/agreements/{agreement['id']}/events").json()["items"]]
    assert "signature.requested" not in events


def test_a_value_of_another_key_is_refused_and_changes_nothing(service, api):
    body = service.example("written_agreement")
    party_of(body, "enterprise")["seal"] = "manual"
    agreement, enterprise, stranger = api.create(body), enterprise_of(body), enterprise_of(body)
    path = f"/agreements/{agreement['id']}/parties/{party_of(agreement, 'enterprise')['id']}"
    asked = api.post(f"{path}/signature-request", {"certificates": enterprise.certificates()})

    refused = api.post(f"{path}/signature", {"value": stranger.sign(asked.json()["to_be_signed"])})

    assert (refused.status_code, refused.json()["code"]) == (422, "SIGNATURE_INVALID")
    assert party_of(api.agreement(agreement["id"]), "enterprise")["status"] == "invited"


def test_the_evidence_package_is_what_the_interface_says(service, api):
    body = service.example("written_agreement")
    agreement = api.create(body)
    sign_as_worker(service.phone_of(agreement, body))
    done = api.wait_for(agreement["id"], archive_sha256=...)

    answer = api.get(f"/agreements/{agreement['id']}/evidence")

    package = zipfile.ZipFile(io.BytesIO(answer.content))
    names = package.namelist()
    manifest = json.loads(package.read("manifest.json"))
    events = api.get(f"/agreements/{agreement['id']}/events").json()["items"]
    assert names[0] == "mimetype"
    assert package.infolist()[0].compress_type == zipfile.ZIP_STORED
    assert package.read("mimetype") == b"application/vnd.etsi.asic-e+zip"
    assert sha256(package.read("agreement.pdf")).hexdigest() == done["archive_sha256"]
    assert manifest["document_sha256"] == done["document_sha256"]
    assert [e["type"] for e in manifest["events"]] == [e["type"] for e in events]
    assert [e["n"] for e in manifest["events"]] == list(range(1, len(events) + 1))
    for event in events:
        leaf = package.read(f"events/{event['n']:04d}.json")
        assert sha256(b"\x00" + leaf).hexdigest() == event["leaf_hash"]
    for file in manifest["files"]:
        assert sha256(package.read(file["path"])).hexdigest() == file["sha256"]
    assert {"checkpoint", "checkpoint.tsr", "report.pdf", "README.txt"} < set(names)
    assert len(answer.content) - len(package.read("agreement.pdf")) < 65 * 1024


def test_what_all_these_walks_stored_is_whole(service):
    answer = service.check()

    assert answer.returncode == 0, answer.stdout + answer.stderr
