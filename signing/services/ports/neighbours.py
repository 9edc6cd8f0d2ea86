"""Everybody else: renderer, texts, law, CA, seals, TSA, judge, SMS."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from signing.domain.draft import AgreementDraft
from signing.domain.finding import Finding
from signing.errors import FieldError
from signing.pades.plan import FilePlan


class Card(Protocol):
    """A key clause: `clause` is the id of the article that it speaks of."""

    @property
    def id(self) -> str:
        """Name of the card."""

    @property
    def title(self) -> str:
        """What it is about."""

    @property
    def clause(self) -> str:
        """Id of the article."""

    @property
    def text(self) -> str:
        """In plain words."""


class Rendered(Protocol):
    """A rendered agreement: base revision, its plan, what the phone shows, what made it."""

    @property
    def pdf(self) -> bytes:
        """The base revision."""

    @property
    def plan(self) -> FilePlan:
        """Its plan."""

    @property
    def title(self) -> str:
        """Name of the agreement, as people say it."""

    @property
    def fragment(self) -> str:
        """The `<main id="contract">` element for the phone."""

    @property
    def cards(self) -> Sequence[Card]:
        """The key clauses."""

    @property
    def text_sha256(self) -> str:
        """Digest of the canonical text."""

    @property
    def renderer_id(self) -> str:
        """Digest over libraries, fonts and template (D14)."""

    @property
    def template_version(self) -> str:
        """Version of the text."""

    @property
    def template_sha256(self) -> str:
        """Digest of the text's folder."""


class GlyphChecker(Protocol):
    """The fonts."""

    def check_glyphs(self, document: Mapping[str, Any]) -> Sequence[Finding]:
        """`GLYPH_MISSING` for every character of the request body that no font draws."""


class Renderer(Protocol):
    """Agreement to HTML and PDF."""

    def render(self, document: Mapping[str, Any]) -> Rendered:
        """`document` is the attached agreement.json. Raises Broken if it cannot be made whole."""

    def evidence_report(self, facts: Mapping[str, Any]) -> bytes:
        """The 签署证据报告 as PDF (law.md §7.2)."""


