"""The worker is told of what the enterprise declared alone: a notice to sign, a certificate.

Rules kept here:
* a written notice counts when it reached the worker (劳动合同法 10; 电子签名法 11): the SMS names
  the document, its number and the first digits of its SHA-256; that it was sent is an event;
* telling twice changes nothing the second time; a certified copy goes with its print instead.
"""

from hashlib import sha256

from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.draft import ONE_SIDED, Role
from signing.domain.events import EventType
from signing.domain.masking import mask_name
from signing.services.ports import Clock
from signing.services.ports.neighbours import Messenger
from signing.services.ports.storage import Database


def is_told(agreement: Agreement) -> bool:
    """Whether the worker is to be told: a one-sided document that names one, and is sealed."""
    names_worker = any(party.role is Role.WORKER for party in agreement.draft.parties)
    is_sealed = agreement.status is AgreementStatus.COMPLETED
    return is_sealed and names_worker and agreement.draft.companion in ONE_SIDED


class Telling:
    """Tell workers."""

    def __init__(
        self, *, database: Database, messenger: Messenger, clock: Clock, verify_url: str
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._clock = clock
        self._verify_url = verify_url

    def tell(self, agreement_id: str) -> None:
        """Send the SMS and log it. Raises NotFound, Unavailable (repeat later)."""
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
            title = tx.agreements.page(agreement_id).title
            events = tx.agreements.events(agreement_id)
        if not is_told(agreement) or any(e.type == _DELIVERED for e in events):
            return
        now = self._clock()
        text = self._text(agreement, title)
        self._messenger.send_sms(phone=agreement.draft.worker.get("phone"), text=text, at=now)
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
            agreement, noted = agreement.noted(
                _DELIVERED,
                agreement.parties[0].id,
                payload={
                    "channel": "sms",
                    "to": Role.WORKER.value,
                    "document_sha256": agreement.document_sha256,
                    "message_sha256": sha256(text.encode()).hexdigest(),
                },
                at=now,
            )
            tx.agreements.save(agreement, events=noted)

    def _text(self, agreement: Agreement, title: str) -> str:
        asking = agreement.parties[0].name
        worker = mask_name(agreement.draft.worker.name)
        number, digits = agreement.number, agreement.document_sha256[:6].upper()
        return (
            f"【{asking}】{worker}您好，我们给您出具了《{title}》，编号{number}，文件号 {digits}。"
            f"原件请向我们索取，核验：{self._verify_url}#{number}"
        )


_DELIVERED = EventType.AGREEMENT_DELIVERED
