"""Tiles and entry bundles out of the tables, as C2SP tlog-tiles has them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from signing.audit.merkle import HASH_SIZE
from signing.audit.tiles import TILE_WIDTH, Tile, entry_bundle
from signing.errors import Broken
from signing.storage.log_rows import EventRow, LeafRow, TileRow
from signing.storage.sequencer import edge_hashes


class TileReader:
    """Reads within one transaction; what is partial is taken from leaves and tile roots."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, tile: Tile) -> bytes:
        """The hashes of a tile, exactly `width` of them. Raises Broken if some are missing."""
        if tile.level is None:
            return self._bundle(tile)
        full = self._session.scalar(
            select(TileRow.data).where(TileRow.level == tile.level, TileRow.index == tile.index)
        )
        if full is not None:
            return full[: tile.width * HASH_SIZE]
        start = tile.index * TILE_WIDTH
        return b"".join(edge_hashes(self._session, tile.level, start, start + tile.width))

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
