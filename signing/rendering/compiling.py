"""A layout that WeasyPrint drew, taken apart into constants and slots.

Rules kept here (render.md §3):
* the draws are matched with the units by the text itself, in order: what cannot be matched is not
  compiled (NotExact), and the agreement is drawn whole;
* geometry is learned from the draws, then proved on them: the setter must put every box of this
  agreement where WeasyPrint put it, in the same font, with the same text;
* the stems of the fonts hold what the skeleton's constants need and the digits, never what this
  agreement's values happen to need: bytes do not depend on who came first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from signing.rendering.fontobjects import StemFont
from signing.rendering.fonts import Faces
from signing.rendering.lines import NotExact
from signing.rendering.master import (
    BoxSlot,
    Constant,
    MarginSlot,
    PageProgram,
    Part,
    QrSlot,
    SetUnits,
    number,
    strokes,
)
from signing.rendering.reading import FONT_OPERATOR, Reading, SlotDraw, font_of
from signing.rendering.sheet import PIXELS_PER_UNIT, Draw, SheetPage
from signing.rendering.slots import Unit
from signing.rendering.textlock import walk, without_white_space
from signing.rendering.typesetting import Box, Font, Geometry, Setter

NUMBERS = "0123456789.,:-"
"""What every stem of running text holds besides: page numbers, dates, amounts."""

_CODES = re.compile(rb"<([0-9a-f]+)>")
_TOLERANCE = 2e-6  # CSS pixels: the last digit that is printed


def learn_geometry(reading: Reading) -> dict[int, Geometry]:
    """Geometry of every slot unit that was drawn."""
    geometry: dict[int, Geometry] = {}
    for slot in reading.slots.values():
        if slot.unit in geometry or slot.draw.container is None:
            continue
        unit = reading.skeleton.units[slot.unit]
        left, width, align = slot.draw.container
        fonts = reading.fonts[slot.unit]
        geometry[slot.unit] = Geometry(
            left=left,
            width=width,
            align=align,
            indent=_indent(reading, slot, unit) if align == "start" else 0.0,
            fonts=_run_fonts(unit, fonts),
        )
    return geometry


def _run_fonts(unit: Unit, fonts: Mapping[int, Font]) -> tuple[Font | None, ...]:
    """Font per run; a run of the same element as a drawn one has its font."""
    by_element = {unit.runs[run].element: font for run, font in fonts.items()}
    return tuple(
        fonts.get(place) or by_element.get(run.element) for place, run in enumerate(unit.runs)
    )


def _indent(reading: Reading, slot: SlotDraw, unit: Unit) -> float:
    """How far the first box stands from the left, less what is before it."""
    before = unit.text(reading.values)[: slot.start]
    left = slot.draw.container[0] if slot.draw.container else 0.0
    advance = sum(map(slot.font.style.measure, before)) * PIXELS_PER_UNIT
    indent = slot.draw.x - left - advance
    return 0.0 if abs(indent) < _TOLERANCE else indent


def prove(reading: Reading, setter: Setter) -> SetUnits:
    """Set this agreement's units; every box must be where WeasyPrint drew it. Raises NotExact."""
    units = setter.set_all(reading.values)
    drawn = reading.boxes_by_unit()
    for place, lines in units.items():
        compare(place, lines, drawn.get(place, {}))
    return units


def compare(
    place: int, lines: Sequence[Sequence[Box]], drawn: Mapping[tuple[int, int], SlotDraw]
) -> None:
    """One unit as set and as drawn, box by box. Raises NotExact at the first difference."""
    boxes = {(n, m): box for n, line in enumerate(lines) for m, box in enumerate(line)}
    if boxes.keys() != drawn.keys():
        raise NotExact(f"lines of unit {place} differ (E7)")
    for key, box in boxes.items():
        slot = drawn[key]
        if box.text != slot.draw.text or box.font != slot.font:
            raise NotExact(f"unit {place} is set differently: {box.text[:20]!r}")
        if abs(box.x - slot.draw.x) > _TOLERANCE:
            raise NotExact(f"unit {place} stands {box.x - slot.draw.x:f} px off")


def stem_fonts(reading: Reading, faces: Faces) -> dict[str, StemFont]:
    """The skeleton's fonts: characters of its constants, of its units' literals, of numbers."""
    texts: dict[str, set[str]] = {use.tag: set() for use in reading.sheet.fonts}
    families = {use.tag: use.family for use in reading.sheet.fonts}
    drawn = {use.tag: use.texts for use in reading.sheet.fonts}
    for tag, codes in _constant_codes(reading):
        texts[tag].update(drawn[tag][code] for code in codes)
    for tag, literal in _literals(reading, families):
        texts[tag].update(literal)
    fonts = {}
    for tag, used in texts.items():
        face = faces.by_family[families[tag]]
        known = sorted(text for text in used if ord(text) in face.glyphs)
        fonts[tag] = StemFont(face, tag, tuple((text, face.glyphs[ord(text)]) for text in known))
    return fonts


