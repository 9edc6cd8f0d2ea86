"""Makes signed files with keys of its own, by the service's writer, never by the judge's code.

A `Workshop` is one PKI (root, issuing CA, TSA, two seals) and one agreement; `sign_all` goes
through the whole order: platform, service provider, worker, archive. Attacks start from there.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import pdf_bases
from signing.pades import archive, cms, der, finish, prepare, vocabulary
from signing.pades.plan import FilePlan

START = datetime(2026, 11, 25, 8, 0, 0, tzinfo=UTC)
ROLES = ("platform", "service_provider", "worker")
NAMES = {
    "platform": "长沙某某网络科技有限公司",
    "service_provider": "湖南某某人力资源服务有限公司",
    "worker": "张三",
}
AGREEMENT_ID = "agr_0123456789abcdef0123456789abcdef"
HTML = (
    "<!DOCTYPE html><html><head><title>三方协议</title></head><body><main id='contract'>"
    "<h1>三方合作协议</h1><p>每单配送费不低于人民币伍元，按周结算。</p></main></body></html>"
)
CANONICAL = "三方合作协议每单配送费不低于人民币伍元，按周结算。"
TEXT_SHA256 = hashlib.sha256(CANONICAL.encode()).hexdigest()
BODY = {
    "kind": "tripartite_agreement",
    "template_version": "2026.1",
    "order": "enterprise_first",
    "parties": [{"role": role, "name": NAMES[role]} for role in ROLES],
    "values": {"worker_relation_with": "managed"},
    "issued": {"id": AGREEMENT_ID, "number": "HT-2026-0001"},
}
PADDING = 240_000
SHORT_TERM = x509.ObjectIdentifier(vocabulary.OID_SHORT_TERM)
POLICY = x509.ObjectIdentifier(vocabulary.OID_POLICY_TEST)
SIGNING = (
    x509.ObjectIdentifier(vocabulary.OID_EKU_DOCUMENT_SIGNING),
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
)


def encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def usage(**wanted: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


def name(common_name: str, organisation: str = "TEST 测试证书") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


class Authority:
    """A CA: a root, or one below `issuer`."""

    def __init__(self, common_name: str, issuer: "Authority | None" = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name(common_name)
        self.revoked: dict[int, datetime] = {}
        above = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(above.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(START - timedelta(days=1))
            .not_valid_after(START + timedelta(days=365 * (10 if issuer else 20)))
            .add_extension(x509.BasicConstraints(True, 0 if issuer else None), critical=True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
        )
        if issuer:
            builder = builder.add_extension(_crl_point(), critical=False)
        self.certificate = builder.sign(above.key, hashes.SHA256())

    @property
    def der(self) -> bytes:
        return encoded(self.certificate)

    def issue(
        self,
        common_name: str,
        public_key: object,
        *,
        not_before: datetime = START - timedelta(hours=1),
        valid: timedelta = timedelta(days=730),
        purposes: Sequence[x509.ObjectIdentifier] = SIGNING,
        purposes_critical: bool = False,
        key_usage: x509.KeyUsage | None = None,
        names_crl: bool = True,
        extra: Sequence[x509.UnrecognizedExtension] = (),
        policy: bool = True,
        organisation: str = "TEST 测试证书",
    ) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(common_name, organisation))
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_before + valid)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(
                key_usage or usage(digital_signature=True, content_commitment=True), critical=True
            )
        )
        if purposes:
            usages = x509.ExtendedKeyUsage(purposes)
            builder = builder.add_extension(usages, critical=purposes_critical)
        if names_crl:
            builder = builder.add_extension(_crl_point(), critical=False)
        if policy:
            policies = x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)])
            builder = builder.add_extension(policies, critical=False)
        for extension in extra:
            builder = builder.add_extension(extension, critical=False)
        return encoded(builder.sign(self.key, hashes.SHA256()))

    def crl(self, at: datetime = START, *, days: int = 30) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(at - timedelta(minutes=10))
            .next_update(at + timedelta(days=days))
        )
        for serial, since in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _crl_point() -> x509.CRLDistributionPoints:
    address = x509.UniformResourceIdentifier("http://127.0.0.1:8000/pki/ca.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def sign_bytes(key: Key, data: bytes, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
    algorithm = algorithm or hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(algorithm))
    return key.sign(data, padding.PKCS1v15(), algorithm)


@dataclass
class Tsa:
    """A time-stamping unit whose clock is an argument."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    def token(self, digest: bytes, at: datetime) -> bytes:
        imprint = der.sequence(
            der.sequence(der.oid(vocabulary.OID_SHA256)), der.octet_string(digest)
        )
        info = der.sequence(
            der.integer(1),
            der.oid(vocabulary.OID_POLICY_TSA_TEST),
            imprint,
            der.integer(x509.random_serial_number()),
            der.tlv(der.GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode()),
            der.sequence(der.integer(1)),
        )
        facts = cms.certificate_facts(self.certificate)
        attributes = cms.signed_attributes(
            facts,
            hashlib.sha256(info).digest(),
            content_type=vocabulary.OID_TST_INFO,
            signing_time=at,
        )
        return cms.signed_data(
            facts,
            attributes=attributes,
            value=sign_bytes(self.key, attributes),
            certificates=[self.certificate],
            tst_info=info,
        )


@dataclass
class Signer:
    """A key with its chain, leaf first."""

    key: Key
    chain: tuple[bytes, ...]


Signed = tuple[bytes, FilePlan]


