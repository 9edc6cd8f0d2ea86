"""The colour profile of the output intent: sRGB by its formula, in half a kilobyte.

Rules kept here (IEC 61966-2-1, ICC.1:2004-10):
* a display profile of version 4.2, three primaries and one parametric curve, adapted to D50;
* the usual file has the curve as a table of 1,024 numbers, which says the same in 3 kB.
"""

import struct
from collections.abc import Sequence

NAME = b"sRGB"

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
_ADAPTATION = (
    *(1.04791, 0.02293, -0.05020),
    *(0.02960, 0.99046, -0.01707),
    *(-0.00925, 0.01506, 0.75179),
)
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_MADE = (2026, 1, 1, 0, 0, 0)
_HEADER = 128


def srgb() -> bytes:
    """The profile; the same bytes always."""
    elements = {
        b"desc": _words(NAME.decode()),
        b"cprt": _words("CC0"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed(_D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(_ADAPTATION),
        **{tag: b"XYZ \0\0\0\0" + _fixed(place) for tag, place in _PRIMARIES.items()},
        _CURVES[0]: b"para\0\0\0\0\0\3\0\0" + _fixed(_CURVE),
    }
    at = _HEADER + 4 + 12 * (len(elements) + 2)
    rows, body = [], b""
    for tag, data in elements.items():
        tags = _CURVES if tag == _CURVES[0] else (tag,)
        rows += [struct.pack(">4sLL", name, at + len(body), len(data)) for name in tags]
        body += data + bytes(-len(data) % 4)
    table = struct.pack(">L", len(rows)) + b"".join(rows)
    return _header(_HEADER + len(table) + len(body)) + table + body


def _header(size: int) -> bytes:
    """The first 128 bytes (ICC.1:2004-10, 7.2)."""
    return struct.pack(
        ">L4xL4s4s4s6H4s28x12s48x",
        *(size, 0x04200000, b"mntr", b"RGB ", b"XYZ "),
        *(*_MADE, b"acsp", _fixed(_D50)),
    )


def _words(text: str) -> bytes:
    """A `mluc` of one text in English."""
    data = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">LL2s2sLL", 1, 12, b"en", b"US", len(data), 28) + data


def _fixed(values: Sequence[float]) -> bytes:
    """Numbers as s15Fixed16."""
    return struct.pack(f">{len(values)}l", *(round(value * 65536) for value in values))
