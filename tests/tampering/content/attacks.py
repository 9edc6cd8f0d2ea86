"""The document's content and its catalog, changed after signing."""

import workshop
from attack import Attack
from forge import append, bent, body, numbers_of, page_contents, pages, stream, with_entries


def _signed(number=3):
    return workshop.standard_states()[number]


def _flipped(find: bytes, *, offset: int = 0):
    """One bit of the archived file, at a place inside the base."""

    def make():
        data = bytearray(_signed(4)[0])
        data[data.index(find) + offset] ^= 1
        return bytes(data)

    return make


def _root(added: bytes = b"", *, old: bytes = b"", new: bytes = b""):
    """The catalog changed by an update, then archived by our own TSA."""

    def make():
        file = _signed()
        root = file[1].root_dictionary.replace(old, new) if old else file[1].root_dictionary
        root = with_entries(root, added) if added else root
        return workshop.standard().archive(append(file, {1: root}, root=root))[0]

    return make


def _root_inside(added: bytes):
    """The catalog changed inside a party's own increment."""
    return lambda: bent("service_provider", root_entries=added)[0]


def _objects(change):
    """Objects replaced by an update, then archived by our own TSA."""

    def make():
        file = _signed()
        return workshop.standard().archive(append(file, change(file)))[0]

    return make


def _page_removed(file):
    kids = b" ".join(b"%d 0 R" % page for page in pages(file)[:-1])
    return {2: b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(pages(file)) - 1, kids)}


def _page_added(file):
    kids = b" ".join(b"%d 0 R" % page for page in [*pages(file), pages(file)[0]])
    return {2: b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(pages(file)) + 1, kids)}


def _page_loop(file):
    return {2: b"<</Type/Pages/Count 1/Kids[2 0 R]>>"}


def _rotated(file):
    page = pages(file)[0]
    return {page: with_entries(body(file, page), b"/Rotate 180")}


def _cropped(file):
    page = pages(file)[0]
    return {page: with_entries(body(file, page), b"/CropBox[0 0 595 400]")}


def _attachment(file):
    number = numbers_of(file, rb"^<</Type/EmbeddedFile/Subtype/text")[0]
    return {number: stream(b"<main id='contract'>free</main>", b"/Type/EmbeddedFile")}


def _metadata(file):
    return {3: stream(b"<x/>", b"/Type/Metadata/Subtype/XML")}


def _info(file):
    return {4: b"<</Title(Another title)>>"}


CHANGED = "NOT_ONE_SIGNATURE"
ATTACKS = [
    Attack(
        "flip_in_page", "one bit of a page's content", _flipped(b"Tj ET", offset=-9), "HASH_FAILURE"
    ),
    Attack(
        "flip_in_attachment",
        "one bit of the attached text",
        _flipped("伍元".encode()),
        "HASH_FAILURE",
    ),
    Attack(
        "flip_in_metadata",
        "one bit of the metadata",
        _flipped(b"pdfaid:part", offset=13),
        "HASH_FAILURE",
    ),
    Attack(
        "flip_in_font", "one bit of the font program", _flipped(b"glyf", offset=1), "HASH_FAILURE"
    ),
    Attack(
        "flip_in_seal",
        "one bit of a party's name in the signature",
        _flipped(b"/Reason", offset=12),
        "HASH_FAILURE",
    ),
    Attack("page_removed", "the page tree without the last page", _objects(_page_removed), CHANGED),
    Attack("page_added", "a page more", _objects(_page_added), CHANGED),
    Attack("page_loop", "a page tree that goes round in circles", _objects(_page_loop), CHANGED),
    Attack("page_rotated", "a page upside down", _objects(_rotated), CHANGED),
    Attack("page_cropped", "half of a page cropped away", _objects(_cropped), CHANGED),
    Attack("attachment_replaced", "the attached text replaced", _objects(_attachment), CHANGED),
    Attack(
        "metadata_replaced",
        "the XMP metadata replaced (pyHanko calls it an LTA update)",
        _objects(_metadata),
        CHANGED,
    ),
    Attack("info_replaced", "/Info replaced", _objects(_info), CHANGED),
    Attack(
        "orphan_objects",
        "objects that nothing points to",
        lambda: workshop.standard().archive(append(_signed(), new=[b"<</Type/Page>>"]))[0],
        CHANGED,
    ),
    Attack(
        "open_action",
        "a script that runs at opening",
        _root(b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
        CHANGED,
    ),
    Attack(
        "script_by_name",
        "a script in the name tree",
        _root(b"/AA<</WC<</S/JavaScript/JS(1)>>>>"),
        CHANGED,
    ),
    Attack("version_entry", "/Version in the catalog", _root(b"/Version/2.0"), CHANGED),
    Attack("mark_info", "/MarkInfo in the catalog", _root(b"/MarkInfo<</Marked true>>"), CHANGED),
    Attack(
        "viewer_preferences",
        "the viewer's menus hidden",
        _root(b"/ViewerPreferences<</HideMenubar true>>"),
        CHANGED,
    ),
    Attack(
        "names_replaced",
        "the attachments' name tree replaced",
        _root(old=b"/Names<<", new=b"/Names<</Dests<<>>"),
        CHANGED,
    ),
    Attack(
        "catalog_inside_a_signature",
        "a party's increment changes the catalog",
        _root_inside(b"/PageLayout/OneColumn"),
        "CATALOG_CHANGED",
    ),
    Attack(
        "script_inside_a_signature",
        "a party's increment brings a script",
        _root_inside(b"/OpenAction<</S/JavaScript/JS(1)>>"),
        "CATALOG_CHANGED",
    ),
    Attack(
        "fake_store_inside_a_signature",
        "a party's increment brings a /DSS",
        _root_inside(b"/DSS<</Type/DSS>>"),
        "CATALOG_CHANGED",
    ),
    Attack(
        "content_object_replaced",
        "the contents of all pages replaced, then archived",
        _objects(lambda file: {n: stream(b"") for n in page_contents(file)}),
        CHANGED,
    ),
]
