"""Agreements as rows and back.

Every field of `Agreement` and `Party` has its place here; a test saves one with a value of its own
in each field and compares.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from signing.domain.agreement import Agreement, AgreementStatus, Custody, Party, PartyStatus
from signing.domain.compromise import CompromiseReport, Reporter
from signing.domain.draft import AgreementDraft, Companion, Kind, Order, PartyDraft, Role
from signing.domain.finding import Finding, Severity
from signing.domain.page import Page
from signing.pades.plan import FilePlan
from signing.storage.rows import AgreementRow, FileRow, PartyRow
from signing.storage.sealing import FieldCipher, Sealed

_LOOKED_UP = ("name", "id_number", "phone", "uscc")
"""Details of a party by which a platform finds its agreement."""


class AgreementMapper:
    """Row ⇄ domain, with the cipher for what is sealed."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def fill(self, row: AgreementRow, agreement: Agreement) -> None:
        """Bring the row, new or loaded, to the agreement's state; unchanged fields stay as is."""
        self._fill_plain(row, agreement)
        self._seal(row, "draft", _draft_json(agreement.draft))
        self._seal(row, "findings", _json([asdict(finding) for finding in agreement.findings]))
        self._seal(row, "closed_reason", agreement.closed_reason.encode())
        known = {party.id: party for party in row.parties}
        row.parties = [
            self._party_row(known.get(party.id), party, seat)
            for seat, party in enumerate(agreement.parties)
        ]

    def agreement(self, row: AgreementRow) -> Agreement:
        """The domain's value. Raises Broken if a sealed field was changed or moved."""
        findings = json.loads(self._open(row, "findings"))
        return Agreement(
            id=row.id,
            tenant_id=row.tenant_id,
            number=row.number,
            tag=row.tag,
            draft=_draft(json.loads(self._open(row, "draft"))),
            parties=tuple(self._party(party) for party in row.parties),
            template_version=row.template_version,
            template_sha256=row.template_sha256,
            rule_pack_version=row.rule_pack_version,
            renderer_id=row.renderer_id,
            text_sha256=row.text_sha256,
            findings=tuple(Finding(**{**f, "severity": Severity(f["severity"])}) for f in findings),
            revision_sha256=row.revision_sha256,
            document_sha256=row.document_sha256,
            created_at=row.created_at,
            expires_at=row.expires_at,
            test_certificates=row.test_certificates,
            status=AgreementStatus(row.status),
            archive_sha256=row.archive_sha256,
            completed_at=row.completed_at,
            closed_reason=self._open(row, "closed_reason").decode(),
        )

    def file_row(self, agreement_id: str, *, page: Page, plan: FilePlan) -> FileRow:
        """Page and plan of a new agreement."""
        value = {"fragment": page.fragment, "cards": [dict(c) for c in page.cards]}
        packed = _pack(_json({**value, "title": page.title}))
        sealed = self._cipher.seal(packed, place="files.page", row=agreement_id)
        return FileRow(
            agreement_id=agreement_id, page=sealed, plan=self.sealed_plan(agreement_id, plan)
        )

    def sealed_plan(self, agreement_id: str, plan: FilePlan) -> Sealed:
        """The plan as it is stored."""
        packed = _pack(plan.to_json().encode())
        return self._cipher.seal(packed, place="files.plan", row=agreement_id)

    def page(self, row: FileRow) -> Page:
        """What the phone shows."""
        packed = self._cipher.open(row.page, place="files.page", row=row.agreement_id)
        value = json.loads(zlib.decompress(packed))
        return Page(value["fragment"], tuple(value["cards"]), value["title"])

    def plan(self, row: FileRow) -> FilePlan:
        """The plan of the newest revision."""
        packed = self._cipher.open(row.plan, place="files.plan", row=row.agreement_id)
        return FilePlan.from_json(zlib.decompress(packed).decode())

    def tokens(self, agreement: Agreement) -> set[bytes]:
        """Blind tokens under which the agreement is found."""
        values = {p.get(key) for p in agreement.draft.parties for key in _LOOKED_UP} - {""}
        return {self._cipher.token(value, scope=agreement.tenant_id) for value in values}

    def _fill_plain(self, row: AgreementRow, agreement: Agreement) -> None:
        row.tenant_id, row.number, row.tag = agreement.tenant_id, agreement.number, agreement.tag
        row.kind = agreement.draft.kind.value
        row.reference = agreement.draft.reference
        row.performance_place = agreement.draft.performance_place
        row.status = agreement.status.value
        for field in _SAME:
            setattr(row, field, getattr(agreement, field))

    def _seal(self, row: AgreementRow, field: str, plaintext: bytes) -> None:
        """Seal only what changed: a fresh nonce alone is no reason to write a page of the table."""
        if getattr(row, field) is None or self._open(row, field) != plaintext:
            setattr(row, field, self._cipher.seal(plaintext, place=_place(field), row=row.id))

    def _open(self, row: AgreementRow, field: str) -> bytes:
        return self._cipher.open(getattr(row, field), place=_place(field), row=row.id)

    def _party_row(self, row: PartyRow | None, party: Party, seat: int) -> PartyRow:
        if row is None:
            name = self._cipher.seal(party.name.encode(), place="parties.name", row=party.id)
            row = PartyRow(id=party.id, name=name)
        row.seat, row.position = seat, party.position
        row.role, row.custody, row.status = party.role, party.custody, party.status
        row.link_generation = party.link_generation
        row.signed_at, row.signed_sha256 = party.signed_at, party.signed_sha256
        if party.report is not None and row.report is None:  # the first one stands
            told = _report_json(party.report)
            row.report = self._cipher.seal(told, place="parties.report", row=party.id)
        return row

    def _party(self, row: PartyRow) -> Party:
        return Party(
            id=row.id,
            role=Role(row.role),
            name=self._cipher.open(row.name, place="parties.name", row=row.id).decode(),
            position=row.position,
            custody=Custody(row.custody),
            status=PartyStatus(row.status),
            link_generation=row.link_generation,
            signed_at=row.signed_at,
            signed_sha256=row.signed_sha256,
            report=self._report(row),
        )

    def _report(self, row: PartyRow) -> CompromiseReport | None:
        if row.report is None:
            return None
        told = json.loads(self._cipher.open(row.report, place="parties.report", row=row.id))
        at, by = datetime.fromisoformat(told.pop("at")), Reporter(told.pop("by"))
        return CompromiseReport(at=at, by=by, **told)


