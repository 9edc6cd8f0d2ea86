"""One object of a file of our own, found through its cross-reference tables.

For the renewal alone: years later no plan says where the form and the store are. Rules kept here:
* classic tables only, newest first, as `increment` writes them;
* what is not where the table says is Broken: the file was judged before it was stored.
"""

import re

from signing.errors import Broken

_SECTION = re.compile(rb"(\d+) (\d+) *\r?\n")
_PREVIOUS = re.compile(rb"/Prev (\d+)")
_ENTRY = 20
_MAX_TABLES = 64


def object_body(data: bytes, startxref: int, number: int) -> bytes:
    """The body of the newest object of that number, between `N 0 obj` and `endobj`."""
    at = _offset(data, startxref, number)
    head = b"%d 0 obj" % number
    end = data.find(b"endobj", at)
    if not data.startswith(head, at) or end < 0:
        raise Broken(f"Object {number} is not where the table says")
    return data[at + len(head) : end].strip(b"\r\n")


def stream_content(data: bytes, startxref: int, number: int) -> bytes:
    """The bytes of an uncompressed stream that `archive` wrote."""
    at = _offset(data, startxref, number)
    match = re.compile(rb"%d 0 obj\n<</Length (\d+)>>\nstream\n" % number).match(data, at)
    if match is None:
        raise Broken(f"Object {number} is no stream of the archive step")
    return data[match.end() : match.end() + int(match.group(1))]


def _offset(data: bytes, startxref: int, number: int) -> int:
    """Where the newest table that knows `number` says it begins."""
    position: int | None = startxref
    for _ in range(_MAX_TABLES):
        if position is None or not data.startswith(b"xref\n", position):
            break
        found, trailer = _look_up(data, position, number)
        if found is not None:
            return found
        match = _PREVIOUS.search(data, trailer, data.index(b"startxref", trailer))
        position = None if match is None else int(match.group(1))
    raise Broken(f"No table of the file knows object {number}")


def _look_up(data: bytes, position: int, number: int) -> tuple[int | None, int]:
    """Offset of `number` in one table, None if it is not there; and where its trailer begins."""
    at = position + len(b"xref\n")
    found = None
    while (section := _SECTION.match(data, at)) is not None:
        first, count = int(section.group(1)), int(section.group(2))
        at = section.end()
        if first <= number < first + count:
            entry = data[at + (number - first) * _ENTRY :][:_ENTRY]
            found = int(entry[:10])
        at += count * _ENTRY
    return found, at
