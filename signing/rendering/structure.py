"""The structure tree as objects of the file (ISO 32000-1 §14.7, ISO 14289-1 §7.18).

Rules kept here:
* each node is an object, because children and the parent tree refer to it; keys that say nothing
  are left out;
* every signature field stands in the tree as a Form, where its box stands on the page, and the
  field of the archive, which has no place, at the end of the document;
* the parent tree has a row for each page, by MCID, and one for each field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from signing.pades.vocabulary import ARCHIVE_FIELD
from signing.rendering.fields import Form
from signing.rendering.pdffile import Object
from signing.rendering.sheet import Mark, Node, Sheet

FEATURES = b"<</Marked true>>"
"""Catalog entry /MarkInfo of a file with this tree."""


def struct_parents(sheet: Sheet, names: list[str]) -> Mapping[str, int]:
    """Keys of fields in the parent tree; none without a tree."""
    return {name: len(sheet.pages) + place for place, name in enumerate(names) if sheet.nodes}


def size(sheet: Sheet, form: Form | None) -> int:
    """How many objects the tree has."""
    return 1 + len(sheet.nodes) + (len(form.fields) if form else 0) if sheet.nodes else 0


def objects(sheet: Sheet, form: Form | None, first: int) -> list[Object]:
    """The tree's objects from `first` on, which is its root; none for a sheet without nodes."""
    if not sheet.nodes:
        return []
    return _Writer(sheet, form, first).objects()


@dataclass(frozen=True)
class _Writer:
    sheet: Sheet
    form: Form | None
    first: int

    def objects(self) -> list[Object]:
        forms = self._forms()
        held: dict[int, list[int]] = {}
        for number, (node, _) in forms.items():
            held.setdefault(node, []).append(number)
        elements = [
            (self._number(place), self._element(node, held.get(place, [])))
            for place, node in enumerate(self.sheet.nodes)
        ]
        rows = self._parents() | {key: number for number, (_, key) in self._keys(forms).items()}
        root = b"<</Type/StructTreeRoot/K %d 0 R/ParentTree<</Nums[%s]>>/ParentTreeNextKey %d>>" % (
            self._number(0),
            b"".join(_row(key, row) for key, row in sorted(rows.items())),
            len(rows),
        )
        return [
            (self.first, root),
            *elements,
            *((number, self._form_element(name, node)) for number, (node, name) in forms.items()),
        ]

    def _number(self, place: int) -> int:
        return self.first + 1 + place

    def _forms(self) -> dict[int, tuple[int, str]]:
        """Number of each Form element → the node it hangs in, the field's name."""
        names = list(self.form.fields) if self.form else []
        start = self._number(len(self.sheet.nodes))
        return {
            start + place: (0 if name == ARCHIVE_FIELD else self.sheet.forms[f"sig-{name}"], name)
            for place, name in enumerate(names)
        }

    def _keys(self, forms: Mapping[int, tuple[int, str]]) -> dict[int, tuple[int, int]]:
        pages = len(self.sheet.pages)
        return {
            number: (node, pages + place) for place, (number, (node, _)) in enumerate(forms.items())
        }

    def _parents(self) -> dict[int, list[int] | int]:
        """Numbers of elements by MCID, for each page."""
        rows: dict[int, dict[int, int]] = {place: {} for place, _ in enumerate(self.sheet.pages)}
        for place, node in enumerate(self.sheet.nodes):
            for kid in node.kids:
                if isinstance(kid, Mark):
                    rows[kid.page][kid.mcid] = self._number(place)
        return {place: [row[mcid] for mcid in sorted(row)] for place, row in rows.items()}

    def _element(self, node: Node, forms: list[int]) -> bytes:
        marks = [kid for kid in node.kids if isinstance(kid, Mark)]
        page = marks[0].page if marks else -1
        kids = [self._kid(kid, page) for kid in node.kids]
        kids += [b"%d 0 R" % number for number in forms]
        parent = self.first if node.parent < 0 else self._number(node.parent)
        entries = [b"/S/%s/P %d 0 R" % (node.kind.encode(), parent), node.attributes]
        if marks:
            entries.append(b"/Pg %d 0 R" % self.sheet.pages[page].number)
        if kids:
            entries.append(b"/K %s" % kids[0] if len(kids) == 1 else b"/K[%s]" % b" ".join(kids))
        return b"<<%s>>" % b"".join(entries)

    def _kid(self, kid: int | Mark, page: int) -> bytes:
        if not isinstance(kid, Mark):
            return b"%d 0 R" % self._number(kid)
        if kid.page == page:
            return b"%d" % kid.mcid
        number = self.sheet.pages[kid.page].number
        return b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (number, kid.mcid)

    def _form_element(self, name: str, node: int) -> bytes:
        """The form's element; a reader takes its name from the field's /TU."""
        if self.form is None:
            return b"null"
        field, page = self.form.fields[name].number, self.form.pages[name]
        return b"<</S/Form/P %d 0 R/K<</Type/OBJR/Obj %d 0 R/Pg %d 0 R>>>>" % (
            self._number(node),
            field,
            page,
        )


def _row(key: int, row: list[int] | int) -> bytes:
    if isinstance(row, int):
        return b"%d %d 0 R " % (key, row)
    return b"%d[%s]" % (key, b" ".join(b"%d 0 R" % number for number in row))
