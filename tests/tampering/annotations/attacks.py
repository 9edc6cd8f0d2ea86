"""Evil annotations and sneaky signatures (EAA, SSA; Rohlmann 2021) on certified files."""

import re

import workshop
from attack import Attack
from forge import append, bent, body, pages, stream, with_entries

from signing.pades.plan import FieldPlan

FREE_TEXT = (
    b"<</Type/Annot/Subtype/FreeText/Rect[50 700 550 800]/Contents(Pay: 0 yuan)/F 4/DA(/F1 20 Tf)>>"
)
STAMP = b"<</Type/Annot/Subtype/Stamp/Rect[50 700 550 800]/Name/Approved/F 4>>"


def _signed(number=3):
    return workshop.standard_states()[number]


def _annotated(file, annotation):
    page = pages(file)[0]
    changed = with_entries(body(file, page), b"/Annots[%d 0 R]" % file[1].size)
    return append(file, {page: changed}, [annotation])


def _new_field(file, *, signer=None):
    """A new signature field over the text, unsigned or signed by whoever."""
    number = file[1].size
    widget = (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(witness)/Rect[50 700 550 800]/F 132/P %d 0 R"
        b"/AP<</N %d 0 R>>>>" % (pages(file)[0], number + 1)
    )
    look = stream(b"1 1 1 rg 0 0 500 100 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 500 100]")
    form = body(file, 5).replace(b"]/SigFlags", b" %d 0 R]/SigFlags" % number)
    if signer is None:
        return append(file, {5: form}, [widget, look])[0]
    fields = {**file[1].fields, "witness": FieldPlan(number, widget, (50, 700, 550, 800))}
    return bent(
        "witness",
        file=file,
        signer=signer,
        at=workshop.START,
        fields=fields,
        objects={5: form},
        new=[widget, look],
        certify=False,
        widget=lambda text: text,
    )[0]


def _stranger():
    return workshop.Workshop.new(root_name="Stranger CA").seals["platform"]


def _uncertified():
    """Approval signatures only; the last signer's field locks."""
    shop = workshop.standard()
    return shop.sign_parties(certify=False)


def _appearance(text: bytes, **head):
    """The worker's increment with an appearance of its own making."""
    file = _signed(2)
    number = file[1].size

    def widget(old):
        start = old.index(b"/AP<<")
        return old[:start] + b"/AP<</N %d 0 R>>" % number + old[old.index(b">>", start) + 2 :]

    return bent(new=[text], widget=widget)[0]


def _form(resources=b"", extra=b"", content=b"0 0 m 1 1 l S"):
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 200 120]" + resources + extra
    return stream(content, head)


def _empty_look():
    widget = _signed(2)[1].fields["worker"].dictionary
    return int(re.search(rb"/AP<</N (\d+) 0 R>>", widget)[1])


def _rollover():
    number = _signed(2)[1].size

    def widget(old):
        start = old.index(b"/AP<<")
        text = b"/AP<</N %d 0 R/R %d 0 R>>" % (number, number)
        return old[:start] + text + old[old.index(b">>", start) + 2 :]

    return bent(new=[_form()], widget=widget)[0]


ATTACKS = [
    Attack(
        "free_text",
        "a FreeText annotation over a clause",
        lambda: _annotated(_signed(), FREE_TEXT)[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "free_text_then_archived",
        "the same, archived by our TSA",
        lambda: workshop.standard().archive(_annotated(_signed(), FREE_TEXT))[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "stamp", "a stamp annotation", lambda: _annotated(_signed(4), STAMP)[0], "NOT_ONE_SIGNATURE"
    ),
    Attack(
        "new_field_unsigned",
        "a new visible signature field that nobody signed",
        lambda: _new_field(_signed()),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "new_field_by_stranger",
        "a new visible field signed by a stranger",
        lambda: _new_field(_signed(), signer=_stranger()),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "new_field_by_party",
        "a new visible field signed with a party's own seal",
        lambda: _new_field(_signed(), signer=workshop.standard().seals["platform"]),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "new_field_uncertified",
        "the same on a file without certification",
        lambda: _new_field(_uncertified()[3], signer=_stranger()),
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "annotation_inside_a_signature",
        "the worker's increment brings an annotation",
        lambda: bent(
            new=[FREE_TEXT],
            objects={
                pages(_signed(2))[0]: with_entries(
                    body(_signed(2), pages(_signed(2))[0]), b"/Annots[%d 0 R]" % _signed(2)[1].size
                )
            },
        )[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "appearance_reaches_a_page",
        "the seal's picture draws a page's content",
        lambda: _appearance(_form(b"/Resources<</XObject<</X %d 0 R>>>>" % pages(_signed(2))[0])),
        "APPEARANCE",
    ),
    Attack(
        "appearance_with_layer",
        "the seal's picture is optional content",
        lambda: _appearance(_form(extra=b"/OC<</Type/OCG/Name(x)>>")),
        "APPEARANCE",
    ),
    Attack(
        "appearance_no_form",
        "the seal's picture is an image",
        lambda: _appearance(stream(b"\0", b"/Type/XObject/Subtype/Image/Width 1/Height 1")),
        "APPEARANCE",
    ),
    Attack(
        "appearance_overwrites",
        "the seal's picture overwrites the empty one that was signed",
        lambda: bent(objects={_empty_look(): _form()})[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "appearance_rollover",
        "the seal looks otherwise under the mouse",
        _rollover,
        "APPEARANCE",
    ),
]
