"""W5, W8: the worker's own copy, free, at any time (电子劳动合同订立指引 11–12).

Rules kept here:
* what is served is the stored revision, byte for byte (D17);
* a file that is not signed by all is named 未完成;
* a download is an event: delivery is evidence (law.md §3.6).
"""

from dataclasses import dataclass

from signing.domain.agreement import Agreement, AgreementStatus, Party
from signing.domain.events import EventType
from signing.services.access import Visitor, admit_known
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database, Documents


@dataclass(frozen=True)
class Copy:
    """A stored revision: `sha256` is its strong ETag."""

    agreement: Agreement
    party: Party
    content: bytes
    sha256: str
    is_complete: bool


class Copies:
    """Hand out the file."""

    def __init__(
        self, *, database: Database, documents: Documents, links: Links, clock: Clock
    ) -> None:
        self._database = database
        self._documents = documents
        self._links = links
        self._clock = clock

    def look(self, link_token: str, *, session: str) -> Copy:
        """The newest revision, for the phone to hold while it signs; no event.

        Raises as `access.admit_known`.
        """
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=self._clock())
        return self._copy(guest.agreement, guest.party)

    def download(self, link_token: str, *, session: str, visitor: Visitor) -> Copy:
        """The newest revision, kept by the worker: logged. Raises as `access.admit_known`."""
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=now)
            agreement, events = guest.agreement.noted(
                EventType.AGREEMENT_DOWNLOADED,
                guest.party.id,
                payload={
                    "document_sha256": guest.agreement.revision_sha256,
                    **visitor.as_evidence(),
                },
                at=now,
            )
            tx.agreements.save(agreement, events=events)
        return self._copy(agreement, guest.party)

    def _copy(self, agreement: Agreement, party: Party) -> Copy:
        return Copy(
            agreement=agreement,
            party=party,
            content=self._documents.get(agreement.revision_sha256),
            sha256=agreement.revision_sha256,
            is_complete=agreement.status is AgreementStatus.COMPLETED,
        )
