"""Checks that each agreement's events are a whole chain, from its first event to its head.

Rules checked here:

1. A record is a leaf in its one spelling, and the columns beside it repeat it.
2. Numbers rise by one from 1; each record names the one before; the agreement knows the last.
3. An event waits or has a place in the log: not neither, not both.
4. An opening that is there opens its record; one that is not was erased.
"""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from signing.audit.entry import Entry, commit, parse_entry
from signing.audit.merkle import leaf_hash
from signing.errors import Broken, Malformed
from signing.storage.events import PLACE, opening_row_id
from signing.storage.log_rows import EventRow, LeafRow, OpeningRow, PendingRow
from signing.storage.rows import AgreementRow
from signing.storage.sealing import FieldCipher
from signing.storage.violation import Violation

CHUNK = 1000


def check_events(session: Session, *, cipher: FieldCipher) -> Iterator[Violation]:
    """All events of all agreements. Needs one consistent view."""
    chain = _Chain("", 0, "")
    query = (
        select(EventRow, OpeningRow, LeafRow.index, PendingRow.leaf_hash)
        .outerjoin(OpeningRow, OpeningRow.event_id == EventRow.id)
        .outerjoin(LeafRow, LeafRow.event_id == EventRow.id)
        .outerjoin(PendingRow, PendingRow.event_id == EventRow.id)
        .order_by(EventRow.tag, EventRow.n)
        .execution_options(yield_per=CHUNK)
    )
    for event, opening, index, noted in session.execute(query):
        if event.tag != chain.tag:
            yield from chain.check_end(session)
            chain = _Chain(event.tag, 0, "")
        yield from chain.check_next(event)
        yield from _check_place(event, index, noted)
        yield from _check_opening(event, opening, cipher)
        session.expunge(event)
        if opening is not None:
            session.expunge(opening)
    yield from chain.check_end(session)
    lost = select(AgreementRow.id).where(~exists().where(EventRow.tag == AgreementRow.tag))
    for agreement_id in session.scalars(lost):
        yield Violation("CHAIN_BROKEN", agreement_id, "an agreement without events")


class _Chain:
    """One agreement's events so far."""

    def __init__(self, tag: str, n: int, head: str) -> None:
        self.tag, self.n, self.head = tag, n, head

    def check_next(self, event: EventRow) -> Iterator[Violation]:
        where = f"events {event.id}"
        try:
            entry: Entry | None = parse_entry(event.record)
        except Malformed as e:
            entry = None
            yield Violation("EVENT_UNREADABLE", where, e.message)
        if entry is not None:
            told = (entry.tag, entry.number, entry.name, entry.at)
            if told != (event.tag, event.n, event.name, event.at):
                yield Violation("EVENT_CHANGED", where, "columns and record disagree")
            if (entry.number, entry.previous) != (self.n + 1, self.head):
                yield Violation(
                    "CHAIN_BROKEN", where, f"it does not follow event {self.n} of its agreement"
                )
        self.n, self.head = event.n, leaf_hash(event.record).hex()

    def check_end(self, session: Session) -> Iterator[Violation]:
        query = select(AgreementRow.id, AgreementRow.audit_n, AgreementRow.audit_head)
        for agreement_id, n, head in session.execute(query.where(AgreementRow.tag == self.tag)):
            if (n, head) != (self.n, self.head):
                yield Violation(
                    "CHAIN_BROKEN", agreement_id, f"its last event is {self.n}, not {n}, or differs"
                )


def _check_place(event: EventRow, index: int | None, noted: bytes | None) -> Iterator[Violation]:
    where = f"events {event.id}"
    if (index is None) == (noted is None):
        state = "neither waits nor is in the log" if noted is None else "waits and is in the log"
        yield Violation("EVENT_PLACE", where, f"it {state}")
    if noted is not None and noted != leaf_hash(event.record):
        yield Violation("EVENT_CHANGED", where, "changed before it was sequenced")


def _check_opening(
    event: EventRow, opening: OpeningRow | None, cipher: FieldCipher
) -> Iterator[Violation]:
    if opening is None:
        return
    where = f"event_openings {event.id}"
    try:
        opened = cipher.open(opening.opening, place=PLACE, row=opening_row_id(event.tag, event.n))
        told = parse_entry(event.record).commitment
    except (Broken, Malformed) as e:
        yield Violation("OPENING_CHANGED", where, e.message)
        return
    if commit(opened) != told:
        yield Violation("OPENING_CHANGED", where, "it opens another record")
