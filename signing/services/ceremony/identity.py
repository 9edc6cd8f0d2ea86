"""W2, the gate: name and document number, compared with what the platform gave.

Rules kept here (interfaces.md §9 Gate):
* both fields are compared after the same folding, and one message serves both, so nobody learns
  which of the two was wrong;
* wrong answers are counted in the database, in the transaction that judged them;
* passing gives a fresh session; an older one of the same party ends.
"""

import hmac
import unicodedata
from collections.abc import Callable

from signing.domain.ceremony import WrongAnswer
from signing.errors import Conflict
from signing.services.access import Visitor, admit, session_digest
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database

_DOTS = str.maketrans(dict.fromkeys("•・‧", "·"))


class Identity:
    """Pass the gate."""

    def __init__(
        self, *, database: Database, links: Links, clock: Clock, new_session: Callable[[], str]
    ) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._new_session = new_session

    def confirm(self, link_token: str, *, name: str, id_number: str, visitor: Visitor) -> str:
        """The session to give to the phone as a cookie.

        Raises WrongAnswer (`facts["left"]`), Locked, Conflict `NOT_VIEWED` before W1, and what
        `access.admit` raises. A party that signed already may come back for its copy.
        """
        now = self._clock()
        session = self._new_session()
        with self._database.transaction() as tx:
            guest = admit(tx, self._links, link_token)
            guest.ceremony.check_gate_open(now)
            if guest.ceremony.consented_at is None:
                raise Conflict("Open the first page first", "请先从第一页开始", code="NOT_VIEWED")
            details = guest.agreement.details_of(guest.party.id)
            is_right = _same(name, details.get("name")) & _same(id_number, details.get("id_number"))
            ceremony = (
                guest.ceremony.gate_passed(session_sha256=session_digest(session), at=now)
                if is_right
                else guest.ceremony.gate_failed(now)
            )
            tx.ceremonies.save(ceremony)
            if is_right and guest.agreement.is_open and not guest.party.has_finished:
                evidence = {"method": "name_and_id_number", **visitor.as_evidence()}
                agreement, events = guest.agreement.identified(
                    guest.party.id, evidence=evidence, at=now
                )
                tx.agreements.save(agreement, events=events)
        # The transaction is over: a wrong answer is counted whatever becomes of the request.
        if not is_right:
            ceremony.check_gate_open(now)
            left = ceremony.gate_left(now)
            raise WrongAnswer(
                "Name or document number differs from what the platform gave",
                f"和平台留的不一样，还可以试 {left} 次",
                code="GATE_WRONG",
                left=left,
            )
        return session


def fold(text: str) -> str:
    """NFKC, no spaces, `x` as `X`, one kind of dot: what a thumb may type differently."""
    folded = unicodedata.normalize("NFKC", text).translate(_DOTS)
    return "".join(folded.split()).replace("x", "X")


def _same(given: str, expected: object) -> bool:
    wanted = fold(str(expected or ""))
    equal = hmac.compare_digest(fold(given).encode(), wanted.encode())
    return equal and wanted != ""