def _constant_codes(reading: Reading) -> Iterator[tuple[str, set[int]]]:
    """Font and glyphs of every line that never changes."""
    for place, page in enumerate(reading.sheet.pages):
        for index, draw in enumerate(page.draws):
            key = (place, index)
            if draw.text is None or key in reading.slots or key in reading.margins:
                continue
            tag = ""
            for operator in page.operators[draw.start : draw.end]:
                if match := FONT_OPERATOR.match(operator):
                    tag = match[1].decode()
                for digits in _CODES.findall(operator):
                    yield tag, {int(digits[i : i + 4], 16) for i in range(0, len(digits), 4)}


def _literals(reading: Reading, families: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Font and text of what slot units say beside their values, of headers, of numbers."""
    for place, fonts in reading.fonts.items():
        unit = reading.skeleton.units[place]
        if unit.has_slots:
            for run, font in fonts.items():
                yield font.tag, unit.runs[run].literal
    hidden = "".join(
        run.literal for unit in reading.skeleton.units if unit.is_hidden for run in unit.runs
    )
    for tag, family in families.items():
        if family == "Song":
            yield tag, NUMBERS + hidden


def programs(
    reading: Reading, fonts: Mapping[str, StemFont], qr_rows: Sequence[bytes]
) -> tuple[PageProgram, ...]:
    """The pages as constants and slots. Raises NotExact."""
    press = _Recoding(
        {tag: font.texts for tag, font in fonts.items()},
        {tag: font.codes for tag, font in fonts.items()},
        {use.tag: use.texts for use in reading.sheet.fonts},
        strokes(qr_rows),
    )
    return tuple(
        PageProgram(page.content_number, tuple(_parts(reading, place, page, press)))
        for place, page in enumerate(reading.sheet.pages)
    )


@dataclass(frozen=True)
class _Recoding:
    """From WeasyPrint's codes to those of the stems: `texts` and `codes` of the stems by tag."""

    texts: Mapping[str, Mapping[int, str]]
    codes: Mapping[str, Mapping[str, str]]
    drawn: Mapping[str, Mapping[int, str]]
    qr_path: str

    def constant(
        self, page: SheetPage, start: int, end: int, *, is_body: bool
    ) -> Iterator[Constant]:
        """Operators `start` to `end` with the stems' codes; nothing if there are none."""
        if start >= end:
            return
        tag, lines = "", []
        for operator in page.operators[start:end]:
            if match := FONT_OPERATOR.match(operator):
                tag = match[1].decode()
            lines.append(_CODES.sub(partial(self._recode, tag), operator) if tag else operator)
        raw = b"".join(line + b"\n" for line in lines if line)
        text = ""
        if is_body:
            text = walk(raw, self.texts, width=page.width, height=page.height)
        yield Constant(raw.decode("ascii"), without_white_space(text))

    def _recode(self, tag: str, match: re.Match[bytes]) -> bytes:
        digits = match[1].decode()
        glyphs = (int(digits[at : at + 4], 16) for at in range(0, len(digits), 4))
        codes, drawn = self.codes[tag], self.drawn[tag]
        return b"<%s>" % "".join(codes[drawn[glyph]] for glyph in glyphs).encode("ascii")


def _parts(reading: Reading, place: int, page: SheetPage, press: _Recoding) -> Iterator[Part]:
    """Cut the operators of a page at its slots, and at what is drawn but not body text."""
    at = 0
    for index, draw in enumerate(page.draws):
        key = (place, index)
        is_body = draw.text is not None and not draw.is_margin and key not in reading.repeated
        if is_body and key not in reading.slots:
            continue
        yield from press.constant(page, at, draw.start, is_body=True)
        at = draw.end
        if key in reading.slots:
            slot = reading.slots[key]
            yield BoxSlot(slot.unit, slot.line, slot.box, number(draw.y))
        elif key in reading.margins:
            yield _margin_slot(page, draw, reading.margins[key])
        elif draw.text is None:
            yield from _image(page, draw, press.qr_path)
        else:
            yield from press.constant(page, draw.start, draw.end, is_body=False)
    yield from press.constant(page, at, len(page.operators), is_body=True)


def _margin_slot(page: SheetPage, draw: Draw, unit: int) -> MarginSlot:
    align = draw.container[2] if draw.container else "start"
    share = {"start": 0.0, "center": 0.5, "end": 1.0}[align]
    anchor = draw.x + draw.width * share
    return MarginSlot(unit, anchor, align, number(draw.y), font_of(page, draw))


def _image(page: SheetPage, draw: Draw, qr_path: str) -> Iterator[Part]:
    """The QR code: everything but its path is constant. Raises NotExact for another image."""
    raw = b"\n".join(page.operators[draw.start : draw.end]) + b"\n"
    before, found, after = raw.decode("ascii").partition(qr_path)
    if not found:
        raise NotExact("an image that is not the QR code")
    yield Constant(before, "")
    yield QrSlot()
    yield Constant(after, "")
