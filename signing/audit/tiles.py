"""The log as a finite set of static files, C2SP tlog-tiles: paths, hash tiles, entry bundles.

Rules kept here:

1. A full tile has 256 hashes; the tile at level `l` and index `n` holds, for i from 0 to 255,
   MTH(D[(n·256+i)·256^l : (n·256+i+1)·256^l]).
2. A partial tile is never hashed into the level above.
3. A proof made from tiles is the proof made from leaves (`merkle.py` names the ranges).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from signing.audit.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    consistency_ranges,
    fold,
    inclusion_ranges,
    perfect_subtrees,
    root_hash,
)
from signing.errors import Malformed

TILE_WIDTH = 256
MAX_LEVEL = 63
MAX_ENTRY_SIZE = 65_535
TILE_HEIGHT = 8
_LENGTH_SIZE = 2

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/"
    r"(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True)
class Tile:
    """A tile's address. `level` None is an entry bundle; `width` 256 is a full tile."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """`tile/1/x001/x234/067.p/8`, relative to the log's prefix."""
        level = "entries" if self.level is None else str(self.level)
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


ReadTile = Callable[[Tile], bytes]
"""The bytes of a hash tile: `width` hashes, or more if the full tile exists meanwhile."""


def parse_tile_path(path: str) -> Tile:
    """The inverse of `Tile.path`. Raises Malformed for every other spelling."""
    match = _PATH.fullmatch(path)
    if not match:
        raise _malformed(f"not a tile's path: {path[:80]!r}")
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match["width"] or TILE_WIDTH))
    if (level or 0) > MAX_LEVEL or tile.path != path:
        raise _malformed(f"not the path of a tile: {path[:80]!r}")
    return tile


def tiles_of(size: int, *, since: int = 0) -> list[Tile]:
    """The hash tiles of a tree of `size` that a tree of `since` leaves does not have, by level.

    Includes each level's partial tile; the files of `since` itself are left out.
    """
    tiles: list[Tile] = []
    level = 0
    while size >> (TILE_HEIGHT * level):
        now, before = size >> (TILE_HEIGHT * level), since >> (TILE_HEIGHT * level)
        if now != before:
            tiles += _level_tiles(level, before // TILE_WIDTH, now)
        level += 1
    return tiles


def bundles_of(size: int, *, since: int = 0) -> list[Tile]:
    """The entry bundles of a tree of `size` that a tree of `since` entries does not have."""
    return _level_tiles(None, since // TILE_WIDTH, size) if size != since else []


def _level_tiles(level: int | None, first: int, hashes: int) -> list[Tile]:
    full, width = divmod(hashes, TILE_WIDTH)
    tiles = [Tile(level, index) for index in range(first, full)]
    return [*tiles, Tile(level, full, width)] if width else tiles


def subtree_hash(read: ReadTile, start: int, end: int) -> bytes:
    """MTH(D[start:end]) from tiles, for a range that a proof names, or a whole tree `[0, size)`.

    Every perfect subtree lies in one tile. Raises Malformed for a tile of the wrong length.
    """
    if start == end:
        return EMPTY_ROOT
    return fold([_perfect_hash(read, a, b) for a, b in perfect_subtrees(start, end)])


def inclusion_proof(read: ReadTile, index: int, size: int) -> list[bytes]:
    """PATH(index, D_size) of RFC 9162 §2.1.3.1 from tiles."""
    return [subtree_hash(read, a, b) for a, b in inclusion_ranges(index, size)]


def consistency_proof(read: ReadTile, size1: int, size2: int) -> list[bytes]:
    """PROOF(size1, D_size2) of RFC 9162 §2.1.4.1 from tiles."""
    return [subtree_hash(read, a, b) for a, b in consistency_ranges(size1, size2)]


def tile_hashes(data: bytes) -> list[bytes]:
    """A tile's hashes, left to right. Raises Malformed for other lengths than 1 to 256 hashes."""
    if not data or len(data) % HASH_SIZE or len(data) > TILE_WIDTH * HASH_SIZE:
        raise _malformed(f"a tile cannot have {len(data)} bytes")
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def tile_root(data: bytes) -> bytes:
    """The hash over a full tile: its place in the level above. Raises Malformed if partial."""
    hashes = tile_hashes(data)
    if len(hashes) != TILE_WIDTH:
        raise _malformed("a partial tile has no place in the level above")
    return root_hash(hashes)


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries behind their lengths as big-endian uint16. Raises Malformed above 65,535 bytes."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_SIZE:
            raise _malformed(f"an entry of {len(entry)} bytes")
        parts += [len(entry).to_bytes(_LENGTH_SIZE, "big"), entry]
    return b"".join(parts)


def parse_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Malformed if it ends within one or has more than 256."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_SIZE
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data) or len(entries) == TILE_WIDTH:
            raise _malformed("an entry bundle that ends within an entry or is too long")
        entries.append(data[start:at])
    return entries


def _perfect_hash(read: ReadTile, start: int, end: int) -> bytes:
    """The hash over 2^k aligned leaves: 2^(k mod 8) neighbours in one tile of level k div 8."""
    level, fine = divmod((end - start).bit_length() - 1, TILE_HEIGHT)
    index, offset = divmod(start >> (TILE_HEIGHT * level), TILE_WIDTH)
    width = offset + (1 << fine)
    hashes = tile_hashes(read(Tile(level, index, width)))
    if len(hashes) < width:
        raise _malformed(f"{Tile(level, index).path} has fewer hashes than its tree")
    return root_hash(hashes[offset:width])


def _malformed(message: str) -> Malformed:
    return Malformed(f"Log tiles: {message}", "存证日志文件的格式不对", code="TILE_MALFORMED")
