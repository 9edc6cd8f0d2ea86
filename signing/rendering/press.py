"""One agreement at a time, inside a process of its own: from the document to the base file.

Rules kept here:
* the document (body of the request and `issued`) decides everything; the clock is never read;
* text lock before anything leaves: what the PDF says is what the page says;
* every glyph that a seal or an ink box can need stands in the file, in a face of its plan.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import rfc8785

from signing.domain.canonical_text import canonical_text
from signing.domain.draft import Kind, Order, Role, signing_order
from signing.errors import Broken
from signing.pades.plan import FilePlan
from signing.rendering import fontobjects, qr, textlock
from signing.rendering.basefile import Contents, EmbeddedFonts, base_file, frame, plain_file
from signing.rendering.catalogue import Catalogue, ContractTemplate
from signing.rendering.composition import Card, Composition, compose
from signing.rendering.fonts import Faces, missing_characters
from signing.rendering.identity import renderer_id
from signing.rendering.layout import Layouter, Sheet, versions
from signing.rendering.metadata import Metadata
from signing.rendering.pdffile import Object
from signing.rendering.report import compose_report
from signing.rendering.report import style as report_style

APPEARANCE_TEXT = "0123456789-:. +/()（）·签署时间测试证书仅供年月日"
"""What seals and ink boxes may say besides the parties' names."""

_APPEARANCE_TAG = "SIGNAA"


@dataclass(frozen=True)
class Printed:
    """A base file and all that the service keeps beside it."""

    pdf: bytes
    plan: FilePlan
    html: str
    fragment: str
    title: str
    cards: tuple[Card, ...]
    text_sha256: str
    renderer_id: str
    template_version: str
    template_sha256: str
    page_count: int


class Press:
    """Holds templates, faces and WeasyPrint for the life of its process."""

    def __init__(self, templates_dir: Path, fonts_dir: Path) -> None:
        self._catalogue = Catalogue(templates_dir)
        self._faces = Faces.load(fonts_dir)
        self._layouter = Layouter()
        self._versions = versions()

    def coverage_ranges(self) -> list[list[int]]:
        """Code points that running text can be drawn with, as first and last of each run."""
        ranges: list[list[int]] = []
        for code in sorted(self._faces.coverage):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
        return ranges

    def print(self, document: Mapping[str, Any]) -> Printed:
        """Render one agreement. Raises Broken where it cannot be made whole."""
        template = self._catalogue.load(document["kind"], document["template_version"])
        composition = compose(template, document)
        text = canonical_text(composition.html)
        self._check_glyphs(text)
        pdf, plan, page_count = self._print(template, document, composition, text)
        return Printed(
            pdf=pdf,
            plan=plan,
            html=composition.page,
            fragment=composition.fragment,
            title=composition.title,
            cards=composition.cards,
            text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            renderer_id=renderer_id(self._versions, template.template_sha256),
            template_version=template.version,
            template_sha256=template.template_sha256,
            page_count=page_count,
        )

    def print_report(self, facts: Mapping[str, Any]) -> bytes:
        """The 签署证据报告 of these facts; the same facts give the same bytes."""
        html = compose_report(facts, self._faces.coverage)
        nothing: frozenset[str] = frozenset()
        sheet = self._layouter.lay_out(html, report_style(), allowed=nothing, ids=nothing)
        metadata = Metadata(
            title=f"签署证据报告 {facts['agreement']['number']}",
            author="签署服务",
            created_at=datetime.fromisoformat(facts["generated_at"]),
        )
        contents = [(p.content_number, fontobjects.stream(p.content)) for p in sheet.pages]
        file_id = hashlib.sha256(html.encode()).digest()[:16]
        fonts = _embed(sheet, self._faces)
        return plain_file(sheet, fonts, contents, metadata, file_id=file_id)

    def _check_glyphs(self, text: str) -> None:
        """Raises Broken: fontconfig would take another face, or draw an empty box, unseen."""
        if missing := missing_characters(text, self._faces.coverage):
            numbers = ", ".join(f"U+{ord(character):04X}" for character in missing[:8])
            raise Broken(
                f"no font of the text draws {numbers}",
                f"字库里没有这些字，打印不出来：{''.join(missing[:8])}",
                code="GLYPH_MISSING",
            )

    def _print(
        self,
        template: ContractTemplate,
        document: Mapping[str, Any],
        composition: Composition,
        text: str,
    ) -> tuple[bytes, FilePlan, int]:
        """Lay out, embed, lock, write."""
        sheet = self._layouter.lay_out(
            composition.html,
            template.css,
            allowed=frozenset({qr.data_uri(document["issued"]["verify_url"])}),
            ids=frozenset(template.signature_boxes.values()),
        )
        letters = appearance_font(self._faces, document)
        fonts = _embed(sheet, self._faces)
        letters_number = fonts.size
        fonts = replace(fonts, size=letters_number + fontobjects.DENSE_OBJECTS)
        _lock(sheet, text, _table_heads(composition.html))
        start = frame(
            sheet,
            fonts,
            signers=_signers(document),
            language=template.manifest.get("language", "zh-CN"),
        )
        data = rfc8785.dumps(dict(document))
        contents = Contents(
            objects=[
                *letters.objects(letters_number, _APPEARANCE_TAG),
                *((page.content_number, fontobjects.stream(page.content)) for page in sheet.pages),
            ],
            metadata=_metadata(document, composition.title),
            html=composition.page.encode(),
            json=data,
            faces={"song": letters.plan(letters_number)},
        )
        file_id = hashlib.sha256(bytes.fromhex(template.template_sha256) + data).digest()[:16]
        pdf, plan = base_file(start, contents, file_id=file_id)
        expected = _expected(sheet, text, composition.html)
        textlock.check(textlock.read_by_pdfium(pdf), expected)
        return pdf, plan, len(sheet.pages)


