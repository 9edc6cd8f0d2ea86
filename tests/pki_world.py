"""A whole PKI in memory, and files signed with it: for tests of writer and judge.

Keys follow from their names, so two worlds of the same name are equal; only serial numbers,
signatures and tokens are random. Times are given by the test. Nothing is read or written.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding

from pdf_bases import make_base
from signing.domain.canonical_text import text_sha256
from signing.keystore import profiles
from signing.keystore.press import new_serial
from signing.keystore.profiles import Issuer, Profile, Subject
from signing.keystore.timestamping import TimestampingUnit
from signing.pades import token as rfc3161
from signing.pades.archive import archive_imprint, assemble_archive, prepare_archive
from signing.pades.finish import assemble, check_value, imprint
from signing.pades.plan import FilePlan
from signing.pades.prepare import Prepared, SignatureRequest, prepare
from signing.pades.renewal import prepare_renewal
from signing.pades.vocabulary import P256_ORDER

AGREEMENT = ("agr_0123456789abcdef0123456789abcdef", bytes(range(32)))
CONTRACT = "<main id='contract'><p>每单配送费不低于人民币伍元，按周结算。</p></main>"
TEXT = "text-sha256:" + text_sha256(CONTRACT)
NAMES = {
    "employer": "长沙某某网络科技有限公司",
    "enterprise": "长沙某某网络科技有限公司",
    "platform": "长沙某某网络科技有限公司",
    "service_provider": "湖南某某人力资源服务有限公司",
    "worker": "张三",
}


def make_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of that name."""
    scalar = int.from_bytes(hashlib.sha512(name.encode()).digest()) % (P256_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def to_der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def to_raw(value: bytes) -> bytes:
    """r‖s, as WebCrypto gives it."""
    r, s = utils.decode_dss_signature(value)
    return r.to_bytes(32) + s.to_bytes(32)


@dataclass(frozen=True)
class Signer:
    """A key with its chain (DER, leaf first, no root)."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...]

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass
class World:
    """Root, issuing CA and TSA, all made an hour before `start`."""

    start: datetime
    name: str = "world"
    revoked: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root_key = make_key(self.name + "/root")
        self.issuing_key = make_key(self.name + "/issuing")
        self.tsa_key = make_key(self.name + "/tsa")
        self.root = self._issue(profiles.ROOT, "TEST root", self.root_key)
        self.issuing = self._issue(profiles.ISSUING, "TEST issuing", self.issuing_key)
        self.tsa = self._issue(profiles.TSA, "TEST time", self.tsa_key)

    def signer(
        self,
        name: str,
        *,
        at: datetime,
        profile: Profile = profiles.SIGNER,
        document: bytes = AGREEMENT[1],
    ) -> Signer:
        """A one-use signer for the revision with that SHA-256, or a seal (`profiles.SEAL`)."""
        key = make_key(f"{self.name}/{name}/{at}")
        certificate = self._issue(
            profile, name, key, begin=at - timedelta(seconds=60), document=document
        )
        return Signer(key, (to_der(certificate), to_der(self.issuing)))

    def token(self, stamped: bytes, *, at: datetime, nonce: int = 7) -> bytes:
        """A token over a SHA-256."""
        unit = TimestampingUnit(
            certificate=to_der(self.tsa), key=self.tsa_key, clock=lambda: at, last_file=None
        )
        return rfc3161.read_response(unit.respond(rfc3161.request(stamped, nonce=nonce)))

    def crls(self, *, at: datetime) -> tuple[bytes, ...]:
        """Lists of root and issuing CA."""
        return (
            self._crl(self.root, self.root_key, at),
            self._crl(self.issuing, self.issuing_key, at),
        )

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """What the archive step keeps: issuing, TSA, root."""
        return to_der(self.issuing), to_der(self.tsa), to_der(self.root)

    def _issue(
        self,
        profile: Profile,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        *,
        begin: datetime | None = None,
        document: bytes = AGREEMENT[1],
    ) -> x509.Certificate:
        issuer, signer = self._issuer(profile, key)
        begin = self.start - timedelta(hours=1) if begin is None else begin
        agreement = (AGREEMENT[0], document) if profile is profiles.SIGNER else None
        builder = profiles.builder(
            profile,
            Subject(profiles.subject_name(name), key.public_key(), agreement),
            issuer,
            serial=new_serial(),
            not_before=begin,
            not_after=begin + profile.span,
        )
        return builder.sign(signer, hashes.SHA256())

    def _issuer(
        self, profile: Profile, own: ec.EllipticCurvePrivateKey
    ) -> tuple[Issuer | None, ec.EllipticCurvePrivateKey]:
        if profile is profiles.ROOT:
            return None, own
        if profile in (profiles.ISSUING, profiles.TSA):
            return _described(self.root, "root"), self.root_key
        return _described(self.issuing, "issuing"), self.issuing_key

    def _crl(
        self, issuer: x509.Certificate, key: ec.EllipticCurvePrivateKey, at: datetime
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(at)
            .next_update(at + timedelta(days=30))
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
            )
        )
        if issuer == self.issuing:
            for serial, when in self.revoked.items():
                entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
                builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _described(certificate: x509.Certificate, slug: str) -> Issuer:
    url = "http://127.0.0.1:8000/pki/"
    return Issuer(
        certificate.subject, certificate.public_key(), f"{url}{slug}.crl", f"{url}{slug}.cer"
    )


@dataclass(frozen=True)
class Step:
    """One signature of a signed file: what was prepared, with which value and token."""

    prepared: Prepared
    value: bytes
    token: bytes
    pdf: bytes
    plan: FilePlan


def base_of(roles: Sequence[str], *, padding: int = 0) -> tuple[bytes, FilePlan]:
    """A base revision with the attachments of a real one, for those roles in their order."""
    kinds = {"employer": "labour_contract", "enterprise": "written_agreement"}
    kind = next((kinds[role] for role in roles if role in kinds), "tripartite_agreement")
    body = {
        "kind": kind,
        "order": "worker_first" if roles[0] == "worker" else "enterprise_first",
        "parties": [{"role": role, "name": NAMES[role]} for role in roles],
        "values": {"worker_relation_with": "managed"},
        "issued": {"id": AGREEMENT[0], "number": "HT-2026-0001"},
    }
    data = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    attachments = (("contract.html", CONTRACT.encode()), ("agreement.json", data.encode()))
    return make_base(tuple(roles), locked=roles[-1], attachments=attachments, padding=padding)


def request_for(
    role: str,
    signer: Signer,
    *,
    at: datetime,
    certify: bool = False,
    appearance: bytes | None = None,
) -> SignatureRequest:
    return SignatureRequest(
        field=role,
        certificates=signer.chain,
        signing_time=at,
        reason="本人自愿签署" if role == "worker" else "同意并盖章",
        location=TEXT,
        name=NAMES[role],
        certify=certify,
        appearance=appearance,
    )


def sign_step(
    world: World,
    pdf: bytes,
    plan: FilePlan,
    role: str,
    *,
    at: datetime,
    certify: bool = False,
    appearance: bytes | None = None,
) -> Step:
    """Sign one field: seals for enterprises, a one-use signer for the worker."""
    profile = profiles.SIGNER if role == "worker" else profiles.SEAL
    document = bytes.fromhex(plan.sha256)
    signer = world.signer(NAMES[role], at=at, profile=profile, document=document)
    prepared = prepare(
        pdf, plan, request_for(role, signer, at=at, certify=certify, appearance=appearance)
    )
    value = check_value(prepared, signer.sign(prepared.signed_attributes))
    token = world.token(imprint(value), at=at)
    signed, plan = assemble(pdf, prepared, value, token)
    return Step(prepared, value, token, signed, plan)


def sign_all(
    world: World, roles: Sequence[str], *, at: datetime, certify: bool = True
) -> tuple[bytes, FilePlan, list[Step]]:
    """A base with those roles, signed by all in their order, a minute apart."""
    pdf, plan = base_of(roles)
    steps = []
    for index, role in enumerate(roles):
        step = sign_step(
            world,
            pdf,
            plan,
            role,
            at=at + timedelta(minutes=index),
            certify=certify and index == 0,
        )
        steps.append(step)
        pdf, plan = step.pdf, step.plan
    return pdf, plan, steps


def archive_file(
    world: World, pdf: bytes, plan: FilePlan, *, at: datetime
) -> tuple[bytes, FilePlan]:
    """The archive step."""
    prepared = prepare_archive(pdf, plan, world.certificates, world.crls(at=at))
    return assemble_archive(pdf, prepared, world.token(archive_imprint(prepared), at=at))


def renew_file(world: World, pdf: bytes, plan: FilePlan, *, at: datetime) -> tuple[bytes, FilePlan]:
    """A further document timestamp, with the lists of that day."""
    prepared = prepare_renewal(pdf, plan, world.certificates, world.crls(at=at))
    return assemble_archive(pdf, prepared, world.token(archive_imprint(prepared), at=at))
