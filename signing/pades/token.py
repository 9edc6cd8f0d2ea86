"""RFC 3161: the request, the response, and what must hold before a token is stored.

Rules kept here, in this order; each failure is Unavailable with its code, because the same request
to a sound TSA succeeds:

    1 TSA_REFUSED      status granted, a token inside
    2 TSA_MALFORMED    CMS of one signer around a TSTInfo, not larger than the limit
    3 TSA_IMPRINT      our imprint, by our algorithm
    4 TSA_NONCE        our nonce
    5 TSA_CERTIFICATE  inside, bound by signing-certificate-v2, EKU timeStamping critical and alone
    6 TSA_SIGNATURE    verifies, with an algorithm of the table
    7 TSA_TIME         genTime within 60 s of our clock and within the certificate's validity
    8 TSA_UNTRUSTED    the certificate leads to one of our anchors
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing.errors import Malformed, Unavailable
from signing.pades import cms, der, tst, vocabulary
from signing.pades.tst import TokenInfo, token_info

__all__ = ["TokenInfo", "check_token", "granted", "read_response", "request", "token_info"]

_GRANTED = 0
_MAX_CHAIN = 4
_NOT_ISSUED = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
)
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def request(imprint: bytes, *, nonce: int, policy: str | None = None) -> bytes:
    """TimeStampReq for a SHA-256 `imprint`, asking for the TSA's certificate in the token."""
    algorithm = der.sequence(der.oid(vocabulary.OID_SHA256))
    return der.sequence(
        der.integer(1),
        der.sequence(algorithm, der.octet_string(imprint)),
        b"" if policy is None else der.oid(policy),
        der.integer(nonce),
        der.tlv(der.BOOLEAN, b"\xff"),
    )


def read_response(response: bytes) -> bytes:
    """The token of a TimeStampResp; Unavailable if the TSA refused or answers something else."""
    if len(response) > vocabulary.MAX_TSA_RESPONSE:
        raise _unavailable("TSA_MALFORMED", "the answer is too large")
    try:
        parts = der.children(der.read_one(response), at_least=1)
        status = der.natural(der.children(parts[0], at_least=1)[0])
    except Malformed as error:
        raise _unavailable("TSA_MALFORMED", "the answer is no TimeStampResp") from error
    # 1. Granted, and nothing else: "granted with mods" would stamp what we did not ask for.
    if status != _GRANTED or len(parts) == 1:
        raise _unavailable("TSA_REFUSED", f"status {status}", status=status)
    return parts[1].raw


def granted(token: bytes) -> bytes:
    """The TimeStampResp that carries `token`: what `.tsr` files hold and `openssl ts` reads."""
    return der.sequence(der.sequence(der.integer(_GRANTED)), token)


def check_token(
    token: bytes, *, imprint: bytes, nonce: int | None, now: datetime, anchors: Sequence[bytes]
) -> TokenInfo:
    """The token read, after everything held that must before it is stored.

    `imprint` is SHA-256 of what was stamped, `nonce` that of the request (None if none was sent),
    `now` aware UTC, `anchors` DER certificates that may issue TSA certificates or are one.
    """
    # 2. Form.
    if len(token) > vocabulary.MAX_TOKEN:
        raise _unavailable("TSA_MALFORMED", "the token is too large")
    try:
        info = tst.token_info(token)
    except Malformed as error:
        raise _unavailable("TSA_MALFORMED", error.message) from error
    # 3. and 4. It answers our request, not another one.
    if (info.imprint, info.imprint_oid) != (imprint, vocabulary.OID_SHA256):
        raise _unavailable("TSA_IMPRINT", "the token stamps other data")
    if info.nonce != nonce:
        raise _unavailable("TSA_NONCE", "the nonce is not ours")
    # 5. and 6. Signed by a certificate that may stamp time and nothing else.
    certificate = _signer(info)
    _check_signature(info, certificate)
    # 7. and 8. Now, and by someone we trust.
    _check_time(info, certificate, now)
    _check_anchored(info, anchors)
    return info


