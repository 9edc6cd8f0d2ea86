"""A seal's key is reported as compromised: the list, the seal, what waits, and what was signed."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from custody_desk import Desk
from signing.cli.main import main
from signing.domain.signature import IntentStatus
from signing.domain.verdict import Indication
from signing.errors import Conflict, NotFound, Rejected, Unavailable
from signing.verification.trust import load_trust
from signing.verification.verify import verify_document


class MoodyTsa:
    """The built-in TSA, which is away while a test wants it to be."""

    def __init__(self):
        self.is_away = False
        self.before_answering = lambda: None
        self.real = None

    @property
    def token_bytes(self):
        return self.real.token_bytes

    def lasts_until(self, token):
        return self.real.lasts_until(token)

    def timestamp(self, imprint):
        if self.is_away:
            raise Unavailable("away", "不在", code="TSA_AWAY")
        made = self.real.timestamp(imprint)
        self.before_answering()
        return made


@pytest.fixture
def tsa():
    return MoodyTsa()


@pytest.fixture
def desk(tmp_path, clock, tsa):
    desk = Desk(tmp_path, clock, timestamper=tsa)
    tsa.real = desk.keystore.timestamper
    yield desk
    desk.close()


def seal_of(desk, agreement_id):
    """The seal's certificate that the enterprise of an agreement signs with."""
    agreement = desk.agreement(agreement_id)
    uscc = agreement.draft.party(agreement.in_signing_order[0].role).get("uscc")
    seal = desk.keystore.seals.find_seal(agreement.tenant_id, uscc)
    return x509.load_der_x509_certificate(seal.chain[0])


def report(desk, certificate):
    return desk.services.compromise.report(f"{certificate.serial_number:x}", reason="keyCompromise")


def crl_of(desk):
    return x509.load_der_x509_crl(desk.keystore.pki_file("issuing.crl"))


def test_the_list_says_so_at_once(desk, clock):
    seal = seal_of(desk, desk.create())

    reported = report(desk, seal)

    entry = crl_of(desk).get_revoked_certificate_by_serial_number(seal.serial_number)
    assert entry.revocation_date_utc == clock()
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value == (
        "keyCompromise"
    )
    assert reported.certificate == seal.public_bytes(Encoding.DER)


def test_the_seal_is_frozen_until_it_has_a_successor(desk, clock):
    first = desk.create()
    report(desk, seal_of(desk, first))
    agreement = desk.agreement(first)
    uscc = agreement.draft.party(agreement.in_signing_order[0].role).get("uscc")

    frozen = desk.post("/agreements", desk.body())
    with pytest.raises(Rejected) as refused:
        desk.keystore.seals.sign(tenant_id=agreement.tenant_id, uscc=uscc, data=b"x")
    name = agreement.in_signing_order[0].name
    desk.keystore.seals.follow(agreement.tenant_id, uscc, name)
    clock.advance(minutes=11)
    desk.run_due()
    agreement_id = desk.create()

    assert refused.value.code == "SEAL_REVOKED"
    assert "吊销" in refused.value.message_zh
    assert (frozen.status_code, frozen.json["code"]) == (422, "SEAL_REVOKED")
    assert desk.enterprise(agreement_id).signed_at == clock()


@pytest.mark.parametrize("waits_for", ["token", "value"])
def test_what_waits_under_it_lapses(desk, tsa, clock, waits_for):
    tsa.is_away = True
    agreement_id = desk.create()
    party = desk.enterprise(agreement_id)
    intent = desk.open_intent(party.id)
    if waits_for == "value":
        _forget_value(desk, intent.id)

    reported = report(desk, seal_of(desk, agreement_id))
    tsa.is_away = False
    clock.advance(minutes=1)
    desk.run_due()

    assert reported.agreements == [agreement_id]
    assert _intent(desk, intent.id).status is IntentStatus.LAPSED
    assert desk.enterprise(agreement_id).signed_at is None
    assert desk.agreement(agreement_id).status.value == "pending"


def test_a_key_reported_while_the_tsa_answers_has_not_signed(desk, tsa, clock):
    first = desk.create()
    seal = seal_of(desk, first)
    tsa.is_away = True
    agreement_id = desk.create()
    intent = desk.open_intent(desk.enterprise(agreement_id).id)
    tsa.is_away = False
    tsa.before_answering = lambda: desk.keystore.recall.revoke(
        f"{seal.serial_number:x}", reason="keyCompromise"
    )

    with pytest.raises(Conflict) as refused:
        desk.services.finishing.finish(intent.id)

    assert refused.value.code == "SIGNATURE_LAPSED"
    assert _intent(desk, intent.id).token is None


def test_what_a_replaced_seal_sealed_before_stands_and_is_archived_with_the_list(desk, clock):
    agreement_id = desk.create()
    clock.advance(minutes=1)
    serial = f"{seal_of(desk, agreement_id).serial_number:x}"
    desk.services.compromise.report(serial, reason="superseded")
    clock.advance(minutes=1)

    desk.sign(agreement_id)

    verdict = desk.verdict(agreement_id)
    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings
    assert "REVOKED_LATER" in {finding.code for finding in verdict.findings}
    assert crl_of(desk).public_bytes(Encoding.DER) in desk.document(agreement_id)


def test_revoked_before_its_token_it_fails(desk, clock, tmp_path):
    """As if it came to light later that the key was stolen the day before."""
    agreement_id = desk.completed()
    desk.keystore.export_trust(tmp_path / "trust")
    seal = seal_of(desk, agreement_id)
    yesterday = clock() - timedelta(days=1)
    desk.keystore.revocations.revoke(seal.serial_number, at=yesterday, reason="keyCompromise")
    (tmp_path / "trust" / "ca" / "issuing.crl").write_bytes(desk.keystore.pki_file("issuing.crl"))

    verdict = verify_document(
        desk.document(agreement_id), trust=load_trust(tmp_path / "trust"), at=clock()
    )

    assert verdict.indication is Indication.TOTAL_FAILED
    assert "REVOKED" in {finding.code for finding in verdict.findings}


def test_only_what_a_list_can_tell_of_is_taken_back(desk):
    agreement_id = desk.completed()
    with desk.application.database.transaction() as tx:
        events = tx.agreements.events(agreement_id)
    journal = (desk.keystore.folder.private / "issued.ndjson").read_text()
    signer = next(line for line in journal.splitlines() if '"signer"' in line)

    with pytest.raises(NotFound) as refused:
        desk.services.compromise.report(signer.split('"')[3], reason="keyCompromise")

    assert events
    assert refused.value.code == "SERIAL_UNKNOWN"


def test_the_operators_command_revokes_and_says_what_lapsed(desk, tsa, monkeypatch, capsys):
    tsa.is_away = True
    agreement_id = desk.create()
    serial = f"{seal_of(desk, agreement_id).serial_number:X}"
    for name, setting in desk.environ.items():
        monkeypatch.setenv(name, setting)

    code = main(["keys", "revoke", serial, "--reason", "keyCompromise"])

    assert code == 0
    assert agreement_id in capsys.readouterr().out
    assert crl_of(desk).get_revoked_certificate_by_serial_number(int(serial, 16))


def _intent(desk, intent_id):
    with desk.application.database.transaction() as tx:
        return tx.intents.load(intent_id)


def _forget_value(desk, intent_id):
    """As if the key had not answered yet."""
    path = desk.config.instance_dir / "signing.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE intents SET value = NULL, status = 'open' WHERE id = ?", (intent_id,)
        )
        database.execute("DELETE FROM jobs WHERE key = ?", (intent_id,))
