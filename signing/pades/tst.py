"""A timestamp token as it is read: CMS of one signer around a TSTInfo (RFC 3161 §2.4.2, RFC 5652).

Rules kept here:
* strict DER, one SignerInfo, signed attributes present, each attribute once with one value;
* reading decides nothing: `token.check_token` says what must hold.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from signing.errors import Malformed
from signing.pades import der, vocabulary

_GENERALIZED = re.compile(rb"(\d{14})(?:\.(\d{1,6}[1-9]|[1-9]))?Z")
_SIGNED_DATA_PARTS = 4
_SIGNER_PARTS = 6
_TST_PARTS = 5


@dataclass(frozen=True)
class TokenInfo:
    """What a token says and how it is signed; nothing in here is verified.

    `gen_time` is aware UTC, `imprint` the hash that was stamped and `imprint_oid` its algorithm,
    `certificate` the DER of the signer's certificate (None if the token carries none that the
    signing-certificate-v2 attribute names), `certificates` all of them, `signed` the bytes under
    `value`.
    """

    gen_time: datetime
    policy: str
    serial: int
    imprint: bytes
    imprint_oid: str
    nonce: int | None
    certificate: bytes | None
    certificates: tuple[bytes, ...]
    content: bytes
    content_digest: bytes
    digest_oid: str
    signature_oid: str
    signer_identifier: bytes
    signed: bytes
    value: bytes


def token_info(token: bytes) -> TokenInfo:
    """Read a TimeStampToken; Malformed if it is not one."""
    try:
        return _read(token)
    except (IndexError, ValueError, OverflowError) as error:
        raise Malformed("Not a timestamp token", code="TOKEN_MALFORMED") from error


def _read(token: bytes) -> TokenInfo:
    """`token_info` without its net: IndexError and ValueError mean malformed too."""
    content_info = der.children(der.read_one(token), at_least=2)
    _expect(der.dotted(content_info[0]) == vocabulary.OID_SIGNED_DATA, "not SignedData")
    signed_data = der.children(der.read_one(content_info[1].content), at_least=_SIGNED_DATA_PARTS)
    encapsulated = der.children(signed_data[2], at_least=2)
    _expect(der.dotted(encapsulated[0]) == vocabulary.OID_TST_INFO, "not a TSTInfo")
    content = der.read_one(encapsulated[1].content, der.OCTET_STRING).content
    certificates: tuple[bytes, ...] = ()
    if signed_data[3].tag == 0xA0:  # noqa: PLR2004  ([0] certificates)
        certificates = tuple(element.raw for element in der.children(signed_data[3]))
    signers = der.children(signed_data[-1])
    _expect(len(signers) == 1, "one SignerInfo")
    signer = der.children(signers[0], at_least=_SIGNER_PARTS)
    attributes = _attributes(signer[3])
    _expect(
        der.dotted(attributes[vocabulary.OID_CONTENT_TYPE]) == vocabulary.OID_TST_INFO,
        "content-type attribute",
    )
    return TokenInfo(
        **_tst_info(content),
        certificate=_signer_certificate(attributes, certificates),
        certificates=certificates,
        content=content,
        content_digest=attributes[vocabulary.OID_MESSAGE_DIGEST].content,
        digest_oid=der.dotted(der.children(signer[2], at_least=1)[0]),
        signature_oid=der.dotted(der.children(signer[4], at_least=1)[0]),
        signer_identifier=signer[1].raw,
        signed=b"\x31" + signer[3].raw[1:],
        value=signer[5].content,
    )


def _tst_info(content: bytes) -> dict[str, Any]:
    """The fields of a TSTInfo that matter here, by the names of `TokenInfo`."""
    parts = der.children(der.read_one(content), at_least=_TST_PARTS)
    _expect(der.natural(parts[0]) == 1, "TSTInfo version 1")
    imprint = der.children(parts[2], at_least=2)
    nonces = [part for part in parts[5:] if part.tag == der.INTEGER]
    return {
        "policy": der.dotted(parts[1]),
        "imprint_oid": der.dotted(der.children(imprint[0], at_least=1)[0]),
        "imprint": imprint[1].content,
        "serial": der.natural(parts[3]),
        "gen_time": _time(parts[4]),
        "nonce": der.natural(nonces[0]) if nonces else None,
    }


def _time(element: der.Element) -> datetime:
    """GeneralizedTime in UTC, with or without a fraction."""
    match = _GENERALIZED.fullmatch(element.content)
    _expect(element.tag == der.GENERALIZED_TIME and match is not None, "genTime")
    seconds, fraction = match.groups()  # type: ignore[union-attr]  # None was refused just above
    whole = datetime.strptime(seconds.decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return whole.replace(microsecond=int((fraction or b"0").ljust(6, b"0")))


def _attributes(element: der.Element) -> dict[str, der.Element]:
    """Signed attributes by OID; each once, with one value."""
    _expect(element.tag == 0xA0, "signed attributes")  # noqa: PLR2004  ([0] signedAttrs)
    found: dict[str, der.Element] = {}
    for attribute in der.children(element):
        kind, values = der.children(attribute, at_least=2)
        oid = der.dotted(kind)
        _expect(oid not in found, "an attribute twice")
        found[oid] = der.read_one(values.content, der.read(values.content)[0].tag)
    required = (vocabulary.OID_CONTENT_TYPE, vocabulary.OID_MESSAGE_DIGEST)
    _expect(all(oid in found for oid in required), "content-type and message-digest")
    return found


def _signer_certificate(
    attributes: dict[str, der.Element], certificates: tuple[bytes, ...]
) -> bytes | None:
    """The certificate that signing-certificate-v2 names, None if it is not among them."""
    attribute = attributes.get(vocabulary.OID_SIGNING_CERTIFICATE_V2)
    if attribute is None:
        return None
    first = der.children(der.children(attribute, at_least=1)[0], at_least=1)[0]
    parts = der.children(first, at_least=1)
    name = "sha256"
    if parts[0].tag == der.SEQUENCE:  # hashAlgorithm, left out for the default SHA-256
        name = vocabulary.DIGESTS.get(der.dotted(der.children(parts[0], at_least=1)[0]), "")
        parts = parts[1:]
    if not name or not parts:
        return None
    for certificate in certificates:
        if hashlib.new(name, certificate).digest() == parts[0].content:
            return certificate
    return None


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise Malformed(f"Not a timestamp token: {what}", code="TOKEN_MALFORMED")
