import re
import subprocess
from datetime import UTC, datetime

import pytest

from agreement_variety import issued, vary
from pdfa_checks import violations
from pki_world import World, archive_file, sign_step
from printing_house import PrintingHouse
from signing.pades import appearance

KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def house():
    return PrintingHouse()


def job_of(house, kind, number=1):
    example = house.catalogue.load(kind).examples[number]
    return house.job(issued(vary(example, f"{kind}/{number}"), number))


@pytest.mark.parametrize("kind", KINDS)
def test_the_base_file_is_pdfa_in_both_gears(house, kind):
    job = job_of(house, kind)

    assert violations(house.gears().press(job).pdf) == []
    assert violations(house.whole(job)) == []


def test_a_file_stays_pdfa_through_every_signature_and_the_archive_step(house):
    job = job_of(house, "tripartite_agreement")
    pressed = house.gears().press(job)
    pdf, plan = pressed.pdf, pressed.plan
    world = World(NOW)
    names = {party["role"]: party["name"] for party in job.document["parties"]}

    for number, role in enumerate(job.signers):
        facts = {"name": names[role], "signing_time": NOW, "is_test": True}
        draw = appearance.typed_appearance if role == "worker" else appearance.seal_appearance
        step = sign_step(
            world,
            pdf,
            plan,
            role,
            at=NOW,
            certify=number == 0,
            appearance=draw(plan, role, **facts),
        )
        pdf, plan = step.pdf, step.plan
        assert violations(pdf) == []
    pdf, _ = archive_file(world, pdf, plan, at=NOW)

    assert violations(pdf) == []
    assert pdf.startswith(pressed.pdf)
    metadata = re.findall(rb"<\?xpacket begin", pdf)
    assert len(metadata) == 1


def test_the_checks_see_what_they_are_for(house):
    pdf = house.gears().press(job_of(house, "written_agreement")).pdf

    broken = {
        "XMP does not say PDF/A-3u": pdf.replace(b"<pdfaid:part>3<", b"<pdfaid:part>9<"),
        "no output intent of PDF/A": pdf.replace(b"/GTS_PDFA1", b"/GTS_PDFX "),
        "/Author is not in the XMP": pdf.replace(b"/Author<feff", b"/Author<fefe"),
        "archive: flags 130": pdf.replace(b"/T(archive)", b"/T(archive)", 1).replace(
            b"/F 132/Rect[0 0 0 0]", b"/F 130/Rect[0 0 0 0]"
        ),
    }

    for problem, changed in broken.items():
        assert changed != pdf
        assert problem in violations(changed)


def test_qpdf_finds_no_error_in_either_gear(house, tmp_path):
    job = job_of(house, "labour_contract")
    for name, pdf in (("2", house.gears().press(job).pdf), ("1", house.whole(job))):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(pdf)

        checked = subprocess.run(["qpdf", "--check", str(path)], check=False, capture_output=True)

        assert checked.returncode == 0, checked.stdout
