"""What can happen to an agreement, under the names that the log and the webhooks use.

Rules kept here:
* the strings are those of interfaces.md §4 and never change their meaning;
* a payload may name people: it is kept beside the log as an erasable opening, while the log's leaf
  holds a salted commitment to it only (D13);
* what concerns no agreement (the log's key, a seal, a CA) is told in the house's own chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

HOUSE_TAG = "0" * 32
"""Under which the log knows the service's own events: no agreement's tag, those are random."""


class EventType(StrEnum):
    """Names of events."""

    AGREEMENT_CREATED = "agreement.created"
    AGREEMENT_VIEWED = "agreement.viewed"
    PARTY_INVITED = "party.invited"
    PARTY_IDENTIFIED = "party.identified"
    PARTY_CONSENTED = "party.consented"
    DOCUMENT_PRESENTED = "document.presented"
    PARTY_QUESTION_ASKED = "party.question_asked"
    SIGNATURE_REQUESTED = "signature.requested"
    PARTY_SIGNED = "party.signed"
    PARTY_DECLINED = "party.declined"
    AGREEMENT_COMPLETED = "agreement.completed"
    AGREEMENT_DELIVERED = "agreement.delivered"
    AGREEMENT_DOWNLOADED = "agreement.downloaded"
    AGREEMENT_VOIDED = "agreement.voided"
    AGREEMENT_EXPIRED = "agreement.expired"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_REVOKED = "certificate.revoked"
    EVIDENCE_ERASED = "evidence.erased"
    LOG_KEY_ROTATED = "log.key_rotated"
    BATCH_COMPLETED = "batch.completed"


@dataclass(frozen=True)
class Event:
    """One thing that happened, at an aware UTC time; `party_id` is "" where no party acted."""

    type: EventType
    at: datetime
    party_id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LoggedEvent:
    """An event as the log holds it.

    `leaf` is the exact leaf data, `opening` salt ‖ payload or None once erased, `index` its place
    in the global log or None until it is sequenced.
    """

    n: int
    type: str
    at: datetime
    party_id: str
    leaf: bytes
    opening: bytes | None
    index: int | None
