"""A phone asks for a certificate: PKCS#10 without the paper (RFC 2986).

Rules kept here:
* the server writes the CertificationRequestInfo, the phone signs it with the new key: that proves
  possession, under the name that will stand in the certificate and no other;
* P-256 only, uncompressed point, in the one DER form that WebCrypto exports.
"""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from signing.errors import Malformed, Rejected
from signing.pades import der, value

_PARTS = 4


def request_info(spki: bytes, *, subject: x509.Name) -> bytes:
    """CertificationRequestInfo: version 0, subject, key, no attributes."""
    p256_key(spki)
    return der.sequence(der.integer(0), subject.public_bytes(), spki, der.explicit(0))


def proven_key(info: bytes, proof: bytes, *, subject: x509.Name) -> ec.EllipticCurvePublicKey:
    """The key of `info` once `proof` (r‖s or DER) verified over it.

    Raises Rejected (PROOF_OF_POSSESSION) if it does not, or if `info` names another subject.
    """
    try:
        parts = der.children(der.read_one(info), at_least=_PARTS)
        spki = parts[2].raw
        if request_info(spki, subject=subject) != info:
            raise _unproven("the request is not the one that we wrote")
        key = p256_key(spki)
        value.verified_under(key, info, proof)
    except Malformed as error:
        raise _unproven("the request cannot be read") from error
    except Rejected as error:
        if error.code == "SIGNATURE_INVALID":
            raise _unproven("the proof does not verify") from error
        raise
    return key


def p256_key(spki: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a SubjectPublicKeyInfo; Rejected (KEY_UNUSABLE) if it is not P-256."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unusable() from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise _unusable()
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        raise _unusable()
    return key


def _unusable() -> Rejected:
    return Rejected(
        "The key must be P-256, as SubjectPublicKeyInfo in DER",
        "手机生成的密钥格式不对，请刷新页面再试一次",
        code="KEY_UNUSABLE",
    )


def _unproven(why: str) -> Rejected:
    return Rejected(
        f"Possession of the key is not proven: {why}",
        "手机上的密钥没有通过验证，请刷新页面再试一次",
        code="PROOF_OF_POSSESSION",
    )
