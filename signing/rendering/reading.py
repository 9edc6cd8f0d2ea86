"""What WeasyPrint drew, matched with the units of the page: which draw is which box of which line.

Rules kept here:
* the draws are matched by the text itself, in order; what cannot be matched is NotExact, and the
  agreement is drawn whole;
* a table head that stands again at the top of a page, and a running header that says a value, are
  told apart from the body.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from signing.rendering.lines import NotExact
from signing.rendering.sheet import Draw, Sheet, SheetPage
from signing.rendering.slots import Skeleton
from signing.rendering.typesetting import Font

FONT_OPERATOR = re.compile(rb"/(\w+) ([\d.]+) Tf")
"""Resource name and size of a font, as WeasyPrint writes them."""


@dataclass(frozen=True)
class SlotDraw:
    """A box of a slot unit as WeasyPrint drew it: place in the unit, and the draw."""

    unit: int
    line: int
    box: int
    draw: Draw
    font: Font
    start: int


@dataclass
class Reading:
    """The draws of a sheet, each with what it is."""

    sheet: Sheet
    skeleton: Skeleton
    values: Sequence[str]
    slots: dict[tuple[int, int], SlotDraw] = field(default_factory=dict)
    margins: dict[tuple[int, int], int] = field(default_factory=dict)
    repeated: set[tuple[int, int]] = field(default_factory=set)
    fonts: dict[int, dict[int, Font]] = field(default_factory=dict)

    def read(self) -> "Reading":
        """Match every draw. Raises NotExact."""
        units = _Walk(self.skeleton, self.values)
        lines: dict[int, list[tuple[int, float, int]]] = {}
        for place, page in enumerate(self.sheet.pages):
            for index, draw in enumerate(page.draws):
                if draw.text is None or not draw.text.strip():
                    continue
                if draw.is_margin:
                    self._read_margin(place, index, draw)
                elif (found := units.take(draw)) is None:
                    self.repeated.add((place, index))
                else:
                    self._read_box(place, index, draw, found, lines)
        units.finish()
        return self

    def boxes_by_unit(self) -> dict[int, dict[tuple[int, int], SlotDraw]]:
        """Draws of the slot units by unit, then by line and box."""
        found: dict[int, dict[tuple[int, int], SlotDraw]] = {}
        for slot in self.slots.values():
            found.setdefault(slot.unit, {})[slot.line, slot.box] = slot
        return found

    def _read_margin(self, place: int, index: int, draw: Draw) -> None:
        """A margin box that says what a hidden unit with a value says."""
        for unit_place, unit in enumerate(self.skeleton.units):
            if unit.is_hidden and unit.has_slots and unit.text(self.values) == draw.text:
                self.margins[place, index] = unit_place

    def _read_box(
        self,
        place: int,
        index: int,
        draw: Draw,
        found: tuple[int, int, int],
        lines: dict[int, list[tuple[int, float, int]]],
    ) -> None:
        unit_place, run, start = found
        font = font_of(self.sheet.pages[place], draw)
        self.fonts.setdefault(unit_place, {}).setdefault(run, font)
        if not self.skeleton.units[unit_place].has_slots:
            return
        known = lines.setdefault(unit_place, [])
        if not known or known[-1][:2] != (place, draw.y):
            known.append((place, draw.y, 0))
        _, _, box = known[-1]
        known[-1] = (place, draw.y, box + 1)
        self.slots[place, index] = SlotDraw(unit_place, len(known) - 1, box, draw, font, start)


class _Walk:
    """Walks the visible units' text as the draws use it up."""

    def __init__(self, skeleton: Skeleton, values: Sequence[str]) -> None:
        self._runs = [
            (place, number, run.element, run.text(values))
            for place, unit in enumerate(skeleton.units)
            if not unit.is_hidden
            for number, run in enumerate(unit.runs)
        ]
        self._skeleton = skeleton
        self._at = 0
        self._used = 0
        self._start = 0  # of the current run in its unit

    def take(self, draw: Draw) -> tuple[int, int, int] | None:
        """Place of the unit, run and start of the draw's text; None for a repeated table head."""
        text = str(draw.text)
        self._skip_white_space()
        if self._at < len(self._runs):
            place, number, element, whole = self._runs[self._at]
            rest = whole[self._used :]
            for lead in (0, len(rest) - len(rest.lstrip())):
                if element == draw.element and rest.startswith(text, lead):
                    start = self._start + self._used + lead
                    self._used += lead + len(text)
                    return place, number, start
        if not self._is_repeated_head(draw):
            raise NotExact(f"text that the page does not have here: {text[:20]!r}")
        return None

    def finish(self) -> None:
        """Raises NotExact if text is left over."""
        self._skip_white_space()
        if self._at < len(self._runs):
            raise NotExact(f"text that was not drawn: {self._runs[self._at][3][:20]!r}")

    def _skip_white_space(self) -> None:
        """Go to the next run that still has something to draw."""
        while self._at < len(self._runs):
            place, _, _, whole = self._runs[self._at]
            if whole[self._used :].strip():
                return
            self._at, self._used = self._at + 1, 0
            is_same_unit = self._at < len(self._runs) and self._runs[self._at][0] == place
            self._start = self._start + len(whole) if is_same_unit else 0

    def _is_repeated_head(self, draw: Draw) -> bool:
        """Whether the draw is of a table head without values that stood before."""
        return any(
            element == draw.element
            and str(draw.text) in whole
            and self._skeleton.units[place].is_repeatable
            and not self._skeleton.units[place].has_slots
            for place, _, element, whole in self._runs[: self._at + 1]
        )


def font_of(page: SheetPage, draw: Draw) -> Font:
    """The font of a draw as its operators name it. Raises NotExact if it is not one font."""
    found = {
        (match[1].decode(), match[2].decode())
        for operator in page.operators[draw.start : draw.end]
        for match in FONT_OPERATOR.finditer(operator)
    }
    if len(found) != 1 or draw.style is None:
        raise NotExact("a line in several fonts")
    tag, size = found.pop()
    return Font(tag, size, draw.style)
