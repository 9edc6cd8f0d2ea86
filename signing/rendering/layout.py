"""WeasyPrint and its internals: the one module that knows them.

Rules kept here:
* `FONTCONFIG_FILE` names our own configuration before WeasyPrint is imported: fontconfig reads it
  once, on import, and without any font Pango ends the process;
* the version is pinned: with another one `is_known` is false and only whole documents are drawn;
* four functions of WeasyPrint are replaced while a document is drawn, and put back: the fonts are
  taken before it embeds them, each line of text and each image is noted with its operators, and
  the structure tree is not made: `tagging` makes ours;
* pages, draws, boxes and fonts leave as plain values; the file around them is ours (`pdffile`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

if "FONTCONFIG_FILE" not in os.environ:
    raise RuntimeError("set FONTCONFIG_FILE to build/fonts/fonts.conf before importing layout")

import pydyf
import weasyprint
import weasyprint.draw
import weasyprint.draw.text
import weasyprint.pdf
from weasyprint.formatting_structure import boxes
from weasyprint.text import line_break
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration

from signing.errors import Broken
from signing.rendering.closed import ClosedFetcher, strictly
from signing.rendering.sheet import (
    Draw,
    Element,
    FontUse,
    Sheet,
    SheetPage,
    SignatureBox,
    TextStyle,
)
from signing.rendering.tagging import tagged

KNOWN_VERSION = "70.0"
POINTS = 0.75
"""Points per CSS pixel."""

_OWN_STYLE = "h1, h2, h3, h4, h5, h6 { bookmark-level: none }"
"""No outline: its titles would hold values beside the text that the lock compares."""

_BOXES = (boxes.BlockLevelBox, boxes.TableCellBox)


class Layouter:
    """WeasyPrint with one font configuration for the life of the process, and parsed styles."""

    def __init__(self, *, tags: bool = False) -> None:
        self._fonts = FontConfiguration()
        self._styles: dict[str, Any] = {}
        self._text_styles: dict[tuple[Any, ...], TextStyle] = {}
        self._tags = tags

    def lay_out(
        self, html: str, css: str, *, allowed: frozenset[str], ids: frozenset[str]
    ) -> Sheet:
        """Lay out and draw `html`; `allowed` are the data URIs in it, `ids` the signature boxes.

        Raises Broken where WeasyPrint warns, asks for a resource, or a box is missing or split.
        """
        fetcher = ClosedFetcher(allowed)
        with strictly(fetcher):
            source = weasyprint.HTML(string=html, url_fetcher=fetcher)
            document = source.render(
                font_config=self._fonts,
                stylesheets=[self._style(_OWN_STYLE), self._style(css)],
                pdf_tags=self._tags,
            )
            drawing = _draw(document, tags=self._tags)
        places = {id(e): place for place, e in enumerate(source.etree_element.iter())}
        sheet = _Reading(document, drawing, places, self._text_style).sheet(ids)
        return tagged(sheet, _elements(source.etree_element, places)) if self._tags else sheet

    def elements(self, html: str) -> Any:
        """The root element of `html` as WeasyPrint's parser reads it."""
        return weasyprint.HTML(string=html, url_fetcher=ClosedFetcher(frozenset())).etree_element

    def _style(self, css: str) -> Any:
        if css not in self._styles:
            self._styles[css] = weasyprint.CSS(
                string=css, font_config=self._fonts, url_fetcher=ClosedFetcher(frozenset())
            )
        return self._styles[css]

    def _text_style(self, style: Any) -> TextStyle:
        """One TextStyle per font, weight and size, shared by all documents of the process."""
        key = (style["font_family"], style["font_weight"], style["font_size"], style["lang"])
        if key not in self._text_styles:
            family, size = str(style["font_family"][0]), float(style["font_size"])
            self._text_styles[key] = TextStyle(family, size, partial(_ask, _OneLine(style)))
        return self._text_styles[key]


def _elements(root: Any, places: Mapping[int, int]) -> list[Element]:
    """The elements of the page in document order, where a comment is one without a name."""
    parents = {id(child): places[id(parent)] for parent in root.iter() for child in parent}
    return [
        Element(
            tag=e.tag if isinstance(e.tag, str) else "",
            parent=parents.get(id(e), -1),
            alt=e.get("alt", ""),
            name=e.get("id", ""),
            columns=int(e.get("colspan", 1)),
            rows=int(e.get("rowspan", 1)),
        )
        for e in root.iter()
    ]


class _OneLine:
    """A Pango layout of one style, made when first used and then used again."""

    def __init__(self, style: Any) -> None:
        self._style = style

    @cached_property
    def layout(self) -> Any:
        return line_break.Layout(self._style)


