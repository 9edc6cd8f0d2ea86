"""A layout kept: pages as constants and slots, filled in for one agreement after another.

Rules kept here (render.md §3):
* what depends on the line counts alone is in `frame` and in the constants; a page is deflated
  whole, once ever if nothing on it changes: in segments it would take a tenth more bytes;
* fonts grow: the stem holds what the constants need, an agreement adds its own characters;
* the text lock reads what was written, by the maps that are embedded, against the canonical text;
* nothing here knows how a layout came to be (`compiling`) or which gear is used (`gears`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from signing.rendering.basefile import Frame
from signing.rendering.deflate import KEPT
from signing.rendering.fontobjects import StemFont, stream
from signing.rendering.fonts import Face
from signing.rendering.pdffile import Object
from signing.rendering.qr import runs
from signing.rendering.sheet import PIXELS_PER_UNIT
from signing.rendering.slots import Skeleton
from signing.rendering.textlock import differs, without_white_space
from signing.rendering.typesetting import Box, Font

_CACHED_BOXES = 5_000

SetUnits = Mapping[int, tuple[tuple[Box, ...], ...]]
"""Lines of boxes by place of the unit."""

WrittenBoxes = dict[tuple[str, str, str], tuple[str, str]]
"""Font, size and text of a box → its operators and what they say; of one skeleton."""


@dataclass(frozen=True)
class Constant:
    """Operators that never change, and the text that they draw in the body."""

    operators: str
    text: str


@dataclass(frozen=True)
class BoxSlot:
    """Where a box of a unit's line goes; `y` is the baseline as printed."""

    unit: int
    line: int
    box: int
    y: str


@dataclass(frozen=True)
class MarginSlot:
    """A running header that holds a value: `anchor` is its left, middle or right by `align`."""

    unit: int
    anchor: float
    align: str
    y: str
    font: Font


@dataclass(frozen=True)
class QrSlot:
    """Where the strokes of the QR code go."""


Part = Constant | BoxSlot | MarginSlot | QrSlot


@dataclass(frozen=True)
class PageProgram:
    """One page: its content's object number, its parts in drawing order."""

    content_number: int
    parts: tuple[Part, ...]

    @cached_property
    def unchanging(self) -> bytes | None:
        """The body of its content object, if nothing on it depends on the agreement."""
        constants = [part for part in self.parts if isinstance(part, Constant)]
        if len(constants) < len(self.parts):
            return None
        raw = "".join(part.operators for part in constants).encode("ascii")
        return stream(raw, level=KEPT)


@dataclass
class Growth:
    """What one agreement adds to one font, in order of first use, on top of what the stem has."""

    stem: StemFont
    added: list[tuple[str, Face, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.codes = dict(self.stem.codes)
        self.texts = dict(self.stem.embedded)

    def add(self, character: str, face: Face, glyph: int) -> str:
        """Give a character its code, four hex digits; it must have none yet."""
        self.added.append((character, face, glyph))
        code = f"{len(self.stem.glyphs) + len(self.added):04x}"
        self.codes[character], self.texts[code] = code, character
        return code

    def encode(self, text: str) -> list[str]:
        """Codes of a text; characters of the face that have none get one."""
        known, face = self.codes, self.stem.face
        return [
            known.get(character) or self.add(character, face, face.glyphs[ord(character)])
            for character in text
        ]


@dataclass(frozen=True)
class Master:
    """A compiled layout of one skeleton and one shape."""

    frame: Frame
    pages: tuple[PageProgram, ...]
    fonts: Mapping[str, StemFont]
    numbers: Mapping[str, int]
    written: WrittenBoxes = field(default_factory=dict, repr=False)

    def growths(self) -> dict[str, Growth]:
        """Fonts to which nothing is added yet, for one agreement."""
        return {tag: Growth(stem) for tag, stem in self.fonts.items()}

    def font_objects(self, growths: Mapping[str, Growth]) -> list[Object]:
        """The fonts as they have grown."""
        return [
            item
            for tag, number in self.numbers.items()
            for item in self.fonts[tag].objects(number, growths[tag].added)
        ]

    def fill(
        self,
        skeleton: Skeleton,
        values: Sequence[str],
        units: SetUnits,
        qr_rows: Sequence[bytes],
        growths: Mapping[str, Growth],
    ) -> list[Object]:
        """Contents of all pages. Raises Broken (TEXT_LOCK) if they do not say the text."""
        writer = _Writer(self, units, qr_rows, growths)
        objects = [
            (page.content_number, writer.page(page, skeleton, values)) for page in self.pages
        ]
        drawn, wanted = "".join(writer.texts), skeleton.canonical_text(values)
        if drawn != wanted:
            raise differs(drawn, wanted)
        return objects


@dataclass
class _Writer:
    """Writes the pages of one agreement and keeps the text that it drew."""

    master: Master
    units: SetUnits
    qr_rows: Sequence[bytes]
    growths: Mapping[str, Growth]
    texts: list[str] = field(default_factory=list)

    def page(self, page: PageProgram, skeleton: Skeleton, values: Sequence[str]) -> bytes:
        """The body of a page's content object."""
        written: list[str] = []
        for part in page.parts:
            if isinstance(part, Constant):
                self.texts.append(part.text)
                written.append(part.operators)
            elif isinstance(part, BoxSlot):
                box = self.units[part.unit][part.line][part.box]
                operators, text = self._box(box.font, box.text)
                written.append(f"1 0 0 -1 {number(box.x)} {part.y} Tm\n{operators}")
                self.texts.append(text)
            elif isinstance(part, MarginSlot):
                written.append(self._margin(part, skeleton.units[part.unit].text(values)))
            else:
                written.append(strokes(self.qr_rows))
        return page.unchanging or stream("".join(written).encode("ascii"))

    def _margin(self, part: MarginSlot, text: str) -> str:
        width = sum(map(part.font.style.measure, text)) * PIXELS_PER_UNIT
        share = {"start": 0.0, "center": 0.5, "end": 1.0}[part.align]
        operators, drawn = self._box(part.font, text)
        if drawn != without_white_space(text):
            raise differs(drawn, text)
        return f"1 0 0 -1 {number(part.anchor - width * share)} {part.y} Tm\n{operators}"

    def _box(self, font: Font, text: str) -> tuple[str, str]:
        """Operators that draw a text, and what they say without white space."""
        key = (font.tag, font.size, text)
        known = self.master.written.get(key)
        if known is not None:
            return known
        growth = self.growths[font.tag]
        codes = growth.encode(text)
        written = (
            f"/{font.tag} {font.size} Tf\n[<{''.join(codes)}>] TJ\n",
            without_white_space("".join([growth.texts[code] for code in codes])),
        )
        if growth.stem.codes.keys() >= set(text):
            if len(self.master.written) >= _CACHED_BOXES:
                self.master.written.clear()
            self.master.written[key] = written
        return written


def strokes(rows: Sequence[bytes]) -> str:
    """The QR code's path as WeasyPrint draws that of `qr.data_uri`."""
    return "".join(
        f"{start} {y}.5 m\n{end} {y}.5 l\n"
        for y, row in enumerate(rows)
        for start, end in runs(row)
    )


def number(value: float) -> str:
    """A coordinate as WeasyPrint prints it."""
    if float(value).is_integer():
        return str(int(value))
    return f"{value:f}".rstrip("0")
