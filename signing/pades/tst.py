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
_SIGNED_DATA_VERSION = 3
_CERTIFICATES, _CRLS, _SIGNED_ATTRIBUTES, _UNSIGNED_ATTRIBUTES = 0xA0, 0xA1, 0xA0, 0xA1
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
    kind, wrapped = der.children(der.read_one(token))
    _expect(der.dotted(kind) == vocabulary.OID_SIGNED_DATA, "not SignedData")
    signed_data = der.children(_explicit(wrapped), at_least=_SIGNED_DATA_PARTS)
    _expect(der.natural(signed_data[0]) == _SIGNED_DATA_VERSION, "SignedData version 3")
    kind, wrapped = der.children(signed_data[2])
    _expect(der.dotted(kind) == vocabulary.OID_TST_INFO, "not a TSTInfo")
    content = _explicit(wrapped, der.OCTET_STRING).content
    certificates, signer = _certificates_and_signer(signed_data[3:])
    attributes = _attributes(signer[3])
    digest_oid = _algorithm(signer[2])
    listed = [_algorithm(e) for e in der.children(signed_data[1], der.SET)]
    _expect(listed == [digest_oid], "one digest algorithm, the signer's")
    return TokenInfo(
        **_tst_info(content),
        certificate=_signer_certificate(attributes, certificates),
        certificates=certificates,
        content=content,
        content_digest=attributes[vocabulary.OID_MESSAGE_DIGEST].content,
        digest_oid=digest_oid,
        signature_oid=_algorithm(signer[4]),
        signer_identifier=signer[1].raw,
        signed=b"\x31" + signer[3].raw[1:],
        value=_tagged(signer[5], der.OCTET_STRING).content,
    )


def _certificates_and_signer(
    parts: list[der.Element],
) -> tuple[tuple[bytes, ...], list[der.Element]]:
    """[0] certificates, [1] crls, both optional, then exactly one SignerInfo with its parts."""
    *before, last = parts
    tags = [part.tag for part in before]
    _expect(tags in ([], [_CERTIFICATES], [_CRLS], [_CERTIFICATES, _CRLS]), "certificates, crls")
    certificates: tuple[bytes, ...] = ()
    if tags[:1] == [_CERTIFICATES]:
        certificates = tuple(element.raw for element in der.children(before[0], _CERTIFICATES))
    signers = der.children(last, der.SET)
    _expect(len(signers) == 1, "one SignerInfo")
    signer = der.children(signers[0], at_least=_SIGNER_PARTS)
    _expect(der.natural(signer[0]) == 1, "SignerInfo version 1")
    rest = [part.tag for part in signer[_SIGNER_PARTS:]]
    _expect(rest in ([], [_UNSIGNED_ATTRIBUTES]), "SignerInfo")
    return certificates, signer


def _explicit(element: der.Element, tag: int = der.SEQUENCE) -> der.Element:
    """What [0] EXPLICIT wraps."""
    return der.read_one(_tagged(element, 0xA0).content, tag)


def _tagged(element: der.Element, tag: int) -> der.Element:
    _expect(element.tag == tag, f"tag {tag:#04x}")
    return element


def _algorithm(element: der.Element) -> str:
    """OID of an AlgorithmIdentifier whose parameters are absent or NULL."""
    oid, *parameters = der.children(element, at_least=1)
    _expect([p.raw for p in parameters] in ([], [der.NULL]), "algorithm parameters")
    return der.dotted(oid)


def _tst_info(content: bytes) -> dict[str, Any]:
    """The fields of a TSTInfo that matter here, by the names of `TokenInfo`."""
    parts = der.children(der.read_one(content), at_least=_TST_PARTS)
    _expect(der.natural(parts[0]) == 1, "TSTInfo version 1")
    algorithm, hashed = der.children(parts[2])
    nonces = [part for part in parts[5:] if part.tag == der.INTEGER]
    return {
        "policy": der.dotted(parts[1]),
        "imprint_oid": _algorithm(algorithm),
        "imprint": _tagged(hashed, der.OCTET_STRING).content,
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
    """Signed attributes by OID; each once, with one value; content-type is that of a token."""
    found: dict[str, der.Element] = {}
    for attribute in der.children(element, _SIGNED_ATTRIBUTES):
        kind, values = der.children(attribute)
        oid = der.dotted(kind)
        (value,) = der.children(values, der.SET)
        _expect(oid not in found, "an attribute twice")
        found[oid] = value
    required = (vocabulary.OID_CONTENT_TYPE, vocabulary.OID_MESSAGE_DIGEST)
    _expect(all(oid in found for oid in required), "content-type and message-digest")
    content_type = der.dotted(found[vocabulary.OID_CONTENT_TYPE])
    _expect(content_type == vocabulary.OID_TST_INFO, "content-type attribute")
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
