"""The base revision as the judge needs it: catalog, pages, signature fields (made up front, D2).

Rules kept here (part of rule 9):
* the form is one indirect dictionary of signature fields, each its own widget, all empty;
* fields bear the names of parties' roles, and `archive`; no name twice;
* a party's field is a box of moderate size, `archive` is invisible: what is drawn into a field
  comes after earlier signatures, and must not cover a page that they signed (that no box lies
  over a line of text is for rendering anew to show);
* pages bear the form's fields as annotations, each once and all on one page, and no others;
* nothing in the catalog runs by itself or shows by choice: no actions, no scripts, no XFA, no
  layers.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from signing.domain.draft import Role
from signing.pades import vocabulary
from signing.verification import syntax
from signing.verification.grammar import PdfFile, PdfObject
from signing.verification.reasons import Refused

_FORM_KEYS = {b"/Fields", b"/SigFlags", b"/DR", b"/DA"}
_ACTIVE_KEYS = {
    *(b"/OpenAction", b"/AA", b"/Collection", b"/Requirements", b"/URI"),
    b"/OCProperties",
}
_NOWHERE = (b"[", b"0", b"0", b"0", b"0", b"]")
_SIDE = re.compile(rb"[0-9]{1,5}(?:\.[0-9]{1,6})?")
_MAX_WIDTH, _MAX_HEIGHT = 300.0, 160.0  # points
_MAX_PAGES = 2_000
_PARTY_NAMES = frozenset(role.value for role in Role)


@dataclass(frozen=True)
class Field:
    """A signature field merged with its widget; `lock` is the value of `/Lock`, or None."""

    number: int
    name: str
    entries: syntax.Dictionary
    lock: syntax.Value | None

    @property
    def is_party(self) -> bool:
        """Whether a party signs here (else the archive timestamp goes in)."""
        return self.name in _PARTY_NAMES


@dataclass(frozen=True)
class Base:
    """What was there before anyone signed; `names` is the catalog's name dictionary (§7.7.4)."""

    root: PdfObject
    form: PdfObject
    fields: tuple[Field, ...]
    pages: int
    names: syntax.Dictionary

    def field_at(self, number: int) -> Field | None:
        """The field that is object `number`."""
        return next((field for field in self.fields if field.number == number), None)


def read_base(pdf: PdfFile) -> Base:
    """Catalog, form and pages of the first revision. Raises Refused."""
    root = pdf.object_of(pdf.base, syntax.reference(pdf.base.trailer.get(b"/Root")))
    if root.entries.get(b"/Type") != (b"/Catalog",):
        raise Refused("SYNTAX", "/Root is no catalog")
    names = pdf.dictionary_of(root.entries.get(b"/Names"))
    if b"/JavaScript" in names or _ACTIVE_KEYS & set(root.entries):
        raise Refused("ACTIVE_CONTENT")
    if b"/AcroForm" not in root.entries:
        raise Refused("FIELDS", "there is no form")
    form = pdf.object_of(pdf.base, syntax.reference(root.entries[b"/AcroForm"]))
    if set(form.entries) - _FORM_KEYS or form.entries.get(b"/SigFlags") != (b"3",):
        raise Refused("FIELDS", "the form is not one of signature fields alone")
    numbers = [syntax.reference(item) for item in syntax.array(form.entries.get(b"/Fields"))]
    fields = tuple(_field(pdf.object_of(pdf.base, number)) for number in numbers)
    if len({field.name for field in fields}) != len(fields) or len(set(numbers)) != len(fields):
        raise Refused("FIELDS", "a field stands twice")
    return Base(root, form, fields, _count_pages(pdf, root, set(numbers)), names)


def _field(widget: PdfObject) -> Field:
    """One field as the base made it: empty, named, its own widget."""
    entries = widget.entries
    wanted = {
        b"/FT": (b"/Sig",),
        b"/Subtype": (b"/Widget",),
        b"/F": (b"%d" % vocabulary.FIELD_FLAGS,),
    }
    if any(entries.get(key) != value for key, value in wanted.items()):
        raise Refused("FIELDS", f"object {widget.number} is no signature field of ours")
    if {b"/V", b"/Kids", b"/Parent", b"/A", b"/AA", b"/MK"} & set(entries):
        raise Refused("FIELDS", f"field {widget.number} is not empty and plain")
    name = syntax.text(entries.get(b"/T"))
    if name not in _PARTY_NAMES and name != vocabulary.ARCHIVE_FIELD:
        raise Refused("FIELDS", f"a field is named {name[:40]!r}")
    _check_box(entries, name)
    return Field(widget.number, name, entries, entries.get(b"/Lock"))


def _check_box(entries: syntax.Dictionary, name: str) -> None:
    """Where a signature may draw: a small box for a party, nowhere for the archive timestamp."""
    box = entries.get(b"/Rect", ())
    if name == vocabulary.ARCHIVE_FIELD:
        if box != _NOWHERE or b"/AP" in entries:
            raise Refused("FIELDS", "the archive field is visible")
        return
    sides = box[1:-1]
    if len(sides) != len(_NOWHERE) - 2 or not all(map(_SIDE.fullmatch, sides)):
        raise Refused("FIELDS", f"the box of {name} is none")
    left, bottom, right, top = map(float, sides)
    if not (0 < right - left <= _MAX_WIDTH and 0 < top - bottom <= _MAX_HEIGHT):
        raise Refused("FIELDS", f"the box of {name} is too large, or none")


def _count_pages(pdf: PdfFile, root: PdfObject, fields: Collection[int]) -> int:
    """Leaves of the page tree (ISO 32000-1 §7.7.3); a loop is Refused, and a stray annotation."""
    annotated: list[list[int]] = []
    waiting = [syntax.reference(root.entries.get(b"/Pages"))]
    seen: set[int] = set()
    pages = 0
    while waiting:
        number = waiting.pop()
        if number in seen or len(seen) > _MAX_PAGES:
            raise Refused("SYNTAX", "the page tree goes round in circles or is too large")
        seen.add(number)
        node = pdf.object_of(pdf.base, number).entries
        if node.get(b"/Type") == (b"/Page",):
            if b"/AA" in node:
                raise Refused("ACTIVE_CONTENT")
            pages += 1
            annotated.append(_annotations(pdf, node.get(b"/Annots")))
        else:
            waiting += [syntax.reference(kid) for kid in syntax.array(node.get(b"/Kids"))]
    if [sorted(numbers) for numbers in annotated if numbers] != [sorted(fields)]:
        raise Refused("FIELDS", "the pages' annotations are not the form's fields, on one page")
    return pages


def _annotations(pdf: PdfFile, value: syntax.Value | None) -> list[int]:
    """Numbers of a page's annotations."""
    items = [] if value is None else syntax.array(pdf.resolved(value, b"["))
    return [syntax.reference(item) for item in items]
