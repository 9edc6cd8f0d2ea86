"""The base file of an agreement: what is laid out, plus all that signing and PDF/A ask for.

Rules kept here (pdf.md §1 and §3, render.md §3):
* objects that hold no value of the agreement come first and are the same for every agreement of
  one layout; page contents, metadata and attachments follow;
* the catalog names each attachment once in `/AF`, the form, the output intent, ESIC 1;
* with tags the file says that it is PDF/UA-1: structure tree, language, title shown, fields in it;
* the plan is handed over with the file: nobody parses it again.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from signing.pades.dictionary import dictionary, entries, text
from signing.pades.plan import FacePlan, FilePlan
from signing.pades.vocabulary import ARCHIVE_FIELD
from signing.rendering import structure
from signing.rendering.fields import Box, Form, empty_form
from signing.rendering.fontobjects import stream
from signing.rendering.metadata import AGREEMENT_JSON, CONTRACT_HTML, Metadata
from signing.rendering.pdffile import Object, Prefix, Trailer, complete, prefix
from signing.rendering.profile import srgb
from signing.rendering.sheet import Sheet

_DESTINATION = re.compile(rb"/XYZ ([\d.]+) ([\d.]+) 0")
_EXTENSIONS = b"<</ESIC<</Type/DeveloperExtensions/BaseVersion/1.7/ExtensionLevel 1>>>>"


@dataclass(frozen=True)
class EmbeddedFonts:
    """Fonts of the file: their objects, number by resource name, and the faces for appearances."""

    objects: Sequence[Object]
    numbers: Mapping[str, int]
    size: int


@dataclass(frozen=True)
class Frame:
    """A layout turned into the beginning of a file; what is still to come has its numbers here."""

    start: Prefix
    root_number: int
    root_dictionary: bytes
    info_number: int
    xmp_number: int
    html_number: int
    json_number: int
    form: Form
    is_tagged: bool


@dataclass(frozen=True)
class Contents:
    """What one agreement adds to a frame: page contents and further objects, both as bodies."""

    objects: Sequence[Object]
    metadata: Metadata
    html: bytes
    json: bytes
    faces: Mapping[str, FacePlan]


def frame(sheet: Sheet, fonts: EmbeddedFonts, *, signers: Sequence[str], language: str) -> Frame:
    """The beginning of the file for a layout; `signers` are roles in their order."""
    boxes = {
        role: Box(sheet.pages[box.page].number, box.rect)
        for role, box in ((role, sheet.boxes[f"sig-{role}"]) for role in signers)
    }
    keys = structure.struct_parents(sheet, [*signers, ARCHIVE_FIELD])
    form = empty_form(fonts.size, boxes, signers, keys)
    first = form.size
    profile, names, destinations, html_spec, json_spec = range(first, first + 5)
    info, xmp, html, json, tree = range(first + 5, first + 10)
    root = _catalog(sheet, form, profile=profile, names=names, xmp=xmp, language=language)
    root |= _tags(sheet, tree)
    root[b"/AF"] = b"[%d 0 R %d 0 R]" % (json_spec, html_spec)
    root_dictionary = dictionary(root)
    objects = [
        *_sheet_objects(sheet, form, fonts),
        *fonts.objects,
        *form.objects,
        *structure.objects(sheet, form, tree),
        (profile, stream(srgb(), b"/N 3")),
        (names, _names(destinations, html_spec, json_spec)),
        (destinations, _destinations(sheet)),
        (html_spec, CONTRACT_HTML.specification(html)),
        (json_spec, AGREEMENT_JSON.specification(json)),
        (sheet.catalog_number, root_dictionary),
    ]
    return Frame(
        start=prefix(objects, size=tree + structure.size(sheet, form)),
        root_number=sheet.catalog_number,
        root_dictionary=root_dictionary,
        info_number=info,
        xmp_number=xmp,
        html_number=html,
        json_number=json,
        form=form,
        is_tagged=bool(sheet.nodes),
    )


def _catalog(
    sheet: Sheet, form: Form, *, profile: int, names: int, xmp: int, language: str
) -> dict[bytes, bytes]:
    """Catalog entries: those of the layout, then ours."""
    return {
        **{key: value for key, value in sheet.catalog.items() if key != b"/Names"},
        b"/Lang": text(language),
        b"/ViewerPreferences": b"<</DisplayDocTitle true>>",
        b"/Metadata": b"%d 0 R" % xmp,
        b"/OutputIntents": _intent(profile),
        b"/Names": b"%d 0 R" % names,
        b"/AcroForm": b"%d 0 R" % form.number,
        b"/Extensions": _EXTENSIONS,
    }


def _tags(sheet: Sheet, tree: int) -> dict[bytes, bytes]:
    """Catalog entries of a tagged file, whose structure tree is object `tree`."""
    if not sheet.nodes:
        return {}
    return {b"/MarkInfo": structure.FEATURES, b"/StructTreeRoot": b"%d 0 R" % tree}


def _sheet_objects(sheet: Sheet, form: Form, fonts: EmbeddedFonts) -> list[Object]:
    """The layout's own objects; pages get their widgets, the resources their fonts."""
    dictionaries = dict(sheet.page_dictionaries)
    for number, widgets in form.widgets.items():
        page = entries(dictionaries[number])
        before = page.get(b"/Annots", b"[]").removesuffix(b"]").removeprefix(b"[")
        added = b" ".join(b"%d 0 R" % widget for widget in widgets)
        page[b"/Annots"] = b"[%s]" % (before + b" " + added).strip()
        dictionaries[number] = dictionary(page)
    pages = [(number, _page(entries(body))) for number, body in dictionaries.items()]
    resources = (sheet.fonts_number, _font_dictionary(fonts))
    return sorted([*sheet.objects.items(), *pages, resources])


