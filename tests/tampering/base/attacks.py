"""Bases prepared by whoever makes them, so that a later, lawful step changes what is seen."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

import workshop
from attack import Attack
from forge import stamped, stream, with_entries
from workshop import Signed

Objects = dict[int, bytes]
HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
OVER_THE_TEXT = b"/Rect[50 740 450 780]"
NOWHERE = b"/Rect[0 0 0 0]"


def prepared(change: Callable[[Objects], None]) -> Signed:
    """The standard base with its objects changed before anyone signs."""
    data, plan = workshop.standard().base()
    objects: Objects = {}
    for head in re.finditer(rb"\n(\d+) 0 obj\n", data):
        objects.setdefault(int(head[1]), data[head.end() : data.index(b"\nendobj\n", head.end())])
    change(objects)
    out, rows = bytearray(HEAD), bytearray(b"0000000000 65535 f \n")
    for number in sorted(objects):
        rows += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, objects[number])
    size, xref = max(objects) + 1, len(out)
    out += b"xref\n0 %d\n%btrailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID%b>>\n" % (
        *(size, rows, size),
        *(plan.root_number, plan.info_number, plan.file_id),
    )
    out += b"startxref\n%d\n%%%%EOF\n" % xref
    fields = {
        name: replace(field, dictionary=objects[field.number])
        for name, field in plan.fields.items()
    }
    changed = replace(
        plan,
        length=len(out),
        sha256=hashlib.sha256(out).hexdigest(),
        startxref=xref,
        size=size,
        root_dictionary=objects[plan.root_number],
        fields=fields,
    )
    return bytes(out), changed


def _edit(role: str, old: bytes, new: bytes) -> Callable[[Objects], None]:
    number = workshop.standard().base()[1].fields[role].number

    def change(objects: Objects) -> None:
        objects[number] = re.sub(old, new, objects[number])

    return change


def _signed(change: Callable[[Objects], None]) -> Signed:
    return workshop.standard().sign_parties(prepared(change))[-1]


def _archived(change: Callable[[Objects], None]) -> Callable[[], bytes]:
    return lambda: workshop.standard().archive(_signed(change))[0]


def _drawn_when_archiving(file: Signed) -> bytes:
    """The archive step brings a picture for its field: 3,000 yuan become 300."""
    look = stream(b"1 g 0 0 400 40 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 400 40]")
    number = file[1].size
    return stamped(
        file, new=[look], widget=lambda old: with_entries(old, b"/AP<</N %d 0 R>>" % number)
    )[0]


def _archive_over_the_text() -> bytes:
    """After the worker signed, the archive step paints over the first page's wage."""
    return _drawn_when_archiving(_signed(_edit("archive", rb"/Rect\[[^]]*\]", OVER_THE_TEXT)))


def _look_for_the_archive() -> bytes:
    return _drawn_when_archiving(workshop.standard_states()[3])


def _archive_visible() -> bytes:
    return _signed(_edit("archive", rb"/Rect\[[^]]*\]", OVER_THE_TEXT))[0]


def _root(added: bytes) -> Callable[[Objects], None]:
    number = workshop.standard().base()[1].root_number

    def change(objects: Objects) -> None:
        objects[number] = with_entries(objects[number], added)

    return change


def _page(objects: Objects) -> int:
    return next(number for number in objects if objects[number].startswith(b"<</Type/Page/"))


def _annotated(annotation: bytes) -> Callable[[Objects], None]:
    """An annotation on the first page that is no field of the form."""

    def change(objects: Objects) -> None:
        page, number = _page(objects), max(objects) + 1
        objects[number] = annotation
        objects[page] = with_entries(objects[page], b"/Annots[%d 0 R]" % number)

    return change


def _field_on_two_pages(objects: Objects) -> None:
    field = workshop.standard().base()[1].fields["service_provider"].number
    page = _page(objects)
    objects[page] = with_entries(objects[page], b"/Annots[%d 0 R]" % field)


def _shown_otherwise(objects: Objects) -> None:
    """Readers list attachments from the name tree: there stands another contract.html."""
    root, number = workshop.standard().base()[1].root_number, max(objects) + 1
    objects[number] = stream(b"<p>other</p>", b"/Type/EmbeddedFile")
    objects[number + 1] = (
        b"<</Type/Filespec/F(contract.html)/UF(contract.html)/EF<</F %d 0 R>>>>" % number
    )
    objects[root] = re.sub(
        rb"\(contract.html\)\d+ 0 R", b"(contract.html)%d 0 R" % (number + 1), objects[root]
    )


SCRIPT = (
    b"<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/Rect[50 700 300 800]"
    b"/AA<</E<</S/JavaScript/JS(app.alert\\(1\\))>>>>>>"
)
LINK = b"<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A<</S/Launch/F(calc.exe)>>>>"
ATTACKS = [
    Attack(
        "rebuilt",
        "the same objects laid out anew, then signed: nothing is wrong",
        _archived(lambda _: None),
        "ADDITIONS_ALLOWED",
        outcome="valid",
    ),
    Attack(
        "archive_over_the_text",
        "an unseen box of the archive field, painted over after the worker signed",
        _archive_over_the_text,
        "FIELDS",
    ),
    Attack(
        "archive_with_a_picture",
        "the archive step brings a picture though its field is invisible",
        _look_for_the_archive,
        "APPEARANCE",
    ),
    Attack(
        "archive_visible", "the archive field has a box, unused yet", _archive_visible, "FIELDS"
    ),
    Attack(
        "field_as_large_as_the_page",
        "a party's field covers the whole page: its picture may hide the text",
        _archived(_edit("service_provider", rb"/Rect\[[^]]*\]", b"/Rect[0 0 595 842]")),
        "FIELDS",
    ),
    Attack(
        "field_turned_over",
        "a party's box with its corners exchanged",
        _archived(_edit("service_provider", rb"/Rect\[[^]]*\]", b"/Rect[260 540 60 420]")),
        "FIELDS",
    ),
    Attack(
        "field_on_two_pages",
        "one field shown on a page of text as well",
        _archived(_field_on_two_pages),
        "FIELDS",
    ),
    Attack(
        "layers",
        "optional content: what is seen depends on the reader",
        _archived(_root(b"/OCProperties<</OCGs[]/D<<>>>>")),
        "ACTIVE_CONTENT",
    ),
    Attack(
        "script_in_a_field",
        "a text field beside the form, with a script",
        _archived(_annotated(SCRIPT)),
        "FIELDS",
    ),
    Attack(
        "link_that_starts_a_program",
        "a link as large as the page",
        _archived(_annotated(LINK)),
        "FIELDS",
    ),
    Attack(
        "attachments_shown_otherwise",
        "the list of attachments names another contract.html",
        _archived(_shown_otherwise),
        "ATTACHMENTS",
    ),
]
