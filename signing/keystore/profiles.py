"""The kinds of certificate that the built-in CA issues (pdf.md §8): one table and one builder.

Rules kept here:
* everything says TEST: the subject's O, the issuer's CN, the policy (D5);
* a certificate has exactly the extensions of its row, with their criticality;
* one-use signer: whole span at most 15 minutes, backdated 60 s, short-term extension, agreement and
  document inside, no CRL; every other leaf names its CRL;
* no ID number in any certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from signing.pades import der, vocabulary

ORGANISATION = "TEST 测试证书"
ROOT_NAME = "TEST 某某签署服务 根 CA"
ISSUING_NAME = "TEST 某某签署服务 签发 CA"
TSA_NAME = "TEST 某某签署服务 时间戳"

_MAX_COMMON_NAME = 64  # bytes
_YEAR = timedelta(days=365)
_PURPOSES = (vocabulary.OID_EKU_DOCUMENT_SIGNING, vocabulary.OID_EKU_EMAIL_PROTECTION)
_AUTHORITY = frozenset({"key_cert_sign", "crl_sign"})
_PARTY = frozenset({"digital_signature", "content_commitment"})
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Profile:
    """A row of the table.

    `span` is the longest validity, `usages` are keyUsage names, `purposes` EKU OIDs, `crl` says
    whether it names its issuer's CRL.
    """

    name: str
    span: timedelta
    usages: frozenset[str]
    authority: bool = False
    path_length: int | None = None
    purposes: tuple[str, ...] = ()
    purposes_critical: bool = False
    policy: str | None = None
    crl: bool = True
    short_term: bool = False


ROOT = Profile("root", 20 * _YEAR, _AUTHORITY, authority=True, crl=False)
ISSUING = Profile(
    "issuing", 10 * _YEAR, _AUTHORITY, authority=True, path_length=0, policy="2.5.29.32.0"
)
TSA = Profile(
    "tsa",
    10 * _YEAR,
    frozenset({"digital_signature"}),
    purposes=(vocabulary.OID_EKU_TIME_STAMPING,),
    purposes_critical=True,
    policy=vocabulary.OID_POLICY_TEST,
)
SEAL = Profile("seal", 2 * _YEAR, _PARTY, purposes=_PURPOSES, policy=vocabulary.OID_POLICY_TEST)
SIGNER = Profile(
    "signer",
    timedelta(seconds=vocabulary.SIGNER_VALID_SECONDS),
    _PARTY,
    purposes=_PURPOSES,
    policy=vocabulary.OID_POLICY_TEST,
    crl=False,
    short_term=True,
)


@dataclass(frozen=True)
class Issuer:
    """Who signs: its name, its key, and the addresses of its CRL and certificate."""

    subject: x509.Name
    public_key: ec.EllipticCurvePublicKey
    crl_url: str
    certificate_url: str


@dataclass(frozen=True)
class Subject:
    """Whom a certificate is for; `agreement` is (id, SHA-256 of the document) for a signer."""

    name: x509.Name
    public_key: ec.EllipticCurvePublicKey
    agreement: tuple[str, bytes] | None = None


def subject_name(common_name: str, *, organisation_id: str | None = None) -> x509.Name:
    """C=CN, O=TEST 测试证书, CN; `organisation_id` is a credit code (EN 319 412-1 §5.1.4).

    Libraries take a CN of 64 bytes at most, 21 Chinese characters: a longer name is cut there and
    stands whole as OU.
    """
    short = common_name.encode()[:_MAX_COMMON_NAME].decode(errors="ignore")
    pairs = [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, ORGANISATION),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, common_name if short != common_name else ""),
        (NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{organisation_id}" if organisation_id else ""),
        (NameOID.COMMON_NAME, short),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs if text])


def builder(
    profile: Profile,
    subject: Subject,
    issuer: Issuer | None,
    *,
    serial: int,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    """A certificate of that kind, unsigned; `issuer` None makes a root."""
    made = (
        x509.CertificateBuilder()
        .subject_name(subject.name)
        .issuer_name(subject.name if issuer is None else issuer.subject)
        .public_key(subject.public_key)
        .serial_number(serial)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    for extension, critical in _extensions(profile, subject, issuer):
        made = made.add_extension(extension, critical=critical)
    return made


def _extensions(
    profile: Profile, subject: Subject, issuer: Issuer | None
) -> list[tuple[x509.ExtensionType, bool]]:
    usage = x509.KeyUsage(**{name: name in profile.usages for name in USAGES})
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(profile.authority, profile.path_length), True),
        (usage, True),
        (x509.SubjectKeyIdentifier.from_public_key(subject.public_key), False),
    ]
    if issuer is not None:
        found += _issuer_extensions(profile, issuer)
    if profile.purposes:
        purposes = [x509.ObjectIdentifier(oid) for oid in profile.purposes]
        found.append((x509.ExtendedKeyUsage(purposes), profile.purposes_critical))
    if profile.policy is not None:
        policy = x509.PolicyInformation(x509.ObjectIdentifier(profile.policy), None)
        found.append((x509.CertificatePolicies([policy]), False))
    if profile.short_term:
        short_term = x509.ObjectIdentifier(vocabulary.OID_SHORT_TERM)
        found.append((x509.UnrecognizedExtension(short_term, der.NULL), False))
    if subject.agreement is not None:
        agreement_id, digest = subject.agreement
        value = der.sequence(der.utf8(agreement_id), der.octet_string(digest))
        oid = x509.ObjectIdentifier(vocabulary.OID_AGREEMENT)
        found.append((x509.UnrecognizedExtension(oid, value), False))
    return found


def _issuer_extensions(
    profile: Profile, issuer: Issuer
) -> Sequence[tuple[x509.ExtensionType, bool]]:
    """What leads from a certificate to its issuer, and to the list of those revoked."""
    location = x509.UniformResourceIdentifier(issuer.certificate_url)
    access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, location)
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key), False),
        (x509.AuthorityInformationAccess([access]), False),
    ]
    if profile.crl:
        names = [x509.UniformResourceIdentifier(issuer.crl_url)]
        point = x509.DistributionPoint(names, None, None, None)
        found.append((x509.CRLDistributionPoints([point]), False))
    return found