@dataclass
class Workshop:
    """One PKI and one agreement."""

    root: Authority
    issuing: Authority
    tsa: Tsa
    seals: dict[str, Signer]
    agreement_id: str = AGREEMENT_ID
    location: str = f"text-sha256:{TEXT_SHA256}"
    lock: str | None = "worker"
    order: tuple[str, ...] = ROLES
    attachments: tuple[tuple[str, bytes], ...] = field(
        default_factory=lambda: (
            ("contract.html", HTML.encode()),
            ("agreement.json", json.dumps(BODY, ensure_ascii=False).encode()),
        )
    )
    padding: int = PADDING

    @classmethod
    def new(cls, *, root_name: str = "TEST Root CA", tsa_span: int = 3650) -> "Workshop":
        root = Authority(root_name)
        issuing = Authority("TEST Issuing CA", root)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = root.issue(
            "TEST TSA unit 1",
            key.public_key(),
            valid=timedelta(days=tsa_span),
            purposes=(ExtendedKeyUsageOID.TIME_STAMPING,),
            purposes_critical=True,
            key_usage=usage(digital_signature=True),
        )
        workshop = cls(root, issuing, Tsa(key, certificate), {})
        workshop.seals = {role: workshop.seal(role) for role in ROLES[:2]}
        return workshop

    def base(self) -> Signed:
        return pdf_bases.make_base(
            ROLES, locked=self.lock, pages=3, padding=self.padding, attachments=self.attachments
        )

    def seal(self, role: str, **options: object) -> Signer:
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self.issuing.issue(NAMES[role], key.public_key(), **options)
        return Signer(key, (leaf, self.issuing.der))

    def worker(
        self,
        before: bytes,
        *,
        at: datetime,
        issuer: Authority | None = None,
        common_name: str = NAMES["worker"],
        agreement_id: str | None = None,
        **options: object,
    ) -> Signer:
        """A one-use certificate for these very bytes."""
        issuer = issuer or self.issuing
        key = ec.generate_private_key(ec.SECP256R1())
        binding = der.sequence(
            der.utf8(agreement_id or self.agreement_id),
            der.octet_string(hashlib.sha256(before).digest()),
        )
        extra = (
            x509.UnrecognizedExtension(SHORT_TERM, der.NULL),
            x509.UnrecognizedExtension(x509.ObjectIdentifier(vocabulary.OID_AGREEMENT), binding),
        )
        settings = {
            "not_before": at - timedelta(seconds=60),
            "valid": timedelta(minutes=15),
            "names_crl": False,
            "extra": extra,
        } | options
        leaf = issuer.issue(common_name, key.public_key(), **settings)
        return Signer(key, (leaf, issuer.der))

    def request(self, role: str, signer: Signer, *, at: datetime, certify: bool, **changes: object):
        settings = {
            "field": role,
            "certificates": signer.chain,
            "signing_time": at,
            "reason": "同意并签署",
            "location": self.location,
            "name": NAMES.get(role, role),
            "certify": certify,
        } | changes
        return prepare.SignatureRequest(**settings)

    def sign(
        self,
        file: Signed,
        role: str,
        *,
        at: datetime,
        signer: Signer | None = None,
        certify: bool = False,
        tsa: Tsa | None = None,
        stamped_at: datetime | None = None,
        **changes: object,
    ) -> Signed:
        """One B-T signature."""
        if signer is None:
            is_worker = role == "worker"
            signer = self.worker(file[0], at=at) if is_worker else self.seals[role]
        request = self.request(role, signer, at=at, certify=certify, **changes)
        prepared = prepare.prepare(*file, request)
        value = sign_bytes(signer.key, prepared.signed_attributes)
        value = finish.check_value(prepared, value)
        token = (tsa or self.tsa).token(finish.imprint(value), stamped_at or at)
        return finish.assemble(file[0], prepared, value, token)

    def sign_parties(
        self,
        file: Signed | None = None,
        *,
        roles: Sequence[str] | None = None,
        certify: bool = True,
        at: datetime = START,
    ) -> list[Signed]:
        """All states from the base on: one more signature each, ten minutes apart."""
        states = [file or self.base()]
        for position, role in enumerate(roles or self.order):
            moment = at + timedelta(minutes=10 * position)
            first = certify and position == 0
            states.append(self.sign(states[-1], role, at=moment, certify=first))
        return states

    def archive(
        self,
        file: Signed,
        *,
        at: datetime = START + timedelta(minutes=40),
        tsa: Tsa | None = None,
        certificates: Sequence[bytes] | None = None,
        crls: Sequence[bytes] | None = None,
    ) -> Signed:
        """DSS and document timestamp."""
        stored = (self.issuing.der, self.tsa.certificate, self.root.der)
        lists = (self.issuing.crl(at), self.root.crl(at))
        prepared = archive.prepare_archive(
            *file,
            stored if certificates is None else certificates,
            lists if crls is None else crls,
        )
        token = (tsa or self.tsa).token(archive.archive_imprint(prepared), at)
        return archive.assemble_archive(file[0], prepared, token)

    def sign_all(self) -> Signed:
        return self.archive(self.sign_parties()[-1])


@cache
def standard() -> Workshop:
    """The PKI that the tests' trust folder names; made once per run."""
    return Workshop.new()


@cache
def standard_states() -> tuple[Signed, ...]:
    """Base, after each party, archived."""
    states = standard().sign_parties()
    return (*states, standard().archive(states[-1]))


Make = Callable[[], bytes]
