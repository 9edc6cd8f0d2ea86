"""One agreement at a time, inside a process of its own: from the document to the base file.

Rules kept here:
* the document (body of the request and `issued`) decides everything; the clock is never read;
* templates are compiled once per version and process;
* what a proof finds wrong travels with the file that is handed out instead.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from signing.domain.draft import text_kind_of
from signing.pades.plan import FilePlan
from signing.rendering import fontobjects
from signing.rendering.basefile import plain_file
from signing.rendering.catalogue import Catalogue, ContractTemplate
from signing.rendering.composition import Card, Composer
from signing.rendering.fonts import Faces
from signing.rendering.gears import Gears
from signing.rendering.identity import renderer_id
from signing.rendering.job import Job
from signing.rendering.layout import Layouter, versions
from signing.rendering.metadata import Metadata
from signing.rendering.report import compose_report
from signing.rendering.report import style as report_style
from signing.rendering.whole import embed


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
    gear: int
    alarm: str


class Press:
    """Holds templates, faces and WeasyPrint for the life of its process."""

    def __init__(self, templates_dir: Path, fonts_dir: Path, *, tags: bool = False) -> None:
        self._catalogue = Catalogue(templates_dir)
        self._faces = Faces.load(fonts_dir)
        self._layouter = Layouter(tags=tags)
        self._gears = Gears(self._layouter, self._faces)
        self._engine = {**versions(), **({"tags": "on"} if tags else {})}
        self._composers: dict[str, Composer] = {}

    def warm_up(self) -> None:
        """Compile the newest text of every kind, so that the first agreement need not wait."""
        for kind in self._catalogue.kinds():
            self._composer(self._catalogue.load(kind))

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
        template = self._catalogue.load(text_kind_of(document), document["template_version"])
        composition = self._composer(template).compose(document)
        pressed = self._gears.press(Job(template, document, composition))
        return Printed(
            pdf=pressed.pdf,
            plan=pressed.plan,
            html=composition.page,
            fragment=composition.fragment,
            title=composition.title,
            cards=composition.cards,
            text_sha256=hashlib.sha256(pressed.text.encode()).hexdigest(),
            renderer_id=renderer_id(self._engine, template.template_sha256),
            template_version=template.version,
            template_sha256=template.template_sha256,
            page_count=pressed.page_count,
            gear=pressed.gear,
            alarm=pressed.alarm,
        )

    def _composer(self, template: ContractTemplate) -> Composer:
        """The template compiled; kept for the life of the process."""
        if template.template_sha256 not in self._composers:
            self._composers[template.template_sha256] = Composer(template)
        return self._composers[template.template_sha256]

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
        fonts, _ = embed(sheet, self._faces, spare=0)
        return plain_file(sheet, fonts, contents, metadata, file_id=file_id)