def _ask(line: _OneLine, character: str) -> int:
    """Advance of a character in Pango's units. Raises Broken if it is not one plain glyph (E1)."""
    line.layout.set_text(character)
    first, _ = line.layout.get_first_line()
    glyphs = first.runs[0].data.glyphs
    geometry = glyphs.glyphs[0].geometry
    if glyphs.num_glyphs != 1 or geometry.x_offset or geometry.y_offset:
        raise Broken(f"U+{ord(character):04X} is not one glyph at its origin (E1)")
    return int(geometry.width)


def versions() -> Mapping[str, str]:
    """What decides about the bytes besides our own code."""
    return {
        "weasyprint": weasyprint.__version__,
        "pydyf": pydyf.__version__,
        "pango": str(pango.pango_version()),
    }


def is_known() -> bool:
    """Whether this is the version whose internals this module knows."""
    return bool(weasyprint.__version__ == KNOWN_VERSION)


def line_breaks(text: str, language: str) -> list[int]:
    """Places where a line may break (Unicode UAX 14, by Pango), the end of the text included."""
    attributes = line_break.get_log_attrs(text, language)
    places = [place for place in range(1, len(text)) if attributes[place].is_line_break]
    return [*places, len(text)]


@dataclass
class _Drawing:
    """What came of drawing a document: the PDF's objects, its fonts, the draws by stream."""

    pdf: Any = None
    fonts: dict[int, Any] = field(default_factory=dict)
    fonts_number: int = 0
    draws: dict[int, list[tuple[int, int, Any]]] = field(default_factory=dict)


def _draw(document: Any, *, tags: bool) -> _Drawing:
    """Draw all pages with our replacements in place."""
    drawing = _Drawing()
    taken: list[tuple[Any, dict[int, Any]]] = []

    def take_fonts(_pdf: Any, fonts: dict[int, Any], *_options: Any) -> Any:
        taken.append((pydyf.Dictionary(), dict(fonts)))
        return taken[-1][0]

    with _replaced(drawing.draws, take_fonts):
        options = {**weasyprint.DEFAULT_OPTIONS, "uncompressed_pdf": True, "pdf_tags": tags}
        drawing.pdf = weasyprint.pdf.generate_pdf(document, None, 1, **options)
    drawing.fonts_number = taken[0][0].number
    drawing.fonts = taken[0][1]
    return drawing


@contextmanager
def _replaced(draws: dict[int, list[tuple[int, int, Any]]], take_fonts: Any) -> Iterator[None]:
    """Four functions of WeasyPrint, replaced for the time of the block."""
    text, draw, pdf = weasyprint.draw.text, weasyprint.draw, weasyprint.pdf
    originals = (text.draw_first_line, draw.draw_replacedbox, pdf.build_fonts_dictionary)
    add_tags = pdf.add_tags

    def note_line(stream: Any, box: Any, *rest: Any) -> Any:
        # Without a current font each line names its own, so a line can be set anew alone.
        stream._current_font = None  # noqa: SLF001 - the adapter's business
        start = len(stream.stream)
        emojis = originals[0](stream, box, *rest)
        draws.setdefault(id(stream), []).append((start, len(stream.stream), box))
        stream._current_font = None  # noqa: SLF001
        return emojis

    def note_image(stream: Any, box: Any) -> None:
        start = len(stream.stream)
        originals[1](stream, box)
        draws.setdefault(id(stream), []).append((start, len(stream.stream), box))

    text.draw_first_line, draw.draw_replacedbox = note_line, note_image
    pdf.build_fonts_dictionary = take_fonts
    pdf.add_tags = lambda *_: None
    try:
        yield
    finally:
        text.draw_first_line, draw.draw_replacedbox, pdf.build_fonts_dictionary = originals
        pdf.add_tags = add_tags


