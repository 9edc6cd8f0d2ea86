"""SM2 and SM3, tried: what works with OpenSSL 3, and who refuses a PAdES file made with them.

docs/sm2.md tells of it. When one of these tests fails, a tool has learned something: change the
page, and think again.
"""

import hashlib
import subprocess
from datetime import UTC, datetime
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature

from pki_world import World, base_of, request_for, to_der
from signing.domain.verdict import Indication
from signing.errors import Rejected
from signing.pades import der, placeholder
from signing.pades.prepare import SignatureRequest, prepare
from signing.verification.trust import trust_from
from signing.verification.verify import verify_document

SM3, SM2_SM3 = "1.2.156.10197.1.401", "1.2.156.10197.1.501"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
DISTID = "distid:1234567812345678"  # GB/T 35276: the identity that everybody uses by default


def openssl(folder, *arguments, check=True):
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, check=check, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An SM2 key with its certificate, by the commands of docs/sm2.md."""
    folder = tmp_path_factory.mktemp("sm2")
    openssl(folder, "genpkey", "-algorithm", "SM2", "-out", "key.pem")
    openssl(folder, "req", "-new", "-x509", "-key", "key.pem", "-sm3", "-sigopt", DISTID,
            "-subj", "/C=CN/CN=TEST", "-days", "30", "-out", "cert.pem")  # fmt: skip
    openssl(folder, "pkey", "-in", "key.pem", "-pubout", "-out", "pub.pem")
    return folder


def sm2_sign(folder, data):
    (folder / "data").write_bytes(data)
    openssl(folder, "pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-digest", "sm3",
            "-pkeyopt", DISTID, "-in", "data", "-out", "value")  # fmt: skip
    return (folder / "value").read_bytes()


def sm2_verifies(folder, data, value):
    (folder / "data").write_bytes(data)
    (folder / "value").write_bytes(value)
    answer = openssl(folder, "pkeyutl", "-verify", "-pubin", "-inkey", "pub.pem", "-rawin",
                     "-digest", "sm3", "-pkeyopt", DISTID, "-in", "data", "-sigfile", "value",
                     check=False)  # fmt: skip
    return answer.returncode == 0


def test_openssl_signs_and_verifies_with_sm2_over_sm3(folder):
    value = sm2_sign(folder, b"agreement")

    assert sm2_verifies(folder, b"agreement", value)
    assert not sm2_verifies(folder, b"Agreement", value)


def test_openssl_makes_a_certificate_that_says_so(folder):
    text = openssl(folder, "x509", "-in", "cert.pem", "-noout", "-text").stdout

    assert "SM2-with-SM3" in text
    assert "ASN1 OID: SM2" in text


def test_openssl_makes_no_cms_with_it(folder):
    (folder / "data").write_bytes(b"agreement")

    answer = openssl(folder, "cms", "-sign", "-binary", "-md", "sm3", "-signer", "cert.pem",
                     "-inkey", "key.pem", "-in", "data", "-outform", "DER", "-out", "cms.der",
                     check=False)  # fmt: skip

    assert answer.returncode != 0
    assert "illegal zero content" in answer.stderr


def test_the_library_that_we_use_knows_sm3_and_refuses_sm2(folder):
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize() == hashlib.new("sm3", b"abc").digest()

    with pytest.raises(UnsupportedAlgorithm):
        load_pem_private_key((folder / "key.pem").read_bytes(), None)
    with pytest.raises(UnsupportedAlgorithm):
        certificate_of(folder).public_key()


def certificate_of(folder):
    return x509.load_pem_x509_certificate((folder / "cert.pem").read_bytes())


def test_the_service_refuses_an_sm2_certificate_before_anything_is_signed(folder, noon):
    base, plan = base_of(("platform", "service_provider", "worker"))
    request = SignatureRequest(
        field="platform",
        certificates=(certificate_of(folder).public_bytes(Encoding.DER),),
        signing_time=noon,
        reason="",
        location="",
        name="",
    )

    with pytest.raises(Rejected) as refused:
        prepare(base, plan, request)

    assert refused.value.code == "CERTIFICATE_UNUSABLE"


# --- a PAdES file whose only signature is by SM2 over SM3 -----------------------------------------


@pytest.fixture(scope="module")
def world():
    return World(datetime(2026, 12, 1, 4, tzinfo=UTC))


@pytest.fixture(scope="module")
def sm2_file(folder, world):
    """The signature dictionary is ours, the CMS by hand with the OIDs of GM/T 0006."""
    base, plan = base_of(("platform", "service_provider", "worker"))
    seal = world.signer("某公司", at=world.start)
    prepared = prepare(base, plan, request_for("platform", seal, at=world.start, certify=True))
    whole = base + prepared.increment
    covered = whole[: prepared.contents_start - 1] + whole[prepared.contents_end + 1 :]
    (folder / "covered").write_bytes(covered)
    container = sm2_cms(folder, hashlib.new("sm3", covered).digest())
    (folder / "cms.der").write_bytes(container)
    return placeholder.fill(base, prepared, container)[0]


def sm2_cms(folder, digest):
    certificate = certificate_of(folder)
    hashed = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    named = der.sequence(der.sequence(der.sequence(der.octet_string(hashed))))
    values = {
        CONTENT_TYPE: der.oid(DATA),
        MESSAGE_DIGEST: der.octet_string(digest),
        SIGNING_CERTIFICATE_V2: named,
    }
    attributes = sorted(
        der.sequence(der.oid(kind), der.set_of(content)) for kind, content in values.items()
    )
    value = sm2_sign(folder, der.tlv(0x31, *attributes))
    signer = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number)),
        der.sequence(der.oid(SM3)),
        der.tlv(0xA0, *attributes),
        der.sequence(der.oid(SM2_SM3)),
        der.octet_string(value),
    )
    signed_data = der.sequence(
        der.integer(1),
        der.set_of(der.sequence(der.oid(SM3))),
        der.sequence(der.oid(DATA)),
        der.tlv(0xA0, certificate.public_bytes(Encoding.DER)),
        der.set_of(signer),
    )
    return der.sequence(der.oid(SIGNED_DATA), der.explicit(0, signed_data))


def embedded(pdf):
    return PdfFileReader(BytesIO(pdf)).embedded_signatures[0]


def test_the_value_in_the_file_is_right_all_the_same(folder, sm2_file):
    """Whoever refuses the file does so for want of the algorithm, not for a mistake of ours."""
    opened = embedded(sm2_file)
    attributes = opened.signer_info["signed_attrs"].untag().dump()

    assert sm2_verifies(folder, attributes, opened.signer_info["signature"].native)


def test_pyhanko_has_no_verdict(sm2_file):
    with pytest.raises(Exception, match=r".") as refused:
        validate_pdf_signature(embedded(sm2_file))

    assert refused.type.__name__ in ("AttributeError", "ValueError", "SignatureValidationError")


def test_pdfsig_calls_it_an_unknown_failure(sm2_file, tmp_path):
    path = tmp_path / "sm2.pdf"
    path.write_bytes(sm2_file)

    answer = subprocess.run(
        ["pdfsig", "-nocert", path], capture_output=True, text=True, check=False
    )

    assert "Signature is Valid" not in answer.stdout


def test_openssl_does_not_verify_the_cms(sm2_file, folder):
    container = (folder / "cms.der").read_bytes()

    answer = openssl(folder, "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms.der",
                     "-content", "covered", "-noverify", "-out", "out", check=False)  # fmt: skip

    assert container.hex().encode() in sm2_file
    assert answer.returncode != 0


def test_our_own_judge_names_the_algorithm(sm2_file, world):
    trust = trust_from(ca=(to_der(world.root),), tsa=(to_der(world.root),))

    verdict = verify_document(sm2_file, trust=trust, at=world.start)

    assert verdict.signatures[0].indication is Indication.INDETERMINATE
    assert "WEAK_ALGORITHM" in {finding.code for finding in verdict.findings}
