"""The one sequencer: events that wait get their places in the log (log.md §3).

Rules kept here:

1. The lock of the state row makes the sequencer one, however many processes run it.
2. Which events wait is told by their pending rows, which are deleted in the transaction that
   gives out indexes: exactly once and without gaps, and an event whose transaction commits late
   is found late. (A cursor over ids would lose it: ids are given out before the commit.)
3. Leaf hashes are computed from the records themselves. If one differs from what the event's own
   transaction noted down, somebody edited it in between: nothing is sequenced, Broken is raised.
4. Full tiles are written once. The ragged right edge is read from leaves and tile roots.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from signing.audit.merkle import Frontier, leaf_hash
from signing.audit.tiles import TILE_WIDTH, tile_root
from signing.errors import Broken
from signing.storage.log_rows import EventRow, LeafRow, PendingRow, StateRow, TileRow

BATCH = 1024
"""Events for one transaction; within SQLite's and PostgreSQL's limits on parameters."""


def sequence(session: Session, *, limit: int = BATCH) -> int:
    """Give the next waiting events their indexes, in a writing transaction; returns how many.

    Raises Broken LOG_RECORD_CHANGED (rule 3), LOG_STATE_CHANGED if root and frontier disagree.
    """
    state = lock_state(session)
    leaves = _claim(session, limit)
    if not leaves:
        return 0
    rows = [
        {"index": index, "event_id": event_id, "leaf_hash": hashed}
        for index, (event_id, hashed) in enumerate(leaves, start=state.size)
    ]
    session.execute(insert(LeafRow), rows)
    hashes = [hashed for _, hashed in leaves]
    _write_tiles(session, state.size, hashes)
    frontier = Frontier.from_bytes(state.frontier).extend(hashes)
    state.size, state.root, state.frontier = frontier.size, frontier.root(), frontier.to_bytes()
    session.flush()
    return len(leaves)


def lock_state(session: Session) -> StateRow:
    """The state row, locked. Raises Broken if it is missing or contradicts itself."""
    query = select(StateRow).with_for_update().execution_options(populate_existing=True)
    return checked_state(session.scalar(query))


def checked_state(state: StateRow | None) -> StateRow:
    """The state row, if frontier, size and root agree. Raises Broken LOG_STATE_CHANGED."""
    if state is not None:
        frontier = Frontier.from_bytes(state.frontier)
        if frontier.size == state.size and frontier.root() == state.root:
            return state
    raise Broken("The log's state row is missing or was changed", code="LOG_STATE_CHANGED")


def _claim(session: Session, limit: int) -> list[tuple[int, bytes]]:
    """Take the first waiting events off the list: id and leaf hash, in the order of ids."""
    first = select(PendingRow.event_id).order_by(PendingRow.event_id).limit(limit)
    claimed = session.execute(
        delete(PendingRow)
        .where(PendingRow.event_id.in_(first))
        .returning(PendingRow.event_id, PendingRow.leaf_hash)
        .execution_options(synchronize_session=False)
    )
    noted = {row.event_id: row.leaf_hash for row in claimed}
    records = select(EventRow.id, EventRow.record).where(EventRow.id.in_(noted))
    for event_id, record in session.execute(records.order_by(EventRow.id)):
        if leaf_hash(record) != noted[event_id]:
            raise Broken(
                f"Event {event_id} was changed before it was sequenced", code="LOG_RECORD_CHANGED"
            )
    return sorted(noted.items())


def _write_tiles(session: Session, size: int, hashes: Sequence[bytes]) -> None:
    """The tiles that these new leaf hashes fill, at every level."""
    level, new = 0, list(hashes)
    while new:
        start = size - size % TILE_WIDTH
        roots: list[bytes] = []
        if size % TILE_WIDTH + len(new) >= TILE_WIDTH:
            edge = [*edge_hashes(session, level, start, size), *new]
            for offset in range(0, len(edge) - TILE_WIDTH + 1, TILE_WIDTH):
                data = b"".join(edge[offset : offset + TILE_WIDTH])
                roots.append(tile_root(data))
                index = (start + offset) // TILE_WIDTH
                row = TileRow(level=level, index=index, data=data, root=roots[-1])
                session.add(row)
            session.flush()
        level, size, new = level + 1, size // TILE_WIDTH, roots


def edge_hashes(session: Session, level: int, start: int, end: int) -> list[bytes]:
    """Hashes `[start, end)` of a level: leaf hashes, or the roots of full tiles below.

    Raises Broken if some are missing.
    """
    if level == 0:
        query = (
            select(LeafRow.leaf_hash)
            .where(LeafRow.index >= start, LeafRow.index < end)
            .order_by(LeafRow.index)
        )
    else:
        query = (
            select(TileRow.root)
            .where(TileRow.level == level - 1, TileRow.index >= start, TileRow.index < end)
            .order_by(TileRow.index)
        )
    hashes = session.scalars(query).all()
    if len(hashes) != end - start:
        raise Broken(f"The log lacks hashes {start} to {end} of level {level}", code="LOG_GAP")
    return list(hashes)
