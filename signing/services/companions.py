"""Documents about an agreement: amendment, renewal, termination (law.md §8 P-16).

Rules kept here:
* each is a new document, signed like the first, and names its parent's number and SHA-256;
* only an agreement that everybody signed can have one; parties, place and relation are its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.draft import AgreementDraft, Companion
from signing.errors import Conflict
from signing.services.issuing import Issuing
from signing.services.once import Ticket
from signing.services.ports.storage import Database


@dataclass(frozen=True)
class CompanionRequest:
    """What is asked for: `values` are those of the companion's own schema."""

    companion: Companion
    values: Mapping[str, Any]
    template_version: str = "latest"
    reference: str = ""
    expires_at: datetime | None = None


class Companions:
    """Make documents about agreements."""

    def __init__(self, *, database: Database, issuing: Issuing) -> None:
        self._database = database
        self._issuing = issuing

    def issue(
        self, agreement_id: str, request: CompanionRequest, *, tenant_id: str, ticket: Ticket
    ) -> Agreement:
        """The new document, its first party invited or sealed.

        Raises NotFound, Conflict `PARENT_NOT_COMPLETED` or `PARENT_IS_COMPANION`, and as
        `Issuing.issue`.
        """
        with self._database.transaction() as tx:
            parent = tx.agreements.load(agreement_id, tenant_id=tenant_id)
        _check_parent(parent)
        draft = AgreementDraft(
            kind=parent.draft.kind,
            template_version=request.template_version,
            performance_place=parent.draft.performance_place,
            parties=parent.draft.parties,
            values=request.values,
            classification=parent.draft.classification,
            reference=request.reference,
            order=parent.draft.order,
            expires_at=request.expires_at,
            companion=request.companion,
            parent={
                "id": parent.id,
                "number": parent.number,
                "sha256": parent.document_sha256,
            },
        )
        return self._issuing.issue(draft, tenant_id=tenant_id, ticket=ticket)


def _check_parent(parent: Agreement) -> None:
    if parent.draft.companion is not None:
        raise Conflict(
            "This is itself a document about an agreement; use the agreement's own id",
            "这是一份变更、续订或解除文件，请用原协议的编号",
            code="PARENT_IS_COMPANION",
        )
    if parent.status is not AgreementStatus.COMPLETED:
        raise Conflict(
            f"The agreement is {parent.status.value}, not completed",
            "原协议还没有各方签完，不能变更、续订或解除",
            code="PARENT_NOT_COMPLETED",
            status=parent.status.value,
        )
