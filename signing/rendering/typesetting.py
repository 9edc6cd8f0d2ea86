"""The units of one skeleton set as lines: where each box of text begins, in which font.

Rules kept here:
* geometry is learned from WeasyPrint's own layout: left edge, width, alignment, indent, fonts; it
  belongs to the skeleton, because no width depends on a value (E4);
* every character of a value stands in the first family of its style (E2), else NotExact;
* an element that a value left empty makes WeasyPrint break a word early if it stands at the end of
  a line, so a unit with one and with several lines is NotExact;
* the shape of a unit, boxes per line, is all that the page's vertical geometry can depend on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate

from signing.rendering.fonts import Faces
from signing.rendering.layout import line_breaks
from signing.rendering.lines import NotExact, set_lines
from signing.rendering.sheet import PIXELS_PER_UNIT, UNITS_PER_PIXEL, TextStyle
from signing.rendering.slots import Skeleton

_CACHED_UNITS = 1024

Shape = tuple[tuple[int, ...], ...]
"""Boxes per line, for each unit that holds values."""


@dataclass(frozen=True)
class Font:
    """A style as the page names it: resource, size as printed, and what it measures with."""

    tag: str
    size: str
    style: TextStyle


@dataclass(frozen=True)
class Box:
    """Text of one font on one line, from `x` in CSS pixels."""

    x: float
    font: Font
    text: str


@dataclass(frozen=True)
class Geometry:
    """Where a unit stands: content box in CSS pixels, `start`, `center` or `end`, first indent.

    `fonts` are those of its runs, None for a run that was never drawn.
    """

    left: float
    width: float
    align: str
    indent: float
    fonts: tuple[Font | None, ...]


@dataclass
class Setter:
    """Sets the units of one skeleton. `geometry` by place of the unit."""

    skeleton: Skeleton
    geometry: Mapping[int, Geometry]
    faces: Faces
    language: str
    _cache: dict[tuple[int, tuple[str, ...]], tuple[tuple[Box, ...], ...]] = field(
        default_factory=dict
    )

    def set_all(self, values: Sequence[str]) -> dict[int, tuple[tuple[Box, ...], ...]]:
        """Lines of every unit that holds values. Raises NotExact."""
        return {place: self.set_one(place, values) for place in self.skeleton.slot_units}

    def shape(self, units: Mapping[int, tuple[tuple[Box, ...], ...]]) -> Shape:
        """The shape of set units."""
        return tuple(
            tuple(len(line) for line in units[place]) for place in self.skeleton.slot_units
        )

    def set_one(self, place: int, values: Sequence[str]) -> tuple[tuple[Box, ...], ...]:
        """Lines of one unit. Raises NotExact."""
        texts = tuple(run.text(values) for run in self.skeleton.units[place].runs)
        key = (place, texts)
        lines = self._cache.get(key)
        if lines is None:
            lines = self._set(place, texts)
            if len(self._cache) >= _CACHED_UNITS:
                self._cache.clear()
            self._cache[key] = lines
        return lines

    def _set(self, place: int, texts: Sequence[str]) -> tuple[tuple[Box, ...], ...]:
        whole = "".join(texts)
        if not whole.strip():
            return ()
        _check_spaces(whole)
        geometry = self.geometry.get(place)
        if geometry is None:
            raise NotExact("a unit that was never laid out")
        fonts, advances = self._measure(geometry, texts)
        spans = set_lines(
            whole,
            advances,
            partial(line_breaks, whole, self.language),
            first_width=int(geometry.width * UNITS_PER_PIXEL)
            - int(geometry.indent * UNITS_PER_PIXEL),
            width=int(geometry.width * UNITS_PER_PIXEL),
            joints=[*accumulate(map(len, texts))][:-1],
        )
        if len(spans) > 1 and "" in texts:
            raise NotExact("an empty element in text of several lines")
        return tuple(
            _boxes(whole[start:end], fonts[start:end], advances[start:end], geometry, number)
            for number, (start, end) in enumerate(spans)
        )

    def _measure(
        self, geometry: Geometry, texts: Sequence[str]
    ) -> tuple[list[tuple[int, Font]], list[int]]:
        """Run and font, and advance, of every character. Raises NotExact (E2)."""
        fonts: list[tuple[int, Font]] = []
        advances: list[int] = []
        for run, (text, font) in enumerate(zip(texts, geometry.fonts, strict=True)):
            if not text:
                continue
            if font is None:
                raise NotExact("a run that was never laid out")
            glyphs = self.faces.by_family[font.style.family].glyphs
            if any(ord(character) not in glyphs for character in text):
                raise NotExact(f"a character that is not in {font.style.family}")
            advances += map(font.style.measure, text)
            fonts += [(run, font)] * len(text)
        return fonts, advances


def _check_spaces(text: str) -> None:
    """White space that CSS would still collapse is not for this setter."""
    if text[0] == " " or text[-1] == " " or "  " in text or not _NEWLINES.isdisjoint(text):
        raise NotExact("white space that collapses")


_NEWLINES = frozenset("\n\r\t\f")


def _boxes(
    text: str,
    fonts: Sequence[tuple[int, Font]],
    advances: Sequence[int],
    geometry: Geometry,
    number: int,
) -> tuple[Box, ...]:
    """One line as boxes, one per run; a box of nothing but white space is not drawn."""
    x = geometry.left + (geometry.indent if number == 0 else 0.0)
    if geometry.align != "start":
        room = geometry.width - _pixels(advances, fonts)
        x += room if geometry.align == "end" else room / 2
    boxes, start = [], 0
    while start < len(text):
        run, font = fonts[start]
        end = start
        while end < len(text) and fonts[end][0] == run:
            end += 1
        if text[start:end].strip():
            boxes.append(Box(x, font, text[start:end]))
        x += sum(advances[start:end]) * PIXELS_PER_UNIT
        start = end
    return tuple(boxes)


def _pixels(advances: Sequence[int], fonts: Sequence[tuple[int, Font]]) -> float:
    """Width of a line, added up run by run as WeasyPrint adds it."""
    width, start = 0.0, 0
    while start < len(fonts):
        end = start
        while end < len(fonts) and fonts[end][0] == fonts[start][0]:
            end += 1
        width += sum(advances[start:end]) * PIXELS_PER_UNIT
        start = end
    return width
