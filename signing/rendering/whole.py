"""Gear 1: an agreement drawn whole by WeasyPrint. Exact by definition, and what gear 2 must equal.

Rules kept here:
* the same options, the same writer and the same order of objects as gear 2;
* fonts hold what was drawn and no more; appearances have the agreement's own dense font;
* the text lock reads the pages twice: by our own walk, and by pdfium from the finished file.
"""

from collections.abc import Sequence

from signing.pades.plan import FilePlan
from signing.rendering import fontobjects, textlock
from signing.rendering.basefile import Contents, EmbeddedFonts, base_file, frame
from signing.rendering.fontobjects import GidFont, StemFont
from signing.rendering.fonts import Face, Faces
from signing.rendering.job import Job
from signing.rendering.layout import Layouter
from signing.rendering.pdffile import Object
from signing.rendering.sheet import Sheet

_APPEARANCE_TAG = "SIGNAA"


def lay_out(layouter: Layouter, job: Job) -> Sheet:
    """The agreement as WeasyPrint draws it, its text checked. Raises Broken."""
    sheet = layouter.lay_out(
        job.composition.html,
        job.template.css,
        allowed=frozenset({job.composition.qr}),
        ids=frozenset(job.template.signature_boxes.values()),
    )
    fonts = {use.tag: use.texts for use in sheet.fonts}
    pages = [
        textlock.walk(page.content, fonts, width=page.width, height=page.height)
        for page in sheet.pages
    ]
    textlock.check(pages, expected(sheet, job))
    return sheet


def draw_whole(sheet: Sheet, job: Job, faces: Faces) -> tuple[bytes, FilePlan]:
    """The base file of a layout, without slots. Raises Broken (TEXT_LOCK)."""
    letters = StemFont(faces.by_family["Song"], _APPEARANCE_TAG, ())
    added = appearance_glyphs(faces, job.appearance_characters)
    fonts, letters_number = embed(sheet, faces, spare=fontobjects.STEM_OBJECTS)
    contents = Contents(
        objects=[
            *letters.objects(letters_number, added),
            *((page.content_number, fontobjects.stream(page.content)) for page in sheet.pages),
        ],
        metadata=job.metadata,
        html=job.composition.page.encode(),
        json=job.data,
        faces={"song": letters.plan(letters_number, added, job.appearance_characters)},
    )
    start = frame(sheet, fonts, signers=job.signers, language=job.language)
    pdf, plan = base_file(start, contents, file_id=job.file_id)
    textlock.check(textlock.read_by_pdfium(pdf), expected(sheet, job))
    return pdf, plan


def embed(sheet: Sheet, faces: Faces, *, spare: int) -> tuple[EmbeddedFonts, int]:
    """All fonts of the layout as objects, and the first of `spare` numbers behind them."""
    objects: list[Object] = []
    numbers = {}
    first = sheet.size
    for use in sheet.fonts:
        numbers[use.tag] = first
        objects += GidFont(faces.by_family[use.family], use.tag, use.texts).objects(first)
        first += fontobjects.GID_OBJECTS
    return EmbeddedFonts(objects, numbers, first + spare), first


def appearance_glyphs(faces: Faces, characters: Sequence[str]) -> list[tuple[str, Face, int]]:
    """Where appearances find their characters; those without a glyph are left out."""
    found = [(character, faces.find(character)) for character in characters]
    return [(character, *place) for character, place in found if place is not None]


def expected(sheet: Sheet, job: Job) -> textlock.Expected:
    """What the pages of a layout must say."""
    margins = [page.margin_text for page in sheet.pages]
    return textlock.Expected(job.text, margins, job.table_heads)
