"""What is stored, as values to be compared with one another (`signing check`)."""

from dataclasses import dataclass
from datetime import datetime

from signing.domain.agreement import Agreement
from signing.domain.signature import IntentStatus


@dataclass(frozen=True)
class Violation:
    """One way in which what is stored is not as it must be.

    `code` is stable upper-case English, `where` names the row or file, both messages are for
    people. Nothing personal appears in any of them.
    """

    code: str
    where: str
    message: str
    message_zh: str


@dataclass(frozen=True)
class StoredIntent:
    """A signature on its way, or arrived; `result_sha256` is the revision that it gave."""

    id: str
    party_id: str
    status: IntentStatus
    created_at: datetime
    result_sha256: str | None


@dataclass(frozen=True)
class Telling:
    """What a party.signed event says; both None where its opening was erased."""

    intent_id: str | None
    document_sha256: str | None


@dataclass(frozen=True)
class KeyTellings:
    """What events say of keys: certificates taken back (serial numbers, hex), new log keys (vkeys).

    `is_partly_erased` where a certificate's event lost its opening: it may have told of any.
    """

    serials: frozenset[str]
    log_keys: frozenset[str]
    is_partly_erased: bool


@dataclass(frozen=True)
class StoredJob:
    """Unfinished work: due at `run_at`, begun `attempts` times so far."""

    run_at: datetime
    attempts: int


@dataclass(frozen=True)
class StoredAgreement:
    """An agreement with its signatures as three places know them."""

    agreement: Agreement
    intents: tuple[StoredIntent, ...]
    tellings: tuple[Telling, ...]
