"""The archive timestamp is followed by another before its certificates end (D3, EN 319 142-1 §6.5).

Rules kept here:
* each archive step plans its own renewal, `margin` before its timestamp can no longer be believed:
  a job that waits for years in the row that was written with the timestamp itself;
* nothing that lies in the file is touched: one increment more, judged before it is published;
* a new timestamp that would end no later than the old one proves nothing more. It is not taken:
  the TSA's key is to be rotated first, and the job asks again.
"""

import logging
from datetime import datetime, timedelta

from signing.domain.agreement import Agreement
from signing.errors import Unavailable
from signing.pades.archive import archive_imprint, assemble_archive
from signing.pades.renewal import prepare_renewal
from signing.services.follow_up import plan_renewal
from signing.services.ports.neighbours import Authority, Judge, Timestamper
from signing.services.ports.storage import Database, Documents

_log = logging.getLogger(__name__)


class Renewal:
    """Add a further document timestamp."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        authority: Authority,
        timestamper: Timestamper,
        judge: Judge,
        margin: timedelta,
    ) -> None:
        self._database = database
        self._documents = documents
        self._authority = authority
        self._timestamper = timestamper
        self._judge = judge
        self._margin = margin

    def renew(self, agreement_id: str, *, archive_sha256: str, ends_at: str) -> Agreement:
        """The agreement with a new `archive_sha256`; repeating changes nothing.

        `archive_sha256` is the revision to renew, `ends_at` (ISO 8601) until when its newest
        timestamp is believed. Raises Unavailable while the TSA is away, or its certificate ends no
        later (`TSA_ENDS_TOO_SOON`).
        """
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
            plan = tx.agreements.plan(agreement_id)
        if agreement.archive_sha256 != archive_sha256:
            return agreement  # renewed already
        # 1. Everything that was there, and the lists of today.
        certificates, crls = self._authority.validation_data()
        base = self._documents.get(archive_sha256)
        prepared = prepare_renewal(
            base, plan, certificates, crls, token_bytes=self._timestamper.token_bytes
        )
        # 2. A timestamp that lasts longer, outside any transaction.
        token = self._timestamper.timestamp(archive_imprint(prepared))
        lasts_until = self._timestamper.lasts_until(token)
        if lasts_until <= datetime.fromisoformat(ends_at):
            _log.error("the TSA is to be rotated", extra={"what": "renew"})
            raise _too_soon()
        # 3. Judged before anybody gets it.
        pdf, plan_after = assemble_archive(base, prepared, token)
        self._judge.judge(pdf)
        renewed_sha256 = self._documents.put(pdf)
        # 4. Only if nobody else was quicker.
        with self._database.transaction() as tx:
            current = tx.agreements.load(agreement_id)
            if current.archive_sha256 == archive_sha256:
                current = current.archived(archive_sha256=renewed_sha256)
                tx.agreements.save_archived(current, plan=plan_after)
                plan_renewal(tx, current, ends_at=lasts_until, margin=self._margin)
        return current


def _too_soon() -> Unavailable:
    return Unavailable(
        "The TSA's certificate ends no later than the timestamp to be renewed: rotate its key",
        "时间戳证书快到期了，续期没有意义：请先更换时间戳密钥（signing keys rotate tsa）",
        code="TSA_ENDS_TOO_SOON",
    )
