"""What is kept: agreements, ceremonies, intents, keys of callers, jobs, files.

Rules kept here:
* a `Transaction` is all or nothing, and durable when its `with` block ends without an error;
* inside it, a loaded agreement or ceremony is locked until the end: two requests cannot both act;
* `Agreements.save` takes the events of the change and refuses a change without one: no audit event,
  no change;
* nothing slow (rendering, TSA, SMS, judge) happens inside a transaction.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from signing.domain.agreement import Agreement
from signing.domain.caller import ApiKey
from signing.domain.ceremony import Ceremony
from signing.domain.events import Event, LoggedEvent
from signing.domain.job import Job
from signing.domain.page import Page
from signing.domain.search import AgreementFilter
from signing.domain.signature import SignatureIntent
from signing.domain.stock import KeyTellings
from signing.pades.plan import FilePlan


class Agreements(Protocol):
    """Agreements with their events; all of one tenant, or by party for the worker's link."""

    def add(
        self, agreement: Agreement, *, page: Page, plan: FilePlan, events: Sequence[Event]
    ) -> None:
        """A new agreement with its first events. Raises Conflict if the number is taken."""

    def load(self, agreement_id: str, *, tenant_id: str | None = None) -> Agreement:
        """Locked until the end of the transaction. Raises NotFound, also for another tenant's."""

    def load_by_party(self, party_id: str) -> Agreement:
        """The agreement of that party, locked. Raises NotFound."""

    def save(
        self, agreement: Agreement, *, events: Sequence[Event], plan: FilePlan | None = None
    ) -> None:
        """The loaded agreement's new state, with the events of the change (at least one).

        `plan` is that of the new revision, where there is one.
        """

    def save_archived(self, agreement: Agreement, *, plan: FilePlan) -> None:
        """The archive step's revision: the one change that no party caused and no event tells."""

    def list(
        self, tenant_id: str, matching: AgreementFilter, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[Agreement], str | None]:
        """Newest first, and the cursor of the next page. Raises Malformed on a foreign cursor."""

    def due_to_expire(self, at: datetime, *, limit: int) -> Sequence[str]:
        """Ids of open agreements whose time has run out."""

    def page(self, agreement_id: str) -> Page:
        """What the phone shows."""

    def plan(self, agreement_id: str) -> FilePlan:
        """The plan of the newest revision."""

    def events(self, agreement_id: str) -> Sequence[LoggedEvent]:
        """All its events, in order."""

    def by_document(self, sha256: str) -> Agreement | None:
        """The agreement one of whose stored revisions has that digest."""


class House(Protocol):
    """Events of no agreement, in a chain of their own in the same log."""

    def append(self, events: Sequence[Event]) -> None:
        """Lengthen the chain."""

    def told(self) -> KeyTellings:
        """What events of the house and of agreements say of keys; locked until the end."""


class Ceremonies(Protocol):
    """What each party has shown and done."""

    def load(self, party_id: str, *, agreement_id: str) -> Ceremony:
        """Locked; a fresh one if nothing is stored yet."""

    def save(self, ceremony: Ceremony) -> None:
        """Keep it."""


class Intents(Protocol):
    """Signatures on their way."""

    def add(self, intent: SignatureIntent) -> None:
        """Keep a new one; an older open one of the same party lapses."""

    def load(self, intent_id: str) -> SignatureIntent:
        """Locked. Raises NotFound."""

    def find_open(self, party_id: str) -> SignatureIntent | None:
        """The party's newest intent that is `open` or `valued`, locked."""

    def save(self, intent: SignatureIntent) -> None:
        """Keep its new state."""

    def underway(self) -> Sequence[str]:
        """Ids of intents that are `open` or `valued`, oldest first."""

    def of_party(self, party_id: str) -> Sequence[SignatureIntent]:
        """All that the party ever had, newest first; not locked."""

    def pending_under(self, certificate: bytes) -> Sequence[tuple[str, str]]:
        """(agreement, party) of open agreements that bear a signature under it (DER)."""

    def unfinished(self, *, limit: int) -> Sequence[str]:
        """Ids of intents with a value but no revision yet."""


class Certificates(Protocol):
    """Serial numbers given out: written before the CA's key is used."""

    def add(
        self, *, serial: int, agreement_id: str, party_id: str, purpose: str, at: datetime
    ) -> None:
        """Raises Conflict if the serial is taken."""


class Idempotency(Protocol):
    """First answers by (tenant, key), encrypted, kept seven days."""

    def begin(self, *, tenant_id: str, key: str, request_sha256: str, at: datetime) -> bytes | None:
        """The first answer if there is one; None if this call is now the first.

        Raises Conflict `IDEMPOTENCY_IN_FLIGHT` while the first still runs (after 60 s it is taken
        for dead), Rejected `IDEMPOTENCY_KEY_REUSED` for another body.
        """

    def finish(self, *, tenant_id: str, key: str, answer: bytes, is_final: bool = True) -> None:
        """Keep the answer in the same transaction as what it tells of.

        One that is not final will be replaced by its own call, and is given to others only if that
        call is taken for dead.
        """

    def forget(self, *, tenant_id: str, key: str) -> None:
        """The first call failed: the key is free again."""


class Tenants(Protocol):
    """Platforms and their keys (hashed at rest)."""

    def create(self, *, tenant_id: str, name: str, at: datetime) -> None:
        """A new platform."""

    def add_key(
        self, *, key_id: str, tenant_id: str, secret: str, scopes: frozenset[str], at: datetime
    ) -> None:
        """`secret` is the whole `sk_…` text; only its SHA-256 is kept."""

    def find_key(self, secret: str) -> ApiKey | None:
        """Who bears that secret."""


class Jobs(Protocol):
    """Work that takes long (D12): a row in the transaction that asks for it."""

    def add(self, kind: str, *, key: str, payload: Mapping[str, Any], run_at: datetime) -> None:
        """Nothing happens if an unfinished job with this kind and key exists."""

    def claim(self, *, at: datetime, lease_seconds: int) -> Job | None:
        """The next due job, leased to the caller; a lapsed lease may be claimed by another."""

    def done(self, job: Job) -> None:
        """Finished."""

    def failed(self, job: Job, *, error: str, retry_at: datetime) -> None:
        """Try again later."""


class Transaction(Protocol):
    """Everything that can be read and written together."""

    @property
    def agreements(self) -> Agreements:
        """Agreements with their events."""

    @property
    def house(self) -> House:
        """Events of no agreement."""

    @property
    def ceremonies(self) -> Ceremonies:
        """What each party has done."""

    @property
    def intents(self) -> Intents:
        """Signatures on their way."""

    @property
    def certificates(self) -> Certificates:
        """Serials given out."""

    @property
    def idempotency(self) -> Idempotency:
        """First answers."""

    @property
    def tenants(self) -> Tenants:
        """Platforms and their keys."""

    @property
    def jobs(self) -> Jobs:
        """Work for later."""


class Database(Protocol):
    """Where transactions come from."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Commits at the end of the block, rolls back on an exception.

        Raises Unavailable where the database does not answer or is locked for too long.
        """


class Documents(Protocol):
    """Files by their SHA-256: written once, never changed."""

    def put(self, content: bytes) -> str:
        """Returns the digest; on return the bytes survive a crash. Repeating is harmless."""

    def get(self, sha256: str) -> bytes:
        """Raises Broken if it is missing or does not have that digest."""
