"""“不是我签的 / 手机被别人用了”: the worker's own report (电子签名法 15, 27).

Rules kept here:
* only who passed the gate reports, and only a signature that is there;
* what happened is one of a few plain sentences: nobody has to write anything;
* nothing is taken away from the worker by it: the file stays, and stays to be had.
"""

from collections.abc import Mapping

from signing.domain.agreement import PartyStatus
from signing.domain.compromise import Reporter
from signing.errors import Conflict, FieldError, Invalid
from signing.services.access import Visitor, admit_known
from signing.services.compromise import Compromise, Statement
from signing.services.ports import Clock
from signing.services.ports.neighbours import Links
from signing.services.ports.storage import Database

HAPPENINGS: Mapping[str, str] = {
    "not_me": "不是我签的",
    "phone_used": "我的手机被别人用了",
    "phone_lost": "我的手机丢了",
}


class Reporting:
    """Take the worker's report."""

    def __init__(
        self, *, database: Database, links: Links, clock: Clock, compromise: Compromise
    ) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._compromise = compromise

    def report(
        self, link_token: str, *, session: str, happening: str, is_sure: bool, visitor: Visitor
    ) -> None:
        """Take the report; repeating it changes nothing.

        Raises Invalid for each box that is not ticked, Conflict `NOT_SIGNED` before the signature,
        and as `access.admit_known`.
        """
        with self._database.transaction() as tx:
            guest = admit_known(tx, self._links, link_token, session=session, at=self._clock())
        if guest.party.status is not PartyStatus.SIGNED:
            raise Conflict("Nothing is signed yet", "您还没有签", code="NOT_SIGNED")
        if missing := _missing(happening, is_sure=is_sure):
            raise Invalid(missing)
        self._compromise.report_party(
            guest.agreement.id,
            guest.party.id,
            Statement(Reporter.WORKER, HAPPENINGS[happening], visitor.as_evidence()),
            tenant_id=None,
        )


def _missing(happening: str, *, is_sure: bool) -> list[FieldError]:
    """What keeps a slip of the finger from being a report."""
    missing = []
    if happening not in HAPPENINGS:
        text = "请选一下：出了什么事"
        missing.append(FieldError("happening", "MISSING", "Say what happened", text))
    if not is_sure:
        text = "还没勾：我要报告，说的是真的"
        missing.append(FieldError("sure", "MISSING", "This box has to be ticked", text))
    return missing
