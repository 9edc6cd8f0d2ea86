"""The log: sequenced, signed, published, proved (port `Log`).

Rules kept here:

1. Before a new head is signed its root is computed again from the tiles, and so is the root at the
   size of every checkpoint that anybody may hold: the newest in the database and the one in the
   file outside it. A tree that shrank or has another history is never signed.
2. Size and root are committed before the key is used (D10): the key never signs two roots for one
   size, whatever crashes in between.
3. The TSA is asked outside any transaction. While it is away no checkpoint is published; what waits
   is published later.
4. Only what a published checkpoint covers is served.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.audit.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from signing.audit.note import NoteSigner, NoteVerifier
from signing.audit.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    inclusion_proof,
    parse_tile_path,
    subtree_hash,
)
from signing.domain.published import PublishedCheckpoint
from signing.errors import Broken, Malformed, NotFound, Rejected
from signing.storage.anchor import CheckpointFile
from signing.storage.inserts import insert_if_absent
from signing.storage.log_rows import CheckpointRow, HeadRow, PendingRow, StateRow
from signing.storage.sequencer import checked_state, sequence
from signing.storage.tile_reader import TileReader
from signing.storage.transaction import SqlDatabase

CHECKPOINT_PATH = "checkpoint"


@dataclass(frozen=True)
class _Head:
    size: int
    root: bytes


class SqlLog:
    """The global Merkle log over the tables."""

    def __init__(
        self,
        database: SqlDatabase,
        *,
        signers: Sequence[NoteSigner],
        timestamp: Callable[[bytes], bytes],
        clock: Callable[[], datetime],
        anchor: CheckpointFile,
        older_keys: Sequence[NoteVerifier] = (),
    ) -> None:
        """`signers` all bear the log's origin as name; `timestamp` makes a token over a SHA-256.

        `older_keys` are those that signed earlier checkpoints and sign no more.
        """
        self._database = database
        self._signers = tuple(signers)
        self._known_keys = (*(signer.verifier for signer in signers), *older_keys)
        self._timestamp = timestamp
        self._clock = clock
        self._anchor = anchor

    def publish(self) -> PublishedCheckpoint:
        """Sequence what waits, sign a checkpoint over it (or return the newest if nothing is new).

        Raises Broken, signing nothing, if the tree shrank or its history changed; Unavailable while
        the TSA does not answer.
        """
        # 1. Places for what waits.
        while self._something_waits() and self._sequence():
            pass
        # 2. The head, checked against every checkpoint that may be in anybody's hands.
        with self._database.session(writing=False) as session:
            head, newest = self._checked_head(session)
        if newest is not None and newest.size == head.size:
            return newest
        # 3. Size and root on record, before the key is used.
        with self._database.session() as session:
            self._write_head(session, head)
        # 4. Signature and time, outside any transaction.
        checkpoint = Checkpoint(self._signers[0].name, head.size, head.root)
        note = sign_checkpoint(checkpoint, self._signers).to_bytes()
        token = self._timestamp(hashlib.sha256(note).digest())
        # 5. Published: in the file first, so that the database never knows more than it.
        self._anchor.advance(note, size_of=lambda kept: self._open(kept).size)
        with self._database.session() as session:
            return self._write_checkpoint(session, PublishedCheckpoint(head.size, note, token))

    def proof(self, index: int, *, size: int) -> Sequence[bytes]:
        """Inclusion path of that leaf under a checkpoint of `size` (RFC 9162 §2.1.3).

        Raises NotFound for a size that was not sequenced yet or an index beyond it.
        """
        with self._database.session(writing=False) as session:
            state = checked_state(session.scalar(select(StateRow)))
            if not 0 <= index < size <= state.size:
                raise NotFound(f"No leaf {index} in a tree of {size}", "存证日志里没有这条记录")
            return inclusion_proof(TileReader(session, size=size), index, size)

    def read(self, path: str) -> bytes:
        """`checkpoint` or `tile/…` of the C2SP tlog-tiles layout. Raises NotFound."""
        with self._database.session(writing=False) as session:
            newest = _newest(session)
            if newest is None:
                raise _no_file(path)
            if path == CHECKPOINT_PATH:
                return newest.note
            try:
                tile = parse_tile_path(path)
            except Malformed as e:
                raise _no_file(path) from e
            covered = newest.size >> (TILE_HEIGHT * (tile.level or 0))
            if tile.index * TILE_WIDTH + tile.width > covered:
                raise _no_file(path)
            return TileReader(session, size=newest.size)(tile)

    def _something_waits(self) -> bool:
        with self._database.session(writing=False) as session:
            return session.scalar(select(PendingRow.event_id).limit(1)) is not None

    def _sequence(self) -> int:
        with self._database.session() as session:
            return sequence(session)

    def _checked_head(self, session: Session) -> tuple[_Head, PublishedCheckpoint | None]:
        state = checked_state(session.scalar(select(StateRow)))
        head, newest = _Head(state.size, state.root), _newest(session)
        read = TileReader(session, size=head.size)
        known = [self._open(newest.note)] if newest else []
        outside = self._anchor.read()
        if outside is not None:
            known.append(self._open(outside))
        if newest and newest.size == head.size and all(c.root == head.root for c in known):
            return head, newest
        for earlier in known:
            if earlier.size > head.size:
                raise Broken(
                    f"The log shrank from {earlier.size} to {head.size} entries", code="LOG_SHRANK"
                )
            if subtree_hash(read, 0, earlier.size) != earlier.root:
                raise Broken(
                    f"The first {earlier.size} entries are not those that were published",
                    code="LOG_CHANGED",
                )
        if subtree_hash(read, 0, head.size) != head.root:
            raise Broken("Tiles and state of the log disagree", code="LOG_CHANGED")
        return head, newest

    def _open(self, note: bytes) -> Checkpoint:
        try:
            return open_checkpoint(note, self._known_keys)
        except Rejected as e:
            raise Broken(f"A checkpoint of ours was changed: {e}", code="LOG_CHANGED") from e

    def _write_head(self, session: Session, head: _Head) -> None:
        insert_if_absent(session, HeadRow, {"size": head.size, "root": head.root})
        written = session.scalar(select(HeadRow.root).where(HeadRow.size == head.size))
        if written != head.root:
            raise Broken(f"Another root was to be signed for size {head.size}", code="LOG_CHANGED")

    def _write_checkpoint(self, session: Session, made: PublishedCheckpoint) -> PublishedCheckpoint:
        values = {
            "size": made.size,
            "note": made.note,
            "timestamp_token": made.timestamp_token,
            "published_at": self._clock(),
        }
        if insert_if_absent(session, CheckpointRow, values):
            return made
        row = session.get_one(CheckpointRow, made.size)  # another publisher was quicker
        return PublishedCheckpoint(row.size, row.note, row.timestamp_token)


def _newest(session: Session) -> PublishedCheckpoint | None:
    row = session.scalar(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1))
    if row is None:
        return None
    return PublishedCheckpoint(row.size, row.note, row.timestamp_token)


def _no_file(path: str) -> NotFound:
    return NotFound(f"The log has no {path[:200]}", "存证日志里没有这个文件")