class Catalogue(Protocol):
    """The contract texts."""

    def resolve(self, kind: str, version: str) -> str:
        """The version that `latest` means. Raises NotFound."""

    def validity(self, kind: str, version: str) -> tuple[date, date | None]:
        """First and last day of a version's validity, None while it has no end."""

    def check_values(self, draft: AgreementDraft) -> Sequence[FieldError]:
        """Values against the template's schema, every mistake."""

    def example(self, kind: str, variant: int) -> Mapping[str, Any]:
        """The `variant`-th example body, from 1. Raises NotFound."""

    def describe(self, kind: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Kinds with versions, schema, parties and order, cards, examples."""


class Rules(Protocol):
    """The law."""

    def check_shape(self, draft: AgreementDraft) -> Sequence[FieldError]:
        """What is wrong whatever the law says: check digits, members, region codes."""

    def check(
        self,
        draft: AgreementDraft,
        *,
        at: datetime,
        text_valid: tuple[date, date | None] | None = None,
    ) -> tuple[str, Sequence[Finding]]:
        """Version of the rule pack used, and every finding.

        `text_valid` are the first and last day of the text's own validity, if that is asked (P-19).
        """


class IssuedCertificate(Protocol):
    """A certificate that was just made."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER with the leaf first and no root."""

    @property
    def not_after(self) -> datetime:
        """Aware UTC."""


class Authority(Protocol):
    """The CA."""

    def new_serial(self) -> int:
        """A random serial to write down before the key is used."""

    def request_info(self, spki: bytes, *, name: str) -> bytes:
        """PKCS#10 CertificationRequestInfo for that key. Raises Rejected if it is not P-256."""

    def issue_signer(
        self,
        *,
        serial: int,
        request_info: bytes,
        proof: bytes,
        name: str,
        agreement_id: str,
        document_sha256: str,
        at: datetime,
    ) -> IssuedCertificate:
        """A one-use certificate of at most 15 minutes.

        `proof` is the signature over `request_info` (raw r‖s or DER). Raises Rejected if it is not.
        """

    def is_revoked(self, certificate: bytes) -> bool:
        """Whether one of ours (DER) was taken back, or a stranger's was reported to us."""

    def validation_data(self) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """Certificates (issuing, TSA, root) and CRLs, DER, for the archive step."""


class Seals(Protocol):
    """Enterprises' seal keys, kept by the service (custody `service`)."""

    def check(self, *, tenant_id: str, uscc: str, name: str) -> None:
        """Whether that seal can sign for `name`; the key is not used.

        Raises Rejected: `SEAL_UNKNOWN`, `SEAL_REVOKED`, `SEAL_NAME` if its certificate names
        another holder.
        """

    def certificate(self, *, tenant_id: str, uscc: str, name: str) -> tuple[bytes, ...]:
        """The seal's chain, made on first use in development.

        Raises Rejected `SEAL_UNKNOWN` in production for a seal that nobody registered,
        `SEAL_REVOKED` for one that was taken back and has no successor.
        """

    def present(self, *, tenant_id: str, uscc: str) -> bytes | None:
        """The newest certificate of that seal (DER), None if there is none."""

    def not_after(self, chain: tuple[bytes, ...]) -> datetime:
        """Until when that seal's certificate is good."""

    def sign(self, *, tenant_id: str, uscc: str, data: bytes) -> bytes:
        """ECDSA signature (DER) by the seal's key."""


class Recalled(Protocol):
    """What became of a certificate that was reported."""

    @property
    def serial(self) -> str:
        """Its serial number, hex."""

    @property
    def is_listed(self) -> bool:
        """Whether our list tells of it; a stranger's is refused here, and that is all."""


class Recall(Protocol):
    """The way back for certificates. On return the lists are published."""

    def revoke(self, serial: str, *, reason: str) -> bytes:
        """Revoke by serial number (hex) and publish it; the certificate, DER.

        Raises NotFound, Rejected for a reason that RFC 5280 does not name.
        """

    def report(self, certificate: bytes) -> Recalled:
        """A party's certificate (DER), whose key is in wrong hands."""

    def told(self) -> Mapping[str, str]:
        """Serial numbers (hex) that were taken back so far, each with the reason."""


class Timestamper(Protocol):
    """The TSA."""

    @property
    def token_bytes(self) -> int:
        """Room that a signature must keep for one of its tokens."""

    def lasts_until(self, token: bytes) -> datetime:
        """When the first certificate that a token of its leans on ends, aware UTC."""

    def timestamp(self, imprint: bytes) -> bytes:
        """An RFC 3161 token over that SHA-256, checked (pdf.md §2). Raises Unavailable."""


class Judge(Protocol):
    """The verifier, before publication."""

    def judge(self, pdf: bytes) -> None:
        """Raises Broken if our own verifier does not find the file sound."""


class Messenger(Protocol):
    """SMS."""

    def send_sms(self, *, phone: str, text: str, at: datetime) -> None:
        """Hand over to the provider. Raises Unavailable."""


class Links(Protocol):
    """Signing links: nothing is stored (interfaces.md §9 Links)."""

    def token(self, party_id: str, *, generation: int) -> str:
        """URL-safe, at most 48 characters."""

    def party_id(self, token: str) -> str:
        """Which party a token claims to be of. Raises NotFound for what we did not make at all."""

    def is_current(self, token: str, *, generation: int) -> bool:
        """Whether it is the newest link of its party."""


class CodeHasher(Protocol):
    """One-time codes at rest (ASVS 6.5.2)."""

    def hash(self, code: str) -> str:
        """Argon2id."""

    def matches(self, code_hash: str, code: str) -> bool:
        """Constant-time comparison."""
