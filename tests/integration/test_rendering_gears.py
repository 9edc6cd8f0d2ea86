import hashlib
import json
import os
import subprocess
import sys

import pytest

from agreement_variety import issued, vary
from broken_press import broken
from printing_house import CONTRACTS, FONTS, ROOT, PrintingHouse
from signing.rendering.pictures import first_difference

KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
VARIANTS = 3


@pytest.fixture(scope="module")
def house():
    return PrintingHouse()


def agreement(house, kind, number):
    examples = house.catalogue.load(kind).examples
    body = vary(examples[number % len(examples)], f"{kind}/{number}")
    return issued(body, number)


def with_worker(document, **details):
    parties = [
        party | details if party["role"] == "worker" else party for party in document["parties"]
    ]
    return document | {"parties": parties}


@pytest.mark.parametrize("kind", KINDS)
def test_an_agreement_set_from_a_kept_layout_looks_and_reads_as_weasyprint_drew_it(house, kind):
    gears = house.gears()

    for number in range(VARIANTS):
        job = house.job(agreement(house, kind, number))
        gears.press(job)
        pressed = gears.press(job)

        assert pressed.gear == 2
        assert first_difference(house.whole(job), pressed.pdf) == ""


def test_poppler_sees_no_difference_either(house, tmp_path):
    job = house.job(agreement(house, "written_agreement", 7))
    files = {"whole": house.whole(job), "pressed": house.gears().press(job).pdf}

    pictures = {}
    for name, pdf in files.items():
        (tmp_path / f"{name}.pdf").write_bytes(pdf)
        subprocess.run(
            ["pdftoppm", "-r", "150", "-gray", f"{name}.pdf", name], cwd=tmp_path, check=True
        )
        pages = sorted(tmp_path.glob(f"{name}-*.pgm"))
        pictures[name] = [hashlib.sha256(page.read_bytes()).hexdigest() for page in pages]

    assert len(pictures["whole"]) > 5
    assert pictures["whole"] == pictures["pressed"]


def test_alone_or_in_a_batch_first_or_last_the_bytes_are_the_same(house):
    documents = [agreement(house, kind, number) for number in (1, 2) for kind in KINDS]
    jobs = [house.job(document) for document in documents]
    batch, backwards = house.gears(), house.gears()

    together = [batch.press(job).pdf for job in jobs]
    again = [batch.press(job).pdf for job in jobs]
    reversed_order = [backwards.press(job).pdf for job in reversed(jobs)][::-1]
    alone = [house.gears().press(job).pdf for job in jobs]

    assert together == again == reversed_order == alone


