import re
import subprocess
from datetime import UTC, datetime

import pytest

import pdfa_checks
from agreement_variety import issued, vary
from pdfua_checks import violations
from pki_world import World, sign_step
from printing_house import PrintingHouse
from signing.cli import verify
from signing.pades import appearance
from signing.rendering.pictures import first_difference

KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def house():
    return PrintingHouse(tags=True)


def document_of(house, kind, number=1):
    example = house.catalogue.load(kind).examples[number]
    return issued(vary(example, f"{kind}/{number}"), number)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tagged_file_is_pdfua_in_both_gears_and_looks_as_without_tags(house, kind):
    document = document_of(house, kind)
    job, gears, plain = house.job(document), house.gears(), PrintingHouse()
    gears.press(job)

    pressed, whole = gears.press(job), house.whole(job)

    assert pressed.gear == 2
    assert violations(pressed.pdf) == violations(whole) == []
    assert pdfa_checks.violations(pressed.pdf) == pdfa_checks.violations(whole) == []
    assert first_difference(pressed.pdf, plain.whole(plain.job(document)), dpi=150) == ""
    assert structure(pressed.pdf) == structure(whole)


def structure(pdf):
    """The tree with its texts, as poppler reads it, without the fields' object numbers."""
    shown = subprocess.run(
        ["pdfinfo", "-struct-text", "-"], input=pdf, check=True, capture_output=True
    )
    return re.sub(r"Object \d+ 0", "Object", shown.stdout.decode())


def test_the_tree_says_the_text_once_without_headers_and_footers(house):
    job = house.job(document_of(house, "tripartite_agreement", 0))

    said = structure(house.gears().press(job).pdf)

    assert job.table_heads
    for head in job.table_heads:
        cells = [line.strip().strip('"') for line in said.splitlines() if '"' in line]
        assert "".join(cells).count(head) == "".join(job.text).count(head)
    assert "/ 共" not in said
    assert "页 / " not in said
    assert said.count("Form") == len(job.signers) + 1


def test_a_file_stays_pdfua_through_every_signature(house):
    job = house.job(document_of(house, "written_agreement"))
    pressed = house.gears().press(job)
    pdf, plan, world = pressed.pdf, pressed.plan, World(NOW)
    names = {party["role"]: party["name"] for party in job.document["parties"]}

    for number, role in enumerate(job.signers):
        draw = appearance.typed_appearance if role == "worker" else appearance.seal_appearance
        look = draw(plan, role, name=names[role], signing_time=NOW, is_test=True)
        step = sign_step(world, pdf, plan, role, at=NOW, certify=number == 0, appearance=look)
        pdf, plan = step.pdf, step.plan
        assert violations(pdf) == []


def test_signing_verify_makes_a_tagged_file_again_with_tags(house):
    job = house.job(document_of(house, "written_agreement"))
    pressed = house.gears().press(job)

    assert verify._render(job.data, is_tagged=True) == pressed.pdf
    assert verify._render(job.data, is_tagged=False) != pressed.pdf


def test_the_checks_see_what_they_are_for(house):
    pdf = house.gears().press(house.job(document_of(house, "written_agreement"))).pdf

    broken = {
        "XMP does not say PDF/UA-1": pdf.replace(b'id/">1</pdfuaid', b'id/">7</pdfuaid'),
        "the title is not shown": pdf.replace(b"/DisplayDocTitle true", b"/DisplayDocTitle null"),
        "a figure without alternate text": pdf.replace(b"/Alt<", b"/Alx<"),
        "page 1: tab order is not that of the structure": pdf.replace(b"/Tabs/S", b"/Tabs/R", 1),
        "a head cell that does not say what it is head of": pdf.replace(
            b"/Scope/Row", b"/Scxpe/Row"
        ),
        "archive stands in no Form": pdf.replace(b"/S/Form/P", b"/S/Sect/P"),
        "a heading of level 3 after one of level 1": pdf.replace(b"/S/H2/", b"/S/H3/", 1),
    }

    for problem, changed in broken.items():
        assert changed != pdf
        assert problem in violations(changed)


def test_the_report_is_tagged_too(house):
    sheet = house.layouter.lay_out(
        "<html lang=zh-CN><title>报告</title><body><h1>报告</h1><p>一行</p></body></html>",
        "@page { font-family: Song } html { font-family: Song; font-size: 12pt; line-height: 1.5 }",
        allowed=frozenset(),
        ids=frozenset(),
    )

    assert [node.kind for node in sheet.nodes] == ["Document", "H1", "P"]
    assert b"/Span <</MCID 1>> BDC" in sheet.pages[0].content
