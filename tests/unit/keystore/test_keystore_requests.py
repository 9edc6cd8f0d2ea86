import pytest
from asn1crypto import csr
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pki_world import make_key, to_raw
from signing.errors import Rejected
from signing.keystore import profiles, requests

SUBJECT = profiles.subject_name("张三")


def spki_of(key, point=PublicFormat.SubjectPublicKeyInfo):
    return key.public_key().public_bytes(Encoding.DER, point)


@pytest.fixture
def phone():
    return make_key("phone")


@pytest.fixture
def info(phone):
    return requests.request_info(spki_of(phone), subject=SUBJECT)


def prove(key, info):
    return to_raw(key.sign(info, ec.ECDSA(hashes.SHA256())))


def test_the_request_is_that_of_pkcs_10(info, phone):
    read = csr.CertificationRequestInfo.load(info, strict=True)

    assert read["version"].native == "v1"
    assert read["subject"].dump() == SUBJECT.public_bytes()
    assert read["subject_pk_info"].dump() == spki_of(phone)
    assert len(read["attributes"]) == 0


def test_a_proof_in_either_form_gives_the_key(info, phone):
    proof = phone.sign(info, ec.ECDSA(hashes.SHA256()))

    assert requests.proven_key(info, proof, subject=SUBJECT) == phone.public_key()
    assert requests.proven_key(info, to_raw(proof), subject=SUBJECT) == phone.public_key()


def test_nobody_gets_a_certificate_for_a_key_that_is_not_his(info):
    with pytest.raises(Rejected) as refused:
        requests.proven_key(info, prove(make_key("thief"), info), subject=SUBJECT)

    assert refused.value.code == "PROOF_OF_POSSESSION"


def test_a_proof_under_another_name_is_none(info, phone):
    other = profiles.subject_name("李四")

    with pytest.raises(Rejected) as refused:
        requests.proven_key(info, prove(phone, info), subject=other)

    assert refused.value.code == "PROOF_OF_POSSESSION"


@pytest.mark.parametrize("given", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"\xff" * 40])
def test_what_is_no_request_is_refused_by_name(given):
    with pytest.raises(Rejected) as refused:
        requests.proven_key(given, bytes(64), subject=SUBJECT)

    assert refused.value.code == "PROOF_OF_POSSESSION"


def _compressed(key):
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    return head + point


@pytest.mark.parametrize(
    "spki",
    [
        b"",
        b"\x30\x00",
        spki_of(ec.generate_private_key(ec.SECP384R1())),
        spki_of(ed25519.Ed25519PrivateKey.generate()),
        spki_of(make_key("phone")) + b"\x00",
        _compressed(make_key("phone")),
    ],
    ids=["empty", "no key", "p384", "ed25519", "trailing byte", "compressed point"],
)
def test_only_p256_in_the_one_form_of_webcrypto_is_certified(spki):
    with pytest.raises(Rejected) as refused:
        requests.request_info(spki, subject=SUBJECT)

    assert refused.value.code == "KEY_UNUSABLE"