PRINT_ONE = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from printing_house import PrintingHouse
house = PrintingHouse()
job = house.job(json.load(sys.stdin))
print(hashlib.sha256(house.gears().press(job).pdf).hexdigest())
"""


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LANG": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
    ],
)
def test_another_process_in_another_world_makes_the_same_bytes(house, environment, tmp_path):
    document = agreement(house, "labour_contract", 3)
    here = hashlib.sha256(house.gears().press(house.job(document)).pdf).hexdigest()

    there = subprocess.run(
        [sys.executable, "-c", PRINT_ONE, str(ROOT / "tests")],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "FONTCONFIG_FILE": str(FONTS / "fonts.conf"),
            **environment,
        },
    )

    assert there.stdout.strip() == here


@pytest.mark.parametrize(
    "change",
    [
        {"name": "𡋾三"},  # a character of another face: other ascents move the baseline (E2)
        {"address": "Room 1203, Building 7, Sunshine Garden, " * 3 + "Changsha"},  # spaces (E5)
        {"address": "A" * 200},  # a word wider than the line (E6)
    ],
)
def test_what_the_setter_cannot_promise_is_drawn_whole(house, change):
    document = with_worker(agreement(house, "written_agreement", 4), **change)
    gears = house.gears()
    gears.press(house.job(agreement(house, "written_agreement", 4)))

    pressed = gears.press(house.job(document))

    assert pressed.gear == 1
    assert first_difference(house.whole(house.job(document)), pressed.pdf) == ""


def test_an_unknown_weasyprint_is_only_asked_for_whole_documents(house):
    job = house.job(agreement(house, "written_agreement", 5))

    pressed = house.gears(is_fast=lambda: False).press(job)

    assert pressed.gear == 1
    assert pressed.pdf == house.whole(job)


def test_a_broken_master_is_found_by_the_standing_proof_and_gear_2_is_switched_off(house):
    job = house.job(agreement(house, "written_agreement", 6))
    gears = house.gears(proof_every=1)
    assert gears.press(job).gear == 2
    ((shape, master),) = gears._masters.items()
    gears._masters[shape] = broken(master)

    found = gears.press(job)
    after = gears.press(job)

    assert found.gear == 1
    assert "gear 2 is off" in found.alarm
    assert "page 1" in found.alarm
    assert found.pdf == after.pdf == house.whole(job)
    assert (after.gear, after.alarm) == (1, "")


def test_a_sound_master_passes_the_standing_proof(house):
    job = house.job(agreement(house, "written_agreement", 6))
    gears = house.gears(proof_every=1)
    gears.press(job)

    pressed = gears.press(job)

    assert (pressed.gear, pressed.alarm) == (2, "")


def test_what_comes_first_in_a_file_is_the_same_for_all_agreements_of_a_layout(house):
    gears = house.gears()
    body = house.catalogue.load("written_agreement").examples[0]
    one, other = issued(body, 1), issued(body, 2)
    other = with_worker(other, name="李四", phone="13900000000")

    files = [gears.press(house.job(document)).pdf for document in (one, other)]

    (master,) = gears._masters.values()
    start = master.frame.start.blob
    assert len(start) > 4_000
    assert all(pdf.startswith(start) for pdf in files)
    for value in ("李四", "张", "13900000000", one["issued"]["number"]):
        assert value.encode() not in start
        assert value.encode("utf-16-be").hex().encode() not in start


def test_no_constant_depends_on_a_value(house):
    """E4: two layouts of one shape, with short and with long values, are one layout."""
    body = house.catalogue.load("written_agreement").examples[0]
    short = with_worker(issued(body, 1), name="张三", phone="13900000000")
    long = with_worker(issued(body, 2), name="欧阳娜娜", phone="13811112222")

    starts = []
    for document in (short, long):
        gears = house.gears()
        gears.press(house.job(document))
        (((_, shape), master),) = gears._masters.items()
        constants = [part for page in master.pages for part in page.parts]
        starts.append((shape, master.frame.start.blob, [c for c in constants if hasattr(c, "raw")]))

    assert starts[0] == starts[1]


def test_the_golden_files_come_out_again(house):
    """Keyed by renderer_id: another library, font or text is another renderer."""
    golden = json.loads((ROOT / "tests" / "vectors" / "rendering.json").read_text("utf-8"))
    for kind in KINDS:
        template = house.catalogue.load(kind)
        document = issued(template.examples[0], 1)
        sha256 = hashlib.sha256(house.gears().press(house.job(document)).pdf).hexdigest()
        known = golden.get(house.renderer_id(kind))

        assert known in (None, sha256)


@pytest.mark.parametrize(("tags", "limit"), [(False, 200_000), (True, 260_000)])
def test_the_shipped_examples_are_as_small_as_promised(tags, limit):
    house = PrintingHouse(tags=tags)
    gears = house.gears()
    for kind in KINDS:
        for example in house.catalogue.load(kind).examples[:3]:
            pressed = gears.press(house.job(issued(example, 1)))

            assert len(pressed.pdf) <= limit
            assert pressed.gear == 2


def test_the_contracts_lie_where_the_tests_look():
    assert sorted(KINDS) == sorted(path.name for path in CONTRACTS.iterdir() if path.name in KINDS)
