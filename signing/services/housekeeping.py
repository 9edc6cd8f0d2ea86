"""Work that takes long, and what has to be looked at now and then (D12).

Rules kept here:
* a job is claimed with a lease, so a machine that dies loses nothing;
* every handler is idempotent; a job that fails comes back later, without an age limit;
* only `Unavailable` is expected of a handler: anything else is logged with its kind, never with its
  payload.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from signing.domain.agreement import AgreementStatus
from signing.domain.draft import Role
from signing.domain.job import Job
from signing.domain.masking import mask_name
from signing.errors import Conflict, SigningError
from signing.services.agreements import AgreementDesk
from signing.services.archiving import Archiving
from signing.services.finishing import Finishing
from signing.services.notices import Notices
from signing.services.ports import Clock
from signing.services.ports.log import Log
from signing.services.ports.neighbours import Messenger
from signing.services.ports.storage import Database
from signing.services.renewal import Renewal
from signing.services.sealing import Sealing
from signing.services.telling import Telling

LEASE_SECONDS = 120
LONGEST_PAUSE = timedelta(minutes=10)
_ENDED_BY_CONFLICT = frozenset({"finish"})
"""A signature that lapsed stays lapsed. Any other job looks again: if all is done it says so."""

_log = logging.getLogger(__name__)


class Housekeeping:
    """Run due jobs, let agreements expire, publish the log."""

    def __init__(
        self,
        *,
        database: Database,
        sealing: Sealing,
        finishing: Finishing,
        archiving: Archiving,
        renewal: Renewal,
        telling: Telling,
        desk: AgreementDesk,
        notices: Notices,
        messenger: Messenger,
        log: Log,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sealing = sealing
        self._finishing = finishing
        self._archiving = archiving
        self._renewal = renewal
        self._telling = telling
        self._desk = desk
        self._messenger = messenger
        self._log = log
        self._clock = clock
        self._handlers: Mapping[str, Callable[[Mapping[str, str]], object]] = {
            "seal": lambda p: self._seal(p["agreement_id"]),
            "finish": lambda p: self._finishing.finish(p["intent_id"]),
            "archive": lambda p: self._archiving.archive(p["agreement_id"]),
            "renew": lambda p: self._renewal.renew(
                p["agreement_id"], archive_sha256=p["archive_sha256"], ends_at=p["ends_at"]
            ),
            "tell": lambda p: self._telling.tell(p["agreement_id"]),
            "notice": lambda p: notices.tell(p["agreement_id"], p["party_id"]),
            "invite": lambda p: self._invite(p["agreement_id"], p["party_id"]),
        }

    def run_one(self) -> bool:
        """Run the next due job; False if there is none."""
        with self._database.transaction() as tx:
            job = tx.jobs.claim(at=self._clock(), lease_seconds=LEASE_SECONDS)
        if job is None:
            return False
        try:
            self._handlers[job.kind](job.payload)
        except SigningError as error:
            if isinstance(error, Conflict) and job.kind in _ENDED_BY_CONFLICT:
                self._close(job, note=error.code)
            else:
                self._postpone(job, error.code)
        except Exception:  # noqa: BLE001 - one bad job must not stop the others; it is logged
            _log.exception("job failed", extra={"job_kind": job.kind, "job_id": job.id})
            self._postpone(job, "BROKEN")
        else:
            self._close(job)
        return True

    def run_due(self, *, limit: int = 1000) -> int:
        """Run due jobs until there are none; returns how many ran."""
        ran = 0
        while ran < limit and self.run_one():
            ran += 1
        return ran

    def expire_due(self) -> int:
        """Close open agreements whose time has run out; returns how many."""
        now = self._clock()
        with self._database.transaction() as tx:
            due = tx.agreements.due_to_expire(now, limit=100)
        for agreement_id in due:
            with self._database.transaction() as tx:
                agreement = tx.agreements.load(agreement_id)
                if agreement.is_open and agreement.expires_at <= now:
                    agreement, events = agreement.expired(at=now)
                    tx.agreements.save(agreement, events=events)
        return len(due)

    def publish_log(self) -> int:
        """Sequence and publish; returns the tree's size."""
        return self._log.publish().size

    def _seal(self, agreement_id: str) -> None:
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
        self._sealing.seal_all(agreement)

    def _invite(self, agreement_id: str, party_id: str) -> None:
        """The SMS with the link (interfaces.md §9); nothing if the party no longer needs it."""
        with self._database.transaction() as tx:
            agreement = tx.agreements.load(agreement_id)
            title = tx.agreements.page(agreement_id).title
        party = agreement.party(party_id)
        if agreement.status is not AgreementStatus.PENDING or agreement.whose_turn != party:
            return
        asking = next(p for p in agreement.draft.parties if p.role is not Role.WORKER)
        link = self._desk.link_of(agreement, party_id)
        self._messenger.send_sms(
            phone=str(agreement.details_of(party_id)["phone"]),
            text=f"【{asking.name}】{mask_name(party.name)}您好，请您签《{title}》：{link}",
            at=self._clock(),
        )

    def _close(self, job: Job, *, note: str = "") -> None:
        if note:
            _log.info("job closed", extra={"job_kind": job.kind, "job_id": job.id, "note": note})
        with self._database.transaction() as tx:
            tx.jobs.done(job)

    def _postpone(self, job: Job, error: str) -> None:
        pause = min(timedelta(seconds=2 ** min(job.attempts + 1, 12)), LONGEST_PAUSE)
        with self._database.transaction() as tx:
            tx.jobs.failed(job, error=error, retry_at=self._clock() + pause)
