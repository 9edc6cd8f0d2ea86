"""The peers of `bench_render`: other engines on the text of one agreement.

Chromium prints the same page. Typst and ReportLab know no HTML: they set its paragraphs, in the
same font and size, in a layout of their own, which is less work than tables and rules.
"""

import io
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import typst
from playwright.sync_api import sync_playwright
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, SimpleDocTemplate  # type: ignore[import-untyped]
from tinyhtml5 import parse  # type: ignore[import-untyped]

from signing.rendering import slots

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "build" / "fonts"


def peers_of(page: str) -> dict[str, Callable[[], object]]:
    """Each peer on the same text; those that lay out otherwise say so in their name."""
    return {
        "Chromium warm": _chromium(page),
        "Typst (own layout, text only)": _typst(page),
        "ReportLab (own layout, text only)": _reportlab(page),
    }


def _chromium(page: str) -> Callable[[], object]:
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    tab = browser.new_page()

    def print_page() -> bytes:
        tab.set_content(page)
        return tab.pdf(format="A4", prefer_css_page_size=True)

    print_page()
    return print_page


def _paragraphs(page: str) -> list[str]:
    """Text of the page's units, for engines that know no HTML."""
    root = parse(page, namespace_html_elements=False)
    skeleton = slots.read_skeleton(root)
    return [unit.text(()) for unit in skeleton.units if not unit.is_hidden]


def _typst(page: str) -> Callable[[], object]:
    def escaped(text: str) -> str:
        return "".join(f"\\{c}" if c in "\\#$*_`<>@[]~=-+/" else c for c in text)

    source = (
        '#set page(paper: "a4")\n#set text(font: "Song", size: 12pt, lang: "zh")\n'
        + "\n\n".join(escaped(text) for text in _paragraphs(page))
    )
    path = ROOT / "build" / "bench.typ"
    path.write_text(source, "utf-8")
    compiler = typst.Compiler(str(path), font_paths=[str(FONTS)], ignore_system_fonts=True)
    compiler.compile()
    return compiler.compile


def _reportlab(page: str) -> Callable[[], object]:
    pdfmetrics.registerFont(TTFont("Song", str(FONTS / "Song.ttf")))
    style = ParagraphStyle("s", fontName="Song", fontSize=12, leading=23, wordWrap="CJK")
    texts = [escape(text) for text in _paragraphs(page)]

    def build() -> bytes:
        out = io.BytesIO()
        SimpleDocTemplate(out, pagesize=A4).build([Paragraph(text, style) for text in texts])
        return out.getvalue()

    build()
    return build
