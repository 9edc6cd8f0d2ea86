"""Certificates and CRLs as the judge reads them (RFC 5280), each read once per process.

Rules kept here:
* names are compared as the DER that stands in the certificate, never as re-encoded text;
* keys and signatures are those of the table: P-256 upwards, RSA from 2048 bits, SHA-256 upwards;
* a link between two certificates, or a CRL and its issuer, is verified once and remembered.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID

from signing.pades import vocabulary
from signing.verification import der
from signing.verification.reasons import Refused

_ERRORS = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature, x509.ExtensionNotFound)
_CURVES = frozenset(c for row in vocabulary.TOKEN_ALGORITHMS for c in row.curves)
_KNOWN_CRITICAL = frozenset(
    oid.dotted_string
    for oid in (
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
    )
)
_MAX_COMMON_NAME = 64  # bytes
_TBS_PARTS = 7  # version, serial, signature, issuer, validity, subject, key
_GENTLE_REASONS = frozenset(
    (
        x509.ReasonFlags.affiliation_changed,
        x509.ReasonFlags.superseded,
        x509.ReasonFlags.cessation_of_operation,
    )
)
MAX_CRL = 1024 * 1024


@dataclass(frozen=True)
class Certificate:
    """One certificate: `issuer` and `subject` are names as DER, `sha256` of the whole."""

    der: bytes
    sha256: bytes
    parsed: x509.Certificate
    issuer: bytes
    subject: bytes
    serial: int
    key_oid: str

    @cached_property
    def not_before(self) -> datetime:
        """Start of validity, aware UTC."""
        return self.parsed.not_valid_before_utc

    @cached_property
    def not_after(self) -> datetime:
        """End of validity, aware UTC."""
        return self.parsed.not_valid_after_utc

    @cached_property
    def extensions(self) -> dict[str, x509.Extension[x509.ExtensionType]]:
        """Extensions by dotted OID."""
        return {extension.oid.dotted_string: extension for extension in self.parsed.extensions}

    @cached_property
    def key_usage(self) -> x509.KeyUsage | None:
        """KeyUsage, None if absent."""
        found = self.extensions.get(ExtensionOID.KEY_USAGE.dotted_string)
        return found.value if found and isinstance(found.value, x509.KeyUsage) else None

    @cached_property
    def purposes(self) -> tuple[tuple[str, ...], bool]:
        """Extended key usages as dotted OIDs, and whether they are critical; () if absent."""
        found = self.extensions.get(ExtensionOID.EXTENDED_KEY_USAGE.dotted_string)
        if found is None or not isinstance(found.value, x509.ExtendedKeyUsage):
            return (), False
        return tuple(usage.dotted_string for usage in found.value), found.critical

    @cached_property
    def path_length(self) -> int | None:
        """How many CAs may stand below it: -1 if it is no CA, None if unbounded."""
        found = self.extensions.get(ExtensionOID.BASIC_CONSTRAINTS.dotted_string)
        if found is None or not isinstance(found.value, x509.BasicConstraints):
            return -1
        return found.value.path_length if found.value.ca else -1

    @property
    def names_crl(self) -> bool:
        """Whether it has a CRL distribution point."""
        return ExtensionOID.CRL_DISTRIBUTION_POINTS.dotted_string in self.extensions

    @property
    def is_short_term(self) -> bool:
        """Marked as short-term (ETSI EN 319 412-1) and in fact valid for at most 15 minutes."""
        span = (self.not_after - self.not_before).total_seconds()
        marked = vocabulary.OID_SHORT_TERM in self.extensions
        return marked and span <= vocabulary.SIGNER_VALID_SECONDS

    @property
    def is_test(self) -> bool:
        """Whether its policy says TEST (D5)."""
        found = self.extensions.get(ExtensionOID.CERTIFICATE_POLICIES.dotted_string)
        if found is None or not isinstance(found.value, x509.CertificatePolicies):
            return False
        policies = [policy.policy_identifier.dotted_string for policy in found.value]
        return vocabulary.OID_POLICY_TEST in policies

    @cached_property
    def has_strong_key(self) -> bool:
        """Whether its key stands in the table."""
        key = self.public_key
        if isinstance(key, ec.EllipticCurvePublicKey):
            return key.curve.name in _CURVES
        return isinstance(key, rsa.RSAPublicKey) and key.key_size >= vocabulary.RSA_MIN_BITS

    @cached_property
    def public_key(self) -> object:
        """The key; None if it is of a kind that no row of the table has, or cannot be read."""
        if self.key_oid not in (vocabulary.OID_EC_PUBLIC_KEY, vocabulary.OID_RSA_ENCRYPTION):
            return None
        try:
            return self.parsed.public_key()
        except _ERRORS:
            return None

    @cached_property
    def has_unknown_critical(self) -> bool:
        """Whether it has a critical extension that is not understood here."""
        return any(e.critical and oid not in _KNOWN_CRITICAL for oid, e in self.extensions.items())

    def common_name(self, *, of_issuer: bool = False) -> str:
        """The subject's (or issuer's) common name, "" if it has none."""
        name = self.parsed.issuer if of_issuer else self.parsed.subject
        return _attribute(name, x509.NameOID.COMMON_NAME)

    @property
    def organisation(self) -> str:
        """The subject's organisation, "" if it has none."""
        return _attribute(self.parsed.subject, x509.NameOID.ORGANIZATION_NAME)

    def holder_name(self) -> str:
        """The subject's name, whole: libraries cut a CN at 64 bytes, the OU then has all of it."""
        common = self.common_name()
        units = self.parsed.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
        for unit in (str(attribute.value) for attribute in units):
            cut = unit.encode()[:_MAX_COMMON_NAME].decode(errors="ignore")
            if cut == common != unit:
                return unit
        return common


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[-1].value) if found else ""


