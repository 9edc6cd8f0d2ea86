"""The QR code of the verification page, as an SVG of one path.

Rules kept here:
* version, error level, mask and mode are fixed, so the matrix depends on the text alone and its
  size on nothing: a longer address takes the next fixed version, never a chosen one.
"""

import base64
from dataclasses import dataclass

import segno

from signing.errors import Broken

_VERSIONS = ((64, 5), (110, 8), (220, 13))
"""Longest text in bytes at level M, and the version that holds it."""
_MASK = 3


@dataclass(frozen=True)
class Matrix:
    """Modules of a code row by row, 1 for dark, without the quiet zone; square."""

    rows: tuple[bytes, ...]

    @property
    def strokes(self) -> str:
        """The dark runs as path data of an SVG."""
        return "".join(
            f"M{start} {y}.5h{end - start}"
            for y, row in enumerate(self.rows)
            for start, end in runs(row)
        )


class _Length:
    """All texts of one length: with version, level and mask fixed, the code is affine over GF(2).

    The matrix of a text is that of a first text, XOR one constant for each bit that differs; each
    constant is learned once, from the encoder itself.
    """

    def __init__(self, text: bytes, version: int) -> None:
        self._text = text
        self._version = version
        self._base, self._side = self._encode(text)
        self._deltas: dict[tuple[int, int], int] = {}

    def rows(self, text: bytes) -> tuple[bytes, ...]:
        """The matrix of a text of this length."""
        value = self._base
        for place, (one, other) in enumerate(zip(self._text, text, strict=True)):
            difference = one ^ other
            for bit in range(8):
                if difference >> bit & 1:
                    value ^= self._delta(place, bit)
        digits = f"{value:0{self._side**2}b}".translate(_DIGITS).encode("latin-1")
        return tuple(digits[y : y + self._side] for y in range(0, len(digits), self._side))

    def _delta(self, place: int, bit: int) -> int:
        known = self._deltas.get((place, bit))
        if known is None:
            changed = bytearray(self._text)
            changed[place] ^= 1 << bit
            known = self._deltas[place, bit] = self._encode(bytes(changed))[0] ^ self._base
        return known

    def _encode(self, text: bytes) -> tuple[int, int]:
        """The matrix as one number, and its side."""
        code = segno.make(
            text, version=self._version, error="m", mask=_MASK, mode="byte", boost_error=False
        )
        rows = [bytes(row) for row in code.matrix]
        digits = b"".join(rows).translate(_TO_ASCII)
        return int(digits, 2), len(rows)


_DIGITS = str.maketrans("01", "\0\1")
_TO_ASCII = bytes.maketrans(b"\0\1", b"01")
_LENGTHS: dict[int, _Length] = {}


def matrix(text: str) -> Matrix:
    """The code of a text. Raises Broken for a text too long."""
    data = text.encode()
    known = _LENGTHS.get(len(data))
    if known is None:
        version = next((version for limit, version in _VERSIONS if len(data) <= limit), None)
        if version is None:
            raise Broken(f"an address of {len(data)} bytes does not fit the QR code")
        known = _LENGTHS[len(data)] = _Length(data, version)
    return Matrix(known.rows(data))


def data_uri(code: Matrix) -> str:
    """`data:image/svg+xml;base64,…`: one path of horizontal strokes on a square grid."""
    side = len(code.rows)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="none" stroke="#000" d="{code.strokes}"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def runs(row: bytes) -> list[tuple[int, int]]:
    """Start and end of every run of dark modules."""
    found, at = [], row.find(1)
    while at >= 0:
        end = row.find(0, at)
        end = len(row) if end < 0 else end
        found.append((at, end))
        at = row.find(1, end)
    return found
