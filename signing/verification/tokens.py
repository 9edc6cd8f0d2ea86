"""RFC 3161 timestamp tokens: what they say, and whether they say it about the right thing (rule 7).

Rules kept here:
* one token is one CMS of one signer around a TSTInfo, version 1, with a positive serial number;
* it stamps the digest that it must stamp, by an algorithm of the table;
* its certificate has timeStamping as its only and critical extended key usage.
Whether the TSA is trusted, and when, is the matter of `chains` and `judge`.
"""

from dataclasses import dataclass
from datetime import datetime

from signing.pades import vocabulary
from signing.verification import cms, der
from signing.verification.certificates import Certificate
from signing.verification.reasons import Refused

_TST_PARTS = 5  # version, policy, messageImprint, serialNumber, genTime


@dataclass(frozen=True)
class Token:
    """A token that is sound in itself. `pool` are the certificates that it carries."""

    gen_time: datetime
    certificate: Certificate
    pool: tuple[Certificate, ...]


def check(container: bytes, *, digest: bytes | None = None, stamped: bytes | None = None) -> Token:
    """Verify a TimeStampToken over the bytes `stamped`, or over their SHA-256 `digest`.

    Raises Refused: TIMESTAMP_BROKEN, TIMESTAMP_IMPRINT, TSA_USAGE, TIMESTAMP_OUTSIDE, WEAK_…
    """
    try:
        data = cms.read(container, content_type=vocabulary.OID_TST_INFO)
        gen_time, imprint_oid, imprint = _tst_info(data.content or b"")
        certificate = cms.verify(
            data,
            digest=cms.digest_of(data.content or b"", data.signer.digest_oid),
            content_type=vocabulary.OID_TST_INFO,
            algorithms=vocabulary.TOKEN_ALGORITHMS,
        )
    except Refused as e:
        if e.code == "WEAK_ALGORITHM":
            raise
        raise Refused("TIMESTAMP_BROKEN", str(e)) from e
    if data.signer.unsigned:
        raise Refused("TIMESTAMP_BROKEN", "unsigned attributes in a token")
    if stamped is not None:
        digest = cms.digest_of(stamped, imprint_oid)
    elif imprint_oid != vocabulary.OID_SHA256:
        raise Refused("WEAK_ALGORITHM", f"imprint by {imprint_oid}")
    if imprint != digest:
        raise Refused("TIMESTAMP_IMPRINT")
    if certificate.purposes != ((vocabulary.OID_EKU_TIME_STAMPING,), True):
        raise Refused("TSA_USAGE")
    if not certificate.not_before <= gen_time <= certificate.not_after:
        raise Refused("TIMESTAMP_OUTSIDE", gen_time.isoformat())
    return Token(gen_time, certificate, data.certificates)


def _tst_info(content: bytes) -> tuple[datetime, str, bytes]:
    """TSTInfo (RFC 3161 §2.4.2): genTime, digest algorithm and digest."""
    parts = der.read_whole(content).children()
    if len(parts) < _TST_PARTS or der.natural(parts[0]) != 1 or der.natural(parts[3]) == 0:
        raise Refused("CMS", "not a TSTInfo of version 1")
    der.dotted(parts[1])
    imprint = parts[2].expect(der.SEQUENCE).children()
    algorithm = imprint[0].expect(der.SEQUENCE).children() if imprint else []
    if len(imprint) != 2 or not algorithm:  # noqa: PLR2004  (algorithm and digest)
        raise Refused("CMS", "no message imprint")
    if any(parameter.raw != b"\x05\x00" for parameter in algorithm[1:]):
        raise Refused("CMS", "an imprint algorithm with parameters")
    digest = imprint[1].expect(der.OCTET_STRING).content
    return der.generalized_time(parts[4]), der.dotted(algorithm[0]), digest
