"""One signer's CMS (RFC 5652) of our profile, read strictly and verified (rule 6 of the judge).

Rules kept here:
* one SignerInfo, named by issuer and serial number; versions, digest algorithms and certificate
  agree with one another;
* signed attributes: content-type, message-digest and signing-certificate-v2 once each with one
  value, sorted as DER sorts a SET; beside them only those of `_OPTIONAL` (more in a token);
* the certificate is the one that signing-certificate-v2 names by its hash (RFC 5035);
* algorithms come from the table; the value verifies over the attributes (§5.4).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing.pades import vocabulary
from signing.verification import certificates, der
from signing.verification.certificates import Certificate
from signing.verification.der import Node
from signing.verification.reasons import Refused

_HASHES: dict[str, hashes.HashAlgorithm] = {
    vocabulary.OID_SHA256: hashes.SHA256(),
    vocabulary.OID_SHA384: hashes.SHA384(),
    vocabulary.OID_SHA512: hashes.SHA512(),
}
_OID_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"  # RFC 6211: repeats the algorithms
_REQUIRED = {
    vocabulary.OID_CONTENT_TYPE,
    vocabulary.OID_MESSAGE_DIGEST,
    vocabulary.OID_SIGNING_CERTIFICATE_V2,
}
_OPTIONAL = {_OID_ALGORITHM_PROTECTION}
_OPTIONAL_IN_TOKENS = _OPTIONAL | {
    vocabulary.OID_SIGNING_TIME,
    vocabulary.OID_SIGNING_CERTIFICATE,  # by SHA-1; some TSAs send it beside the other one
}


@dataclass(frozen=True)
class SignerInfo:
    """The signer's part as read: `signed` is what the value signs, `identifier` the sid's DER."""

    identifier: bytes
    digest_oid: str
    attributes: dict[str, Node]
    signed: bytes
    algorithm: Node
    value: bytes
    unsigned: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class SignedData:
    """A CMS as read; nothing is verified. `content` is None for a detached signature."""

    content: bytes | None
    certificates: tuple[Certificate, ...]
    signer: SignerInfo


def read(container: bytes, *, content_type: str) -> SignedData:
    """Read ContentInfo with SignedData around `content_type`: detached for OID_DATA only."""
    detached = content_type == vocabulary.OID_DATA
    kind, content = _exactly(der.read_whole(container), 2)
    if der.dotted(kind) != vocabulary.OID_SIGNED_DATA:
        raise Refused("CMS", "not SignedData")
    parts = content.expect(der.CONTEXT_0).only_child(der.SEQUENCE).children()
    if len(parts) != 5 or parts[3].tag != der.CONTEXT_0:  # noqa: PLR2004  (RFC 5652 §5.1, no crls)
        raise Refused("CMS", "not version, digests, content, certificates, signers")
    version, digests, wrapped, sent, signers = parts
    infos = signers.expect(der.SET).children()
    if len(infos) != 1:
        raise Refused("CMS_SIGNERS", f"{len(infos)} SignerInfos")
    signer = _signer_info(infos[0], _OPTIONAL if detached else _OPTIONAL_IN_TOKENS)
    named = [_digest_oid(node) for node in digests.expect(der.SET).children()]
    if der.natural(version) != (1 if detached else 3) or named != [signer.digest_oid]:
        raise Refused("CMS_IDENTIFIERS", "version or digestAlgorithms")
    return SignedData(
        content=_content(wrapped, content_type, detached=detached),
        certificates=_certificates(sent),
        signer=signer,
    )


def verify(
    cms: SignedData,
    *,
    digest: bytes,
    content_type: str,
    algorithms: Sequence[vocabulary.SignatureAlgorithm],
) -> Certificate:
    """The certificate whose key signed; `digest` is that of the content. Raises Refused."""
    attributes = cms.signer.attributes
    # 6a. The certificate is the one that the signer bound, and the one that the sid names.
    certificate = _bound(cms)
    if _issuer_and_serial(certificate) != cms.signer.identifier:
        raise Refused("CMS_IDENTIFIERS", "the sid names another certificate")
    # 6b. The algorithm stands in the table and fits the key.
    _check_protection(cms.signer)
    row = _row(cms.signer, certificate, algorithms)
    # 6c. What was signed is this content, of this kind.
    if der.dotted(attributes[vocabulary.OID_CONTENT_TYPE]) != content_type:
        raise Refused("CMS_ATTRIBUTES", "content-type")
    if attributes[vocabulary.OID_MESSAGE_DIGEST].expect(der.OCTET_STRING).content != digest:
        raise Refused("HASH_FAILURE")
    # 6d. The value.
    if not _is_signature(cms.signer, certificate, row):
        raise Refused("SIG_CRYPTO_FAILURE")
    return certificate


def _exactly(node: Node, count: int) -> list[Node]:
    parts = node.expect(der.SEQUENCE).children()
    if len(parts) != count:
        raise Refused("CMS", f"expected {count} elements, found {len(parts)}")
    return parts


def _digest_oid(node: Node) -> str:
    """Digest algorithm: no parameters, or NULL (RFC 5754 §2)."""
    parts = node.expect(der.SEQUENCE).children()
    if not 0 < len(parts) <= 2 or any(p.raw != b"\x05\x00" for p in parts[1:]):  # noqa: PLR2004
        raise Refused("CMS", "a digest algorithm with parameters")
    return der.dotted(parts[0])


def _content(node: Node, content_type: str, *, detached: bool) -> bytes | None:
    parts = node.expect(der.SEQUENCE).children()
    if not parts or der.dotted(parts[0]) != content_type:
        raise Refused("CMS", "another content type")
    if detached:
        if len(parts) != 1:
            raise Refused("CMS", "a party's signature must be detached")
        return None
    return _exactly(node, 2)[1].expect(der.CONTEXT_0).only_child(der.OCTET_STRING).content


def _certificates(sent: Node) -> tuple[Certificate, ...]:
    nodes = sent.children()
    if len(nodes) > vocabulary.MAX_CERTIFICATES:
        raise Refused("EXTRA_CERTIFICATES", f"{len(nodes)} certificates")
    if len({node.raw for node in nodes}) != len(nodes):
        raise Refused("EXTRA_CERTIFICATES", "a certificate stands twice")
    return tuple(certificates.load(node.expect(der.SEQUENCE).raw) for node in nodes)


def _signer_info(node: Node, optional: set[str]) -> SignerInfo:
    """RFC 5652 §5.3: version 1, issuerAndSerialNumber, always with signed attributes."""
    parts = node.expect(der.SEQUENCE).children()
    if not 6 <= len(parts) <= 7 or der.natural(parts[0]) != 1:  # noqa: PLR2004
        raise Refused("CMS", "a SignerInfo of another shape or version")
    version_and_sid, digest, attributes, algorithm, value = parts[1], *parts[2:6]
    if attributes.tag != der.CONTEXT_0:
        raise Refused("CMS_ATTRIBUTES", "no signed attributes")
    unsigned = parts[6].expect(der.CONTEXT_1).children() if len(parts) == 7 else []  # noqa: PLR2004
    return SignerInfo(
        identifier=version_and_sid.expect(der.SEQUENCE).raw,
        digest_oid=_digest_oid(digest),
        attributes=_attributes(attributes, optional),
        signed=bytes((der.SET,)) + attributes.raw[1:],
        algorithm=algorithm.expect(der.SEQUENCE),
        value=value.expect(der.OCTET_STRING).content,
        unsigned=tuple(_attribute(item) for item in unsigned),
    )


def _attribute(node: Node) -> tuple[str, Node]:
    """An attribute with exactly one value."""
    kind, values = _exactly(node, 2)
    inside = values.expect(der.SET).children()
    if len(inside) != 1:
        raise Refused("CMS_ATTRIBUTES", "an attribute without exactly one value")
    return der.dotted(kind), inside[0]


def _attributes(node: Node, optional: set[str]) -> dict[str, Node]:
    items = node.children()
    pairs = [_attribute(item) for item in items]
    raws = [item.raw for item in items]
    found = dict(pairs)
    if len(found) != len(pairs) or raws != sorted(raws):
        raise Refused("CMS_ATTRIBUTES", "an attribute twice, or not in DER's order")
    if not set(found) >= _REQUIRED or set(found) - _REQUIRED - optional:
        raise Refused("CMS_ATTRIBUTES", "not the attributes of our profile")
    return found


def _bound(cms: SignedData) -> Certificate:
    """The certificate that signing-certificate-v2 names first: its SHA-256 (RFC 5035 §4)."""
    attribute = cms.signer.attributes[vocabulary.OID_SIGNING_CERTIFICATE_V2]
    listed = attribute.expect(der.SEQUENCE).children()[:1]
    names = listed[0].expect(der.SEQUENCE).children()[:1] if listed else []
    parts = names[0].expect(der.SEQUENCE).children() if names else []
    if parts and parts[0].tag == der.SEQUENCE:
        if _digest_oid(parts[0]) != vocabulary.OID_SHA256:
            raise Refused("WEAK_ALGORITHM", "signing-certificate-v2 by another hash")
        parts = parts[1:]
    wanted = parts[0].expect(der.OCTET_STRING).content if parts else b""
    for certificate in cms.certificates:
        if certificate.sha256 == wanted:
            return certificate
    raise Refused("SIGNING_CERTIFICATE")


def _issuer_and_serial(certificate: Certificate) -> bytes:
    """IssuerAndSerialNumber as the sid must have it."""
    serial = certificate.serial.to_bytes(certificate.serial.bit_length() // 8 + 1, "big")
    content = certificate.issuer + bytes((der.INTEGER, len(serial))) + serial
    size = len(content)
    if size < 0x80:  # noqa: PLR2004  (short form)
        return bytes((der.SEQUENCE, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((der.SEQUENCE, 0x80 | len(length))) + length + content


def _check_protection(signer: SignerInfo) -> None:
    """CMSAlgorithmProtection, where it stands, must repeat the algorithms (RFC 6211)."""
    protection = signer.attributes.get(_OID_ALGORITHM_PROTECTION)
    if protection is None:
        return
    digest, algorithm = _exactly(protection, 2)
    same = algorithm.tag == der.CONTEXT_1 and algorithm.content == signer.algorithm.content
    if _digest_oid(digest) != signer.digest_oid or not same:
        raise Refused("CMS_IDENTIFIERS", "algorithm protection")


def _row(
    signer: SignerInfo,
    certificate: Certificate,
    algorithms: Sequence[vocabulary.SignatureAlgorithm],
) -> vocabulary.SignatureAlgorithm:
    parts = signer.algorithm.children()
    oid = der.dotted(parts[0]) if parts else ""
    key = certificate.public_key
    kind = "ec" if isinstance(key, ec.EllipticCurvePublicKey) else "rsa"
    parameters = [b"\x05\x00"] if kind == "rsa" else []
    for row in algorithms:
        fits = (row.oid, row.key) == (oid, kind)
        if fits and row.digest_oid in ("", signer.digest_oid) and certificate.has_strong_key:
            if [part.raw for part in parts[1:]] != parameters:
                raise Refused("CMS", "a signature algorithm with other parameters")
            return row
    raise Refused("WEAK_ALGORITHM", f"{oid} with {signer.digest_oid}")


def _is_signature(
    signer: SignerInfo, certificate: Certificate, row: vocabulary.SignatureAlgorithm
) -> bool:
    key, digest = certificate.public_key, _HASHES.get(signer.digest_oid)
    if digest is None:
        raise Refused("WEAK_ALGORITHM", signer.digest_oid)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            if key.curve.name not in row.curves:
                raise Refused("WEAK_ALGORITHM", key.curve.name)
            key.verify(signer.value, signer.signed, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signer.value, signer.signed, padding.PKCS1v15(), digest)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def digest_of(content: bytes, oid: str) -> bytes:
    """The digest of `content` by an algorithm of the table."""
    name = vocabulary.DIGESTS.get(oid)
    if name is None:
        raise Refused("WEAK_ALGORITHM", oid)
    return hashlib.new(name, content).digest()