def _signer(info: TokenInfo) -> x509.Certificate:
    """The signer's certificate: named by the SignerInfo and by ESS, for time stamping alone."""
    if info.certificate is None:
        raise _unavailable("TSA_CERTIFICATE", "no certificate that signing-certificate-v2 names")
    try:
        names = cms.certificate_names(info.certificate)
        certificate = _load(info.certificate)
        is_for_time_alone = _is_for_time_alone(info.certificate)
    except (ValueError, Malformed) as error:
        raise _unavailable("TSA_CERTIFICATE", "it cannot be read") from error
    if der.sequence(names.issuer, der.integer(names.serial)) != info.signer_identifier:
        raise _unavailable("TSA_CERTIFICATE", "the SignerInfo names another one")
    if not is_for_time_alone:
        raise _unavailable("TSA_CERTIFICATE", "timeStamping must be its only, critical purpose")
    return certificate


@lru_cache(maxsize=64)
def _load(certificate: bytes) -> x509.Certificate:
    """Parsed once: a TSA sends the same certificates with every token."""
    return x509.load_der_x509_certificate(certificate)


@lru_cache(maxsize=64)
def _is_for_time_alone(certificate: bytes) -> bool:
    """Extended key usage: critical, timeStamping and nothing else (RFC 3161 §2.3)."""
    try:
        usage = _load(certificate).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    purposes = [purpose.dotted_string for purpose in usage.value]
    return usage.critical and purposes == [vocabulary.OID_EKU_TIME_STAMPING]


def _check_signature(info: TokenInfo, certificate: x509.Certificate) -> None:
    """The digest of the TSTInfo and the value over the attributes (RFC 5652 §5.4)."""
    name = vocabulary.DIGESTS.get(info.digest_oid, "")
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm as error:
        raise _unavailable("TSA_SIGNATURE", "its key is not in the table") from error
    kind = "ec" if isinstance(key, ec.EllipticCurvePublicKey) else "rsa"
    rows = [
        row
        for row in vocabulary.TOKEN_ALGORITHMS
        if (row.oid, row.key) == (info.signature_oid, kind)
        and row.digest_oid in ("", info.digest_oid)
    ]
    if not name or not rows:
        raise _unavailable("TSA_SIGNATURE", "its algorithm is not in the table")
    if hashlib.new(name, info.content).digest() != info.content_digest:
        raise _unavailable("TSA_SIGNATURE", "message-digest does not fit the TSTInfo")
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in rows[0].curves:
            key.verify(info.value, info.signed, ec.ECDSA(_HASHES[name]))
        elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= vocabulary.RSA_MIN_BITS:
            key.verify(info.value, info.signed, padding.PKCS1v15(), _HASHES[name])
        else:
            raise _unavailable("TSA_SIGNATURE", "its key is not in the table")
    except InvalidSignature as error:
        raise _unavailable("TSA_SIGNATURE", "it does not verify") from error


def _check_time(info: TokenInfo, certificate: x509.Certificate, now: datetime) -> None:
    tolerance = timedelta(seconds=vocabulary.TOKEN_TOLERANCE_SECONDS)
    if abs(info.gen_time - now) > tolerance:
        raise _unavailable("TSA_TIME", "its clock and ours differ by more than 60 s")
    if not certificate.not_valid_before_utc <= info.gen_time <= certificate.not_valid_after_utc:
        raise _unavailable("TSA_TIME", "outside the validity of its certificate")


def _check_anchored(info: TokenInfo, anchors: Sequence[bytes]) -> None:
    """From the signer's certificate to an anchor, over what the token carries."""
    current = info.certificate
    for _ in range(_MAX_CHAIN):
        if current is None:
            break
        if current in anchors or any(_issued(current, anchor) for anchor in anchors):
            return
        issuers = (other for other in info.certificates if other != current)
        current = next((other for other in issuers if _issued(current, other)), None)
    raise _unavailable("TSA_UNTRUSTED", "its certificate leads to none of our anchors")


@lru_cache(maxsize=256)
def _issued(certificate: bytes, issuer: bytes) -> bool:
    """Whether `issuer` is a CA and signed `certificate`; each pair is tried once."""
    try:
        constraints = _load(issuer).extensions.get_extension_for_class(x509.BasicConstraints)
        _load(certificate).verify_directly_issued_by(_load(issuer))
    except _NOT_ISSUED:
        return False
    return constraints.value.ca


def _unavailable(code: str, why: str, **facts: int) -> Unavailable:
    return Unavailable(
        f"The timestamp is refused: {why}",
        "时间戳服务暂时不可用，签名已保存，请稍后再试",
        code=code,
        **facts,
    )
