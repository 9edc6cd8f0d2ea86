"""A key in wrong hands is taken back at once, and what waits for it lapses (电子签名法 15).

Rules kept here:
* revocation first: whatever fails afterwards, the list says so and the seal is frozen;
* an intent under that certificate that has no token yet lapses: nothing is signed with it any more.
  One that has its token was signed before, and stands (the token's time decides).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from signing.domain.signature import IntentStatus
from signing.services.ports.neighbours import Recall
from signing.services.ports.storage import Database


@dataclass(frozen=True)
class Reported:
    """The certificate (DER) that was revoked, and ids of the agreements whose signing lapsed."""

    certificate: bytes
    agreements: Sequence[str]


class Compromise:
    """Report that a key is compromised."""

    def __init__(self, *, database: Database, recall: Recall) -> None:
        self._database = database
        self._recall = recall

    def report(self, serial: str, *, reason: str) -> Reported:
        """Revoke the certificate with that serial number (hex) and freeze what waits for it.

        `reason` is a name of RFC 5280 §5.3.1. Raises NotFound, Rejected. Repeating is harmless.
        """
        # 1. The list and the seal.
        certificate = self._recall.revoke(serial, reason=reason)
        # 2. What is under way with it.
        with self._database.transaction() as tx:
            underway = tx.intents.underway()
        lapsed = [self._lapse(intent_id, certificate) for intent_id in underway]
        return Reported(certificate, [agreement for agreement in lapsed if agreement])

    def _lapse(self, intent_id: str, certificate: bytes) -> str:
        """The agreement of an intent that lapsed now; "" if it has another certificate or a token.

        Whose seal lapsed is asked again when there is a new one: the job of the seal waits.
        """
        with self._database.transaction() as tx:
            intent = tx.intents.load(intent_id)
            is_open = intent.status in (IntentStatus.OPEN, IntentStatus.VALUED)
            if intent.certificates[0] != certificate or intent.token is not None or not is_open:
                return ""
            tx.intents.save(replace(intent, status=IntentStatus.LAPSED))
        return intent.agreement_id
