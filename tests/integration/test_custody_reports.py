"""A party's key is reported from an agreement (电子签名法 15, 27): revoked, frozen, logged."""

import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from custody_desk import Desk
from enterprise_ca import Enterprise
from signing.app import open_checking
from signing.domain.verdict import Indication, SubIndication
from signing.services.access import Visitor
from signing.verification.trust import load_trust
from signing.verification.verify import verify_document
from signing.web.signer.notices import load_notices


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(tmp_path, clock)
    yield desk
    desk.close()


def manual(desk):
    """A body whose enterprise seals when it is asked to."""
    body = desk.body()
    parties = [{**p, "seal": "manual"} if p["role"] != "worker" else p for p in body["parties"]]
    return {"parties": parties}


def worker_of(desk, agreement_id):
    parties = desk.agreement(agreement_id).parties
    return next(party for party in parties if party.role.value == "worker")


def report(desk, agreement_id, party, reason="印章的 U 盾丢了"):
    path = f"/agreements/{agreement_id}/parties/{party.id}/report-compromise"
    return desk.post(path, {"reason": reason})


def get(desk, path):
    headers = {"Authorization": f"Bearer {desk.tenant.api_key}"}
    return desk.application.flask.test_client().get(f"/api/v1{path}", headers=headers)


def events(desk, agreement_id):
    items = get(desk, f"/agreements/{agreement_id}/events").json["items"]
    return [event["type"] for event in items]


def crl_entry(desk, serial):
    crl = x509.load_der_x509_crl(desk.keystore.pki_file("issuing.crl"))
    return crl.get_revoked_certificate_by_serial_number(int(serial, 16))


def violations(desk):
    with open_checking(desk.config, clock=desk.clock) as checking:
        return {(found.code, found.where) for found in checking.violations()}


def messages(desk):
    outbox = desk.config.instance_dir / "outbox" / "sms.ndjson"
    return [json.loads(line)["text"] for line in outbox.read_text("utf-8").splitlines()]


def page_of(desk, agreement_id):
    link = desk.services.agreements.link_of(
        desk.agreement(agreement_id), worker_of(desk, agreement_id).id
    )
    path = link[link.index("/s/") :]
    return desk.application.flask.test_client().get(path)


# --- a seal ---------------------------------------------------------------------------------------


def test_a_seals_report_revokes_freezes_and_is_told(desk, clock):
    agreement_id = desk.create()
    desk.run_due()
    clock.advance(minutes=1)

    answer = report(desk, agreement_id, desk.enterprise(agreement_id))
    desk.run_due()

    told = answer.json["parties"][0]["compromise"]
    assert (answer.status_code, answer.json["frozen"], answer.json["status"]) == (
        200,
        True,
        "pending",
    )
    assert told["reported_by"] == "platform"
    assert told["reason"] == "印章的 U 盾丢了"
    assert told["revoked"] is True
    entry = crl_entry(desk, told["serial"])
    assert entry.revocation_date_utc == clock()
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert events(desk, agreement_id).count("certificate.revoked") == 1
    assert "印章可能被别人用了" in messages(desk)[-1]
    assert "谁都不能再签" in messages(desk)[-1]
    assert violations(desk) == set()


def test_nobody_signs_a_frozen_agreement_and_all_are_told_why(desk, clock):
    agreement_id = desk.create()
    worker = worker_of(desk, agreement_id)
    report(desk, agreement_id, desk.enterprise(agreement_id))
    path = f"/agreements/{agreement_id}"

    refused = [
        desk.post(f"{path}/parties/{worker.id}/link"),
        desk.post(f"{path}/parties/{worker.id}/signature", {"value": "MAA="}),
    ]
    page = page_of(desk, agreement_id)

    assert refused[0].status_code == 409
    assert refused[0].json["code"] == "AGREEMENT_FROZEN"
    assert "冻结" in refused[0].json["detail_zh"]
    assert "frozen" in refused[0].json["detail"]
    assert refused[1].status_code == 409
    assert page.status_code == 200
    assert "这份合同先停下了" in page.get_data(as_text=True)
    assert "您没有签" in page.get_data(as_text=True)
    clock.advance(hours=1)
    assert desk.run_due() >= 0
    assert desk.agreement(agreement_id).status.value == "pending"