def _signers(document: Mapping[str, Any]) -> Sequence[str]:
    """Roles in their order of signing."""
    kind, order = Kind(document["kind"]), Order(document.get("order", Order.ENTERPRISE_FIRST))
    return [role.value for role in signing_order(kind, order)]


def appearance_font(faces: Faces, document: Mapping[str, Any]) -> fontobjects.DenseFont:
    """The font that seals and ink boxes of this agreement are drawn with, names included."""
    names = "".join(party["name"] for party in document["parties"])
    glyphs = [(c, faces.find(c)) for c in dict.fromkeys(APPEARANCE_TEXT + names)]
    return fontobjects.DenseFont(
        faces.by_family["Song"],
        tuple((character, *found) for character, found in glyphs if found is not None),
    )


def _metadata(document: Mapping[str, Any], title: str) -> Metadata:
    """The author is the enterprise: whoever is not the worker."""
    authors = [p["name"] for p in document["parties"] if p["role"] != Role.WORKER]
    created = datetime.fromisoformat(document["issued"]["created_at"])
    if created.tzinfo is None:
        raise Broken("issued.created_at has no time zone")
    return Metadata(title=title, author="、".join(authors), created_at=created)


def _embed(sheet: Sheet, faces: Faces) -> EmbeddedFonts:
    """All fonts of the layout as objects, with what was drawn and no more."""
    objects: list[Object] = []
    numbers = {}
    first = sheet.size
    for use in sheet.fonts:
        numbers[use.tag] = first
        objects += fontobjects.type0(first, faces.by_family[use.family], use.tag, use.texts)
        first += fontobjects.OBJECTS
    return EmbeddedFonts(objects, numbers, first)


def _expected(sheet: Sheet, text: str, html: str) -> textlock.Expected:
    return textlock.Expected(text, [p.margin_text for p in sheet.pages], _table_heads(html))


def _lock(sheet: Sheet, text: str, heads: Sequence[str]) -> None:
    """Walk the pages as they were drawn, by the maps that are embedded."""
    fonts = {use.tag: use.texts for use in sheet.fonts}
    pages = [
        textlock.walk(page.content, fonts, width=page.width, height=page.height)
        for page in sheet.pages
    ]
    textlock.check(
        pages, textlock.Expected(text, [page.margin_text for page in sheet.pages], heads)
    )


class _TableHeads(HTMLParser):
    """Collects the text of every thead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.heads: list[str] = []
        self._is_open = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "thead":
            self._is_open = True
            self.heads.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._is_open = False

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.heads[-1] += data


def _table_heads(html: str) -> Sequence[str]:
    reader = _TableHeads()
    reader.feed(html)
    return reader.heads
