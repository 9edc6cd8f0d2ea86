"""What is kept, in the memory of a test (port `Database`): it passes the suite of tests/ports.

A transaction works on a copy of everything and puts it back when its block ends without an error;
a lock lets one in at a time. Values are frozen, so copying the tables is enough.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from signing.audit.entry import SALT_SIZE, Entry, commit, make_opening
from signing.audit.merkle import leaf_hash
from signing.domain.agreement import Agreement, AgreementStatus
from signing.domain.caller import ApiKey
from signing.domain.ceremony import Ceremony
from signing.domain.events import HOUSE_TAG, Event, LoggedEvent
from signing.domain.job import Job
from signing.domain.search import AgreementFilter
from signing.domain.signature import IntentStatus, SignatureIntent
from signing.domain.stock import KeyTellings
from signing.errors import Broken, Conflict, Malformed, NotFound, Rejected

OPEN = (IntentStatus.OPEN, IntentStatus.VALUED)


@dataclass
class Tables:
    """Everything that is kept."""

    agreements: dict[str, Agreement] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, Any] = field(default_factory=dict)
    events: dict[str, tuple[LoggedEvent, ...]] = field(default_factory=dict)
    revisions: dict[tuple[str, str], None] = field(default_factory=dict)
    ceremonies: dict[str, Ceremony] = field(default_factory=dict)
    intents: dict[str, SignatureIntent] = field(default_factory=dict)
    serials: dict[int, str] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[str, datetime, bytes | None, bool]] = field(
        default_factory=dict
    )
    tenants: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[str, str, frozenset[str]]] = field(default_factory=dict)
    jobs: dict[int, tuple[Job, datetime, datetime | None]] = field(default_factory=dict)

    def copy(self) -> "Tables":
        return Tables(**{f.name: dict(getattr(self, f.name)) for f in fields(self)})


class MemoryDatabase:
    """Where transactions come from. `tables` is what was committed."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.last_job = 0
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator["MemoryTransaction"]:
        with self._lock:
            tables = self.tables.copy()
            yield MemoryTransaction(tables, self)
            self.tables = tables


class MemoryTransaction:
    """One transaction's copy, as the ports show it."""

    def __init__(self, tables: Tables, database: MemoryDatabase) -> None:
        self.agreements = MemoryAgreements(tables)
        self.house = MemoryHouse(tables)
        self.ceremonies = MemoryCeremonies(tables)
        self.intents = MemoryIntents(tables)
        self.certificates = MemoryCertificates(tables)
        self.idempotency = MemoryIdempotency(tables)
        self.tenants = MemoryTenants(tables)
        self.jobs = MemoryJobs(tables, database)


class MemoryAgreements:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._loaded: set[str] = set()

    def add(self, agreement: Agreement, *, page, plan, events: Sequence[Event]) -> None:
        if any(a.number == agreement.number for a in self._tables.agreements.values()):
            raise Conflict("taken", code="NUMBER_TAKEN")
        self._tables.pages[agreement.id] = page
        self._loaded.add(agreement.id)
        self._keep(agreement, plan, events)

    def load(self, agreement_id: str, *, tenant_id: str | None = None) -> Agreement:
        found = self._tables.agreements.get(agreement_id)
        if found is None or tenant_id not in (None, found.tenant_id):
            raise NotFound("No such agreement")
        self._loaded.add(agreement_id)
        return found

    def load_by_party(self, party_id: str) -> Agreement:
        for agreement in self._tables.agreements.values():
            if party_id in [party.id for party in agreement.parties]:
                return self.load(agreement.id)
        raise NotFound("No such party")

    def save(self, agreement: Agreement, *, events: Sequence[Event], plan=None) -> None:
        if not events:
            raise Broken("a change without an event", code="NO_AUDIT_EVENT")
        self._keep(agreement, plan, events)

    def save_archived(self, agreement: Agreement, *, plan) -> None:
        self._keep(agreement, plan, ())

    def list(
        self, tenant_id: str, matching: AgreementFilter, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[Agreement], str | None]:
        """Newest first; filters by status and kind are all that the tests of use cases need."""
        found = [
            a
            for a in self._tables.agreements.values()
            if a.tenant_id == tenant_id
            and matching.status in (None, a.status.value)
            and matching.kind in (None, a.draft.kind.value)
        ]
        found.sort(key=lambda a: (a.created_at, a.id), reverse=True)
        start = 0 if cursor is None else self._after(cursor, tenant_id, found)
        rest = found[start:]
        more = f"{tenant_id} {rest[limit - 1].id}" if len(rest) > limit else None
        return rest[:limit], more

    def _after(self, cursor: str, tenant_id: str, found: Sequence[Agreement]) -> int:
        ids = [f"{tenant_id} {agreement.id}" for agreement in found]
        if cursor not in ids:
            raise Malformed("not a cursor of this list", code="CURSOR")
        return ids.index(cursor) + 1

    def due_to_expire(self, at: datetime, *, limit: int) -> Sequence[str]:
        due = [
            a
            for a in self._tables.agreements.values()
            if a.status is AgreementStatus.PENDING and a.expires_at <= at
        ]
        return [a.id for a in sorted(due, key=lambda a: a.expires_at)][:limit]

    def page(self, agreement_id: str):
        return self._tables.pages[agreement_id]

    def plan(self, agreement_id: str):
        return self._tables.plans[agreement_id]

    def events(self, agreement_id: str) -> Sequence[LoggedEvent]:
        return self._tables.events[self._tables.agreements[agreement_id].tag]

    def by_document(self, sha256: str) -> Agreement | None:
        owners = [owner for owner, digest in self._tables.revisions if digest == sha256]
        return self._tables.agreements[owners[-1]] if owners else None

    def _keep(self, agreement: Agreement, plan, events: Sequence[Event]) -> None:
        if agreement.id not in self._loaded:
            raise Broken("not loaded in this transaction")
        self._tables.agreements[agreement.id] = agreement
        self._tables.revisions[agreement.id, agreement.revision_sha256] = None
        if plan is not None:
            self._tables.plans[agreement.id] = plan
        chain = list(self._tables.events.get(agreement.tag, ()))
        for event in events:
            chain.append(logged(agreement.tag, chain, event))
        self._tables.events[agreement.tag] = tuple(chain)


