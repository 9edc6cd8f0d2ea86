"""Events: written in the transaction that causes them, read with their place in the log.

Rules kept here:

1. Event, opening and pending row are written together, under the agreement's lock, so ids and `n`
   rise together and the sequencer keeps each agreement's order.
2. Each event names the leaf hash of the one before: an agreement's events are a chain of their own.
3. What the event says lies in the opening, sealed; the leaf holds a salted commitment (D13).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.audit.entry import SALT_SIZE, Entry, commit, make_opening
from signing.audit.merkle import leaf_hash
from signing.domain.events import Event, LoggedEvent
from signing.errors import Broken, Malformed
from signing.storage.log_rows import EventRow, LeafRow, OpeningRow, PendingRow
from signing.storage.sealing import FieldCipher, Sealed

PLACE = "event_openings.opening"


class Chain(Protocol):
    """The end of a chain of events: an agreement's row, or what stands for it."""

    tag: Any
    audit_n: Any
    audit_head: Any


def opening_row_id(tag: str, n: int) -> str:
    """Which row a sealed opening is bound to."""
    return f"{tag}:{n}"


class SqlEvents:
    """The events of one transaction."""

    def __init__(
        self, session: Session, *, cipher: FieldCipher, random: Callable[[int], bytes]
    ) -> None:
        self._session = session
        self._cipher = cipher
        self._random = random

    def append(self, chain: Chain, events: Sequence[Event]) -> None:
        """Lengthen that chain; its row must be locked."""
        written = [self._write(chain, event) for event in events]
        self._session.add_all(row for row, _, _ in written)
        self._session.flush()  # gives the ids
        for row, sealed, party_id in written:
            waiting = PendingRow(event_id=row.id, leaf_hash=leaf_hash(row.record))
            opening = OpeningRow(event_id=row.id, opening=sealed, party_id=party_id)
            self._session.add_all((waiting, opening))
        self._session.flush()

    def of(self, tag: str) -> list[LoggedEvent]:
        """All events under that tag, in order."""
        query = (
            select(EventRow, OpeningRow, LeafRow.index)
            .outerjoin(OpeningRow, OpeningRow.event_id == EventRow.id)
            .outerjoin(LeafRow, LeafRow.event_id == EventRow.id)
            .where(EventRow.tag == tag)
            .order_by(EventRow.n)
        )
        return [self._logged(*found) for found in self._session.execute(query)]

    def _write(self, chain: Chain, event: Event) -> tuple[EventRow, Sealed, str]:
        payload = dict(_plain(event.payload))
        if event.party_id:
            payload["party_id"] = event.party_id
        try:
            opening = make_opening(payload, self._random(SALT_SIZE))
        except Malformed as e:
            raise Broken(f"{event.type}: a payload that JSON cannot carry") from e
        n = chain.audit_n + 1
        entry = Entry(
            tag=chain.tag,
            commitment=commit(opening),
            number=n,
            previous=chain.audit_head,
            name=event.type.value,
            at=event.at,
        )
        leaf = entry.leaf()
        chain.audit_n, chain.audit_head = n, leaf_hash(leaf).hex()
        row = EventRow(tag=chain.tag, n=n, name=entry.name, at=entry.at, record=leaf)
        where = opening_row_id(chain.tag, n)
        return row, self._cipher.seal(opening, place=PLACE, row=where), event.party_id

    def _logged(
        self, event: EventRow, opening: OpeningRow | None, index: int | None
    ) -> LoggedEvent:
        opened = None
        if opening is not None:
            where = opening_row_id(event.tag, event.n)
            opened = self._cipher.open(opening.opening, place=PLACE, row=where)
        return LoggedEvent(
            n=event.n,
            type=event.name,
            at=event.at,
            party_id="" if opening is None else opening.party_id,
            leaf=event.record,
            opening=opened,
            index=index,
        )


def _plain(value: Any) -> Any:
    """Read-only mappings as dicts, all the way down."""
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value
