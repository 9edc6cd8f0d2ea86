"""The QR code of the verification page, as an SVG of one path.

Rules kept here:
* version, error level, mask and mode are fixed, so the matrix depends on the text alone and its
  size on nothing: a longer address takes the next fixed version, never a chosen one.
"""

import base64
import io

import segno

from signing.errors import Broken

_VERSIONS = ((64, 5), (110, 8), (220, 13))
"""Longest text in bytes at level M, and the version that holds it."""
_MASK = 3


def matrix(text: str) -> tuple[bytes, ...]:
    """Rows of modules, 1 for dark, without the quiet zone. Raises Broken for a text too long."""
    size = len(text.encode())
    version = next((version for limit, version in _VERSIONS if size <= limit), None)
    if version is None:
        raise Broken(f"an address of {size} bytes does not fit the QR code")
    code = segno.make(
        text.encode(), version=version, error="m", mask=_MASK, mode="byte", boost_error=False
    )
    return tuple(bytes(row) for row in code.matrix)


def data_uri(text: str) -> str:
    """`data:image/svg+xml;base64,…`: one path of horizontal strokes on a square grid."""
    rows = matrix(text)
    strokes = "".join(stroke for y, row in enumerate(rows) for stroke in _strokes(row, y))
    buffer = io.StringIO()
    buffer.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}">'
        f'<path fill="none" stroke="#000" d="{strokes}"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue().encode()).decode()


def runs(row: bytes) -> list[tuple[int, int]]:
    """Start and end of every run of dark modules."""
    found, at = [], row.find(1)
    while at >= 0:
        end = row.find(0, at)
        end = len(row) if end < 0 else end
        found.append((at, end))
        at = row.find(1, end)
    return found


def _strokes(row: bytes, y: int) -> list[str]:
    return [f"M{start} {y}.5h{end - start}" for start, end in runs(row)]