def logged(tag: str, chain: Sequence[LoggedEvent], event: Event) -> LoggedEvent:
    """The event as the next of its agreement's chain, with a salt that the tests can repeat."""
    number = len(chain) + 1
    payload = {**event.payload, **({"party_id": event.party_id} if event.party_id else {})}
    salt = sha256(f"{tag} {number}".encode()).digest()[:SALT_SIZE]
    opening = make_opening(payload, salt)
    previous = leaf_hash(chain[-1].leaf).hex() if chain else ""
    entry = Entry(tag, commit(opening), number, previous, event.type.value, event.at)
    return LoggedEvent(
        number, event.type.value, entry.at, event.party_id, entry.leaf(), opening, None
    )


class MemoryHouse:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def append(self, events: Sequence[Event]) -> None:
        chain = list(self.events())
        for event in events:
            chain.append(logged(HOUSE_TAG, chain, event))
        self._tables.events[HOUSE_TAG] = tuple(chain)

    def events(self) -> Sequence[LoggedEvent]:
        return self._tables.events.get(HOUSE_TAG, ())

    def told(self) -> KeyTellings:
        every = [event for chain in self._tables.events.values() for event in chain]
        payloads = [(e.type, json.loads((e.opening or b"")[SALT_SIZE:] or b"{}")) for e in every]
        return KeyTellings(
            serials=frozenset(p.get("serial") for t, p in payloads if t == "certificate.revoked"),
            log_keys=frozenset(p.get("to") for t, p in payloads if t == "log.key_rotated"),
            is_partly_erased=any(e.opening is None for e in every),
        )


class MemoryCeremonies:
    def __init__(self, tables: Tables) -> None:
        self._kept = tables.ceremonies

    def load(self, party_id: str, *, agreement_id: str) -> Ceremony:
        return self._kept.get(party_id) or Ceremony(party_id, agreement_id)

    def save(self, ceremony: Ceremony) -> None:
        self._kept[ceremony.party_id] = ceremony


class MemoryIntents:
    def __init__(self, tables: Tables) -> None:
        self._kept = tables.intents
        self._agreements = tables.agreements

    def add(self, intent: SignatureIntent) -> None:
        for other in list(self._kept.values()):
            if other.party_id == intent.party_id and other.status is IntentStatus.OPEN:
                self._kept[other.id] = replace(other, status=IntentStatus.LAPSED)
        self._kept[intent.id] = intent

    def load(self, intent_id: str) -> SignatureIntent:
        if intent_id not in self._kept:
            raise NotFound("No such signature request")
        return self._kept[intent_id]

    def find_open(self, party_id: str) -> SignatureIntent | None:
        mine = [i for i in self._kept.values() if i.party_id == party_id and i.status in OPEN]
        return max(mine, key=lambda i: (i.created_at, i.id), default=None)

    def save(self, intent: SignatureIntent) -> None:
        if intent.id not in self._kept:
            raise Broken("not added or loaded")
        self._kept[intent.id] = intent

    def unfinished(self, *, limit: int) -> Sequence[str]:
        return [i.id for i in self._kept.values() if i.status is IntentStatus.VALUED][:limit]

    def of_party(self, party_id: str) -> Sequence[SignatureIntent]:
        mine = [i for i in self._kept.values() if i.party_id == party_id]
        return sorted(mine, key=lambda i: (i.created_at, i.id), reverse=True)

    def pending_under(self, certificate: bytes) -> Sequence[tuple[str, str]]:
        return [
            (i.agreement_id, i.party_id)
            for i in sorted(self._kept.values(), key=lambda i: i.created_at)
            if i.status is IntentStatus.SIGNED
            and i.certificates[0] == certificate
            and self._agreements[i.agreement_id].status is AgreementStatus.PENDING
        ]

    def underway(self) -> Sequence[str]:
        return [i.id for i in self._kept.values() if i.status in OPEN]