def test_a_worker_in_the_middle_of_it_cannot_sign_any_more(desk):
    agreement_id = desk.create()
    agreement = desk.agreement(agreement_id)
    worker = worker_of(desk, agreement_id)
    link = desk.services.agreements.link_of(agreement, worker.id).rpartition("/")[2]
    visitor = Visitor(address="127.0.0.1", user_agent="test")
    texts = load_notices(retention_years=5)
    consents = {text.name: text.sha256 for text in texts}
    desk.services.opening.begin(link, consents=consents, visitor=visitor)
    session = desk.services.identity.confirm(
        link,
        name=worker.name,
        id_number=agreement.details_of(worker.id)["id_number"],
        visitor=visitor,
    )
    report(desk, agreement_id, desk.enterprise(agreement_id))
    client = desk.application.flask.test_client()
    client.set_cookie("signing_session", session, path=f"/s/{link}")

    pages = [client.get(f"/s/{link}/{name}") for name in ("read", "sign", "decline")]

    assert {page.status_code for page in pages} == {200}
    assert all("这份合同先停下了" in page.get_data(as_text=True) for page in pages)


def test_a_frozen_agreement_can_be_voided_and_made_anew_with_a_new_seal(desk, clock):
    agreement_id = desk.create()
    enterprise = desk.enterprise(agreement_id)
    report(desk, agreement_id, enterprise)

    voided = desk.post(f"/agreements/{agreement_id}/void", {"reason": "印章失控"})
    refused = desk.post("/agreements", desk.body())
    agreement = desk.agreement(agreement_id)
    uscc = agreement.details_of(enterprise.id)["uscc"]
    desk.keystore.seals.follow(agreement.tenant_id, uscc, enterprise.name)
    made = desk.create()

    assert (voided.status_code, voided.json["frozen"]) == (200, False)
    assert refused.json["code"] == "SEAL_REVOKED"
    assert desk.enterprise(made).signed_at == clock()
    assert not desk.agreement(made).is_frozen


def test_other_open_agreements_under_the_same_seal_are_frozen_and_done_ones_are_not(desk):
    done, waiting, reported = desk.completed(), desk.create(), desk.create()
    before = desk.document(done)

    report(desk, reported, desk.enterprise(reported))

    assert desk.agreement(waiting).is_frozen
    assert events(desk, waiting)[-1] == "certificate.revoked"
    assert desk.enterprise(done).report is None
    assert "certificate.revoked" not in events(desk, done)
    assert desk.document(done) == before
    assert violations(desk) == set()


def test_a_report_that_is_repeated_changes_nothing(desk, clock):
    agreement_id = desk.create()
    desk.run_due()
    first = report(desk, agreement_id, desk.enterprise(agreement_id))
    clock.advance(minutes=5)

    again = report(desk, agreement_id, desk.enterprise(agreement_id), reason="再说一次")
    desk.run_due()

    assert again.json == first.json
    assert events(desk, agreement_id).count("certificate.revoked") == 1
    assert sum("可能被别人用了" in text for text in messages(desk)) == 1
    journal = desk.keystore.folder.private / "revoked.ndjson"
    assert len(journal.read_text().splitlines()) == 1


def test_a_seal_that_has_not_signed_yet_is_reported_too(desk):
    desk.create()
    agreement_id = desk.create(**manual(desk))
    enterprise = desk.enterprise(agreement_id)

    answer = report(desk, agreement_id, enterprise)
    sealed = desk.post(f"/agreements/{agreement_id}/parties/{enterprise.id}/seal")

    assert answer.json["frozen"] is True
    assert (sealed.status_code, sealed.json["code"]) == (409, "AGREEMENT_FROZEN")


@pytest.mark.parametrize("reason", ["", "  ", "一" * 501])
def test_a_report_says_why(desk, reason):
    agreement_id = desk.create()

    answer = report(desk, agreement_id, desk.enterprise(agreement_id), reason=reason)

    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "reason")
    assert not desk.agreement(agreement_id).is_frozen


def test_who_has_not_signed_has_no_key_to_report(desk):
    agreement_id = desk.create()

    answer = report(desk, agreement_id, worker_of(desk, agreement_id))

    assert (answer.status_code, answer.json["code"]) == (409, "NOTHING_TO_REVOKE")


# --- the worker's one-use certificate -------------------------------------------------------------


