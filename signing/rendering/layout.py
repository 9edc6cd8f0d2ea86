"""WeasyPrint and its internals: the one module that knows them.

Rules kept here:
* `FONTCONFIG_FILE` names our own configuration before WeasyPrint is imported: fontconfig reads it
  once, on import, and without any font Pango ends the process;
* nothing is fetched: the fetcher hands out the data URI that we made and lists all else, because
  inside SVG WeasyPrint swallows even its fatal error;
* a warning of WeasyPrint is a failure: an unknown property, a missing glyph, a broken image;
* pages, boxes and fonts leave as plain values; the file around them is ours (`pdffile`).
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from signing.errors import Broken

if "FONTCONFIG_FILE" not in os.environ:
    raise RuntimeError("set FONTCONFIG_FILE to build/fonts/fonts.conf before importing layout")

import pydyf
import weasyprint
import weasyprint.pdf
from weasyprint.formatting_structure import boxes
from weasyprint.pdf.stream import Stream
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

POINTS = 0.75
"""Points per CSS pixel."""


_OWN_STYLE = "h1, h2, h3, h4, h5, h6 { bookmark-level: none }"
"""No outline: its titles would hold values beside the text that the lock compares."""

_BOXES = (boxes.BlockLevelBox, boxes.TableCellBox)


@dataclass(frozen=True)
class FontUse:
    """A font as drawn with: its resource name, its family, glyph → text of what was drawn."""

    tag: str
    family: str
    texts: Mapping[int, str]


@dataclass(frozen=True)
class SheetPage:
    """A page: object number, content as raw operators, text of its margin boxes in their order."""

    number: int
    content: bytes
    content_number: int
    margin_text: str
    width: float
    height: float


@dataclass(frozen=True)
class SignatureBox:
    """Where a signature stands: page by place, box in points from the page's lower left corner."""

    page: int
    rect: tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """A document laid out. `objects` are bodies by number, page contents and fonts left out.

    `catalog` holds the entries that WeasyPrint wants; `fonts_number` is the object where the
    dictionary of fonts is expected, `size` the next free number.
    """

    pages: tuple[SheetPage, ...]
    page_dictionaries: Mapping[int, bytes]
    objects: Mapping[int, bytes]
    catalog: Mapping[bytes, bytes]
    catalog_number: int
    fonts: tuple[FontUse, ...]
    fonts_number: int
    boxes: Mapping[str, SignatureBox]
    size: int


@dataclass
class _Fetcher:
    """What may be fetched, and what was asked for and refused."""

    allowed: frozenset[str]
    refused: list[str] = field(default_factory=list)


class _ClosedFetcher(URLFetcher):  # type: ignore[misc]
    """Hands out the data URIs it was given; everything else stops the rendering."""

    def __init__(self, state: _Fetcher) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False, fail_on_errors=True)
        self._state = state

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The resource of an allowed data URI. Raises FatalURLFetchingError for any other."""
        if url not in self._state.allowed:
            self._state.refused.append(url[:200])
            raise FatalURLFetchingError(f"refused: {url[:80]}")
        return super().fetch(url, headers)


class _Listener(logging.Handler):
    """Keeps what WeasyPrint warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


class Layouter:
    """WeasyPrint with one font configuration for the life of the process, and parsed styles."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        self._styles: dict[str, Any] = {}

    def lay_out(
        self, html: str, css: str, *, allowed: frozenset[str], ids: frozenset[str]
    ) -> Sheet:
        """Lay out and draw `html`; `allowed` are the data URIs in it, `ids` the signature boxes.

        Raises Broken where WeasyPrint warns, asks for a resource, or a box is missing or split.
        """
        fetcher = _Fetcher(allowed)
        with _strictly():
            try:
                document = weasyprint.HTML(string=html, url_fetcher=_ClosedFetcher(fetcher)).render(
                    font_config=self._fonts,
                    stylesheets=[self._style(_OWN_STYLE), self._style(css)],
                    pdf_tags=False,
                )
                pdf, fonts, fonts_number = _draw(document)
            except FatalURLFetchingError as error:
                raise _not_whole(str(error)) from error
        if fetcher.refused:
            raise _not_whole(f"refused {fetcher.refused[0]}")
        return _sheet(document, pdf, fonts, fonts_number, ids)

    def _style(self, css: str) -> Any:
        if css not in self._styles:
            closed = _ClosedFetcher(_Fetcher(frozenset()))
            self._styles[css] = weasyprint.CSS(
                string=css, font_config=self._fonts, url_fetcher=closed
            )
        return self._styles[css]


def versions() -> Mapping[str, str]:
    """What decides about the bytes besides our own code."""
    return {
        "weasyprint": weasyprint.__version__,
        "pydyf": pydyf.__version__,
        "pango": str(pango.pango_version()),
    }


@contextmanager
def _strictly() -> Iterator[None]:
    """Raise Broken at the end if WeasyPrint warned of anything."""
    listener, logger = _Listener(), logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if listener.messages:
        raise _not_whole("; ".join(listener.messages[:3]))


def _not_whole(reason: str) -> Broken:
    return Broken(
        f"the agreement cannot be drawn whole: {reason}",
        "合同文件生成失败，请联系服务方",
        code="RENDER_INCOMPLETE",
    )


def _draw(document: Any) -> tuple[Any, dict[int, Any], int]:
    """Draw all pages; the fonts are taken out of WeasyPrint's hands before it embeds them."""
    taken: list[tuple[Any, dict[int, Any]]] = []

    def take_fonts(_pdf: Any, fonts: dict[int, Any], *_options: Any) -> Any:
        dictionary = pydyf.Dictionary()
        taken.append((dictionary, dict(fonts)))
        return dictionary

    original = weasyprint.pdf.build_fonts_dictionary
    weasyprint.pdf.build_fonts_dictionary = take_fonts
    try:
        options = {**weasyprint.DEFAULT_OPTIONS, "uncompressed_pdf": True, "pdf_tags": False}
        pdf = weasyprint.pdf.generate_pdf(document, None, 1, **options)
    finally:
        weasyprint.pdf.build_fonts_dictionary = original
    dictionary, fonts = taken[0]
    return pdf, fonts, dictionary.number


