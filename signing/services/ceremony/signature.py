"""W7, last: the phone's signature value comes back. Repeating it gives the same agreement."""

from signing.domain.agreement import Agreement
from signing.errors import Conflict
from signing.services.access import admit_known
from signing.services.finishing import Finishing
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database


class SignatureTaking:
    """Take a value."""

    def __init__(
        self, *, database: Database, links: Links, clock: Clock, finishing: Finishing
    ) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._finishing = finishing

    def complete(self, link_token: str, *, session: str, intent_id: str, value: bytes) -> Agreement:
        """The agreement with the worker's signature in it.

        `value` is raw r‖s or DER. Raises Conflict `NOT_YOUR_SIGNATURE` for another party's intent,
        and as `Finishing.accept` and `access.admit_known`.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=now)
            intent = tx.intents.load(intent_id)
        if intent.party_id != guest.party.id:
            raise Conflict("Not your signature", "链接不对", code="NOT_YOUR_SIGNATURE")
        return self._finishing.accept(intent_id, value)
