"""Checks that agreements are what their events tell, and that their files are there.

Rules checked here:

1. A status that ends an agreement has its event, and an event that ends one its status.
2. A party that signed has an event that names the revision it signed; nobody else has one.
3. What was fixed at creation (text, template, rules, renderer, base revision) is what the first
   event committed to. (An erased opening can no longer say so.)
4. Every revision on record lies in the document store with its digest; the newest is on record.
5. A party whose key was reported has an event that tells of it; nobody else has one.
6. Serials given out and events that tell of them are the same; a finished intent's result is a
   revision of its agreement.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.audit.entry import SALT_SIZE
from signing.domain.agreement import Agreement, AgreementStatus, PartyStatus
from signing.domain.events import EventType, LoggedEvent
from signing.domain.signature import IntentStatus
from signing.errors import Broken
from signing.storage.agreement_rows import AgreementMapper
from signing.storage.events import SqlEvents
from signing.storage.rows import AgreementRow, CertificateRow, IntentRow, RevisionRow
from signing.storage.violation import Violation

CHUNK = 200

_ENDS = {
    AgreementStatus.COMPLETED: EventType.AGREEMENT_COMPLETED,
    AgreementStatus.DECLINED: EventType.PARTY_DECLINED,
    AgreementStatus.VOIDED: EventType.AGREEMENT_VOIDED,
    AgreementStatus.EXPIRED: EventType.AGREEMENT_EXPIRED,
}
_FIXED = ("template_sha256", "rule_pack_version", "renderer_id", "text_sha256")


class Store(Protocol):
    """Where documents lie."""

    def get(self, sha256: str) -> bytes:
        """Raises Broken if it is missing or changed."""


def check_agreements(
    session: Session, *, mapper: AgreementMapper, events: SqlEvents, documents: Store
) -> Iterator[Violation]:
    """All agreements. Needs one consistent view."""
    query = select(AgreementRow).order_by(AgreementRow.id).execution_options(yield_per=CHUNK)
    for row in session.scalars(query):
        try:
            agreement, logged = mapper.agreement(row), events.of(row.tag)
        except Broken as e:
            yield Violation("FIELD_CHANGED", row.id, e.message)
            continue
        revisions = session.scalars(
            select(RevisionRow.sha256)
            .where(RevisionRow.agreement_id == row.id)
            .order_by(RevisionRow.ordinal)
        ).all()
        yield from _check_end(agreement, logged)
        yield from _check_signatures(agreement, logged)
        yield from _check_beginning(agreement, logged, revisions)
        yield from _check_revisions(agreement, revisions, documents)
        yield from _check_reports(agreement, logged)
        yield from _check_serials(session, agreement, logged)
        yield from _check_intents(session, agreement, revisions)


def _check_end(agreement: Agreement, logged: Sequence[LoggedEvent]) -> Iterator[Violation]:
    told = {event.type for event in logged} & set(_ENDS.values())
    expected = {_ENDS[agreement.status]} if agreement.status in _ENDS else set()
    if told != expected:
        yield Violation(
            "STATUS_CHANGED",
            agreement.id,
            f"it is {agreement.status.value}, its events tell {sorted(told) or 'no end'}",
        )


def _check_signatures(agreement: Agreement, logged: Sequence[LoggedEvent]) -> Iterator[Violation]:
    tellings = [event for event in logged if event.type == EventType.PARTY_SIGNED]
    signed = [party for party in agreement.parties if party.status is PartyStatus.SIGNED]
    if len(tellings) != len(signed):
        message = f"{len(signed)} parties signed, {len(tellings)} events tell it"
        yield Violation("SIGNATURE_CHANGED", agreement.id, message)
    told = {
        (event.party_id, _payload(event).get("document_sha256"))
        for event in tellings
        if event.opening is not None
    }
    for party_id, sha256 in told - {(party.id, party.signed_sha256) for party in signed}:
        message = f"{party_id} signed revision {sha256} and is stored otherwise"
        yield Violation("SIGNATURE_CHANGED", agreement.id, message)


def _check_beginning(
    agreement: Agreement, logged: Sequence[LoggedEvent], revisions: Sequence[str]
) -> Iterator[Violation]:
    if not logged or logged[0].opening is None or not revisions:
        return
    told = _payload(logged[0])
    stored = {name: getattr(agreement, name) for name in _FIXED}
    stored["document_sha256"] = revisions[0]
    changed = [name for name, value in stored.items() if told.get(name, value) != value]
    if changed:
        message = f"not as it was created: {', '.join(changed)}"
        yield Violation("AGREEMENT_CHANGED", agreement.id, message)


def _check_revisions(
    agreement: Agreement, revisions: Sequence[str], documents: Store
) -> Iterator[Violation]:
    named = {agreement.revision_sha256, agreement.document_sha256, agreement.archive_sha256}
    for sha256 in sorted(named - {None, *revisions}, key=str):
        yield Violation("REVISION_MISSING", agreement.id, f"{sha256} is not on record")
    for sha256 in revisions:
        try:
            documents.get(sha256)
        except Broken as e:
            yield Violation(e.code, agreement.id, e.message)


def _check_reports(agreement: Agreement, logged: Sequence[LoggedEvent]) -> Iterator[Violation]:
    told = [event for event in logged if event.type == EventType.CERTIFICATE_REVOKED]
    if any(event.opening is None for event in told):
        return  # erased: whom it concerned can no longer be compared
    reported = {party.id: party.report.serial for party in agreement.parties if party.report}
    if {event.party_id: _payload(event).get("serial") for event in told} != reported:
        message = f"{len(reported)} parties' keys are reported, {len(told)} events tell otherwise"
        yield Violation("REPORT_CHANGED", agreement.id, message)


def _check_serials(
    session: Session, agreement: Agreement, logged: Sequence[LoggedEvent]
) -> Iterator[Violation]:
    issued = [event for event in logged if event.type == EventType.CERTIFICATE_ISSUED]
    if any(event.opening is None for event in issued):
        return  # erased: the serials can no longer be compared
    told = {str(_payload(event).get("serial")) for event in issued}
    query = select(CertificateRow.serial).where(CertificateRow.agreement_id == agreement.id)
    given_out = set(session.scalars(query.where(CertificateRow.purpose == "signer")))
    for serial in sorted(told ^ given_out):
        message = f"serial {serial} stands in the log or on record, not in both"
        yield Violation("SERIAL_UNLOGGED", agreement.id, message)


def _check_intents(
    session: Session, agreement: Agreement, revisions: Sequence[str]
) -> Iterator[Violation]:
    query = select(IntentRow.id, IntentRow.result_sha256).where(
        IntentRow.agreement_id == agreement.id, IntentRow.status == IntentStatus.SIGNED
    )
    for intent_id, result in session.execute(query):
        if result not in revisions:
            yield Violation("REVISION_MISSING", intent_id, f"its result {result} is not on record")


def _payload(event: LoggedEvent) -> Mapping[str, Any]:
    payload: Mapping[str, Any] = json.loads((event.opening or b"")[SALT_SIZE:] or b"{}")
    return payload