def test_a_workers_report_leaves_the_file_and_its_verdict_and_stands_beside_them(
    desk, clock, tmp_path
):
    agreement_id = desk.completed()
    before = desk.document(agreement_id)
    clock.advance(minutes=1)

    answer = report(desk, agreement_id, worker_of(desk, agreement_id), reason="劳动者说不是他签的")
    desk.run_due()
    desk.keystore.export_trust(tmp_path / "trust")
    evidence = get(desk, f"/agreements/{agreement_id}/evidence").data
    trust = load_trust(tmp_path / "trust")
    verdict = verify_document(evidence, trust=trust, at=clock())

    told = next(p["compromise"] for p in answer.json["parties"] if p["role"] == "worker")
    codes = {finding.code for finding in verdict.findings}
    assert (answer.json["status"], answer.json["frozen"]) == ("completed", False)
    assert crl_entry(desk, told["serial"]).revocation_date_utc == clock()
    assert desk.document(agreement_id) == before
    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings
    assert {"REVOKED_LATER", "KEY_REPORTED", "LOG_PROOF_SOUND"} <= codes
    assert "可能不是您本人签的" in messages(desk)[-1]
    assert violations(desk) == set()


def test_what_a_revoked_phones_key_signed_afterwards_fails(desk, clock, tmp_path):
    """As if the key had signed after its holder reported it."""
    agreement_id = desk.completed()
    serial = next(s for s in desk.verdict(agreement_id).signatures if s.role == "worker")
    number = int(serial.certificate.serial, 16)
    earlier = clock() - timedelta(seconds=1)
    desk.keystore.revocations.revoke(number, at=earlier, reason="keyCompromise")
    desk.keystore.export_trust(tmp_path / "trust")

    verdict = verify_document(
        desk.document(agreement_id), trust=load_trust(tmp_path / "trust"), at=clock()
    )

    of_worker = next(s for s in verdict.signatures if s.role == "worker")
    assert verdict.indication is Indication.TOTAL_FAILED
    assert of_worker.sub_indication is SubIndication.REVOKED


def test_what_the_worker_reports_stops_those_who_sign_after(desk):
    agreement_id = desk.create(order="worker_first", **manual(desk))
    desk.sign(agreement_id)
    enterprise = desk.agreement(agreement_id).in_signing_order[1]

    answer = report(desk, agreement_id, worker_of(desk, agreement_id))
    sealed = desk.post(f"/agreements/{agreement_id}/parties/{enterprise.id}/seal")

    assert answer.json["frozen"] is True
    assert (sealed.status_code, sealed.json["code"]) == (409, "AGREEMENT_FROZEN")


# --- an enterprise's own key ----------------------------------------------------------------------


def ask(desk, agreement_id, enterprise):
    party = desk.enterprise(agreement_id)
    path = f"/agreements/{agreement_id}/parties/{party.id}"
    return desk.post(f"{path}/signature-request", {"certificates": enterprise.certificates()})


def sign_externally(desk, agreement_id, enterprise):
    to_be_signed = ask(desk, agreement_id, enterprise).json["to_be_signed"]
    party = desk.enterprise(agreement_id)
    path = f"/agreements/{agreement_id}/parties/{party.id}"
    return desk.post(f"{path}/signature", {"value": enterprise.sign(to_be_signed)})


def test_a_strangers_certificate_is_refused_from_then_on(desk):
    agreement_id, other = desk.create(**manual(desk)), desk.create(**manual(desk))
    enterprise = Enterprise(desk.enterprise(agreement_id).name)
    assert sign_externally(desk, agreement_id, enterprise).status_code == 200

    answer = report(desk, agreement_id, desk.enterprise(agreement_id))
    refused = ask(desk, other, enterprise)

    told = answer.json["parties"][0]["compromise"]
    assert (answer.json["frozen"], told["revoked"]) == (True, False)
    assert int(told["serial"], 16) == enterprise.leaf.serial_number
    assert (refused.status_code, refused.json["code"]) == (422, "CERTIFICATE_UNUSABLE")
    assert refused.json["reason"] == "REVOKED"
    assert crl_entry(desk, told["serial"]) is None
    assert violations(desk) == set()


