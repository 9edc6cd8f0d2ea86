"""Checks that the log is what the events say, computed again from the records themselves.

Rules checked here:

1. Leaves stand without gap from 0, each the hash of its event's record.
2. Full tiles are those of the tree; state and every head have the root of the tree at their size.
3. Every checkpoint is signed by a log key and tells the size and root of its head; the one outside
   the database too, and it is not ahead of the tree.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signing.audit.checkpoint import open_checkpoint
from signing.audit.merkle import Frontier, leaf_hash
from signing.audit.note import NoteVerifier
from signing.audit.tiles import TILE_WIDTH
from signing.errors import Rejected
from signing.storage.log_rows import CheckpointRow, EventRow, HeadRow, LeafRow, StateRow, TileRow
from signing.storage.violation import Violation

CHUNK = 1000


def check_log(
    session: Session, *, log_keys: Sequence[NoteVerifier], outside: bytes | None
) -> Iterator[Violation]:
    """`outside` is the checkpoint kept outside the database. Needs one consistent view."""
    heads = session.execute(select(HeadRow.size, HeadRow.root))
    roots = {head.size: head.root for head in heads}
    tree = _Tree(session, roots)
    yield from tree.check_leaves()
    yield from tree.check_tiles()
    yield from _check_state(session, tree.frontier)
    for size in sorted(set(roots) - tree.seen):
        yield Violation("LOG_HEAD_AHEAD", f"log_heads {size}", "a head beyond the end of the log")
    for row in session.scalars(select(CheckpointRow).order_by(CheckpointRow.size)):
        yield from _check_note(row.note, f"log_checkpoints {row.size}", log_keys, roots)
    if outside is not None:
        yield from _check_note(outside, "checkpoint outside the database", log_keys, roots)


class _Tree:
    """The tree as the records give it, grown while it is compared."""

    def __init__(self, session: Session, roots: dict[int, bytes]) -> None:
        self._session = session
        self._roots = roots
        self._edges: list[list[bytes]] = [[]]
        self._tiles = 0
        self.frontier = Frontier()
        self.seen: set[int] = set()

    def check_leaves(self) -> Iterator[Violation]:
        """Leaf by leaf; tiles and heads as they are passed."""
        yield from self._check_head()
        query = (
            select(LeafRow.index, LeafRow.leaf_hash, EventRow.record)
            .outerjoin(EventRow, EventRow.id == LeafRow.event_id)
            .order_by(LeafRow.index)
            .execution_options(yield_per=CHUNK)
        )
        for index, noted, record in self._session.execute(query):
            where = f"log_leaves {index}"
            if index != self.frontier.size:
                yield Violation("LOG_GAP", where, f"leaf {self.frontier.size} is missing")
                return
            computed = leaf_hash(record or b"")
            if computed != noted:
                yield Violation("LOG_LEAF_CHANGED", where, "the leaf is not the event's hash")
            self.frontier = self.frontier.append(computed)
            yield from self._grow_tiles(0, computed)
            yield from self._check_head()

    def check_tiles(self) -> Iterator[Violation]:
        """No tile more than the tree has."""
        stored = self._session.scalar(select(func.count()).select_from(TileRow))
        if stored != self._tiles:
            yield Violation(
                "LOG_TILE_CHANGED", "log_tiles", f"{stored} tiles where the tree has {self._tiles}"
            )

    def _check_head(self) -> Iterator[Violation]:
        size = self.frontier.size
        if size in self._roots:
            self.seen.add(size)
            if self.frontier.root() != self._roots[size]:
                yield Violation(
                    "LOG_CHANGED",
                    f"log_heads {size}",
                    f"the first {size} entries are not those that were signed",
                )

    def _grow_tiles(self, level: int, value: bytes) -> Iterator[Violation]:
        edge = self._edges[level]
        edge.append(value)
        if len(edge) < TILE_WIDTH:
            return
        span = TILE_WIDTH ** (level + 1)
        index = self.frontier.size // span - 1
        data, root = b"".join(edge), Frontier().extend(edge).root()
        row = self._session.get(TileRow, (level, index))
        if row is None or (row.data, row.root) != (data, root):
            where = f"log_tiles {level}/{index}"
            yield Violation("LOG_TILE_CHANGED", where, "the tile is missing or not the tree's")
        if row is not None:
            self._session.expunge(row)
        self._tiles += 1
        edge.clear()
        if level + 1 == len(self._edges):
            self._edges.append([])
        yield from self._grow_tiles(level + 1, root)


def _check_state(session: Session, frontier: Frontier) -> Iterator[Violation]:
    state = session.scalar(select(StateRow))
    expected = (frontier.size, frontier.root(), frontier.to_bytes())
    if state is None or (state.size, state.root, state.frontier) != expected:
        yield Violation(
            "LOG_STATE_CHANGED", "log_state", f"it does not tell the tree of {frontier.size} leaves"
        )


def _check_note(
    note: bytes, where: str, log_keys: Sequence[NoteVerifier], roots: dict[int, bytes]
) -> Iterator[Violation]:
    try:
        checkpoint = open_checkpoint(note, log_keys)
    except Rejected as e:
        yield Violation("CHECKPOINT_FORGED", where, e.message)
        return
    if roots.get(checkpoint.size) != checkpoint.root:
        yield Violation(
            "CHECKPOINT_CHANGED", where, f"size {checkpoint.size} with a root that is not on record"
        )
