"""The signature value that a key gives back: made DER, and verified before it may touch the file.

Rules kept here:
* ECDSA: exactly 64 bytes r‖s (WebCrypto, IEEE P1363) or strict DER; 0 < r, s < n; nothing else;
* RSA: as many bytes as the modulus has;
* it must verify over the signed attributes under the certificate that the intent stored. Anything
  else is Rejected as SIGNATURE_INVALID and the file stays untouched.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing.errors import Malformed, Rejected
from signing.pades import cms, der
from signing.pades.vocabulary import P256_ORDER, P256_SCALAR_BYTES

_RAW_BYTES = 2 * P256_SCALAR_BYTES


def verified(certificate: bytes, signed: bytes, value: bytes) -> bytes:
    """`value` in the form that CMS carries, after it verified over `signed`.

    `certificate` is the signer's, DER. Raises Rejected (SIGNATURE_INVALID).
    """
    public_key = cms.certificate_facts(certificate).public_key
    return verified_under(public_key, signed, value)


def verified_under(
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, signed: bytes, value: bytes
) -> bytes:
    """As `verified`, with the key itself: for proofs of possession, before a certificate exists."""
    try:
        if isinstance(public_key, ec.EllipticCurvePublicKey):
            encoded = ecdsa_der(value)
            public_key.verify(encoded, signed, ec.ECDSA(hashes.SHA256()))
            return encoded
        if len(value) != (public_key.key_size + 7) // 8:
            raise _invalid("an RSA value is as long as the modulus")
        public_key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise _invalid("it does not verify under the certificate") from error
    return value


def ecdsa_der(value: bytes) -> bytes:
    """ECDSA-Sig-Value in DER from 64 raw bytes or from strict DER; Rejected otherwise."""
    if len(value) == _RAW_BYTES:
        # DER of exactly 64 bytes exists (both numbers short by chance, 2^-50): raw is meant.
        r = int.from_bytes(value[:P256_SCALAR_BYTES], "big")
        s = int.from_bytes(value[P256_SCALAR_BYTES:], "big")
    else:
        try:
            numbers = der.children(der.read_one(value))
            r, s = (der.natural(number) for number in numbers)
        except (Malformed, ValueError) as error:
            raise _invalid("neither 64 bytes r‖s nor strict DER") from error
    if not (0 < r < P256_ORDER and 0 < s < P256_ORDER):
        raise _invalid("r and s must lie between 1 and n - 1")
    return der.sequence(der.integer(r), der.integer(s))


def _invalid(why: str) -> Rejected:
    return Rejected(
        f"The signature value is refused: {why}",
        "签名没通过验证，合同没有改动，请重新签一次",
        code="SIGNATURE_INVALID",
    )
