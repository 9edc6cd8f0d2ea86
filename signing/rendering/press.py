"""One agreement at a time, inside a process of its own: from the document to the base file.

Rules kept here:
* the document (body of the request and `issued`) decides everything; the clock is never read;
* text lock before anything leaves: what the PDF says is what the page says;
* every glyph that a seal or an ink box can need stands in the file, in a face of its plan.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any

import rfc8785

from signing.domain.canonical_text import canonical_text
from signing.domain.draft import Kind, Order, Role, signing_order
from signing.errors import Broken
from signing.pades.plan import FacePlan, FilePlan
from signing.rendering import fontobjects, qr, textlock
from signing.rendering.basefile import Contents, EmbeddedFonts, base_file, frame
from signing.rendering.catalogue import Catalogue, ContractTemplate
from signing.rendering.composition import Card, Composition, compose
from signing.rendering.fonts import Face, Faces, missing_characters
from signing.rendering.identity import renderer_id
from signing.rendering.layout import FontUse, Layouter, Sheet, versions
from signing.rendering.metadata import Metadata
from signing.rendering.pdffile import Object

APPEARANCE_TEXT = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz -:+./()（）：·，。、"
    "电子签名签章盖章印章专用合同协议签署时间日期北京年月日时分秒测试证书仅供不具法律效力统一社会信用代码编号第页"
)
"""What appearances may say besides the parties' names."""

_FACE_NAMES = MappingProxyType(
    {"Song": "song", "Hei": "hei", "SongExtA": "song_ext_a", "SongExtB": "song_ext_b"}
)
_SPARE_TAGS = MappingProxyType(
    {"Song": "SIGNAA", "Hei": "SIGNBB", "SongExtA": "SIGNCC", "SongExtB": "SIGNDD"}
)


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
        fonts, uses = _embed(sheet, self._faces, _names(document))
        _lock(sheet, uses, text, _table_heads(composition.html))
        start = frame(
            sheet,
            fonts,
            signers=_signers(document),
            language=template.manifest.get("language", "zh-CN"),
        )
        data = rfc8785.dumps(dict(document))
        contents = Contents(
            objects=[(page.content_number, _content(page.content)) for page in sheet.pages],
            metadata=_metadata(document, composition.title),
            html=composition.page.encode(),
            json=data,
            faces=_face_plans(uses, fonts.numbers, self._faces),
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


def _names(document: Mapping[str, Any]) -> str:
    return "".join(party["name"] for party in document["parties"])


def _metadata(document: Mapping[str, Any], title: str) -> Metadata:
    """The author is the enterprise: whoever is not the worker."""
    authors = [p["name"] for p in document["parties"] if p["role"] != Role.WORKER]
    created = datetime.fromisoformat(document["issued"]["created_at"])
    if created.tzinfo is None:
        raise Broken("issued.created_at has no time zone")
    return Metadata(title=title, author="、".join(authors), created_at=created)


def _embed(sheet: Sheet, faces: Faces, names: str) -> tuple[EmbeddedFonts, dict[str, FontUse]]:
    """All fonts as objects: what was drawn, and what appearances may draw."""
    uses = {use.tag: use for use in sheet.fonts}
    for family, characters in _appearance_characters(faces, names).items():
        face = faces.by_family[family]
        tag = next((u.tag for u in sheet.fonts if u.family == family), _SPARE_TAGS[family])
        drawn = uses[tag].texts if tag in uses else {}
        added = {face.glyphs[ord(character)]: character for character in characters}
        uses[tag] = FontUse(tag, family, {**added, **drawn})
    objects: list[Object] = []
    numbers = {}
    first = sheet.size
    for tag in sorted(uses):
        use = uses[tag]
        numbers[tag] = first
        objects += fontobjects.type0(first, faces.by_family[use.family], tag, use.texts)
        first += fontobjects.OBJECTS
    return EmbeddedFonts(objects, numbers, first), uses


def _appearance_characters(faces: Faces, names: str) -> Mapping[str, str]:
    """Family → characters that appearances need of it: the first of the chain that has them."""
    needed = dict.fromkeys(APPEARANCE_TEXT + names)
    song = [c for c in needed if ord(c) in faces.by_family["Song"].glyphs]
    hei = [c for c in needed if ord(c) in faces.by_family["Hei"].glyphs]
    found = {"Song": "".join(song), "Hei": "".join(hei)}
    rare = [c for c in needed if c not in song]
    for family in ("SongExtA", "SongExtB"):
        here = [c for c in rare if ord(c) in faces.by_family[family].glyphs]
        rare = [c for c in rare if c not in here]
        if here:
            found[family] = "".join(here)
    return found


def _face_plans(
    uses: Mapping[str, FontUse], numbers: Mapping[str, int], faces: Faces
) -> Mapping[str, FacePlan]:
    """The faces for appearances: one font per family."""
    plans: dict[str, FacePlan] = {}
    for tag in sorted(uses):
        use = uses[tag]
        face: Face = faces.by_family[use.family]
        single = {text: glyph for glyph, text in use.texts.items() if len(text) == 1}
        plans.setdefault(
            _FACE_NAMES[use.family],
            FacePlan(
                number=numbers[tag],
                glyphs=MappingProxyType({c: f"{glyph:04x}" for c, glyph in single.items()}),
                advances=MappingProxyType({c: face.advance(g) for c, g in single.items()}),
            ),
        )
    return plans


def _content(raw: bytes) -> bytes:
    packed = zlib.compress(raw, 9)
    return b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)


def _expected(sheet: Sheet, text: str, html: str) -> textlock.Expected:
    return textlock.Expected(text, [p.margin_text for p in sheet.pages], _table_heads(html))


def _lock(sheet: Sheet, uses: Mapping[str, FontUse], text: str, heads: Sequence[str]) -> None:
    """Walk the pages as they were drawn, by the maps that are embedded."""
    fonts = {tag: use.texts for tag, use in uses.items()}
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
