"""An external CA, in a process of its own: what it sends is looked at before any key uses it."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca_double import POLICY, TOKEN
from custody_desk import Desk
from pki_world import make_key, to_raw
from signing.config import BadSettings, Config
from signing.domain.verdict import Indication
from signing.errors import Broken, Rejected, Unavailable
from signing.keystore.breaker import FAILURES
from signing.keystore.keystore import open_keystore
from signing.keystore.remote_ca import RemoteAuthority, RemoteCaSettings

NAME = "张三"
UNFIT = {
    "another key": "another key",
    "another name": "PARTY_NAME",
    "too long": "15 minutes",
    "not short-term": "short-term",
    "another policy": POLICY.dotted_string,
    "no commitment": "KEY_USAGE",
    "stranger": "anchors",
}
AWAY = ["slow", "error", "garbage"]


def now():
    return datetime.now(UTC)


class Double:
    """The CA's process: `url`, `root`, and the way in which it is wrong."""

    def __init__(self, folder):
        self.folder = folder
        script = Path(__file__).parents[1] / "ca_double.py"
        self.process = subprocess.Popen(
            [sys.executable, script, folder], stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().strip()
        self.root = (folder / "root.pem").read_bytes()
        self.token_file = folder / "token"
        self.write_token(TOKEN.removeprefix("Bearer "))

    def write_token(self, token):
        self.token_file.write_text(token)
        self.token_file.chmod(0o600)

    def be(self, mode):
        (self.folder / "mode").write_text(mode)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    double = Double(tmp_path_factory.mktemp("ca"))
    yield double
    double.close()


@pytest.fixture
def double(running):
    running.be("good")
    running.write_token(TOKEN.removeprefix("Bearer "))
    return running


@pytest.fixture
def authority(tmp_path, double):
    keystore = open_keystore(tmp_path / "keys", None, now, "http://127.0.0.1:8000", "development")
    (keystore.folder.trust / "ca" / "licensed.pem").write_bytes(double.root)
    yield RemoteAuthority(
        RemoteCaSettings(double.url, double.token_file, POLICY.dotted_string),
        keystore.authority,
        folder=keystore.folder,
        clock=now,
        monotonic=time.monotonic,
        seconds=1.0,
    )
    keystore.close()


def issue(authority, *, proof_by=None):
    phone = make_key("phone")
    spki = phone.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    info = authority.request_info(spki, name=NAME)
    proof = (proof_by or phone).sign(info, ec.ECDSA(hashes.SHA256()))
    return authority.issue_signer(
        serial=authority.new_serial(),
        request_info=info,
        proof=to_raw(proof),
        name=NAME,
        agreement_id="agr_1",
        document_sha256="ab" * 32,
        at=now(),
    )


def test_a_good_certificate_is_over_the_phones_key_under_the_workers_name(authority):
    issued = issue(authority)

    leaf, issuing = map(x509.load_der_x509_certificate, issued.chain)
    assert leaf.public_key() == make_key("phone").public_key()
    assert leaf.subject.rfc4514_string() == "CN=张三,C=CN"
    assert issuing.subject.rfc4514_string() == "CN=Licensed Issuing,C=CN"
    assert (issued.serial, issued.not_after) == (leaf.serial_number, leaf.not_valid_after_utc)


@pytest.mark.parametrize(("mode", "why"), UNFIT.items())
def test_a_certificate_that_was_not_asked_for_is_never_used(authority, double, mode, why):
    double.be(mode)

    with pytest.raises(Broken) as refused:
        issue(authority)

    assert refused.value.code == "CA_CERTIFICATE"
    assert why in refused.value.message


@pytest.mark.parametrize("mode", AWAY)
def test_no_answer_is_unavailable(authority, double, mode):
    double.be(mode)

    with pytest.raises(Unavailable) as refused:
        issue(authority)

    assert refused.value.code == "CA_AWAY"


def test_a_ca_that_is_away_is_spared_after_three_questions(authority, double):
    double.be("error")
    codes = []
    for _ in range(FAILURES + 1):
        with pytest.raises(Unavailable) as refused:
            issue(authority)
        codes.append(refused.value.code)

    assert codes == ["CA_AWAY"] * FAILURES + ["CA_PAUSED"]


def test_a_wrong_bearer_token_gets_nothing(authority, double):
    double.write_token("guess")

    with pytest.raises(Unavailable) as refused:
        issue(authority)

    assert "status 403" in refused.value.message


def test_a_proof_by_another_key_is_not_even_sent(authority, double):
    double.be("error")

    with pytest.raises(Rejected) as refused:
        issue(authority, proof_by=make_key("thief"))

    assert refused.value.code == "PROOF_OF_POSSESSION"


def test_the_archive_step_gets_the_issuer_and_the_list_that_it_names(authority, double):
    own_certificates, own_crls = authority._own.validation_data()
    issued = issue(authority)

    certificates, crls = authority.validation_data()

    assert certificates == (*own_certificates, issued.chain[1])
    assert len(crls) == len(own_crls) + 1
    root = x509.load_pem_x509_certificate(double.root)
    assert x509.load_der_x509_crl(crls[-1]).is_signature_valid(root.public_key())


@pytest.mark.parametrize("mode", ["old list", "foreign list"])
def test_a_list_that_proves_nothing_is_no_list(authority, double, mode):
    issue(authority)
    double.be(mode)

    with pytest.raises(Unavailable) as refused:
        authority.validation_data()

    assert refused.value.code == "CA_AWAY"


def test_an_agreement_certified_outside_is_sound_and_complete(tmp_path, double):
    settings = {
        "SIGNING_CA": "external",
        "SIGNING_CA_URL": double.url,
        "SIGNING_CA_TOKEN_FILE": str(double.token_file),
        "SIGNING_CA_POLICY": POLICY.dotted_string,
    }
    desk = Desk(tmp_path, now, settings=settings)
    (desk.keystore.folder.trust / "ca" / "licensed.pem").write_bytes(double.root)
    try:
        verdict = desk.verdict(desk.completed())
    finally:
        desk.close()

    assert verdict.indication is Indication.TOTAL_PASSED, verdict.findings
    assert verdict.signatures[-1].certificate.issuer == "Licensed Issuing"


def test_settings_of_an_external_ca_need_its_address():
    with pytest.raises(BadSettings) as refused:
        Config.from_env({"SIGNING_CA": "external"})

    assert [line.split(":")[0] for line in refused.value.problems] == ["SIGNING_CA_URL"]
