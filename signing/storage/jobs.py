"""Work for later (D12): a row written in the transaction that asks for it.

Rules kept here:

1. One unfinished job for each kind and key.
2. A job is claimed by taking a lease; on PostgreSQL claimers step over rows that others hold.
   A lapsed lease may be taken by another, so every handler must bear to be run twice.
3. A job that lost its lease cannot put off the one who has it now.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from signing.domain.job import Job
from signing.storage.inserts import insert_if_absent
from signing.storage.rows import JobRow
from signing.storage.sealing import FieldCipher, Sealed


class SqlJobs:
    """The jobs of one transaction."""

    def __init__(self, session: Session, *, cipher: FieldCipher) -> None:
        self._session = session
        self._cipher = cipher

    def add(self, kind: str, *, key: str, payload: Mapping[str, Any], run_at: datetime) -> None:
        """Nothing happens if an unfinished job with this kind and key exists."""
        data = json.dumps(dict(payload), ensure_ascii=False).encode()
        sealed = self._cipher.seal(data, place="jobs.payload", row=_row_id(kind, key))
        values = {"kind": kind, "key": key, "payload": sealed, "run_at": run_at, "attempts": 0}
        insert_if_absent(self._session, JobRow, values)

    def claim(self, *, at: datetime, lease_seconds: int) -> Job | None:
        """The next due job, leased to the caller; a lapsed lease may be claimed by another."""
        query = (
            select(JobRow)
            .where(
                JobRow.run_at <= at, or_(JobRow.leased_until.is_(None), JobRow.leased_until <= at)
            )
            .order_by(JobRow.run_at, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        row = self._session.scalar(query)
        if row is None:
            return None
        row.leased_until = at + timedelta(seconds=lease_seconds)
        row.attempts += 1
        self._session.flush()
        payload = self._open(row.payload, "payload", row.kind, row.key)
        return Job(row.id, row.kind, row.key, json.loads(payload), row.attempts)

    def done(self, job: Job) -> None:
        """Finished: the row is gone, whoever holds its lease now."""
        self._session.execute(delete(JobRow).where(JobRow.id == job.id))

    def failed(self, job: Job, *, error: str, retry_at: datetime) -> None:
        """Try again later. Nothing happens if the lease was lost to another."""
        sealed = self._cipher.seal(
            error.encode(), place="jobs.last_error", row=_row_id(job.kind, job.key)
        )
        self._session.execute(
            update(JobRow)
            .where(JobRow.id == job.id, JobRow.attempts == job.attempts)
            .values(run_at=retry_at, leased_until=None, last_error=sealed)
        )

    def _open(self, sealed: Sealed, field: str, kind: str, key: str) -> bytes:
        return self._cipher.open(sealed, place=f"jobs.{field}", row=_row_id(kind, key))


def _row_id(kind: str, key: str) -> str:
    return f"{kind}:{key}"
