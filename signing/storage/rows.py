"""Every table but the log's own. Migrations create them; a test holds both together.

Rules kept here:

1. Names, numbers, addresses, free words and pages lie in sealed columns only; ids, digests,
   states and times in plain ones.
2. What is looked up by a person's data is looked up by a blind token (`lookups`).
3. `agreements.version` is compared and swapped at each save: a stale save changes nothing.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from signing.storage.columns import SealedBytes, UtcTime
from signing.storage.db import Row
from signing.storage.sealing import Sealed

BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself for INTEGER PRIMARY KEY only."""

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""SQLite gives the id of a deleted last row out again unless told not to."""


class TenantRow(Row):
    """A platform."""

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class ApiKeyRow(Row):
    """A key of a platform: SHA-256 of the secret, and its first characters to recognise it by."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    prefix: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)

    tenant: Mapped[TenantRow] = relationship(lazy="joined")


class AgreementRow(Row):
    """An agreement. `audit_n` and `audit_head` are the end of its own chain of events."""

    __tablename__ = "agreements"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    number: Mapped[str] = mapped_column(unique=True)
    tag: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    reference: Mapped[str]
    performance_place: Mapped[str]
    status: Mapped[str]
    draft: Mapped[Sealed] = mapped_column(SealedBytes)
    findings: Mapped[Sealed] = mapped_column(SealedBytes)
    closed_reason: Mapped[Sealed] = mapped_column(SealedBytes)
    template_version: Mapped[str]
    template_sha256: Mapped[str]
    rule_pack_version: Mapped[str]
    renderer_id: Mapped[str]
    text_sha256: Mapped[str]
    revision_sha256: Mapped[str]
    document_sha256: Mapped[str]
    archive_sha256: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    test_certificates: Mapped[bool]
    audit_n: Mapped[int]
    audit_head: Mapped[str]
    version: Mapped[int] = mapped_column()

    parties: Mapped[list["PartyRow"]] = relationship(
        order_by="PartyRow.seat", lazy="selectin", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it once)
    __table_args__ = (
        Index("ix_agreements_newest", "tenant_id", "created_at", "id"),
        Index("ix_agreements_reference", "tenant_id", "reference"),
        Index("ix_agreements_due", "status", "expires_at"),
    )


class PartyRow(Row):
    """A party. `seat` is its place in the request, `position` in the order of signing."""

    __tablename__ = "parties"

    id: Mapped[str] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"), index=True)
    seat: Mapped[int]
    role: Mapped[str]
    name: Mapped[Sealed] = mapped_column(SealedBytes)
    position: Mapped[int]
    custody: Mapped[str]
    status: Mapped[str]
    link_generation: Mapped[int]
    signed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    signed_sha256: Mapped[str | None]
    report: Mapped[Sealed | None] = mapped_column(SealedBytes)


class FileRow(Row):
    """What belongs to an agreement's file but is not in it: the phone's page, the newest plan."""

    __tablename__ = "files"

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"), primary_key=True)
    page: Mapped[Sealed] = mapped_column(SealedBytes)
    plan: Mapped[Sealed] = mapped_column(SealedBytes)


class RevisionRow(Row):
    """A stored revision of an agreement's file, by its digest; `ordinal` counts from 1."""

    __tablename__ = "revisions"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(
        ForeignKey("agreements.id"), primary_key=True, index=True
    )
    ordinal: Mapped[int]


class LookupRow(Row):
    """A blind token of a name or number that stands in an agreement."""

    __tablename__ = "lookups"

    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    agreement_id: Mapped[str] = mapped_column(
        ForeignKey("agreements.id"), primary_key=True, index=True
    )


class CeremonyRow(Row):
    """What a party has shown and done."""

    __tablename__ = "ceremonies"

    party_id: Mapped[str] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    state: Mapped[Sealed] = mapped_column(SealedBytes)


class IntentRow(Row):
    """A signature on its way, written before any key is used (D10)."""

    __tablename__ = "intents"

    id: Mapped[str] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"), index=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("parties.id"))
    custody: Mapped[str]
    base_sha256: Mapped[str]
    text_sha256: Mapped[str]
    prepared: Mapped[Sealed] = mapped_column(SealedBytes)
    certificates: Mapped[Sealed] = mapped_column(SealedBytes)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    status: Mapped[str] = mapped_column(index=True)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    result_sha256: Mapped[str | None]

    __table_args__ = (Index("ix_intents_party_id_created_at", "party_id", "created_at"),)


class CertificateRow(Row):
    """A serial number given out, in hex; never changed and never deleted."""

    __tablename__ = "certificates"

    serial: Mapped[str] = mapped_column(primary_key=True)
    agreement_id: Mapped[str]
    party_id: Mapped[str]
    purpose: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(UtcTime)


class IdempotencyRow(Row):
    """A first answer, by the SHA-256 of the caller's key."""

    __tablename__ = "idempotency"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    key_sha256: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    answer: Mapped[Sealed | None] = mapped_column(SealedBytes)
    is_final: Mapped[bool] = mapped_column(default=False)


class JobRow(Row):
    """Work for later. A finished job's row is gone."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[Sealed] = mapped_column(SealedBytes)
    run_at: Mapped[datetime] = mapped_column(UtcTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcTime)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[Sealed | None] = mapped_column(SealedBytes)

    __table_args__ = (
        Index("uq_jobs_kind_key", "kind", "key", unique=True),
        Index("ix_jobs_run_at", "run_at", "id"),
        NEVER_AGAIN,
    )
