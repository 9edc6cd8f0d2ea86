"""CMS SignedData of one signer (RFC 5652), as CAdES and RFC 3161 ask for it, in DER.

Rules kept here:
* one SignerInfo, always with signed attributes, sorted as a SET OF;
* signing-certificate-v2 (RFC 5035) binds the certificate before its key is used;
* no signing-time in a party's signature (EN 319 142-1 §6.3); tokens carry one;
* digest SHA-256 throughout; the signature algorithm follows from the certificate's key.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from signing.errors import Malformed, Rejected
from signing.pades import der, vocabulary

_SHA256 = der.sequence(der.oid(vocabulary.OID_SHA256))
_CERTIFICATE_PARTS = 7  # version, serial, signature, issuer, validity, subject, key


@dataclass(frozen=True)
class CertificateFacts:
    """What a SignerInfo needs of a certificate: its bytes, its hash, who issued it as what number.

    `issuer` and `subject` are the names' DER as they stand in the certificate, never written anew.
    """

    der: bytes
    sha256: bytes
    issuer: bytes
    subject: bytes
    serial: int
    algorithm: vocabulary.SignatureAlgorithm
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey

    @property
    def identifier(self) -> bytes:
        """IssuerAndSerialNumber."""
        return der.sequence(self.issuer, der.integer(self.serial))


class CertificateNames(NamedTuple):
    """Who issued a certificate as what number, for whom: the names as DER."""

    issuer: bytes
    serial: int
    subject: bytes


def certificate_names(certificate: bytes) -> CertificateNames:
    """Names and serial of any DER certificate; Malformed if it has not the shape of one."""
    body = der.children(der.read_one(certificate), at_least=3)[0]
    parts = der.children(body, at_least=_CERTIFICATE_PARTS)
    return CertificateNames(parts[3].raw, der.natural(parts[1]), parts[5].raw)


@lru_cache(maxsize=256)
def certificate_facts(certificate: bytes) -> CertificateFacts:
    """Read a DER certificate whose key can sign here.

    Raises Rejected (CERTIFICATE_UNUSABLE) if it cannot be read or its key is not in the table.
    """
    refusal = Rejected(
        "The certificate cannot be read or its key is not P-256 or RSA from 2048 bits",
        "证书读不出来，或者密钥类型不支持（请用 P-256 或 2048 位以上的 RSA）",
        code="CERTIFICATE_UNUSABLE",
    )
    try:
        names = certificate_names(certificate)
        public_key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm, Malformed) as error:
        raise refusal from error
    algorithm = _algorithm(public_key)
    if algorithm is None:
        raise refusal
    return CertificateFacts(
        der=certificate,
        sha256=hashlib.sha256(certificate).digest(),
        issuer=names.issuer,
        subject=names.subject,
        serial=names.serial,
        algorithm=algorithm,
        public_key=public_key,  # type: ignore[arg-type]  # _algorithm knows these two kinds only
    )


def _algorithm(public_key: object) -> vocabulary.SignatureAlgorithm | None:
    """The row of the table for a key, None if there is none."""
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        known = public_key.curve.name in vocabulary.ECDSA_P256_SHA256.curves
        return vocabulary.ECDSA_P256_SHA256 if known else None
    if isinstance(public_key, rsa.RSAPublicKey):
        strong = public_key.key_size >= vocabulary.RSA_MIN_BITS
        return vocabulary.RSA_PKCS1_SHA256 if strong else None
    return None


def attribute(oid: str, value: bytes) -> bytes:
    """Attribute with a single value."""
    return der.sequence(der.oid(oid), der.tlv(der.SET, value))


def signed_attributes(
    certificate: CertificateFacts,
    digest: bytes,
    *,
    content_type: str = vocabulary.OID_DATA,
    signing_time: datetime | None = None,
) -> bytes:
    """DER of SET OF Attribute, tag 0x31: exactly the bytes that the key signs (RFC 5652 §5.4).

    `digest` is SHA-256 of the content. `signing_time` is for tokens only.
    """
    # ESSCertIDv2 with the default SHA-256 and without issuerSerial: the sid names it already.
    certificates = der.sequence(der.sequence(der.octet_string(certificate.sha256)))
    attributes = [
        attribute(vocabulary.OID_CONTENT_TYPE, der.oid(content_type)),
        attribute(vocabulary.OID_MESSAGE_DIGEST, der.octet_string(digest)),
        attribute(vocabulary.OID_SIGNING_CERTIFICATE_V2, der.sequence(certificates)),
    ]
    if signing_time is not None:
        when = der.tlv(der.UTC_TIME, signing_time.strftime("%y%m%d%H%M%SZ").encode())
        attributes.append(attribute(vocabulary.OID_SIGNING_TIME, when))
    return der.set_of(*attributes)


def signed_data(
    certificate: CertificateFacts,
    *,
    attributes: bytes,
    value: bytes,
    certificates: Iterable[bytes],
    timestamp_token: bytes | None = None,
    tst_info: bytes | None = None,
) -> bytes:
    """ContentInfo with SignedData: detached, or around `tst_info` (then version 3).

    `attributes` are those of `signed_attributes`, `value` the signature over them as it stands in
    CMS (DER for ECDSA), `timestamp_token` goes in as the only unsigned attribute.
    """
    token = timestamp_token
    unsigned = (
        b"" if token is None else der.explicit(1, attribute(vocabulary.OID_TIMESTAMP_TOKEN, token))
    )
    signer = der.sequence(
        der.integer(1),
        certificate.identifier,
        _SHA256,
        b"\xa0" + attributes[1:],  # [0] IMPLICIT instead of SET
        _algorithm_identifier(certificate.algorithm),
        der.octet_string(value),
        unsigned,
    )
    if tst_info is None:
        version, content = 1, der.sequence(der.oid(vocabulary.OID_DATA))
    else:
        content = der.sequence(
            der.oid(vocabulary.OID_TST_INFO), der.explicit(0, der.octet_string(tst_info))
        )
        version = 3
    sent = sorted(certificates)
    body = der.sequence(
        der.integer(version),
        der.tlv(der.SET, _SHA256),
        content,
        der.explicit(0, *sent) if sent else b"",
        der.tlv(der.SET, signer),
    )
    return der.sequence(der.oid(vocabulary.OID_SIGNED_DATA), der.explicit(0, body))


def _algorithm_identifier(algorithm: vocabulary.SignatureAlgorithm) -> bytes:
    """RSA carries NULL parameters (RFC 4055 §5), ECDSA none (RFC 5754 §3.2)."""
    parameters = der.NULL if algorithm.key == "rsa" else b""
    return der.sequence(der.oid(algorithm.oid), parameters)
