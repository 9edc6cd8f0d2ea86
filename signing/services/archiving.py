"""B-LTA: validation data and a document timestamp, once everybody has signed (D3).

The agreement is complete before this (D16): whatever fails here is retried without an age limit and
changes nothing for the parties. Archiving twice changes nothing the second time.
"""

from datetime import timedelta

from signing.domain.agreement import Agreement, AgreementStatus
from signing.errors import Conflict
from signing.pades.archive import archive_imprint, assemble_archive, prepare_archive
from signing.services.follow_up import plan_renewal
from signing.services.ports.neighbours import Authority, Judge, Timestamper
from signing.services.ports.storage import Database, Documents


class Archiving:
    """Add the archive revision."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        authority: Authority,
        timestamper: Timestamper,
        judge: Judge,
        renewal_margin: timedelta,
    ) -> None:
        self._database = database
        self._documents = documents
        self._authority = authority
        self._timestamper = timestamper
        self._judge = judge
        self._renewal_margin = renewal_margin

    def archive(self, agreement_id: str) -> Agreement:
        """The agreement with `archive_sha256`.

        Raises Conflict if it is not complete, Unavailable while the TSA is away.
        """
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
            plan = tx.agreements.plan(agreement_id)
        if agreement.archive_sha256 is not None:
            return agreement
        if agreement.status is not AgreementStatus.COMPLETED:
            raise Conflict("Only a completed agreement is archived", code="NOT_COMPLETED")
        certificates, crls = self._authority.validation_data()
        base = self._documents.get(agreement.document_sha256)
        prepared = prepare_archive(
            base, plan, certificates, crls, token_bytes=self._timestamper.token_bytes
        )
        token = self._timestamper.timestamp(archive_imprint(prepared))
        ends_at = self._timestamper.lasts_until(token)
        pdf, plan_after = assemble_archive(base, prepared, token)
        self._judge.judge(pdf)
        archive_sha256 = self._documents.put(pdf)
        with self._database.transaction() as tx:
            current = tx.agreements.load(agreement_id)
            if current.archive_sha256 is None:
                current = current.archived(archive_sha256=archive_sha256)
                tx.agreements.save_archived(current, plan=plan_after)
                plan_renewal(tx, current, ends_at=ends_at, margin=self._renewal_margin)
        return current