class _Reading:
    """Reads a drawn document into plain values."""

    def __init__(
        self, document: Any, drawing: _Drawing, places: Mapping[int, int], text_style: Any
    ) -> None:
        self._pages = document.pages
        self._drawing = drawing
        self._places = places
        self._text_style = text_style

    def sheet(self, ids: frozenset[str]) -> Sheet:
        """WeasyPrint's objects as plain bytes, pages with what was drawn on them."""
        pdf = self._drawing.pdf
        numbers = pdf.pages["Kids"][::3]
        dictionaries = {number: pdf.objects[number] for number in numbers}
        contents = {n: int(bytes(page["Contents"]).split()[0]) for n, page in dictionaries.items()}
        left_out = {0, self._drawing.fonts_number, pdf.catalog.number, *numbers, *contents.values()}
        return Sheet(
            pages=tuple(
                self._page(number, pdf.objects[contents[number]], page)
                for number, page in zip(numbers, self._pages, strict=True)
            ),
            page_dictionaries={number: page.data for number, page in dictionaries.items()},
            objects={o.number: _body(o) for o in pdf.objects if o.number not in left_out},
            catalog={b"/" + k.encode(): _value(v) for k, v in pdf.catalog.items()},
            catalog_number=pdf.catalog.number,
            fonts=_font_uses(self._drawing.fonts),
            fonts_number=self._drawing.fonts_number,
            boxes=_signature_boxes(self._pages, ids),
            size=len(pdf.objects),
        )

    def _page(self, number: int, stream: Any, page: Any) -> SheetPage:
        page_box = page._page_box  # noqa: SLF001 - the adapter's business
        containers = _containers(page_box)
        margins = {
            id(box)
            for child in page_box.children
            if isinstance(child, boxes.MarginBox)
            for box in _descendants(child)
        }
        draws = [
            self._one_draw(start, end, box, containers, margins)
            for start, end, box in self._drawing.draws.get(id(stream), ())
        ]
        return SheetPage(
            number=number,
            operators=[_value(item) for item in stream.stream],
            draws=draws,
            content_number=stream.number,
            margin_text="".join(d.text for d in draws if d.is_margin and d.text is not None),
            width=page.width * POINTS,
            height=page.height * POINTS,
        )

    def _one_draw(
        self,
        start: int,
        end: int,
        box: Any,
        containers: Mapping[int, Any],
        margins: set[int],
    ) -> Draw:
        is_text = isinstance(box, boxes.TextBox)
        container = containers.get(id(box))
        return Draw(
            start=start,
            end=end,
            text=box.text if is_text else None,
            element=self._places.get(id(box.element), -1),
            x=box.position_x,
            y=box.position_y + box.baseline if is_text else box.position_y,
            width=box.width,
            height=box.height,
            is_margin=id(box) in margins,
            container=None if container is None else _content_box(container),
            style=self._text_style(box.style) if is_text else None,
        )


def _content_box(container: Any) -> tuple[float, float, str]:
    """Left edge, width and alignment of the block that holds a line."""
    align = container.style["text_align_all"]
    names = {"left": "start", "justify": "start", "right": "end"}
    return container.content_box_x(), container.width, names.get(align, align)


def _containers(page_box: Any) -> Mapping[int, Any]:
    """Text box → the block container that its line stands in."""
    found: dict[int, Any] = {}

    def visit(box: Any, container: Any) -> None:
        holder = container
        for child in getattr(box, "children", None) or ():
            if isinstance(child, boxes.LineBox):
                holder = box
            if isinstance(child, boxes.TextBox):
                found[id(child)] = holder
            visit(child, holder)

    visit(page_box, None)
    return found


def _value(value: Any) -> bytes:
    return bytes(pydyf._to_bytes(value))  # noqa: SLF001 - its only way to bytes


def _body(item: Any) -> bytes:
    """An object without its `N 0 obj` frame; annotations get the Print flag of PDF/A."""
    if isinstance(item, dict) and item.get("Type") == "/Annot":
        item["F"] = 4
    return bytes(item.data)


def _font_uses(fonts: dict[int, Any]) -> tuple[FontUse, ...]:
    """Fonts by resource name; WeasyPrint may hold one font as several objects."""
    uses: dict[str, FontUse] = {}
    for font in fonts.values():
        font.file_content = b""  # a copy of the whole face, in a cycle that lives on for a while
        texts = dict(uses[font.hash].texts) if font.hash in uses else {}
        uses[font.hash] = FontUse(font.hash, font.family, texts | font.to_unicode)
    return tuple(uses[tag] for tag in sorted(uses))


def _descendants(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", None) or ():
        yield from _descendants(child)


def _signature_boxes(pages: Sequence[Any], ids: frozenset[str]) -> Mapping[str, SignatureBox]:
    """Border boxes of the elements with these ids. Raises Broken if one is missing or split."""
    found: dict[str, SignatureBox] = {}
    for place, page in enumerate(pages):
        for box in _descendants(page._page_box):  # noqa: SLF001 - the adapter's business
            element = box.element
            name = element.get("id") if element is not None and "::" not in box.element_tag else ""
            if name not in ids or not isinstance(box, _BOXES):
                continue
            if name not in found:
                found[name] = SignatureBox(place, _rect(box, page.height * POINTS))
            elif found[name].page != place:
                raise Broken(f"the signature box {name} stands on two pages")
    if missing := ids - found.keys():
        raise Broken(f"contract.html has no box {', '.join(sorted(missing))}")
    return found


def _rect(box: Any, page_height: float) -> tuple[float, float, float, float]:
    """Border box in points from the page's lower left corner."""
    left, top = box.border_box_x() * POINTS, box.border_box_y() * POINTS
    right, bottom = left + box.border_width() * POINTS, top + box.border_height() * POINTS
    return (
        round(left, 2),
        round(page_height - bottom, 2),
        round(right, 2),
        round(page_height - top, 2),
    )
