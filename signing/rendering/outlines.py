"""Outlines of the `glyf` table: bytes to contours and back (OpenType, glyf, simple glyphs).

Rules kept here:
* a contour is a closed run of points; a point off the curve is the control of a quadratic arc, and
  between two of them in a row the middle is on the curve;
* written are the shortest deltas, equal flags in a row counted, no instructions, and the box that
  the points have: equal contours give equal bytes;
* arithmetic is of whole numbers, rounded half up, so that every machine makes the same outline.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[int, int, bool]
"""x and y in units, and whether it is on the curve."""

Contour = list[Point]

_ON, _SHORT_X, _SHORT_Y, _REPEAT, _SAME_X, _SAME_Y = 1, 2, 4, 8, 16, 32
_HEADER = 10
_BYTE = 255
_WORTH_COUNTING = 3  # flags in a row


def decode(outline: bytes) -> list[Contour]:
    """Contours of a simple glyph; none of an empty one."""
    if not outline:
        return []
    count = struct.unpack(">h", outline[:2])[0]
    at = _HEADER + 2 * count
    ends = struct.unpack(f">{count}H", outline[_HEADER:at])
    at += 2 + struct.unpack(">H", outline[at : at + 2])[0]
    total = ends[-1] + 1 if ends else 0
    flags = bytearray()
    while len(flags) < total:
        flag = outline[at]
        times = 1 + outline[at + 1] if flag & _REPEAT else 1
        flags += bytes((flag,)) * times
        at += 2 if flag & _REPEAT else 1
    xs, at = _coordinates(outline, at, flags, _SHORT_X, _SAME_X)
    ys, _ = _coordinates(outline, at, flags, _SHORT_Y, _SAME_Y)
    points = [(x, y, bool(flag & _ON)) for x, y, flag in zip(xs, ys, flags, strict=True)]
    return [points[start + 1 : end + 1] for start, end in pairwise((-1, *ends))]


def _coordinates(
    outline: bytes, at: int, flags: bytearray, short: int, same: int
) -> tuple[list[int], int]:
    """One axis of all points, and where the next one begins."""
    values, value = [], 0
    for flag in flags:
        if flag & short:
            value += outline[at] if flag & same else -outline[at]
            at += 1
        elif not flag & same:
            value += int.from_bytes(outline[at : at + 2], "big", signed=True)
            at += 2
        values.append(value)
    return values, at


def encode(contours: Sequence[Contour]) -> bytes:
    """The glyph of these contours, not padded; empty if there are none."""
    points = [point for contour in contours for point in contour]
    if not points:
        return b""
    xs, ys = [x for x, _, _ in points], [y for _, y, _ in points]
    horizontal, x_flags = _deltas(xs, _SHORT_X, _SAME_X)
    vertical, y_flags = _deltas(ys, _SHORT_Y, _SAME_Y)
    flags = [on | x | y for (_, _, on), x, y in zip(points, x_flags, y_flags, strict=True)]
    ends, end = [], -1
    for contour in contours:
        end += len(contour)
        ends.append(end)
    head = struct.pack(">5h", len(contours), min(xs), min(ys), max(xs), max(ys))
    return b"".join(
        (head, struct.pack(f">{len(ends)}HH", *ends, 0), _counted(flags), horizontal, vertical)
    )


def _deltas(values: Sequence[int], short: int, same: int) -> tuple[bytes, list[int]]:
    """One axis as written, and its part of each point's flag."""
    out, flags, before = bytearray(), [], 0
    for value in values:
        delta, before = value - before, value
        if delta == 0:
            flags.append(same)
        elif -_BYTE <= delta <= _BYTE:
            flags.append(short | same if delta > 0 else short)
            out.append(abs(delta))
        else:
            flags.append(0)
            out += delta.to_bytes(2, "big", signed=True)
    return bytes(out), flags


def _counted(flags: Sequence[int]) -> bytes:
    """Flags, three or more equal ones in a row as one and how often it comes again."""
    out, at = bytearray(), 0
    while at < len(flags):
        flag, times = flags[at], 1
        while at + times < len(flags) and flags[at + times] == flag and times <= _BYTE:
            times += 1
        out += bytes((flag | _REPEAT, times - 1) if times >= _WORTH_COUNTING else (flag,) * times)
        at += times
    return bytes(out)


def scaled(contours: Sequence[Contour], units: int, of: int) -> list[Contour]:
    """The contours in a design square of `units` instead of `of` units."""
    return [[(_scale(x, units, of), _scale(y, units, of), on) for x, y, on in c] for c in contours]


def _scale(value: int, units: int, of: int) -> int:
    return (2 * value * units + of) // (2 * of)