@lru_cache(maxsize=512)
def load(data: bytes) -> Certificate:
    """Read a certificate from DER; Refused("CMS") if it is none."""
    if len(data) > vocabulary.MAX_CERTIFICATE:
        raise Refused("CMS", "a certificate is too large")
    body = der.read_whole(data).children()[0].expect(der.SEQUENCE).children()
    if len(body) < _TBS_PARTS or body[0].tag != der.CONTEXT_0 or der.natural(body[1]) == 0:
        raise Refused("CMS", "not a certificate of version 3 with a positive serial number")
    key = body[6].expect(der.SEQUENCE).children()[:1]
    algorithm = key[0].expect(der.SEQUENCE).children()[:1] if key else []
    if not algorithm:
        raise Refused("CMS", "a certificate without a key")
    try:
        parsed = x509.load_der_x509_certificate(data)
        certificate = Certificate(
            der=data,
            sha256=hashlib.sha256(data).digest(),
            parsed=parsed,
            issuer=body[3].raw,
            subject=body[5].raw,
            serial=parsed.serial_number,
            key_oid=der.dotted(algorithm[0]),
        )
        _ = certificate.extensions, certificate.not_before, certificate.common_name()
    except _ERRORS as e:
        raise Refused("CMS", "a certificate cannot be read") from e
    return certificate


@lru_cache(maxsize=2048)
def is_issued_by(child: bytes, parent: bytes) -> bool:
    """Whether the certificate `parent` (DER) signed `child`, with names that fit."""
    one, issuer = load(child), load(parent)
    is_strong = _is_strong(one.parsed.signature_algorithm_oid) and issuer.has_strong_key
    if one.issuer != issuer.subject or not is_strong:
        return False
    try:
        one.parsed.verify_directly_issued_by(issuer.parsed)
    except _ERRORS:
        return False
    return True


@dataclass(frozen=True)
class RevocationList:
    """A CRL of `issuer` (a name as DER). Its entries are read once its signature is known."""

    der: bytes
    issuer: bytes
    next_update: datetime
    parsed: x509.CertificateRevocationList

    @cached_property
    def revoked(self) -> dict[int, datetime]:
        """Serial numbers and since when, aware UTC."""
        return {entry.serial_number: _since(entry) for entry in self.parsed}

    @cached_property
    def compromised(self) -> frozenset[int]:
        """Serials whose key may be in wrong hands: a reason of compromise, or none."""
        return frozenset(e.serial_number for e in self.parsed if _is_compromise(e))


@lru_cache(maxsize=128)
def load_crl(data: bytes) -> RevocationList | None:
    """Read a CRL from DER; None if it is none, is not complete, or has no nextUpdate."""
    try:
        parsed = x509.load_der_x509_crl(data) if len(data) <= MAX_CRL else None
        if parsed is None or parsed.next_update_utc is None:
            return None
        if any(extension.critical for extension in parsed.extensions):
            return None  # delta, indirect or partitioned: it may leave out what we look for
        issuer = parsed.issuer.public_bytes()
        return RevocationList(data, issuer, parsed.next_update_utc, parsed)
    except _ERRORS:
        return None


def _since(entry: x509.RevokedCertificate) -> datetime:
    """When the key stopped being safe: the invalidity date if it is earlier than the revocation."""
    since = entry.revocation_date_utc
    try:
        found = entry.extensions.get_extension_for_class(x509.InvalidityDate)
    except x509.ExtensionNotFound:
        return since
    return min(since, found.value.invalidity_date.replace(tzinfo=UTC))


def _is_compromise(entry: x509.RevokedCertificate) -> bool:
    """RFC 3161 §4: only some reasons leave earlier tokens of a TSA trustworthy."""
    try:
        found = entry.extensions.get_extension_for_class(x509.CRLReason)
    except x509.ExtensionNotFound:
        return True
    return found.value.reason not in _GENTLE_REASONS


@lru_cache(maxsize=512)
def is_crl_of(crl: bytes, issuer: bytes) -> bool:
    """Whether the certificate `issuer` (DER) signed the CRL and may do so."""
    ca = load(issuer)
    usage = ca.key_usage
    if usage is None or not usage.crl_sign or not ca.has_strong_key:
        return False
    try:
        parsed = x509.load_der_x509_crl(crl)
        key = ca.parsed.public_key()
        strong = _is_strong(parsed.signature_algorithm_oid)
        return strong and parsed.is_signature_valid(key)  # type: ignore[arg-type]  # has_strong_key
    except _ERRORS:
        return False


def _is_strong(oid: x509.ObjectIdentifier) -> bool:
    """Whether a certificate's or CRL's signature algorithm stands in the table."""
    return any(
        row.oid == oid.dotted_string for row in vocabulary.TOKEN_ALGORITHMS if row.digest_oid
    )
