"""Which parts of an agreement's page are its values, and which lines of text they stand in.

Rules kept here (render.md §3):
* the composer puts two private-use characters round every value it prints; without them the page
  is the one that phone, attachment and text lock use;
* what is left when the values are cut out is the skeleton: it stands for every `if`, loop and
  optional row, and pages with one skeleton differ in values alone;
* a unit is a stretch of inline text between two block boundaries; units that hold a value are set
  anew for each agreement, all others are constants of the layout;
* values in attributes belong to the skeleton, but for the QR code, which has a slot of its own.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from signing.domain.canonical_text import WHITE_SPACE

OPEN, CLOSE = "\ue000", "\ue001"
_FIRST_SLOT = 0xF0000  # plane 15 is private use and refused in values

_VALUE = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_MARKED_TAG = re.compile(f"<[^<>{OPEN}]*{OPEN}[^<>]*>")
_MARKED_TITLE = re.compile(f"(<title>)([^<]*{OPEN}[^<]*)(</title>)")
_SPACES = re.compile("[ \t\n\r\f]+")
_BLOCKS = frozenset(
    (
        *("html", "body", "main", "header", "footer", "section", "article", "nav", "aside", "div"),
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "caption", "thead", "tbody", "tfoot"),
        *("tr", "td", "th", "ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "hr"),
        *("br", "address", "blockquote", "pre"),
    )
)
_NO_TEXT = frozenset(("head", "style", "script", "title"))
_DROPPED = dict.fromkeys(WHITE_SPACE)


@dataclass(frozen=True)
class Filled:
    """A page taken apart: `pieces` stand around `values`, which are plain text, not HTML."""

    pieces: tuple[str, ...]
    values: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """The skeleton itself: equal for pages that differ in values alone."""
        return OPEN.join(self.pieces)


def unmarked(marked: str) -> str:
    """The page as everyone else sees it."""
    return marked.replace(OPEN, "").replace(CLOSE, "")


def take_apart(marked: str, qr: str) -> Filled:
    """Cut the values out of a marked page; `qr` is the data URI of its QR code."""

    def constant(match: re.Match[str]) -> str:
        return unmarked(match.group()).replace(qr, "qr:")

    prepared = _MARKED_TITLE.sub(r"\1\3", _MARKED_TAG.sub(constant, marked))
    parts = _VALUE.split(prepared)
    return Filled(tuple(parts[::2]), tuple(html.unescape(value) for value in parts[1::2]))


@dataclass(frozen=True)
class Run:
    """Text of one element within a unit: literal texts and numbers of slots, in turn."""

    element: int
    parts: tuple[str | int, ...]

    def text(self, values: Sequence[str]) -> str:
        """The text with these values."""
        return "".join(values[part] if isinstance(part, int) else part for part in self.parts)

    @property
    def literal(self) -> str:
        """The text without its slots."""
        return "".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True)
class Unit:
    """A stretch of inline text; `is_hidden` by aria-hidden, `is_repeatable` inside a thead."""

    runs: tuple[Run, ...]
    is_hidden: bool
    is_repeatable: bool

    @cached_property
    def has_slots(self) -> bool:
        """Whether a value stands in it."""
        return any(isinstance(part, int) for run in self.runs for part in run.parts)

    def text(self, values: Sequence[str]) -> str:
        """All its text with these values."""
        return "".join(run.text(values) for run in self.runs)


@dataclass(frozen=True)
class Skeleton:
    """The units of a page, in document order."""

    units: tuple[Unit, ...]

    @cached_property
    def slot_units(self) -> tuple[int, ...]:
        """Places of the units that are set anew for each agreement."""
        return tuple(
            place for place, unit in enumerate(self.units) if unit.has_slots and not unit.is_hidden
        )

    @cached_property
    def _canonical_parts(self) -> tuple[str | int, ...]:
        """The canonical text as literals and slots, neighbouring literals joined."""
        parts: list[str | int] = []
        for unit in self.units:
            if unit.is_hidden:
                continue
            for part in (part for run in unit.runs for part in run.parts):
                bare = part if isinstance(part, int) else part.translate(_DROPPED)
                if isinstance(bare, str) and parts and isinstance(parts[-1], str):
                    parts[-1] += bare
                else:
                    parts.append(bare)
        return tuple(parts)

    def canonical_text(self, values: Sequence[str]) -> str:
        """The canonical text of the page with these values, without reading HTML again."""
        return "".join(
            values[part].translate(_DROPPED) if isinstance(part, int) else part
            for part in self._canonical_parts
        )


def numbered(filled: Filled) -> str:
    """The page with a private character for each value, for the parser to place them."""
    parts = [filled.pieces[0]]
    for slot, piece in enumerate(filled.pieces[1:]):
        parts += [chr(_FIRST_SLOT + slot), piece]
    return "".join(parts)


def read_skeleton(root: Any) -> Skeleton:
    """Units of a `numbered` page, from the root element that the layout's own parser made.

    Elements count from 0 in document order, as the layout counts them.
    """
    places = {id(element): place for place, element in enumerate(root.iter())}
    units: list[Unit] = []
    open_runs: list[tuple[int, str]] = []

    def close(*, is_hidden: bool, is_repeatable: bool) -> None:
        runs = tuple(_collapsed(open_runs))
        open_runs.clear()
        if runs:
            units.append(Unit(runs, is_hidden, is_repeatable))

    def visit(element: Any, state: Mapping[str, bool]) -> None:
        if not isinstance(element.tag, str) or element.tag in _NO_TEXT:
            return  # a comment has a function for a tag
        inside = {
            "is_hidden": state["is_hidden"] or element.get("aria-hidden") == "true",
            "is_repeatable": state["is_repeatable"] or element.tag == "thead",
        }
        is_block = element.tag in _BLOCKS or inside != state
        if is_block:
            close(**state)
        if element.text:
            open_runs.append((places[id(element)], element.text))
        for child in element:
            visit(child, inside)
            if child.tail:
                open_runs.append((places[id(element)], child.tail))
        if is_block:
            close(**inside)

    visit(root, {"is_hidden": False, "is_repeatable": False})
    close(is_hidden=False, is_repeatable=False)
    return Skeleton(tuple(units))


def _collapsed(runs: Sequence[tuple[int, str]]) -> Iterator[Run]:
    """White space as CSS collapses it: one space, none at the ends of the unit."""
    texts: list[tuple[int, str]] = []
    ends_in_space = True
    for element, raw in runs:
        text = _SPACES.sub(" ", raw)
        if ends_in_space:
            text = text.removeprefix(" ")
        if text:
            ends_in_space = text.endswith(" ")
            texts.append((element, text))
    if texts and ends_in_space:
        element, text = texts.pop()
        texts += [(element, text[:-1])] if text != " " else []
    for element, text in texts:
        yield Run(element, tuple(_parts(text)))


def _parts(text: str) -> Iterator[str | int]:
    literal = ""
    for character in text:
        if ord(character) >= _FIRST_SLOT:
            if literal:
                yield literal
            literal = ""
            yield ord(character) - _FIRST_SLOT
        else:
            literal += character
    if literal:
        yield literal
