"""An incremental update as bytes: objects, one classic cross-reference table, trailer.

Rules kept here (the judge refuses what differs; ISO 32000-1 §7.5.6):
* nothing but a line feed, if the base lacks one, stands before the first object; objects follow
  one another in ascending number; the table follows the last one: every byte is explained;
* generation 0 only, no object streams, no freed object, `%%EOF` and one line feed at the end;
* `/Root` and `/Info` are the base's, `/ID` keeps its first half, `/Prev` is the base's table;
* the signature dictionary is the last object and has fixed places for byte range and contents.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from signing.errors import Broken
from signing.pades import dictionary
from signing.pades.plan import FilePlan
from signing.pades.vocabulary import BYTE_RANGE_WIDTH, RESERVE_STEP_DIGITS

_ID_HALVES = 2
_ID_BYTES = 16
BYTE_RANGE_KEY = b"/ByteRange"
CONTENTS_KEY = b"/Contents"


@dataclass(frozen=True)
class Increment:
    """An update with its signature still empty.

    `contents_start` and `contents_end` are absolute offsets of the hex digits, without `<` and `>`;
    `digest` is SHA-256 over the whole new file but for `<…>`.
    """

    data: bytes
    contents_start: int
    contents_end: int
    digest: bytes
    startxref: int
    size: int
    file_id: bytes


def reserve_digits(container: int) -> int:
    """Hex digits to keep free for a CMS of at most `container` bytes."""
    return -(-2 * container // RESERVE_STEP_DIGITS) * RESERVE_STEP_DIGITS


def signature_placeholders(digits: int) -> dict[bytes, bytes]:
    """`/ByteRange` and `/Contents` as they stand in the dictionary before they are filled."""
    return {
        BYTE_RANGE_KEY: b"[" + b" " * (BYTE_RANGE_WIDTH - 2) + b"]",
        CONTENTS_KEY: b"<" + b"0" * digits + b">",
    }


def build(base: bytes, plan: FilePlan, objects: Mapping[int, bytes], *, digits: int) -> Increment:
    """Append `objects` to `base`; the one with the highest number is the signature dictionary.

    `objects` maps numbers to bodies (without `N 0 obj`); numbers from `plan.size` on are new and
    have no gap. Raises Broken if `base` is not the revision that `plan` describes.
    """
    whole = _hash_of_base(base, plan)
    out = bytearray(b"" if base.endswith(b"\n") else b"\n")
    offsets: dict[int, int] = {}
    for number in sorted(objects):
        offsets[number] = len(base) + len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, objects[number])
    signature = max(objects)
    size = max(plan.size, signature + 1)
    startxref = len(base) + len(out)
    file_id = _file_id(plan, objects[signature])
    out += _table(offsets) + _trailer(plan, size, file_id)
    out += b"startxref\n%d\n%%%%EOF\n" % startxref
    start = _fill_byte_range(out, base_length=len(base), at=offsets[signature], digits=digits)
    end = start + digits
    whole.update(out[: start - 1 - len(base)])
    whole.update(out[end + 1 - len(base) :])
    return Increment(
        data=bytes(out),
        contents_start=start,
        contents_end=end,
        digest=whole.digest(),
        startxref=startxref,
        size=size,
        file_id=file_id,
    )


def _hash_of_base(base: bytes, plan: FilePlan) -> "hashlib._Hash":
    """SHA-256 state after `base`, which must be what the plan describes."""
    whole = hashlib.sha256(base)
    if len(base) != plan.length or whole.hexdigest() != plan.sha256:
        raise Broken("The plan describes another revision than the bytes", code="PLAN_MISMATCH")
    return whole


def _fill_byte_range(out: bytearray, *, base_length: int, at: int, digits: int) -> int:
    """Write the four numbers into their place; give back the absolute offset of the hex digits."""
    local = out.index(CONTENTS_KEY + b"<", at - base_length) + len(CONTENTS_KEY) + 1
    start = base_length + local
    after = start + digits + 1
    numbers = b"[0 %d %d %d" % (start - 1, after, base_length + len(out) - after)
    if len(numbers) >= BYTE_RANGE_WIDTH:
        raise Broken("The byte range does not fit its place")
    place = out.index(BYTE_RANGE_KEY + b"[", at - base_length) + len(BYTE_RANGE_KEY)
    out[place : place + BYTE_RANGE_WIDTH] = numbers.ljust(BYTE_RANGE_WIDTH - 1) + b"]"
    return start


def _table(offsets: Mapping[int, int]) -> bytes:
    """The cross-reference section: one subsection for each run of numbers, 20 bytes an entry."""
    numbers = sorted(offsets)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    lines = [b"xref\n"]
    for run in runs:
        lines.append(b"%d %d\n" % (run[0], len(run)))
        lines.extend(b"%010d 00000 n \n" % offsets[number] for number in run)
    return b"".join(lines)


def _trailer(plan: FilePlan, size: int, file_id: bytes) -> bytes:
    entries = {
        b"/Size": b"%d" % size,
        b"/Root": b"%d 0 R" % plan.root_number,
        b"/Prev": b"%d" % plan.startxref,
        b"/ID": file_id,
    }
    if plan.info_number is not None:
        entries[b"/Info"] = b"%d 0 R" % plan.info_number
    return b"trailer\n" + dictionary.dictionary(entries) + b"\n"


def _file_id(plan: FilePlan, signature: bytes) -> bytes:
    """First half as it was; second from the base and the signature dictionary (§14.4, D14)."""
    halves = dictionary.tokens(plan.file_id)[1:-1]
    if len(halves) != _ID_HALVES:
        raise Broken("The trailer's /ID must be an array of two strings")
    fresh = hashlib.sha256(plan.sha256.encode() + signature).digest()[:_ID_BYTES]
    return b"[" + halves[0] + b"<" + fresh.hex().encode() + b">]"