def _page(page: dict[bytes, bytes]) -> bytes:
    """A page without the boxes that are its media box, which is what they are if not said."""
    media = page[b"/MediaBox"]
    boxes = (b"/TrimBox", b"/BleedBox")
    return dictionary({k: v for k, v in page.items() if k not in boxes or v != media})


def _intent(profile: int) -> bytes:
    """The output intent: sRGB, whose profile is object `profile`."""
    return (
        b"[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
        b"/Info(sRGB)/DestOutputProfile %d 0 R>>]" % profile
    )


def _font_dictionary(fonts: EmbeddedFonts) -> bytes:
    return b"<<%s>>" % b"".join(
        b"/%s %d 0 R" % (tag.encode(), number) for tag, number in fonts.numbers.items()
    )


def _names(destinations: int, html_spec: int, json_spec: int) -> bytes:
    """The name dictionary: where articles are, and the attachments by name.

    Destinations are an object of their own: a judge of signatures need not read them.
    """
    pairs = ((AGREEMENT_JSON, json_spec), (CONTRACT_HTML, html_spec))
    attached = b"<</Names[%s]>>" % b"".join(
        text(attachment.name) + b"%d 0 R" % number for attachment, number in pairs
    )
    return dictionary({b"/Dests": b"%d 0 R" % destinations, b"/EmbeddedFiles": attached})


def _destinations(sheet: Sheet) -> bytes:
    """The layout's name tree of ids (of articles), in whole points."""
    names = entries(sheet.catalog.get(b"/Names", b"<<>>"))
    return _DESTINATION.sub(_whole_points, names.get(b"/Dests", b"<</Names[]>>"))


def _whole_points(match: re.Match[bytes]) -> bytes:
    return b"/XYZ %d %d 0" % (round(float(match[1])), round(float(match[2])))


def plain_file(
    sheet: Sheet,
    fonts: EmbeddedFonts,
    contents: Sequence[Object],
    metadata: Metadata,
    *,
    file_id: bytes,
) -> bytes:
    """A file of ours that nobody signs (a report): PDF/A-3, no form, no attachment."""
    profile, info, xmp, tree = range(fonts.size, fonts.size + 4)
    root = dict(sheet.catalog) | _tags(sheet, tree)
    root |= {
        b"/Lang": text("zh-CN"),
        b"/ViewerPreferences": b"<</DisplayDocTitle true>>",
        b"/Metadata": b"%d 0 R" % xmp,
        b"/OutputIntents": _intent(profile),
    }
    objects = [
        *sheet.objects.items(),
        *sheet.page_dictionaries.items(),
        (sheet.fonts_number, _font_dictionary(fonts)),
        *fonts.objects,
        (profile, stream(srgb(), b"/N 3")),
        (sheet.catalog_number, dictionary(root)),
        *contents,
        (info, metadata.info()),
        (xmp, metadata.xmp(conformance="U", is_accessible=bool(sheet.nodes))),
        *structure.objects(sheet, None, tree),
    ]
    start = prefix(objects, size=tree + structure.size(sheet, None))
    return complete(start, [], Trailer(sheet.catalog_number, info, file_id))[0]


def base_file(start: Frame, contents: Contents, *, file_id: bytes) -> tuple[bytes, FilePlan]:
    """The finished file and its plan; `file_id` are sixteen bytes made from the input."""
    metadata = contents.metadata
    objects = [
        *contents.objects,
        (start.info_number, metadata.info()),
        (start.xmp_number, metadata.xmp(conformance="U", is_accessible=start.is_tagged)),
        (start.json_number, AGREEMENT_JSON.embedded(contents.json, metadata.date)),
        (start.html_number, CONTRACT_HTML.embedded(contents.html, metadata.date)),
    ]
    trailer = Trailer(start.root_number, start.info_number, file_id)
    pdf, startxref = complete(start.start, objects, trailer)
    plan = FilePlan(
        length=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
        startxref=startxref,
        size=len(start.start.rows),
        root_number=start.root_number,
        root_dictionary=start.root_dictionary,
        info_number=start.info_number,
        file_id=trailer.id_array,
        fields=start.form.fields,
        faces=MappingProxyType(dict(contents.faces)),
    )
    return pdf, plan
