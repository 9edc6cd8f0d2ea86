"""The first half of every signature: an increment prepared, the intent and its event committed.

Rules kept here:
* the intent and its log event are committed before any key signs (D10); what cannot be logged is
  not signed;
* the first signature certifies the file unless the operator switched that off (D2);
* an open intent of the same party on the same revision is used again, so a repeated request asks
  the key for the same bytes. Under the agreement's lock too: of several requests at once with the
  same certificate one is kept, and all are answered with it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from signing.domain.agreement import Agreement, Custody, Party
from signing.domain.events import EventType
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.errors import Conflict
from signing.pades.prepare import Prepared, SignatureRequest, prepare
from signing.services.ports import Clock, NewId
from signing.services.ports.neighbours import Timestamper
from signing.services.ports.storage import Database, Documents


@dataclass(frozen=True)
class Wanted:
    """What is to be signed, by what.

    `certificates` are DER with the leaf first, `appearance` a Form XObject or None, `expires_at`
    the end of the leaf's validity.
    """

    agreement: Agreement
    party: Party
    custody: Custody
    certificates: tuple[bytes, ...]
    appearance: bytes | None
    reason: str
    expires_at: datetime


class Requesting:
    """Prepare a signature."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        timestamper: Timestamper,
        clock: Clock,
        new_id: NewId,
        certify: bool,
    ) -> None:
        self._database = database
        self._documents = documents
        self._timestamper = timestamper
        self._clock = clock
        self._new_id = new_id
        self._certify = certify

    def reusable(
        self, agreement: Agreement, party: Party, custody: Custody
    ) -> SignatureIntent | None:
        """The party's open intent on the present revision, if it still has time."""
        with self._database.transaction() as tx:
            intent = tx.intents.find_open(party.id)
        is_usable = intent is not None and self._is_usable(
            intent, base_sha256=agreement.revision_sha256, custody=custody
        )
        return intent if is_usable else None

    def _is_usable(self, intent: SignatureIntent, *, base_sha256: str, custody: Custody) -> bool:
        is_same = intent.base_sha256 == base_sha256 and intent.custody is custody
        return is_same and not intent.has_lapsed(self._clock())

    def request(self, wanted: Wanted) -> SignatureIntent:
        """Prepare and commit; the intent of an equal request that was quicker, if there is one.

        Raises Conflict if the agreement moved on meanwhile.
        """
        now = self._clock()
        agreement, party = wanted.agreement, wanted.party
        with self._database.transaction() as tx:
            plan = tx.agreements.plan(agreement.id)
        prepared = prepare(
            self._documents.get(agreement.revision_sha256),
            plan,
            SignatureRequest(
                field=party.role.value,
                certificates=wanted.certificates,
                signing_time=now,
                reason=wanted.reason,
                location=f"text-sha256:{agreement.text_sha256}",
                name=party.name,
                certify=self._certify and party.position == 0,
                appearance=wanted.appearance,
                token_bytes=self._timestamper.token_bytes,
            ),
        )
        intent = SignatureIntent(
            id=self._new_id("int"),
            agreement_id=agreement.id,
            party_id=party.id,
            custody=wanted.custody,
            base_sha256=agreement.revision_sha256,
            text_sha256=agreement.text_sha256,
            prepared=prepared.to_json(),
            certificates=wanted.certificates,
            expires_at=wanted.expires_at,
            created_at=now,
        )
        return self._commit(intent, prepared, now)

    def _commit(
        self, intent: SignatureIntent, prepared: Prepared, now: datetime
    ) -> SignatureIntent:
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(intent.agreement_id)
            agreement.check_turn(intent.party_id)
            if agreement.revision_sha256 != intent.base_sha256:
                raise Conflict(
                    "The document changed meanwhile",
                    "文件有了新版本，没有签成。请重新打开链接",
                    code="REVISION_CHANGED",
                )
            present = tx.intents.find_open(intent.party_id)
            if present is not None and self._is_equal(present, intent):
                return present
            agreement, events = agreement.noted(
                EventType.SIGNATURE_REQUESTED,
                intent.party_id,
                payload={
                    "intent_id": intent.id,
                    "custody": intent.custody.value,
                    "document_sha256": intent.base_sha256,
                    "text_sha256": intent.text_sha256,
                    "to_be_signed_sha256": sha256(prepared.signed_attributes).hexdigest(),
                    "certificate_sha256": sha256(intent.certificates[0]).hexdigest(),
                },
                at=now,
            )
            tx.agreements.save(agreement, events=events)
            tx.intents.add(intent)
            return intent

    def _is_equal(self, present: SignatureIntent, wanted: SignatureIntent) -> bool:
        is_usable = self._is_usable(present, base_sha256=wanted.base_sha256, custody=wanted.custody)
        return is_usable and present.certificates == wanted.certificates


def is_waiting_for_value(intent: SignatureIntent) -> bool:
    """Whether the key has still to sign."""
    return intent.status is IntentStatus.OPEN
