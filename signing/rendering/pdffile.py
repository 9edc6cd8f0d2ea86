"""Objects to a PDF file: what never changes first, one classic cross-reference table at the end.

Rules kept here (pdf.md §1, ISO 32000-2 §7.5):
* no object streams, no cross-reference stream, generation 0 everywhere: the signature writer and
  the judge read exactly this form;
* every number below `/Size` is an object of the file but 0;
* `/ID` comes from the input, twice the same, so the bytes are a function of the input.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signing.errors import Broken

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # four bytes above 127: not a text file (§7.5.2)
_FREE = b"0000000000 65535 f \n"

Object = tuple[int, bytes]
"""Number and body, without `N 0 obj` around it."""


@dataclass(frozen=True)
class Prefix:
    """The beginning of a file: `blob` with its objects, and the table rows of those."""

    blob: bytes
    rows: tuple[bytes | None, ...]


@dataclass(frozen=True)
class Trailer:
    """What the trailer says: numbers of catalog and information dictionary, the file's id."""

    root: int
    info: int
    file_id: bytes

    @property
    def id_array(self) -> bytes:
        """`/ID` as it stands in the file."""
        digits = self.file_id.hex().encode()
        return b"[<%s><%s>]" % (digits, digits)


def prefix(objects: Iterable[Object], *, size: int) -> Prefix:
    """Lay the objects behind the header, in the order given; `size` is the trailer's `/Size`."""
    rows: list[bytes | None] = [None] * size
    rows[0] = _FREE
    parts, at = [_HEADER], len(_HEADER)
    for number, body in objects:
        at = _append(number, body, at, parts, rows)
    return Prefix(b"".join(parts), tuple(rows))


def complete(start: Prefix, objects: Sequence[Object], trailer: Trailer) -> tuple[bytes, int]:
    """The whole file and its `startxref`. Raises Broken if an object is missing or given twice."""
    rows = list(start.rows)
    parts, at = [start.blob], len(start.blob)
    for number, body in objects:
        at = _append(number, body, at, parts, rows)
    table = [row for row in rows if row is not None]
    if len(table) != len(rows):
        raise Broken(f"object {rows.index(None)} is missing in the base file")
    parts.append(
        b"xref\n0 %d\n%strailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID%s>>\n"
        b"startxref\n%d\n%%%%EOF\n"
        % (
            len(rows),
            b"".join(table),
            len(rows),
            trailer.root,
            trailer.info,
            trailer.id_array,
            at,
        )
    )
    return b"".join(parts), at


def _append(number: int, body: bytes, at: int, parts: list[bytes], rows: list[bytes | None]) -> int:
    """Add one object at offset `at`; the offset behind it."""
    if rows[number] is not None:
        raise Broken(f"object {number} is given twice")
    rows[number] = b"%010d 00000 n \n" % at
    part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    parts.append(part)
    return at + len(part)