def _sheet(
    document: Any, pdf: Any, fonts: dict[int, Any], fonts_number: int, ids: frozenset[str]
) -> Sheet:
    """WeasyPrint's objects as plain bytes."""
    page_numbers = pdf.pages["Kids"][::3]
    dictionaries = {number: pdf.objects[number] for number in page_numbers}
    contents = {number: _reference(page["Contents"]) for number, page in dictionaries.items()}
    left_out = {0, fonts_number, pdf.catalog.number, *page_numbers, *contents.values()}
    return Sheet(
        pages=tuple(
            SheetPage(
                number=number,
                content=_content(pdf.objects[contents[number]]),
                content_number=contents[number],
                margin_text=_margin_text(page._page_box),  # noqa: SLF001 - the adapter's business
                width=page.width * POINTS,
                height=page.height * POINTS,
            )
            for number, page in zip(page_numbers, document.pages, strict=True)
        ),
        page_dictionaries={number: page.data for number, page in dictionaries.items()},
        objects={o.number: _body(o) for o in pdf.objects if o.number not in left_out},
        catalog={b"/" + k.encode(): _value(v) for k, v in pdf.catalog.items()},
        catalog_number=pdf.catalog.number,
        fonts=_font_uses(fonts),
        fonts_number=fonts_number,
        boxes=_signature_boxes(document, ids),
        size=len(pdf.objects),
    )


def _reference(value: Any) -> int:
    return int(bytes(value).split()[0])


def _value(value: Any) -> bytes:
    return bytes(pydyf._to_bytes(value))  # noqa: SLF001 - its only way to bytes


def _content(stream: Stream) -> bytes:
    return b"\n".join(_value(item) for item in stream.stream)


def _body(item: Any) -> bytes:
    """An object without its `N 0 obj` frame; annotations get the Print flag of PDF/A."""
    if isinstance(item, dict) and item.get("Type") == "/Annot":
        item["F"] = 4
    return bytes(item.data)


def _font_uses(fonts: dict[int, Any]) -> tuple[FontUse, ...]:
    """Fonts by resource name; WeasyPrint may hold one font as several objects."""
    uses: dict[str, FontUse] = {}
    for font in fonts.values():
        texts = dict(uses[font.hash].texts) if font.hash in uses else {}
        uses[font.hash] = FontUse(font.hash, font.family, texts | font.to_unicode)
    return tuple(uses[tag] for tag in sorted(uses))


def _descendants(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", None) or ():
        yield from _descendants(child)


def _margin_text(page_box: Any) -> str:
    """Running header and footer as drawn, which is after everything else of the page."""
    return "".join(
        box.text
        for child in page_box.children
        if isinstance(child, boxes.MarginBox)
        for box in _descendants(child)
        if isinstance(box, boxes.TextBox)
    )


def _signature_boxes(document: Any, ids: frozenset[str]) -> Mapping[str, SignatureBox]:
    """Border boxes of the elements with these ids. Raises Broken if one is missing or split."""
    found: dict[str, SignatureBox] = {}
    for place, page in enumerate(document.pages):
        for box in _descendants(page._page_box):  # noqa: SLF001 - the adapter's business
            element = box.element
            name = (
                element.get("id") if element is not None and "::" not in box.element_tag else None
            )
            if name not in ids or not isinstance(box, _BOXES):
                continue
            if name in found:
                if found[name].page != place:
                    raise Broken(f"the signature box {name} stands on two pages")
                continue  # an anonymous box inside it
            x, y = box.border_box_x() * POINTS, box.border_box_y() * POINTS
            right, bottom = x + box.border_width() * POINTS, y + box.border_height() * POINTS
            height = page.height * POINTS
            rect = (x, height - bottom, right, height - y)
            found[name] = SignatureBox(place, tuple(round(side, 2) for side in rect))
    if missing := ids - found.keys():
        raise Broken(f"contract.html has no box {', '.join(sorted(missing))}")
    return found
