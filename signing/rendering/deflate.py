"""Data deflated in segments: what never changes is deflated once, ever.

Rules kept here (RFC 1950, RFC 1951):
* each segment ends with a full flush, after which nothing before can be referred to, so a segment
  deflates to the same bytes whatever stands around it;
* the whole is a valid zlib stream: header, segments, an empty last block, Adler-32 of the raw data.
"""

import zlib
from collections.abc import Iterable

_HEADER = b"\x78\x9c"
_LAST_BLOCK = b"\x03\x00"
_MEMORY = 9

KEPT, ONCE = 9, 6
"""Levels for what is deflated once and kept, and for what one agreement adds."""


def segment(raw: bytes, *, level: int = KEPT) -> bytes:
    """`raw` deflated, from and to a byte boundary; `level` is KEPT or ONCE."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, _MEMORY)
    return packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)


def join(segments: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A zlib stream of segments given raw and deflated."""
    raws, packed = zip(*segments, strict=True)
    checksum = zlib.adler32(b"".join(raws)).to_bytes(4, "big")
    return b"".join((_HEADER, *packed, _LAST_BLOCK, checksum))


def stream_object(segments: Iterable[tuple[bytes, bytes]], extra: bytes = b"") -> bytes:
    """The body of a stream object; `extra` are entries of its dictionary."""
    data = join(segments)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (extra, len(data), data)
