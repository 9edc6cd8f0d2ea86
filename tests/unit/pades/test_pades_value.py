import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from pki_world import World, make_key, to_raw
from signing.errors import Rejected
from signing.pades import cms, der, value
from signing.pades.vocabulary import P256_ORDER

SIGNED = b"signed attributes"


@pytest.fixture
def signer(noon):
    return World(noon).signer("张三", at=noon)


def test_the_forms_of_webcrypto_and_of_openssl_become_the_same_value(signer):
    given_by_openssl = signer.sign(SIGNED)

    from_der = value.verified(signer.chain[0], SIGNED, given_by_openssl)
    from_raw = value.verified(signer.chain[0], SIGNED, to_raw(given_by_openssl))

    assert from_der == from_raw == given_by_openssl


@pytest.mark.parametrize("change", ["value", "text", "key"])
def test_a_value_over_other_bytes_or_by_another_key_is_refused(signer, change):
    raw = bytearray(to_raw(signer.sign(SIGNED)))
    signed = SIGNED
    if change == "value":
        raw[5] ^= 1
    elif change == "text":
        signed = SIGNED + b"!"
    else:
        raw[:] = to_raw(make_key("somebody else").sign(SIGNED, ec.ECDSA(hashes.SHA256())))

    with pytest.raises(Rejected) as refused:
        value.verified(signer.chain[0], signed, bytes(raw))

    assert refused.value.code == "SIGNATURE_INVALID"


N = P256_ORDER.to_bytes(32)
ONE = (1).to_bytes(32)


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("nothing", b""),
        ("64 zero bytes", bytes(64)),
        ("63 bytes", bytes(range(63))),
        ("65 bytes", bytes(range(65))),
        ("r = 0", bytes(32) + ONE),
        ("s = 0", ONE + bytes(32)),
        ("r = n", N + ONE),
        ("s = n", ONE + N),
        ("r = 2^256 - 1", b"\xff" * 32 + ONE),
        ("three numbers", der.sequence(*[der.integer(1)] * 3)),
        ("one number", der.sequence(der.integer(1))),
        ("trailing byte", der.sequence(der.integer(1), der.integer(1)) + b"\x00"),
        ("long length", b"\x30\x81\x06" + der.integer(1) * 2),
        ("padded number", der.sequence(b"\x02\x02\x00\x01", der.integer(1))),
        ("negative number", der.sequence(b"\x02\x01\x80", der.integer(1))),
        ("s = n in DER", der.sequence(der.integer(1), der.integer(P256_ORDER))),
    ],
)
def test_what_is_no_signature_at_all_is_refused_before_any_mathematics(what, given):
    with pytest.raises(Rejected) as refused:
        value.ecdsa_der(given)

    assert refused.value.code == "SIGNATURE_INVALID"
    assert "合同没有改动" in refused.value.message_zh


@given(
    r=st.integers(1, P256_ORDER - 1),
    s=st.integers(1, P256_ORDER - 1),
)
def test_every_pair_of_numbers_below_n_has_one_der_form_from_both_spellings(r, s):
    encoded = der.sequence(der.integer(r), der.integer(s))

    assert value.ecdsa_der(r.to_bytes(32) + s.to_bytes(32)) == encoded


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_refused_or_become_strict_der(data):
    try:
        encoded = value.ecdsa_der(data)
    except Rejected:
        return

    assert value.ecdsa_der(encoded) == encoded or len(encoded) == 64


def test_an_rsa_value_is_taken_whole_and_a_short_one_is_refused(noon):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signed = key.sign(SIGNED, padding.PKCS1v15(), hashes.SHA256())

    assert value.verified_under(key.public_key(), SIGNED, signed) == signed
    with pytest.raises(Rejected):
        value.verified_under(key.public_key(), SIGNED, signed[1:])


@pytest.mark.parametrize("kind", ["p384", "rsa of 1024 bits"])
def test_a_certificate_over_a_key_that_the_table_lacks_is_refused(noon, kind):
    if kind == "p384":
        key = ec.generate_private_key(ec.SECP384R1())
    else:
        key = rsa.generate_private_key(65537, 1024)  # noqa: S505  (weak on purpose)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TEST")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(noon)
        .not_valid_after(noon.replace(year=2030))
    )
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    with pytest.raises(Rejected) as refused:
        cms.certificate_facts(certificate)

    assert refused.value.code == "CERTIFICATE_UNUSABLE"
