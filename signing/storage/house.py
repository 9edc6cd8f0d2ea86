"""The house's own events: what concerns no agreement (the log's key, a seal, a CA).

Rules kept here:

1. They are a chain like an agreement's, under a tag of their own, in the same log; its end is
   found in the table of events, since no row of an agreement knows it.
2. The log's state row is locked meanwhile: of several writers one appends after the other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.audit.entry import SALT_SIZE
from signing.audit.merkle import leaf_hash
from signing.domain.events import HOUSE_TAG, Event, EventType
from signing.domain.stock import KeyTellings
from signing.storage.events import PLACE, SqlEvents, opening_row_id
from signing.storage.log_rows import EventRow, OpeningRow
from signing.storage.sealing import FieldCipher
from signing.storage.sequencer import lock_state


@dataclass
class _Chain:
    """The end of the house's chain, in the names of an agreement's row."""

    tag: str
    audit_n: int
    audit_head: str


class SqlHouse:
    """The house's events of one transaction."""

    def __init__(self, session: Session, *, events: SqlEvents, cipher: FieldCipher) -> None:
        self._session = session
        self._events = events
        self._cipher = cipher

    def append(self, events: Sequence[Event]) -> None:
        """Lengthen the chain."""
        lock_state(self._session)
        newest = select(EventRow).where(EventRow.tag == HOUSE_TAG).order_by(EventRow.n.desc())
        last = self._session.scalar(newest.limit(1))
        end = (0, "") if last is None else (last.n, leaf_hash(last.record).hex())
        self._events.append(_Chain(HOUSE_TAG, *end), events)

    def told(self) -> KeyTellings:
        """What events of the house and of agreements say of keys; locked until the end."""
        lock_state(self._session)
        return read_tellings(self._session, cipher=self._cipher)


def read_tellings(session: Session, *, cipher: FieldCipher) -> KeyTellings:
    """What all events say of certificates taken back and of new log keys."""
    query = (
        select(EventRow.tag, EventRow.n, EventRow.name, OpeningRow.opening)
        .outerjoin(OpeningRow, OpeningRow.event_id == EventRow.id)
        .where(EventRow.name.in_([EventType.CERTIFICATE_REVOKED, EventType.LOG_KEY_ROTATED]))
    )
    serials: set[str] = set()
    log_keys: set[str] = set()
    is_partly_erased = False
    for tag, n, name, opening in session.execute(query):
        payload: dict[str, str] = {}
        if opening is not None:
            opened = cipher.open(opening, place=PLACE, row=opening_row_id(tag, n))
            payload = json.loads(opened[SALT_SIZE:])
        is_partly_erased = is_partly_erased or not payload
        told = serials if name == EventType.CERTIFICATE_REVOKED else log_keys
        told.update(payload[member] for member in ("serial", "to") if member in payload)
    return KeyTellings(frozenset(serials), frozenset(log_keys), is_partly_erased)
