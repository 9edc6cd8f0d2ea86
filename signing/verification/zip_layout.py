"""The frame of an evidence package, looked at before any zip library sees it.

Rules kept here:
* the file is its entries one after the other, their directory, and the end record: no byte before,
  between or behind them, so that no program finds another file in it than this one;
* directory and entry agree on the name; nothing is encrypted, split, streamed or of zip64;
* the size of the directory is bounded: unpacking it must not cost more than judging.
"""

import re
import struct
from typing import NamedTuple

from signing.verification.reasons import Refused

_END = struct.Struct("<4s4H2IH")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL, _LOCAL_SIZE = b"PK\3\4", 30
_SAID_TWICE = slice(6, 30)
"""Of a directory's record: what the header before the entry says in the same bytes (4 to 28)."""
_NO_EXTRA = b"\0\0"
_UTF8_NAME = 0x800
_MAX_DIRECTORY = 1024 * 1024
_MANIFEST = re.compile(rb"PK\x01\x02[\s\S]{24}\x0d\x00[\s\S]{16}manifest\.json")


class _End(NamedTuple):
    signature: bytes
    disk: int
    first_disk: int
    here: int
    entries: int
    size: int
    offset: int
    comment: int


class _Entry(NamedTuple):
    signature: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    unpacked: int
    name_size: int
    extra: int
    comment: int
    disk: int
    internal: int
    external: int
    offset: int


def names_manifest(data: bytes) -> bool:
    """Whether a directory in `data` lists `manifest.json`, whatever else is wrong with it."""
    return _MANIFEST.search(data) is not None


def check_layout(data: bytes, *, max_entries: int) -> None:
    """Raises Refused(EVIDENCE_BROKEN) unless every byte of the zip belongs to its own entries."""
    start = len(data) - _END.size
    end = _End(*_END.unpack_from(data, start)) if start >= 0 else None
    if end is None or end.signature != b"PK\5\6" or end.comment or end.disk or end.first_disk:
        raise Refused("EVIDENCE_BROKEN", "the zip does not end in its end record")
    if end.entries > max_entries or end.size > _MAX_DIRECTORY or end.here != end.entries:
        raise Refused("EVIDENCE_BROKEN", "too many entries")
    if end.offset + end.size != start:
        raise Refused("EVIDENCE_BROKEN", "bytes before or behind the zip's directory")
    at, place = end.offset, 0
    for _ in range(end.entries):
        if at + _ENTRY.size > start:
            raise Refused("EVIDENCE_BROKEN", "the zip's directory is cut short")
        record = data[at : at + _ENTRY.size]
        entry = _Entry(*_ENTRY.unpack(record))
        at += _ENTRY.size + entry.name_size
        header = _LOCAL + record[_SAID_TWICE] + _NO_EXTRA + data[at - entry.name_size : at]
        _check_entry(data, entry, header, place=place, stop=end.offset)
        place += len(header) + entry.packed
    if at != start or place != end.offset:
        raise Refused("EVIDENCE_BROKEN", "bytes that belong to no entry")


def _check_entry(data: bytes, entry: _Entry, header: bytes, *, place: int, stop: int) -> None:
    """The entry at `place` is the one that the directory speaks of, `header` what stands there."""
    name = header[_LOCAL_SIZE:][:80]
    is_plain = entry.signature == b"PK\1\2" and not (entry.extra or entry.comment or entry.disk)
    if not is_plain or entry.offset != place or place + _LOCAL_SIZE > stop:
        raise Refused("EVIDENCE_BROKEN", f"entry {name!r} is not where it should be")
    if not data.startswith(header, place) or entry.flags & ~_UTF8_NAME:
        raise Refused("EVIDENCE_BROKEN", f"entry {name!r} is not what the directory says")
