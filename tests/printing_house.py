# ruff: noqa: E402 - fontconfig must be told where to look before WeasyPrint is imported
"""The press inside the tests' own process, for what a pool would hide: gears, masters, bytes.

Fontconfig reads its configuration when WeasyPrint is imported, so it is named here first.
"""

import hashlib
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "templates" / "contracts"
FONTS = ROOT / "build" / "fonts"
from signing.rendering.fontconfig import configure

os.environ.setdefault("FONTCONFIG_FILE", str(configure(FONTS)))

from agreement_variety import issued
from signing.rendering import compiling
from signing.rendering.catalogue import Catalogue
from signing.rendering.composition import Composer
from signing.rendering.fonts import Faces
from signing.rendering.gears import Gears
from signing.rendering.identity import renderer_id
from signing.rendering.job import Job
from signing.rendering.layout import Layouter, versions
from signing.rendering.whole import draw_whole, lay_out

__all__ = ["CONTRACTS", "FONTS", "ROOT", "PrintingHouse", "compiling"]


class PrintingHouse:
    """Layouter and faces once, gears and composers as often as a test wants."""

    def __init__(self, templates: Path = CONTRACTS, *, tags: bool = False) -> None:
        self.layouter = Layouter(tags=tags)
        self.faces = Faces.load(FONTS)
        self.catalogue = Catalogue(templates)
        self._composers: dict[str, Composer] = {}

    def gears(self, **options) -> Gears:
        return Gears(self.layouter, self.faces, **options)

    def job(self, document: dict) -> Job:
        template = self.catalogue.load(document["kind"], document["template_version"])
        if template.kind not in self._composers:
            self._composers[template.kind] = Composer(template)
        return Job(template, document, self._composers[template.kind].compose(document))

    def renderer_id(self, kind: str) -> str:
        """What the newest text of a kind is printed by."""
        return renderer_id(versions(), self.catalogue.load(kind).template_sha256)

    def whole(self, job: Job) -> bytes:
        """Drawn by WeasyPrint, every page of it."""
        return draw_whole(lay_out(self.layouter, job), job, self.faces)[0]


def write_golden_files() -> None:
    """Rewrite `vectors/rendering.json`: renderer_id → SHA-256 of the first example of each kind."""
    house, found = PrintingHouse(), {}
    for kind in house.catalogue.kinds():
        document = issued(house.catalogue.load(kind).examples[0], 1)
        pdf = house.gears().press(house.job(document)).pdf
        found[house.renderer_id(kind)] = hashlib.sha256(pdf).hexdigest()
    path = ROOT / "tests" / "vectors" / "rendering.json"
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write_golden_files()
