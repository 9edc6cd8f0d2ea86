"""What was drawn, said in terms of the page: marked content, and the tree of its elements.

Rules kept here (ISO 14289-1 §7, ISO 32000-1 §14.8):
* whatever is drawn is content of an element or an artifact: running headers and footers, table
  heads that stand again, borders and backgrounds are artifacts, the first three of pagination;
* the tree is that of the page's own elements, so a paragraph or a table that goes on over a page
  is one element; inline elements and wrappers that say nothing belong to the block around them;
* operators keep their places in the list, so that slots stay where they were; one that goes is
  empty;
* lines in a row that belong to one element are one stretch of marked content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from signing.pades.dictionary import text
from signing.rendering.sheet import Draw, Element, Mark, Node, Sheet, SheetPage

_KINDS = {
    **{f"h{level}": f"H{level}" for level in range(1, 7)},
    "p": "P",
    "table": "Table",
    "tr": "TR",
    "th": "TH",
    "td": "TD",
    "caption": "Caption",
    "ol": "L",
    "ul": "L",
    "li": "LI",
    "section": "Sect",
    "img": "Figure",
}
_GROUPS = frozenset(("Document", "Sect", "Table", "TR", "L"))
_BLOCKS = frozenset(("div", "header", "main", "footer", "body", "html", "section", "blockquote"))
_CELLS = frozenset(("th", "td"))
_BORDER = b""
_REPEATED = b"<</Type/Pagination>>"
_HEADER = b"<</Type/Pagination/Subtype/Header>>"
_FOOTER = b"<</Type/Pagination/Subtype/Footer>>"
_GONE = b""
_POINTS = 0.75  # per CSS pixel


def tagged(sheet: Sheet, elements: Sequence[Element]) -> Sheet:
    """The sheet with its content marked, and with the nodes of its structure."""
    tree = _Tree(elements, _pictures(sheet))
    repeated = _repeated_heads(sheet, elements)
    pages = []
    for place, page in enumerate(sheet.pages):
        owners = {
            index: tree.artifact(page, draw) if (place, index) not in repeated else _REPEATED
            for index, draw in enumerate(page.draws)
        }
        pages.append(_Marking(page, place, owners, tree).marked())
    names = {e.name: place for place, e in enumerate(elements) if e.name in sheet.boxes}
    forms = {name: tree.node(place) for name, place in names.items()}
    return replace(sheet, pages=tuple(pages), nodes=tree.nodes(), forms=forms)


def _pictures(sheet: Sheet) -> Mapping[int, bytes]:
    """Boxes of the images by element, in points from the lower left corner of their page."""
    found = {}
    for page in sheet.pages:
        for draw in page.draws:
            if draw.text is None:
                left, top = draw.x * _POINTS, page.height - draw.y * _POINTS
                right, bottom = left + draw.width * _POINTS, top - draw.height * _POINTS
                sides = (left, bottom, right, top)
                found[draw.element] = b"[%s]" % b" ".join(b"%d" % round(side) for side in sides)
    return found


def _repeated_heads(sheet: Sheet, elements: Sequence[Element]) -> set[tuple[int, int]]:
    """Draws of a table head on a later page than its first."""
    first: dict[int, int] = {}
    found = set()
    for place, page in enumerate(sheet.pages):
        for index, draw in enumerate(page.draws):
            if draw.is_margin or not _is_in_head(draw.element, elements):
                continue
            if first.setdefault(draw.element, place) != place:
                found.add((place, index))
    return found


def _is_in_head(place: int, elements: Sequence[Element]) -> bool:
    while place >= 0:
        if elements[place].tag == "thead":
            return True
        place = elements[place].parent
    return False


@dataclass
class _Tree:
    """Nodes made when content first asks for them; the first one is the document."""

    elements: Sequence[Element]
    pictures: Mapping[int, bytes]
    kinds: list[tuple[str, int, bytes]] = field(default_factory=lambda: [("Document", -1, b"")])
    kids: list[list[int | Mark]] = field(default_factory=lambda: [[]])
    known: dict[tuple[int, str], int] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, element in enumerate(self.elements):
            self.children.setdefault(element.parent, []).append(place)

    def nodes(self) -> tuple[Node, ...]:
        """All nodes, parents first."""
        return tuple(
            Node(kind, parent, attributes, tuple(kids))
            for (kind, parent, attributes), kids in zip(self.kinds, self.kids, strict=True)
        )

    def artifact(self, page: SheetPage, draw: Draw) -> bytes | None:
        """What kind of artifact a draw is; None for content."""
        if not draw.is_margin:
            return None
        return _HEADER if draw.y * _POINTS < page.height / 2 else _FOOTER

    def node(self, place: int) -> int:
        """The node that content of an element belongs to."""
        while place >= 0:
            element = self.elements[place]
            if element.tag == "li":
                return self._add(place, "LBody", self._group(place), b"")
            if element.tag in _KINDS and _KINDS[element.tag] not in _GROUPS:
                return self._group(place)
            if element.tag in _BLOCKS:
                return self._add(place, "P", self._group(place), b"")
            place = element.parent
        return 0

    def _group(self, place: int) -> int:
        """The node of the nearest element that has one."""
        while place >= 0 and self.elements[place].tag not in _KINDS:
            place = self.elements[place].parent
        if place < 0:
            return 0
        element = self.elements[place]
        kind = _KINDS[element.tag]
        if (place, kind) in self.known:
            return self.known[place, kind]
        above = self._above(element)
        node = self._add(place, kind, above, self._attributes(place))
        if element.tag == "tr":  # all its cells in their order, those too that say nothing
            for cell in self.children[place]:
                self._group(cell)
        return node

    def _above(self, element: Element) -> int:
        """Where an element hangs: what is in a list item hangs in its body."""
        place = element.parent
        while place >= 0 and self.elements[place].tag not in _KINDS:
            place = self.elements[place].parent
        if place >= 0 and self.elements[place].tag == "li":
            return self.node(place)
        return self._group(place)

    def _attributes(self, place: int) -> bytes:
        """Entries that say more of an element: scope and spans of a cell, text of a picture."""
        element = self.elements[place]
        if element.tag == "img":
            return b"/Alt%s/A<</O/Layout/BBox%s>>" % (text(element.alt), self.pictures[place])
        if element.tag not in _CELLS:
            return b""
        said = b"/ColSpan %d" % element.columns if element.columns > 1 else b""
        said += b"/RowSpan %d" % element.rows if element.rows > 1 else b""
        if element.tag == "th":
            row = [self.elements[cell].tag for cell in self.children[element.parent]]
            said += b"/Scope/Row" if "td" in row else b"/Scope/Column"
        return b"/A<</O/Table%s>>" % said if said else b""

    def _add(self, place: int, kind: str, above: int, attributes: bytes) -> int:
        if (place, kind) not in self.known:
            self.known[place, kind] = len(self.kinds)
            self.kinds.append((kind, above, attributes))
            self.kids.append([])
            self.kids[above].append(self.known[place, kind])
        return self.known[place, kind]


@dataclass
class _Stretch:
    """Marked content: places of BDC or BMC and of EMC, and who owns it; None for nobody."""

    begin: int
    end: int
    owner: int | bytes | None


@dataclass(frozen=True)
class _Marking:
    """Marks one page. `owners` say for each draw which artifact it is, None for content."""

    page: SheetPage
    place: int
    owners: Mapping[int, bytes | None]
    tree: _Tree

    def marked(self) -> SheetPage:
        """The page with its marks, which are also hung into the tree."""
        operators = list(self.page.operators)
        stretches = self._stretches(operators)
        kept = [stretch for stretch in stretches if stretch.owner is not None]
        for stretch in stretches:
            _clear(operators, stretch)
        mcid = 0
        for group in _joined(operators, kept):
            first, last = group[0], group[-1]
            if isinstance(first.owner, int):
                operators[first.begin] = b"/Span <</MCID %d>> BDC" % mcid
                self.tree.kids[first.owner].append(Mark(self.place, mcid))
                mcid += 1
            elif first.owner:
                operators[first.begin] = b"/Artifact %s BDC" % first.owner
            else:
                operators[first.begin] = b"/Artifact BMC"
            operators[last.end] = b"EMC"
        return replace(self.page, operators=operators)

    def _stretches(self, operators: Sequence[bytes]) -> list[_Stretch]:
        """What WeasyPrint marked, in order; content gets its node."""
        found: list[_Stretch] = []
        opened: list[_Stretch] = []
        for at, operator in enumerate(operators):
            if operator in (b"BDC", b"BMC"):
                opened.append(_Stretch(at, at, _BORDER if operator == b"BMC" else None))
                found.append(opened[-1])
            elif operator == b"EMC":
                opened.pop().end = at
        for index, draw in enumerate(self.page.draws):
            if draw.text is not None and not draw.text.strip():
                continue
            around = [s for s in found if s.begin < draw.start and draw.end <= s.end]
            owner = self.owners[index]
            around[-1].owner = self.tree.node(draw.element) if owner is None else owner
        return found


def _clear(operators: list[bytes], stretch: _Stretch) -> None:
    """Take WeasyPrint's own marks away: tag, properties where there are some, operator, end."""
    first = stretch.begin - (2 if operators[stretch.begin] == b"BDC" else 1)
    operators[first : stretch.begin + 1] = [_GONE] * (stretch.begin + 1 - first)
    operators[stretch.end] = _GONE


def _joined(operators: list[bytes], stretches: Sequence[_Stretch]) -> list[list[_Stretch]]:
    """Stretches of one owner with nothing in between; text objects in a row become one."""
    groups = [[stretch] for stretch in stretches[:1]]
    for before, after in pairwise(stretches):
        between = operators[before.end : after.begin + 1]
        if before.owner == after.owner and not any(between):
            groups[-1].append(after)
            if operators[before.end - 1] == b"ET" and operators[after.begin + 1] == b"BT":
                operators[before.end - 1] = operators[after.begin + 1] = _GONE
        else:
            groups.append([after])
    return groups
