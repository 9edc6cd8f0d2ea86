"""W7, first: the phone made a key and shows its public half.

The service answers with the PKCS#10 CertificationRequestInfo for it. The phone signs that later to
prove that it holds the private half, which it never shows to anybody (D4).

Rule kept here: a new key ends what was prepared for an older one. A phone that lost its key (a
reload without storage) could never finish that, and would be handed it again and again.
"""

from dataclasses import replace

from signing.domain.signature import IntentStatus
from signing.services.access import admit_reader
from signing.services.ports import Clock
from signing.services.ports.neighbours import Authority, Links
from signing.services.ports.storage import Database


class KeyOffer:
    """Take a public key."""

    def __init__(
        self, *, database: Database, links: Links, clock: Clock, authority: Authority
    ) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._authority = authority

    def offer(self, link_token: str, *, session: str, spki: bytes) -> bytes:
        """The request info (DER) for that SubjectPublicKeyInfo; a later offer replaces an earlier.

        Raises Rejected for a key that is not P-256, and as `access.admit_reader`.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_reader(tx, self._links, link_token, session=session, at=now)
            request_info = self._authority.request_info(spki, name=guest.party.name)
            intent = tx.intents.find_open(guest.party.id)
            is_for_another_key = spki != guest.ceremony.spki
            if intent is not None and intent.status is IntentStatus.OPEN and is_for_another_key:
                tx.intents.save(replace(intent, status=IntentStatus.LAPSED))
            tx.ceremonies.save(replace(guest.ceremony, spki=spki, request_info=request_info))
        return request_info
