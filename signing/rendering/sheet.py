"""A document laid out, as plain values: pages, what was drawn on them, boxes, fonts.

Rules kept here:
* nothing of WeasyPrint is in here: `layout` fills these in, all others read them;
* distances are CSS pixels where text is set, points (1/72 inch) where the file speaks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

UNITS_PER_PIXEL = 1024
PIXELS_PER_UNIT = 1 / UNITS_PER_PIXEL
"""Pango measures text in units of 1/1024 px (PANGO_SCALE)."""


@dataclass(eq=False)
class TextStyle:
    """A font at a size, as CSS asked for it: the first family, the size in CSS pixels.

    `measure` gives the advance of a character in Pango's units, 1/1024 px; `ask` asks Pango, once
    per character, so that lines set from these advances are Pango's own.
    """

    family: str
    size: float
    ask: Callable[[str], int] = field(repr=False)
    advances: dict[str, int] = field(default_factory=dict, repr=False)

    def measure(self, character: str) -> int:
        """Advance of one character, alone as in any company: the faces have no kerning."""
        known = self.advances.get(character)
        if known is None:
            known = self.advances[character] = self.ask(character)
        return known


@dataclass(frozen=True)
class Draw:
    """A line of text or an image as drawn: operators `start` to `end` of its page.

    `x` and `y` are its origin on the baseline in CSS pixels. `element` is the place of its element
    in document order. `container` is the content box of the block it stands in: left, width, and
    `start`, `center` or `end`. `text` is None for an image. `width` and `height` are of its box.
    """

    start: int
    end: int
    text: str | None
    element: int
    x: float
    y: float
    width: float
    height: float
    is_margin: bool
    container: tuple[float, float, str] | None
    style: TextStyle | None


@dataclass(frozen=True)
class FontUse:
    """A font as drawn with: its resource name, its family, glyph → text of what was drawn."""

    tag: str
    family: str
    texts: Mapping[int, str]


@dataclass(frozen=True)
class SheetPage:
    """A page: object number, operators of its content, what was drawn with them, margin texts."""

    number: int
    operators: Sequence[bytes]
    draws: Sequence[Draw]
    content_number: int
    margin_text: str
    width: float
    height: float

    @property
    def content(self) -> bytes:
        """The content stream, raw."""
        return b"\n".join(filter(None, self.operators))


@dataclass(frozen=True)
class SignatureBox:
    """Where a signature stands: page by place, box in points from the page's lower left corner."""

    page: int
    rect: tuple[float, float, float, float]


@dataclass(frozen=True)
class Element:
    """An element of the page: place of its parent (-1: none), alternate text, id, spans."""

    tag: str
    parent: int
    alt: str = ""
    name: str = ""
    columns: int = 1
    rows: int = 1


class Mark(NamedTuple):
    """Marked content: page by place, and its number there."""

    page: int
    mcid: int


@dataclass(frozen=True)
class Node:
    """An element of the structure tree: its type, its parent by place (-1: the root).

    `attributes` are further entries of its dictionary; `kids` are places of nodes, or content.
    """

    kind: str
    parent: int
    attributes: bytes
    kids: tuple[int | Mark, ...]


@dataclass(frozen=True)
class Sheet:
    """A document laid out. `objects` are bodies by number, page contents and fonts left out.

    `catalog` holds the entries that WeasyPrint wants; `fonts_number` is the object where the
    dictionary of fonts is expected, `size` the next free number. `nodes` is the structure tree,
    empty without tags; `forms` says for the id of each signature box which node it stands in.
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
    nodes: tuple[Node, ...] = ()
    forms: Mapping[str, int] = field(default_factory=dict)
