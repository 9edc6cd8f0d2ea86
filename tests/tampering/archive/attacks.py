"""The archive step: document security store, document timestamp, renewal."""

import re
from datetime import timedelta

import workshop
from attack import Attack
from forge import append, bent, body, stamped, stream, with_entries
from workshop import START, Signed

from signing.pades.plan import FieldPlan

AT = START + timedelta(minutes=40)


def _signed(number=3):
    return workshop.standard_states()[number]


def renewed(
    file: Signed, number=2, *, at=AT, rect=b"[0 0 0 0]", flags=b"132", name=None, **options
):
    """A further document timestamp in a field of its own, named in the form."""
    _, plan = file
    new = options.pop("new", [])
    page = int(re.search(rb"/P (\d+) 0 R", plan.fields["archive"].dictionary)[1])
    place = plan.size + len(new)
    name = name or b"renewal-%d" % number
    widget = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%b)/Rect%b/F %b/P %d 0 R>>" % (
        name,
        rect,
        flags,
        page,
    )
    form = body(file, 5).replace(b"]/SigFlags", b" %d 0 R]/SigFlags" % place)
    fields = {**plan.fields, "renewal": FieldPlan(place, widget, (0, 0, 0, 0))}
    objects = {5: form} | options.pop("objects", {})
    # The widget itself is written by the forgery; its number must be the first new one.
    return stamped(
        file, field="renewal", at=at, fields=fields, objects=objects, new=[*new, b"<<>>"], **options
    )


def _on_page():
    file = _signed(4)
    page = int(re.search(rb"/P (\d+) 0 R", file[1].fields["archive"].dictionary)[1])
    sheet = re.sub(rb"(/Annots\[[^\]]*)\]", rb"\1 %d 0 R]" % file[1].size, body(file, page))
    return {page: sheet}


def _store_stripped():
    """A second archive step replaces the store by an empty one."""
    file = _signed(4)
    store = b"<</Type/DSS/Certs[]>>"
    root = re.sub(rb"/DSS \d+ 0 R", b"/DSS %d 0 R" % file[1].size, file[1].root_dictionary)
    return append(file, {1: root}, [store], root=root)[0]


def _fake_store():
    file = _signed(3)
    root = with_entries(file[1].root_dictionary, b"/DSS %d 0 R" % file[1].size)
    return append(file, {1: root}, [b"<</Type/DSS/Certs[]>>"], root=root)[0]


def _store(entries: bytes, new: list[bytes]):
    """An archive step whose store is bent; `%d` in `entries` is the first new object."""

    def make():
        file = _signed(3)
        size = file[1].size
        store = entries % tuple([size] * entries.count(b"%d"))
        place = b"/DSS %d 0 R" % (size + len(new))
        return stamped(file, new=[*new, store], root_entries=place)[0]

    return make


def _before_the_worker():
    """Archived after two signatures, then the worker signs."""
    shop = workshop.standard()
    archived = shop.archive(_signed(2), at=START + timedelta(minutes=15))
    return shop.sign(archived, "worker", at=START + timedelta(minutes=20))[0]


def _stranger():
    return workshop.Workshop.new(root_name="Stranger CA").tsa


NOT = "valid_unknown_issuer"
ATTACKS = [
    Attack(
        "by_a_stranger",
        "the archive field filled by a stranger's TSA",
        lambda: stamped(_signed(), tsa=_stranger())[0],
        "TSA_UNKNOWN",
        outcome=NOT,
    ),
    Attack(
        "of_other_bytes",
        "a document timestamp over other bytes",
        lambda: stamped(_signed(), digest=b"\1" * 32)[0],
        "TIMESTAMP_IMPRINT",
    ),
    Attack(
        "earlier_than_signatures",
        "an archive time before the signatures",
        lambda: stamped(_signed(), at=START - timedelta(minutes=30))[0],
        "TIMES_FALL",
    ),
    Attack(
        "before_the_worker",
        "the worker signed after the archive step",
        _before_the_worker,
        "ARCHIVE_NOT_LAST",
    ),
    Attack("store_stripped", "an update empties the store", _store_stripped, "NOT_ONE_SIGNATURE"),
    Attack(
        "store_without_timestamp",
        "a store by an update without timestamp",
        _fake_store,
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "store_with_junk",
        "a certificate in the store is none",
        _store(b"<</Type/DSS/Certs[%d 0 R]>>", [stream(b"junk")]),
        "DSS",
    ),
    Attack(
        "store_with_broken_crl",
        "a CRL in the store is none",
        _store(b"<</Type/DSS/CRLs[%d 0 R]>>", [stream(b"junk")]),
        "DSS",
    ),
    Attack(
        "store_with_other_entries",
        "the store holds more than certificates and CRLs",
        _store(b"<</Type/DSS/Certs[]/VRI<<>>>>", []),
        "DSS",
    ),
    Attack(
        "store_of_old_objects",
        "the store points to a page's content",
        _store(b"<</Type/DSS/Certs[1 0 R]>>", []),
        "DSS",
    ),
    Attack(
        "store_with_scripts",
        "an archive step changes the catalog beyond /DSS",
        lambda: stamped(_signed(), root_entries=b"/OpenAction<</S/JavaScript/JS(1)>>")[0],
        "CATALOG_CHANGED",
    ),
    Attack(
        "archive_with_page_content",
        "the archive step replaces a page's content",
        lambda: stamped(_signed(), objects={12: stream(b"")})[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "second_archive",
        "the archive field filled a second time",
        lambda: stamped(_signed(4))[0],
        "FIELD_SIGNED_TWICE",
    ),
    Attack(
        "renewal_visible",
        "a renewal whose field is not invisible",
        lambda: renewed(_signed(4), rect=b"[50 700 550 800]")[0],
        "FIELD_CHANGED",
    ),
    Attack(
        "renewal_misnamed",
        "a renewal under another name",
        lambda: renewed(_signed(4), name=b"witness")[0],
        "FIELD_CHANGED",
    ),
    Attack(
        "renewal_before_archive",
        "a renewal where no archive step came before",
        lambda: renewed(_signed(3))[0],
        "NOT_ONE_SIGNATURE",
    ),
    Attack(
        "renewal_with_content",
        "a renewal that replaces a page's content too",
        lambda: renewed(_signed(4), objects={12: stream(b"")})[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "renewal_on_a_page",
        "a renewal that hangs its field on a page",
        lambda: renewed(_signed(4), objects=_on_page())[0],
        "OBJECT_REPLACED",
    ),
    Attack(
        "renewal_by_a_stranger",
        "a renewal by a stranger's TSA",
        lambda: renewed(_signed(4), tsa=_stranger())[0],
        "TSA_UNKNOWN",
        outcome=NOT,
    ),
    Attack(
        "party_signs_instead",
        "a party's signature in the archive field",
        lambda: bent(
            "archive",
            file=_signed(3),
            signer=workshop.standard().seals["platform"],
            at=AT,
            certify=False,
        )[0],
        "SIGNATURE_OBJECT",
    ),
]
