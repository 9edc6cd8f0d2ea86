"""Documents about an agreement: change, renewal, end, notice, certificate, copy (law.md §8 P-16).

    amendment, renewal, termination   of what everybody signed; signed by the same parties
    notice                            to sign a labour contract that its worker has not signed
                                      (劳动合同法 10, 实施条例 5)
    certificate                       that a labour contract ended (劳动合同法 50); goes with the
                                      contract, or with the termination that ended it
    copy                              that a print agrees with the original (54号 13)

Rules kept here:
* each names its parent's number and SHA-256; parties, place and relation are its parent's own;
* the last three are the enterprise's alone, under its seal; what they say of the parent is taken
  from the parent and not from the request;
* a copy certifies only what our own verifier finds sound at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.chinese import beijing_day
from signing.domain.draft import AgreementDraft, Companion, Kind, PartyDraft, Role, roles_named
from signing.domain.verdict import Outcome
from signing.errors import Broken, Conflict, FieldError
from signing.services.issuing import Issuing
from signing.services.once import Ticket
from signing.services.ports import Clock
from signing.services.ports.storage import Database, Documents
from signing.services.verifying import TrustSource
from signing.verification.verify import verify_document

_UNSIGNED = (AgreementStatus.PENDING, AgreementStatus.DECLINED, AgreementStatus.EXPIRED)
_LABOUR_ONLY = (Companion.NOTICE, Companion.CERTIFICATE)
_GROUNDS = {
    "employer_proposed": "mutual",
    "worker_proposed": "mutual",
    "expiry": "expiry",
    "task_completed": "other_end",
}
"""Ground of a certificate by the reason of the termination that it goes with."""


@dataclass(frozen=True)
class CompanionRequest:
    """What is asked for: `values` are those of the companion's own schema."""

    companion: Companion
    values: Mapping[str, Any]
    template_version: str = "latest"
    reference: str = ""
    expires_at: datetime | None = None
    misshapen: tuple[FieldError, ...] = ()