_SAME = (
    "template_version",
    "template_sha256",
    "rule_pack_version",
    "renderer_id",
    "text_sha256",
    "revision_sha256",
    "document_sha256",
    "archive_sha256",
    "created_at",
    "expires_at",
    "completed_at",
    "test_certificates",
)
"""Fields that a row holds under the agreement's own names and types."""


def _place(field: str) -> str:
    return f"agreements.{field}"


def _report_json(report: CompromiseReport) -> bytes:
    return _json({**asdict(report), "at": report.at.isoformat(), "by": report.by.value})


def _draft_json(draft: AgreementDraft) -> bytes:
    expires_at = draft.expires_at.isoformat() if draft.expires_at else None
    return _json({**draft.to_body(), "expires_at": expires_at})


def _draft(body: Mapping[str, Any]) -> AgreementDraft:
    expires_at = body["expires_at"]
    return AgreementDraft(
        kind=Kind(body["kind"]),
        template_version=body["template_version"],
        performance_place=body["performance_place"],
        parties=tuple(
            PartyDraft(Role(party["role"]), {k: v for k, v in party.items() if k != "role"})
            for party in body["parties"]
        ),
        values=body["values"],
        classification=body["classification"],
        reference=body["reference"],
        order=Order(body["order"]),
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        companion=Companion(body["companion"]) if "companion" in body else None,
        parent=body.get("parent"),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _pack(data: bytes) -> bytes:
    return zlib.compress(data, 6)
