"""Tiles and entry bundles out of the tables, as C2SP tlog-tiles has them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.audit.merkle import HASH_SIZE
from signing.audit.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, entry_bundle
from signing.errors import Broken
from signing.storage.log_rows import EventRow, LeafRow, TileRow
from signing.storage.sequencer import edge_hashes


class TileReader:
    """Reads the tree of `size` within one transaction; each hash tile is fetched once."""

    def __init__(self, session: Session, *, size: int) -> None:
        self._session = session
        self._size = size
        self._fetched: dict[tuple[int, int], bytes] = {}

    def __call__(self, tile: Tile) -> bytes:
        """The hashes of a tile, exactly `width` of them. Raises Broken if some are missing."""
        if tile.level is None:
            return self._bundle(tile)
        place = (tile.level, tile.index)
        if place not in self._fetched:
            self._fetched[place] = self._fetch(*place)
        data = self._fetched[place][: tile.width * HASH_SIZE]
        if len(data) != tile.width * HASH_SIZE:
            raise Broken(f"The log lacks hashes of {tile.path}", code="LOG_GAP")
        return data

    def _fetch(self, level: int, index: int) -> bytes:
        """The whole tile, as full as the tree makes it."""
        full = self._session.scalar(
            select(TileRow.data).where(TileRow.level == level, TileRow.index == index)
        )
        if full is not None:
            return full
        start = index * TILE_WIDTH
        end = min(start + TILE_WIDTH, self._size >> (TILE_HEIGHT * level))
        return b"".join(edge_hashes(self._session, level, start, max(start, end)))

    def _bundle(self, tile: Tile) -> bytes:
        start = tile.index * TILE_WIDTH
        query = (
            select(EventRow.record)
            .join(LeafRow, LeafRow.event_id == EventRow.id)
            .where(LeafRow.index >= start, LeafRow.index < start + tile.width)
            .order_by(LeafRow.index)
        )
        records = self._session.scalars(query).all()
        if len(records) != tile.width:
            raise Broken(f"The log lacks entries of {tile.path}", code="LOG_GAP")
        return entry_bundle(records)
