"""W9: not signing. It costs nothing and needs no reason."""

from signing.domain.agreement import Agreement
from signing.services.access import admit_known
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database

REASON_LIMIT = 500
"""Characters that are kept of a reason."""


class Declining:
    """Say no."""

    def __init__(self, *, database: Database, links: Links, clock: Clock) -> None:
        self._database = database
        self._links = links
        self._clock = clock

    def decline(self, link_token: str, *, session: str, reason: str) -> Agreement:
        """Ends the agreement. Raises as `Agreement.check_turn` and `access.admit_known`."""
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=now)
            agreement, events = guest.agreement.declined(
                guest.party.id, reason=reason.strip()[:REASON_LIMIT], at=now
            )
            tx.agreements.save(agreement, events=events)
        return agreement
