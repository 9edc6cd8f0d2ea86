"""Values as the API shows them: one function per thing, times RFC 3339 in UTC."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from signing.domain.agreement import Agreement
from signing.domain.caller import ApiKey
from signing.domain.compromise import CompromiseReport
from signing.domain.events import LoggedEvent
from signing.services.agreements import AgreementDesk
from signing.web.problems import finding_view


def rfc3339(at: datetime | None) -> str | None:
    """An aware UTC time, to the second."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def agreement_view(agreement: Agreement, *, desk: AgreementDesk, key: ApiKey) -> dict[str, Any]:
    """An agreement (interfaces.md §4). Links are shown to the scope `links` only."""
    may_see_links = "links" in key.scopes
    return {
        "id": agreement.id,
        "number": agreement.number,
        "kind": agreement.draft.kind.value,
        "companion": agreement.draft.companion.value if agreement.draft.companion else None,
        "template_version": agreement.template_version,
        "template_sha256": agreement.template_sha256,
        "rule_pack_version": agreement.rule_pack_version,
        "renderer_id": agreement.renderer_id,
        "reference": agreement.draft.reference,
        "performance_place": agreement.draft.performance_place,
        "status": agreement.status.value,
        "frozen": agreement.is_frozen,
        "parent": dict(agreement.draft.parent) if agreement.draft.parent else None,
        "parties": [
            {
                "id": party.id,
                "role": party.role.value,
                "name": party.name,
                "status": party.status.value,
                "signing_link": desk.link_of(agreement, party.id) if may_see_links else None,
                "signed_at": rfc3339(party.signed_at),
                "custody": party.custody.value,
                "compromise": _compromise_view(party.report),
            }
            for party in agreement.parties
        ],
        "findings": [finding_view(finding) for finding in agreement.findings],
        "document_sha256": agreement.document_sha256,
        "archive_sha256": agreement.archive_sha256,
        "text_sha256": agreement.text_sha256,
        "created_at": rfc3339(agreement.created_at),
        "completed_at": rfc3339(agreement.completed_at),
        "expires_at": rfc3339(agreement.expires_at),
        "test_certificates": agreement.test_certificates,
    }


def _compromise_view(report: CompromiseReport | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "reported_at": rfc3339(report.at),
        "reported_by": report.by.value,
        "reason": report.reason,
        "serial": report.serial,
        "revoked": report.is_revoked,
    }


def event_view(event: LoggedEvent) -> dict[str, Any]:
    """An event: what the log shows of it, not what its opening tells."""
    return {
        "n": event.n,
        "type": event.type,
        "at": rfc3339(event.at),
        "party_id": event.party_id or None,
        "index": event.index,
        "leaf_hash": sha256(b"\x00" + event.leaf).hexdigest(),
    }
