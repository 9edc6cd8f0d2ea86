"""The tables of the events and of the log (log.md §3).

Rules kept here:

1. Events, leaves, tiles, heads and checkpoints are inserted and never changed or deleted: triggers
   refuse it on both engines.
2. `event_openings` is the only table of evidence from which rows may be deleted, and they are
   never changed: deleting one erases the person and leaves every proof valid (D13).
3. `log_state` has one row; its lock makes the sequencer one.
4. An event does not point to its agreement but bears its random tag: erasing the agreement leaves
   the log whole.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from signing.storage.columns import SealedBytes, UtcTime
from signing.storage.db import Row
from signing.storage.rows import NEVER_AGAIN, BigId
from signing.storage.sealing import Sealed


class EventRow(Row):
    """An event; `record` is the exact leaf, the other columns repeat it for queries."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tag: Mapped[str]
    n: Mapped[int]
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcTime)
    record: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("tag", "n"), NEVER_AGAIN)


class OpeningRow(Row):
    """Salt and payload of an event, sealed; and which party acted ("" for none)."""

    __tablename__ = "event_openings"

    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("events.id"), primary_key=True)
    party_id: Mapped[str]
    opening: Mapped[Sealed] = mapped_column(SealedBytes)


class PendingRow(Row):
    """An event that waits for its place in the log, and its leaf hash when it was written."""

    __tablename__ = "events_pending"

    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("events.id"), primary_key=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class LeafRow(Row):
    """A leaf: its index is its place in the log for ever."""

    __tablename__ = "log_leaves"

    index: Mapped[int] = mapped_column("idx", BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("events.id"), unique=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class TileRow(Row):
    """A full tile of 256 hashes; `root` is its hash in the level above."""

    __tablename__ = "log_tiles"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column("idx", BigInteger, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class StateRow(Row):
    """The tree as sequenced so far."""

    __tablename__ = "log_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (CheckConstraint("id = 1", name="single"),)


class HeadRow(Row):
    """A size and root that will be signed: the key never sees two roots for one size."""

    __tablename__ = "log_heads"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Row):
    """A published checkpoint with its RFC 3161 token."""

    __tablename__ = "log_checkpoints"

    size: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("log_heads.size"), primary_key=True, autoincrement=False
    )
    note: Mapped[bytes] = mapped_column(LargeBinary)
    timestamp_token: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime] = mapped_column(UtcTime)