class MemoryCertificates:
    def __init__(self, tables: Tables) -> None:
        self._kept = tables.serials

    def add(self, *, serial: int, agreement_id: str, **_: object) -> None:
        if serial in self._kept:
            raise Conflict("serial taken", code="EXISTS")
        self._kept[serial] = agreement_id


class MemoryIdempotency:
    def __init__(self, tables: Tables) -> None:
        self._kept = tables.answers

    def begin(self, *, tenant_id: str, key: str, request_sha256: str, at: datetime) -> bytes | None:
        kept = self._kept.get((tenant_id, key))
        if kept is not None and at - kept[1] <= timedelta(days=7):
            request, started_at, answer, is_final = kept
            is_running = not is_final and at - started_at <= timedelta(seconds=60)
            if request != request_sha256:
                raise Rejected("another body", code="IDEMPOTENCY_KEY_REUSED")
            if is_running:
                raise Conflict("still running", code="IDEMPOTENCY_IN_FLIGHT")
            if answer is not None:
                self._kept[tenant_id, key] = (request, started_at, answer, True)
                return answer
        self._kept[tenant_id, key] = (request_sha256, at, None, False)
        return None

    def finish(self, *, tenant_id: str, key: str, answer: bytes, is_final: bool = True) -> None:
        if (tenant_id, key) not in self._kept:
            raise Broken("not begun")
        request, started_at, _, was_final = self._kept[tenant_id, key]
        if was_final:
            raise Conflict("answered", code="IDEMPOTENCY_IN_FLIGHT")
        self._kept[tenant_id, key] = (request, started_at, answer, is_final)

    def forget(self, *, tenant_id: str, key: str) -> None:
        if self._kept.get((tenant_id, key), (None, None, b""))[2] is None:
            del self._kept[tenant_id, key]


class MemoryTenants:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create(self, *, tenant_id: str, name: str, **_: object) -> None:
        if tenant_id in self._tables.tenants:
            raise Conflict("tenant taken", code="EXISTS")
        self._tables.tenants[tenant_id] = name

    def add_key(self, *, key_id: str, tenant_id: str, secret: str, scopes, **_: object) -> None:
        self._tables.keys[secret] = (key_id, tenant_id, scopes)

    def find_key(self, secret: str) -> ApiKey | None:
        if secret not in self._tables.keys:
            return None
        key_id, tenant_id, scopes = self._tables.keys[secret]
        return ApiKey(key_id, tenant_id, self._tables.tenants[tenant_id], scopes)


class MemoryJobs:
    def __init__(self, tables: Tables, database: MemoryDatabase) -> None:
        self._kept = tables.jobs
        self._database = database

    def add(self, kind: str, *, key: str, payload: Mapping[str, Any], run_at: datetime) -> None:
        if any((job.kind, job.key) == (kind, key) for job, _, _ in self._kept.values()):
            return
        self._database.last_job += 1
        job = Job(self._database.last_job, kind, key, dict(payload), 0)
        self._kept[job.id] = (job, run_at, None)

    def claim(self, *, at: datetime, lease_seconds: int) -> Job | None:
        due = [
            (run_at, job.id)
            for job, run_at, leased_until in self._kept.values()
            if run_at <= at and (leased_until is None or leased_until <= at)
        ]
        if not due:
            return None
        job, run_at, _ = self._kept[min(due)[1]]
        job = replace(job, attempts=job.attempts + 1)
        self._kept[job.id] = (job, run_at, at + timedelta(seconds=lease_seconds))
        return job

    def done(self, job: Job) -> None:
        self._kept.pop(job.id, None)

    def failed(self, job: Job, *, retry_at: datetime, **_: object) -> None:
        present = self._kept.get(job.id)
        if present is not None and present[0].attempts == job.attempts:
            self._kept[job.id] = (present[0], retry_at, None)
