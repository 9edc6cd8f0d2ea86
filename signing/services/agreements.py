"""The platform's desk: look at agreements, fetch files, withdraw, send a fresh link.

Rules kept here:
* everything is asked for one tenant; another's agreement is NotFound, like one that never was;
* files are served as stored (D17).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.draft import Role
from signing.domain.events import EventType, LoggedEvent
from signing.domain.page import Page
from signing.domain.search import AgreementFilter
from signing.errors import Conflict, FieldError, Invalid, TooMany
from signing.services.follow_up import plan_follow_up
from signing.services.once import Ticket
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database, Documents

REASON_LIMIT = 500
REMINDER_PAUSE = timedelta(hours=1)
_INVITING = (EventType.PARTY_INVITED.value,)


@dataclass(frozen=True)
class StoredFile:
    """A revision as stored; `sha256` is its strong ETag."""

    agreement: Agreement
    content: bytes
    sha256: str

    @property
    def is_complete(self) -> bool:
        """Whether every party has signed it."""
        return self.agreement.status is AgreementStatus.COMPLETED


class AgreementDesk:
    """What a platform does with its agreements."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        links: Links,
        clock: Clock,
        public_url: str,
        reminder_pause: timedelta = REMINDER_PAUSE,
    ) -> None:
        self._database = database
        self._documents = documents
        self._links = links
        self._clock = clock
        self._public_url = public_url
        self._reminder_pause = reminder_pause

    def get(self, agreement_id: str, *, tenant_id: str) -> Agreement:
        """Raises NotFound."""
        with self._database.transaction() as tx:
            return tx.agreements.load(agreement_id, tenant_id=tenant_id)

    def list(
        self, *, tenant_id: str, matching: AgreementFilter, limit: int, cursor: str | None
    ) -> tuple[Sequence[Agreement], str | None]:
        """A page of agreements, newest first, and the next cursor. Raises Malformed."""
        with self._database.transaction() as tx:
            return tx.agreements.list(tenant_id, matching, limit=limit, cursor=cursor)

    def document(self, agreement_id: str, *, tenant_id: str) -> StoredFile:
        """The newest revision. Raises NotFound."""
        agreement = self.get(agreement_id, tenant_id=tenant_id)
        content = self._documents.get(agreement.revision_sha256)
        return StoredFile(agreement, content, agreement.revision_sha256)

    def events(self, agreement_id: str, *, tenant_id: str) -> Sequence[LoggedEvent]:
        """All events, oldest first. Raises NotFound."""
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            return tx.agreements.events(agreement.id)

    def preview(self, agreement_id: str, *, tenant_id: str) -> Page:
        """What the worker's phone shows. Raises NotFound."""
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            return tx.agreements.page(agreement.id)

    def void(self, agreement_id: str, *, tenant_id: str, reason: str, ticket: Ticket) -> Agreement:
        """Take it back. Raises NotFound, Invalid without a reason, Conflict once closed."""
        if not 1 <= len(reason.strip()) <= REASON_LIMIT:
            raise Invalid(
                [
                    FieldError(
                        path="reason",
                        code="REASON_LENGTH",
                        message=f"Give a reason of 1 to {REASON_LIMIT} characters",
                        message_zh=f"请写明原因，1 到 {REASON_LIMIT} 个字",
                    )
                ]
            )
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            agreement, events = agreement.voided(reason=reason.strip(), at=self._clock())
            tx.agreements.save(agreement, events=events)
            ticket.keep(tx, agreement)
        return agreement

    def renew_link(
        self, agreement_id: str, party_id: str, *, tenant_id: str, ticket: Ticket
    ) -> Agreement:
        """A fresh link for the worker, sent by SMS; the old one dies.

        Raises NotFound, Conflict if that party signs no pages or the agreement is closed,
        NotYourTurn.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            if agreement.party(party_id).role is not Role.WORKER:
                raise Conflict(
                    "Only the worker signs by link", "只有劳动者用链接签字", code="NO_LINK"
                )
            agreement, events = agreement.invited_again(party_id, at=now)
            tx.agreements.save(agreement, events=events)
            plan_follow_up(tx, agreement, at=now)
            ticket.keep(tx, agreement)
        return agreement

    def remind(self, agreement_id: str, *, tenant_id: str, ticket: Ticket) -> Agreement:
        """Send the worker the link once more, after a pause; the link stays the same.

        Raises NotFound, Conflict if nobody waits for a link, TooMany within the pause.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id, tenant_id=tenant_id)
            party = agreement.whose_turn
            if party is None or party.role is not Role.WORKER:
                raise Conflict("Nobody is waiting for a link", "现在没有人等着签", code="NO_LINK")
            invited = [e.at for e in tx.agreements.events(agreement_id) if e.type in _INVITING]
            self._check_pause(now - max(invited))
            agreement, events = agreement.noted(
                EventType.PARTY_INVITED, party.id, payload={"reminder": True}, at=now
            )
            tx.agreements.save(agreement, events=events)
            plan_follow_up(tx, agreement, at=now, reminders=len(invited))
            ticket.keep(tx, agreement)
        return agreement

    def link_of(self, agreement: Agreement, party_id: str) -> str | None:
        """The signing link of a party that signs by link and has not yet finished, else None."""
        party = agreement.party(party_id)
        if party.role is not Role.WORKER or party.status.value == "declined":
            return None
        token = self._links.token(party.id, generation=party.link_generation)
        return f"{self._public_url}/s/{token}"

    def _check_pause(self, since_last: timedelta) -> None:
        if since_last >= self._reminder_pause:
            return
        wait = int((self._reminder_pause - since_last).total_seconds()) + 1
        raise TooMany(
            "One reminder an hour is enough",
            "提醒得太勤了，一小时一次",
            code="REMINDED_LATELY",
            retry_after_seconds=wait,
        )
