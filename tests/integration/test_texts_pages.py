"""The agreements as pages: nothing overflows; no heading, lead-in or signature stands alone."""

import re
from pathlib import Path

import pypdfium2
import pytest

from contract_texts import ROOT, document, documents
from signing.rendering.renderer import Renderer

FONTS = Path(__file__).resolve().parents[2] / "build" / "fonts"
MARGIN = 69.6  # points, left and right
GLYPH = 12  # points: closing marks may stand with their empty half beyond the measure
FOOT = re.compile(r"第 ?\d+ ?页")
HEADING = re.compile(r"(第[一二三四五六七八九十]+章|附件[一二三四五六七八九十]+)")

# The longest and the oddest of each kind.
SHOWN = [
    ("labour_contract", "01"),  # everything filled in
    ("labour_contract", "07"),  # dispatch, with an agent
    ("labour_contract", "19"),  # annexes by hash and in full
    ("written_agreement", "02"),
    ("written_agreement", "09"),
    ("written_agreement", "17"),  # a foreign name
    ("tripartite_agreement", "01"),
    ("tripartite_agreement", "04"),
    ("tripartite_agreement", "14"),  # a name with a middle dot
]


@pytest.fixture(scope="module")
def renderer():
    made = Renderer(ROOT, FONTS)
    yield made
    made.close()


def lines(page):
    """Runs of text with their boxes, top down, without the running header and the page number."""
    text = page.get_textpage()
    boxes = [text.get_rect(n) for n in range(text.count_rects())]
    found = [(box, text.get_text_bounded(*box).strip()) for box in boxes]
    kept = [
        (b, t) for b, t in found if not FOOT.match(t) and not t.startswith(("合同编号", "协议编号"))
    ]
    return sorted(kept, key=lambda run: -run[0][3])


def shown_on(page):
    """All text of a page, without white space."""
    return re.sub(r"\s", "", page.get_textpage().get_text_bounded())


@pytest.mark.parametrize(("kind", "start"), SHOWN)
def test_pages_hold_their_text_and_signatures_stand_under_an_article(renderer, kind, start):
    made = renderer.render(document(kind, start))
    pages = list(pypdfium2.PdfDocument(made.pdf))
    width, _ = pages[0].get_size()

    for page in pages:
        runs = lines(page)
        for (left, _, right, _), text in runs:
            assert left >= MARGIN - 2, text
            assert right <= width - MARGIN + GLYPH, text
        assert not HEADING.match(runs[-1][1]), runs[-1]
        assert not runs[-1][1].endswith("："), runs[-1]

    signed = [page for page in pages if "签署时间以电子签名时间戳为准" in shown_on(page)]
    assert ["完成电子签名时生效" in shown_on(page) for page in signed] == [True]


def test_a_certified_copy_and_its_seal_stand_on_one_page():
    made = Renderer(ROOT / "companions", FONTS)
    try:
        counts = [
            len(pypdfium2.PdfDocument(made.render(body).pdf))
            for _, body in documents("certified_copy")
        ]
    finally:
        made.close()

    assert counts == [1, 1, 1]


def test_a_signature_box_holds_a_seal_and_a_written_name(renderer):
    made = renderer.render(document("tripartite_agreement", "01"))

    boxes = [f.rect for role, f in made.plan.fields.items() if role != "archive"]

    assert len(boxes) == 3
    for x0, y0, x1, y1 in boxes:
        assert (round((x1 - x0) * 25.4 / 72), round((y1 - y0) * 25.4 / 72)) == (66, 28)


def test_a_hash_of_64_digits_fits_on_one_line(renderer):
    made = renderer.render(document("labour_contract", "19"))

    shown = [text for page in pypdfium2.PdfDocument(made.pdf) for _, text in lines(page)]

    assert any(re.fullmatch(r"[0-9a-f]{64}", text) for text in shown)
