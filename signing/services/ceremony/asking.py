"""W6: a question, or a wish to change something. The answer comes outside of this service."""

from signing.domain.events import EventType
from signing.errors import FieldError, Invalid
from signing.services.access import Visitor, admit_known
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database

QUESTION_LIMIT = 500
"""Characters."""


class Asking:
    """Put a question to the platform."""

    def __init__(self, *, database: Database, links: Links, clock: Clock) -> None:
        self._database = database
        self._links = links
        self._clock = clock

    def ask(self, link_token: str, *, session: str, question: str, visitor: Visitor) -> None:
        """Logged as evidence, and told to the platform with the other events.

        Raises Invalid for an empty or too long question, and as `access.admit_known`.
        """
        text = question.strip()
        if not text or len(text) > QUESTION_LIMIT:
            raise Invalid(
                [
                    FieldError(
                        path="question",
                        code="QUESTION_LENGTH",
                        message=f"Between 1 and {QUESTION_LIMIT} characters",
                        message_zh=f"请写 1 到 {QUESTION_LIMIT} 个字",
                    )
                ]
            )
        now = self._clock()
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=now)
            guest.agreement.check_turn(guest.party.id)
            agreement, events = guest.agreement.noted(
                EventType.PARTY_QUESTION_ASKED,
                guest.party.id,
                payload={"question": text, **visitor.as_evidence()},
                at=now,
            )
            tx.agreements.save(agreement, events=events)
