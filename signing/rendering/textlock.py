"""Lock 1 of D6: the text of the PDF is the text of the page, decided when the file is made.

Rules kept here (render.md §6):
* the file's text is read as a stranger would: content streams through the ToUnicode maps that are
  embedded, and once more by pdfium;
* per page, in drawing order: what the margin boxes say stands at its end and is cut; a table head
  that is drawn again at the top of a page is cut once; the rest must go on where the page before
  ended; at the end nothing is left over;
* ink that a reader could miss stops it: text paler than mid-grey, below 8 pt, outside the page, or
  in any rendering mode but filled.
"""

import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from types import MappingProxyType

import pypdfium2

from signing.domain.canonical_text import WHITE_SPACE
from signing.errors import Broken

MIN_POINTS = 8.0
MAX_LIGHTNESS = 0.45
_DROPPED = dict.fromkeys(WHITE_SPACE)
_PIXEL = 0.75  # points
_CONTEXT = 12
_PDFIUM_HYPHEN = "\ufffe"  # how pdfium reports a hyphen at the end of a line

_TEXT_OPERATORS = re.compile(
    rb"(?P<matrix>(?:-?[\d.]+ ){6})Tm\b"
    rb"|/(?P<font>[A-Za-z0-9]+) (?P<size>[\d.]+) Tf\b"
    rb"|\[(?P<shown>[^\]]*)\] TJ\b"
    rb"|(?P<fill>(?:-?[\d.]+ ){3})rg\b"
    rb"|(?P<mode>\d+) Tr\b"
)
_HEX = re.compile(rb"<([0-9a-f]*)>")
_BFCHAR = re.compile(rb"^<([0-9a-f]{4})> <([0-9a-f]*)>$", re.MULTILINE)
_BFRANGE = re.compile(rb"^<([0-9a-f]{4})> <[0-9a-f]{4}> \[(.*)\]$", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What a page must say: the canonical text, and what is drawn beside it.

    `margins` are the texts of the margin boxes page by page, `table_heads` those of every thead.
    """

    text: str
    margins: Sequence[str]
    table_heads: Sequence[str]


def without_white_space(text: str) -> str:
    """Text as the canonical text counts it."""
    return text.translate(_DROPPED)


def check(pages: Sequence[str], expected: Expected) -> None:
    """Raises Broken (code TEXT_LOCK) unless `pages` say exactly what is expected."""
    at = 0
    heads = [head for head in map(without_white_space, expected.table_heads) if head]
    if len(pages) != len(expected.margins):
        raise _differs(f"{len(pages)} pages, {len(expected.margins)} laid out")
    for number, (raw, margin) in enumerate(zip(pages, expected.margins, strict=True), start=1):
        page, margin_text = without_white_space(raw), without_white_space(margin)
        if not page.endswith(margin_text):
            raise _differs(f"page {number} does not end with its header and footer")
        page = page[: len(page) - len(margin_text)]
        if not expected.text.startswith(page, at):
            page = _without_repeated_head(page, heads)
        if not expected.text.startswith(page, at):
            raise _differs(_first_difference(number, page, expected.text[at : at + len(page)]))
        at += len(page)
    if at != len(expected.text):
        rest = expected.text[at : at + _CONTEXT]
        raise _differs(f"the PDF ends before {rest!r}")


def _without_repeated_head(page: str, heads: Iterable[str]) -> str:
    """The page without the table head that it repeats, if it begins with one."""
    for head in heads:
        if page.startswith(head):
            return page[len(head) :]
    return page


def _first_difference(number: int, drawn: str, wanted: str) -> str:
    pairs = enumerate(zip(drawn, wanted, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(drawn), len(wanted)))
    return (
        f"page {number} at {place}: drawn {drawn[place : place + _CONTEXT]!r}, "
        f"written {wanted[place : place + _CONTEXT]!r}"
    )


def differs(drawn: str, wanted: str) -> Broken:
    """The error for two texts that should be equal, with the place where they part."""
    return _differs(_first_difference(0, drawn, wanted))


def _differs(reason: str) -> Broken:
    return Broken(
        f"the text of the PDF is not the text of the page: {reason}",
        "PDF 的文字与网页文字不一致，已停止生成，请联系服务方",
        code="TEXT_LOCK",
    )


def to_unicode(cmap: bytes) -> Mapping[int, str]:
    """Code → text of a ToUnicode CMap of ours."""
    found = {int(code, 16): _utf16(text) for code, text in _BFCHAR.findall(cmap)}
    for first, run in _BFRANGE.findall(cmap):
        texts = (_utf16(text) for text in _HEX.findall(run))
        found |= dict(enumerate(texts, start=int(first, 16)))
    return MappingProxyType(found)


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def walk(
    content: bytes,
    fonts: Mapping[str, Mapping[int, str]],
    *,
    width: float,
    height: float,
) -> str:
    """Text of one content stream in drawing order, by the fonts' ToUnicode.

    `width` and `height` of the page in points. Raises Broken for text that a reader could miss.
    """
    parts: list[str] = []
    codes: Mapping[int, str] = {}
    fill = b"0 0 0"
    for match in _TEXT_OPERATORS.finditer(content):
        kind = match.lastgroup
        if kind == "shown":
            parts.append(_shown(match["shown"], codes))
            _check_fill(fill)
        elif kind == "matrix":
            _check_place(match["matrix"], width, height)
        elif kind == "size":
            codes = fonts[match["font"].decode()]
            _check_size(match["size"])
        elif kind == "fill":
            fill = match["fill"]
        else:
            raise _differs("a text rendering mode is set")
    return "".join(parts)


def _shown(operand: bytes, codes: Mapping[int, str]) -> str:
    """Text of the operand of TJ."""
    digits = "".join(part.decode() for part in _HEX.findall(operand))
    return "".join(codes[int(digits[at : at + 4], 16)] for at in range(0, len(digits), 4))


def _check_place(matrix: bytes, width: float, height: float) -> None:
    x, y = (float(number) * _PIXEL for number in matrix.split()[4:6])
    if not (0 <= x <= width and 0 <= y <= height):
        raise _differs(f"text at {x:.0f}, {y:.0f} is outside the page")


def _check_size(size: bytes) -> None:
    points = float(size) * _PIXEL
    if points < MIN_POINTS:
        raise _differs(f"text of {points:.1f} pt is too small to read")


def _check_fill(fill: bytes) -> None:
    if any(float(channel) > MAX_LIGHTNESS for channel in fill.split()):
        raise _differs(f"text in colour {fill.decode().strip()} is too pale to read")


def read_by_pdfium(pdf: bytes) -> list[str]:
    """Text of each page as pdfium reads it, in content order."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        pages = []
        for page in document:
            reader = page.get_textpage()
            pages.append(reader.get_text_range().replace(_PDFIUM_HYPHEN, "-"))
            reader.close()
            page.close()
        return pages
    finally:
        document.close()


def inflate(body: bytes) -> bytes:
    """Data of a stream object of ours."""
    start = body.index(b"stream\n") + 7
    data = body[start : body.rindex(b"\nendstream")]
    return zlib.decompress(data) if b"/FlateDecode" in body[:start] else data


class _TableHeads(HTMLParser):
    """Collects the text of every thead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.heads: list[str] = []
        self._is_open = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "thead":
            self._is_open = True
            self.heads.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._is_open = False

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.heads[-1] += data


def table_heads(html: str) -> Sequence[str]:
    """Texts of all table heads of a page."""
    reader = _TableHeads()
    reader.feed(html)
    return reader.heads