class Companions:
    """Make documents about agreements."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        issuing: Issuing,
        trust: TrustSource,
        clock: Clock,
    ) -> None:
        self._database = database
        self._documents = documents
        self._issuing = issuing
        self._trust = trust
        self._clock = clock

    def issue(
        self, agreement_id: str, request: CompanionRequest, *, tenant_id: str, ticket: Ticket
    ) -> Agreement:
        """The new document, its first party invited or sealed.

        Raises NotFound, Conflict (`PARENT_NOT_COMPLETED`, `PARENT_IS_COMPANION`, `PARENT_SIGNED`,
        `PARENT_CLOSED`, `PARENT_KIND`), and as `Issuing.issue`.
        """
        with self._database.transaction() as tx:
            parent = tx.agreements.load(agreement_id, tenant_id=tenant_id)
        _check_parent(parent, request.companion)
        draft = AgreementDraft(
            kind=parent.draft.kind,
            template_version=request.template_version,
            performance_place=parent.draft.performance_place,
            parties=_parties(parent, request.companion),
            values={**self._known(parent, request.companion), **request.values},
            classification=parent.draft.classification,
            reference=request.reference,
            order=parent.draft.order,
            expires_at=request.expires_at,
            companion=request.companion,
            parent={
                "id": parent.id,
                "number": parent.number,
                "sha256": parent.document_sha256,
                **self._named(parent, request.companion),
            },
        )
        return self._issuing.issue(
            draft, tenant_id=tenant_id, ticket=ticket, misshapen=request.misshapen
        )

    def _known(self, parent: Agreement, companion: Companion) -> dict[str, Any]:
        """Values that follow from the parent; the request may say otherwise."""
        if companion is Companion.NOTICE:
            return _taken(parent.draft.values, "employment_start_date")
        if companion is Companion.CERTIFICATE:
            return self._known_end(parent)
        if companion is Companion.COPY:
            today = beijing_day(self._clock())
            requester = parent.draft.worker.name
            return {
                "requester": requester,
                "requested_on": today,
                "issued_on": today,
                "copies": 1,
            }
        return {}

    def _known_end(self, parent: Agreement) -> dict[str, Any]:
        ended = parent.draft.values
        if parent.draft.companion is None:
            return _taken(ended, "term_type", "start_date", "end_date", "position")
        contract = self._contract_of(parent)
        known = _taken(contract.draft.values, "term_type", "start_date", "end_date", "position")
        known |= _taken(ended, "termination_date", "service_months")
        known["termination_basis"] = _GROUNDS.get(str(ended.get("termination_reason")), "other_end")
        return known

    def _named(self, parent: Agreement, companion: Companion) -> dict[str, str]:
        """What else the document says of its parent."""
        if companion is Companion.CERTIFICATE and parent.draft.companion is not None:
            contract = self._contract_of(parent)
            return {
                "contract_number": contract.number,
                "contract_sha256": contract.document_sha256,
            }
        if companion is Companion.COPY:
            with self._database.transaction() as tx:
                title = tx.agreements.page(parent.id).title
            return {
                "title": title,
                "pages": str(self._pages_of(parent)),
                "code": parent.document_sha256[:12].upper(),
            }
        return {}

    def _contract_of(self, termination: Agreement) -> Agreement:
        parent_id = str((termination.draft.parent or {}).get("id"))
        with self._database.transaction() as tx:
            return tx.agreements.load(parent_id, tenant_id=termination.tenant_id)

    def _pages_of(self, parent: Agreement) -> int:
        """Pages of the original, which must be sound: this is what the copy certifies."""
        pdf = self._documents.get(parent.document_sha256)
        verdict = verify_document(pdf, trust=self._trust(), at=self._clock())
        sound = (Outcome.VALID, Outcome.VALID_UNKNOWN_ISSUER)
        if verdict.outcome not in sound or verdict.document.pages is None:
            raise Broken(f"{parent.id} is not sound: it cannot be certified")
        return verdict.document.pages


def _taken(values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: values[key] for key in keys if key in values}


def _parties(parent: Agreement, companion: Companion) -> tuple[PartyDraft, ...]:
    """The parent's; a certified copy is issued by the first enterprise, whatever its role there."""
    if companion is not Companion.COPY:
        return parent.draft.parties
    issuer = parent.draft.party(roles_named(parent.draft.kind)[0])
    return (replace(issuer, role=Role.ENTERPRISE),)


def _check_parent(parent: Agreement, companion: Companion) -> None:
    above, status = parent.draft.companion, parent.status
    goes_with_end = companion is Companion.CERTIFICATE and above is Companion.TERMINATION
    is_copied = companion is Companion.COPY and above is not Companion.COPY
    if above is not None and not (goes_with_end or is_copied):
        raise Conflict(
            "This is itself a document about an agreement; use the agreement's own id",
            "这是一份关于协议的文件，请用原协议的编号",
            code="PARENT_IS_COMPANION",
        )
    if companion in _LABOUR_ONLY and parent.draft.kind is not Kind.LABOUR_CONTRACT:
        raise Conflict(
            f"A {companion} goes with a labour contract only",
            "只有劳动合同才有签订通知书和解除（终止）证明书",
            code="PARENT_KIND",
        )
    if companion is Companion.NOTICE:
        _check_unsigned(parent)
    elif status is not AgreementStatus.COMPLETED:
        raise Conflict(
            f"The agreement is {status.value}, not completed",
            "原协议还没有各方签完，不能办理",
            code="PARENT_NOT_COMPLETED",
            status=status.value,
        )


def _check_unsigned(parent: Agreement) -> None:
    if parent.status is AgreementStatus.COMPLETED:
        raise Conflict(
            "The contract is signed; there is nothing to give notice of",
            "劳动合同已经签完，不需要再通知签订",
            code="PARENT_SIGNED",
        )
    if parent.status not in _UNSIGNED:
        raise Conflict(
            f"The contract is {parent.status.value}",
            "劳动合同已经作废，请先重新发起",
            code="PARENT_CLOSED",
            status=parent.status.value,
        )
