"""W7: the code by SMS, bound to the revision that is about to be signed (D7).

Rules kept here:
* the message names the platform, the agreement and the first six digits of the revision's hash, so
  that a code for one file cannot pass for another;
* the code is never stored in the clear and never queued: it leaves at once or not at all.
"""

from collections.abc import Callable

from signing.domain.draft import Role
from signing.services.access import admit_reader
from signing.services.ports import Clock
from signing.services.ports.neighbours import CodeHasher, Links, Messenger
from signing.services.ports.storage import Database


class Code:
    """Send a code."""

    def __init__(
        self,
        *,
        database: Database,
        links: Links,
        clock: Clock,
        messenger: Messenger,
        hasher: CodeHasher,
        new_code: Callable[[], str],
        public_host: str,
    ) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._messenger = messenger
        self._hasher = hasher
        self._new_code = new_code
        self._public_host = public_host

    def send(self, link_token: str, *, session: str) -> str:
        """The phone number it went to, unmasked for the caller to mask.

        Raises TooMany within 60 seconds, Locked after
        ten, Unavailable if the SMS cannot be sent (ask again), and as `access.admit_reader`.
        """
        now = self._clock()
        code = self._new_code()
        code_hash = self._hasher.hash(code)
        with self._database.transaction() as tx:
            guest = admit_reader(tx, self._links, link_token, session=session, at=now)
            revision_sha256 = guest.agreement.revision_sha256
            tx.ceremonies.save(
                guest.ceremony.code_asked(
                    code_hash=code_hash, revision_sha256=revision_sha256, at=now
                )
            )
            title = tx.agreements.page(guest.agreement.id).title
        asking = next(p for p in guest.agreement.draft.parties if p.role is not Role.WORKER)
        phone = str(guest.agreement.details_of(guest.party.id)["phone"])
        text = (
            f"【{asking.name}】您正在签《{title}》，文件号 {revision_sha256[:6].upper()}。"
            f"验证码：{code}，5 分钟内有效，别告诉任何人。\n@{self._public_host} #{code}"
        )
        self._messenger.send_sms(phone=phone, text=text, at=now)
        return phone