def test_a_certificate_that_was_only_shown_is_nobodys_to_report(desk):
    agreement_id, other = desk.create(**manual(desk)), desk.create(**manual(desk))
    shown = Enterprise(desk.enterprise(agreement_id).name)
    ask(desk, agreement_id, shown)

    answer = report(desk, agreement_id, desk.enterprise(agreement_id))

    assert (answer.status_code, answer.json["code"]) == (409, "NOTHING_TO_REVOKE")
    assert ask(desk, other, shown).status_code == 200


def test_a_borrowed_name_and_number_freeze_nobodys_seal(desk):
    victim = desk.create()
    agreement = desk.agreement(victim)
    uscc = agreement.details_of(desk.enterprise(victim).id)["uscc"]
    seal = desk.keystore.seals.find_seal(agreement.tenant_id, uscc)
    issuing = x509.load_der_x509_certificate(seal.chain[1])
    forger = Enterprise(desk.enterprise(victim).name)
    leaf = forger.leaf
    made = (
        x509.CertificateBuilder()
        .subject_name(leaf.subject)
        .issuer_name(issuing.subject)
        .public_key(leaf.public_key())
        .serial_number(seal.serial)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc)
    )
    for extension in leaf.extensions:
        made = made.add_extension(extension.value, extension.critical)
    forger.leaf = made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    agreement_id = desk.create(**manual(desk))
    assert sign_externally(desk, agreement_id, forger).status_code == 200

    report(desk, agreement_id, desk.enterprise(agreement_id))

    assert desk.agreement(agreement_id).is_frozen
    assert not desk.agreement(victim).is_frozen
    assert not desk.keystore.revocations.is_revoked(seal.serial)
    assert desk.enterprise(desk.create()).signed_at is not None


# --- three places, one story ----------------------------------------------------------------------


def test_a_revocation_that_a_crash_left_unlogged_is_found_and_made_good(desk, tmp_path, clock):
    agreement_id = desk.create()
    agreement = desk.agreement(agreement_id)
    uscc = agreement.details_of(desk.enterprise(agreement_id).id)["uscc"]
    serial = f"{desk.keystore.seals.find_seal(agreement.tenant_id, uscc).serial:x}"
    desk.keystore.recall.revoke(serial, reason="keyCompromise")

    found = violations(desk)
    logged = [desk.services.house.catch_up(), desk.services.house.catch_up()]

    assert ("REVOCATION_UNLOGGED", f"serial {serial}") in found
    assert logged == [1, 0]
    assert violations(desk) == set()


def test_a_journal_or_a_list_that_forgot_is_found(desk):
    agreement_id = desk.create()
    answer = report(desk, agreement_id, desk.enterprise(agreement_id))
    where = f"serial {answer.json['parties'][0]['compromise']['serial']}"
    private = desk.keystore.folder.private
    old_list = private / "issuing.crl"
    kept, journal = old_list.read_bytes(), (private / "revoked.ndjson").read_bytes()

    (private / "revoked.ndjson").write_bytes(b"")
    without_journal = violations(desk)
    (private / "revoked.ndjson").write_bytes(journal)
    old_list.unlink()
    without_list = violations(desk)
    old_list.write_bytes(kept)
    old_list.chmod(0o600)

    assert ("REVOCATION_LOST", where) in without_journal
    assert ("REVOCATION_UNPUBLISHED", where) in without_list
    assert violations(desk) == set()


def test_who_signed_before_others_froze_it_is_told_so(desk):
    desk.create()  # so that the enterprise has a seal
    agreement_id = desk.create(order="worker_first", **manual(desk))
    desk.sign(agreement_id)
    enterprise = desk.agreement(agreement_id).in_signing_order[1]
    worker = worker_of(desk, agreement_id)
    agreement = desk.agreement(agreement_id)
    link = desk.services.agreements.link_of(agreement, worker.id).rpartition("/")[2]
    session = desk.services.identity.confirm(
        link,
        name=worker.name,
        id_number=agreement.details_of(worker.id)["id_number"],
        visitor=Visitor(address="127.0.0.1", user_agent="test"),
    )
    client = desk.application.flask.test_client()
    client.set_cookie("signing_session", session, path=f"/s/{link}")
    before = client.get(f"/s/{link}/done").get_data(as_text=True)

    report(desk, agreement_id, enterprise)
    after = client.get(f"/s/{link}/done").get_data(as_text=True)

    assert "还在等别的一方签" in before
    assert "还在等别的一方签" not in after
    assert "合同先停下，谁都不能再签" in after
