"""How long a timestamp can be believed: until the first certificate on its way to an anchor ends.

Rules kept here: the same way as the verifier's (`verification.chains`): over what the token carries
and the anchors, the anchor's own end included; a token without a way to an anchor never gets here.
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from signing.errors import Broken
from signing.pades.tst import token_info

_MAX_CHAIN = 5


def lasts_until(token: bytes, anchors: Sequence[bytes]) -> datetime:
    """The earliest notAfter between the token's signer and an anchor. Raises Broken without one."""
    info = token_info(token)
    trusted = [x509.load_der_x509_certificate(anchor) for anchor in anchors]
    sent = [x509.load_der_x509_certificate(certificate) for certificate in info.certificates]
    current = x509.load_der_x509_certificate(info.certificate or b"")
    end = current.not_valid_after_utc
    for _ in range(_MAX_CHAIN):
        if current in trusted:
            return end
        issuers = (other for other in (*trusted, *sent) if _issued(current, other))
        issuer = next(issuers, None)
        if issuer is None or issuer == current:
            break
        current, end = issuer, min(end, issuer.not_valid_after_utc)
    raise Broken("The token leads to none of our anchors", code="TSA_UNTRUSTED")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
