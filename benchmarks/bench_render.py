"""What an agreement costs to render, beside plain WeasyPrint, Typst, Chromium and ReportLab.

One run: our turns and the peers' alternate on the same agreement, so that a busy machine slows
both. Values are medians. `naive` is WeasyPrint as a newcomer calls it, on the same page, style and
fonts: `HTML(string=page).write_pdf()`.

RENDER_SETS (200) is how many value sets of each kind are compared pixel by pixel.
"""

# ruff: noqa: E402 - fontconfig must be told where to look before WeasyPrint is imported
import concurrent.futures
import hashlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "build" / "fonts"
os.environ.setdefault("FONTCONFIG_FILE", str(FONTS / "fonts.conf"))
sys.path.insert(0, str(ROOT / "tests"))

import weasyprint
from render_peers import peers_of

from agreement_variety import issued, vary, vary_person  # type: ignore[import-not-found]
from paragraph_variety import CSS, differing, marked_page  # type: ignore[import-not-found]
from printing_house import PrintingHouse  # type: ignore[import-not-found]
from signing.rendering import compiling, slots
from signing.rendering.pictures import first_difference
from signing.rendering.reading import Reading
from signing.rendering.renderer import Renderer
from signing.rendering.typesetting import Setter

KINDS = ("labour_contract", "written_agreement", "tripartite_agreement")
SETS = int(os.environ.get("RENDER_SETS", "200"))
DPI = 150
Row = dict[str, Any]


def run() -> list[Row]:
    house = PrintingHouse()
    return [
        *_first(),
        *_speed(house),
        *_bulk(),
        *_memory(),
        *_size(house),
        *_bytes(house),
        *_lines(house),
        *_pixels(),
    ]


def agreement(house: Any, kind: str, number: int) -> dict[str, Any]:
    examples = house.catalogue.load(kind).examples
    body = vary(examples[number % len(examples)], f"{kind}/{number}")
    made: dict[str, Any] = issued(body, number)
    return made


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def naive(page: str) -> bytes:
    made: bytes = weasyprint.HTML(string=page).write_pdf()
    return made


# --- speed ------------------------------------------------------------------------------------


def _speed(house: Any) -> Iterator[Row]:
    """Bulk and whole step on agreements of the same wording, the peers in between."""
    gears, kind = house.gears(), "written_agreement"
    body = house.catalogue.load(kind).examples[1]
    documents = [issued(vary_person(body, f"bulk {number}"), number) for number in range(400)]
    for document in documents[:200]:
        gears.press(house.job(document))
    page = house.job(documents[0]).composition.page
    peers = {"naive WeasyPrint": lambda: naive(page), **peers_of(page)}
    ours: dict[str, list[float]] = {"bulk": [], "step": []}
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for turn in range(12):
        for name, call in peers.items():
            theirs[name].append(timed(call))
        for document in documents[200 + turn * 16 : 216 + turn * 16]:
            job = house.job(document)
            ours["bulk"].append(timed(partial(gears.press, job)))
            ours["step"].append(timed(partial(_step, house, gears, document)))
    step, bulk = statistics.median(ours["step"]), statistics.median(ours["bulk"])
    plain = statistics.median(theirs["naive WeasyPrint"])
    yield _ratio("render.bulk", bulk, plain, "naive WeasyPrint", "<= 0.03")
    yield _ratio("render.bulk_step", step, plain, "naive WeasyPrint", "<= 0.04")
    for name, values in theirs.items():
        median = statistics.median(values)
        yield {
            "name": f"render.peer.{name.split()[0].lower()}",
            "value": median,
            "unit": "ms",
            "against": f"{name}; ours {step:.1f} ms",
        }


def _step(house: Any, gears: Any, document: dict[str, Any]) -> None:
    """HTML, file, text lock, hashes: all that one agreement costs but the pipe."""
    pressed = gears.press(house.job(document))
    hashlib.sha256(pressed.pdf).hexdigest()
    hashlib.sha256(pressed.text.encode()).hexdigest()


def _ratio(name: str, ours: float, theirs: float, against: str, target: str) -> Row:
    return {
        "name": name,
        "value": ours,
        "unit": "ms",
        "against": against,
        "ratio": ours / theirs,
        "target": target,
    }


FIRST = """
import sys, time
sys.path.insert(0, sys.argv[1])
from printing_house import CONTRACTS, FONTS, PrintingHouse
from agreement_variety import issued, vary
from signing.rendering.press import Press
house = PrintingHouse()
document = issued(vary(house.catalogue.load("written_agreement").examples[1], "first"), 1)
if sys.argv[2] == "naive":
    import weasyprint
    page = house.job(document).composition.page
    started = time.perf_counter()
    weasyprint.HTML(string=page).write_pdf()
else:
    press = Press(CONTRACTS, FONTS)  # as the rendering process starts
    press.warm_up()
    press.coverage_ranges()
    started = time.perf_counter()
    press.print(document)
print((time.perf_counter() - started) * 1000)
"""


def _first() -> Iterator[Row]:
    """The first agreement of a process, against the first of naive WeasyPrint."""

    def first(which: str) -> float:
        command = [sys.executable, "-c", FIRST, str(ROOT / "tests"), which]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(answer.stdout)

    pairs = [(first("ours"), first("naive")) for _ in range(4)]
    ours, theirs = (statistics.median(values) for values in zip(*pairs, strict=True))
    yield _ratio("render.first", ours, theirs, "first naive WeasyPrint", "<= 1.5")


# --- batches, memory, size ----------------------------------------------------------------------


def _bulk() -> Iterator[Row]:
    """A batch through the real pool: two processes, pipes, plans and all."""
    house = PrintingHouse()
    body = house.catalogue.load("written_agreement").examples[1]
    documents = [issued(vary_person(body, f"batch {number}"), number) for number in range(600)]
    with_pool = Renderer(ROOT / "templates" / "contracts", FONTS, processes=2)
    try:
        list(with_pool.render_all(documents[:60]))
        started = time.perf_counter()
        failed = sum(o.error is not None for o in with_pool.render_all(documents))
        seconds = time.perf_counter() - started
    finally:
        with_pool.close()
    yield {
        "name": "render.batch",
        "value": len(documents) / seconds,
        "unit": "doc/s",
        "against": "two processes, pipes included",
    }
    yield {"name": "render.batch_failed", "value": failed, "unit": "rows", "target": "== 0"}


GROWTH = """
import sys
sys.path.insert(0, sys.argv[1])
from printing_house import PrintingHouse
from agreement_variety import issued, vary_person
house = PrintingHouse()
gears = house.gears()
body = house.catalogue.load("written_agreement").examples[1]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
for number in range(1100):
    gears.press(house.job(issued(vary_person(body, f"growth {number}"), number)))
    if number == 99:
        start = resident()
print(start, resident())
"""


def _memory() -> Iterator[Row]:
    command = [sys.executable, "-c", GROWTH, str(ROOT / "tests")]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    start, end = map(float, answer.stdout.split())
    yield {
        "name": "render.rss",
        "value": end - start,
        "unit": "MB",
        "against": f"growth over 1,000 documents, from {start:.0f}",
        "target": "<= 40",
    }


def _size(house: Any) -> Iterator[Row]:
    """Largest of all shipped examples of each kind, and what naive WeasyPrint makes of its page."""
    tagged = PrintingHouse(tags=True)
    for kind in KINDS:
        jobs = [house.job(issued(e, 1)) for e in house.catalogue.load(kind).examples]
        gears = house.gears()
        pressed = [(len(gears.press(job).pdf), place) for place, job in enumerate(jobs)]
        size, place = max(pressed)
        with_tags = tagged.gears().press(tagged.job(jobs[place].document))
        plain = naive(jobs[place].composition.page)
        against = (
            f"largest of {len(jobs)} examples, {with_tags.page_count} pages; naive, without "
            f"attachments and fields: {len(plain) / 1000:.0f} kB"
        )
        yield _weight(f"render.size.{kind}", size, against, "<= 200")
        tagged_against = "the same with tags, PDF/UA-1"
        yield _weight(f"render.tagged.{kind}", len(with_tags.pdf), tagged_against, "<= 260")


def _weight(name: str, size: int, against: str, target: str) -> Row:
    return {
        "name": name,
        "value": size / 1000,
        "unit": "kB",
        "against": against,
        "target": target,
    }


# --- exactness ----------------------------------------------------------------------------------


PRINT_ONE = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from printing_house import PrintingHouse
house = PrintingHouse()
gears = house.gears()
hashes = [hashlib.sha256(gears.press(house.job(d)).pdf).hexdigest() for d in json.load(sys.stdin)]
print(json.dumps(sorted(hashes)))
"""
WORLDS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LANG": "C.UTF-8"},
    {
        "PYTHONHASHSEED": "2",
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "XDG_CACHE_HOME": "/nonexistent",
    },
    {"PYTHONHASHSEED": "3", "HOME": "/nonexistent"},
    {"PYTHONHASHSEED": "4", "MALLOC_PERTURB_": "7"},
)


def _bytes(house: Any) -> Iterator[Row]:
    """One set of hashes over five environments, each with the agreements in another order."""
    documents = [agreement(house, kind, number) for number in range(4) for kind in KINDS]
    seen = set()
    for turn, world in enumerate(WORLDS):
        order = documents[turn * 3 :] + documents[: turn * 3]
        answer = subprocess.run(
            [sys.executable, "-c", PRINT_ONE, str(ROOT / "tests")],
            input=json.dumps(order),
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(ROOT),
                "FONTCONFIG_FILE": os.environ["FONTCONFIG_FILE"],
                **world,
            },
        )
        seen.add(answer.stdout)
    alone = sorted(
        hashlib.sha256(house.gears().press(house.job(d)).pdf).hexdigest() for d in documents
    )
    seen.add(json.dumps(alone) + "\n")
    yield {
        "name": "render.bytes",
        "value": len(seen),
        "unit": "sets",
        "against": "distinct hashes, five environments and alone",
        "target": "== 1",
    }


def _lines(house: Any) -> Iterator[Row]:
    """3,000 random paragraphs, box by box where WeasyPrint put them."""
    wrong = lines = refused = 0
    for page in range(50):
        marked = marked_page(f"bench {page}", 60)
        filled = slots.take_apart(marked, "qr:none")
        skeleton = slots.read_skeleton(house.layouter.elements(slots.numbered(filled)))
        nothing: frozenset[str] = frozenset()
        sheet = house.layouter.lay_out(slots.unmarked(marked), CSS, allowed=nothing, ids=nothing)
        reading = Reading(sheet, skeleton, filled.values).read()
        geometry = compiling.learn_geometry(reading)
        found = differing(reading, Setter(skeleton, geometry, house.faces, "zh-CN"))
        wrong, lines, refused = wrong + len(found[0]), lines + found[1], refused + found[2]
    yield {
        "name": "render.lines",
        "value": wrong,
        "unit": "blocks",
        "against": f"3,000 paragraphs, {lines} lines, {refused} blocks left to gear 1",
        "target": "== 0",
    }


_HOUSE: list[Any] = []


def _compare(task: tuple[str, int]) -> tuple[int, str, str]:
    """Gear, what differs in sight, what differs in text, for one value set; in a process of two."""
    kind, number = task
    if not _HOUSE:
        house = PrintingHouse()
        _HOUSE.extend((house, house.gears(proof_every=2**62)))
    house, gears = _HOUSE
    job = house.job(agreement(house, kind, number))
    pressed = gears.press(job)
    difference = first_difference(house.whole(job), pressed.pdf, dpi=DPI)
    is_text = difference.startswith("text")
    return pressed.gear, "" if is_text else difference, difference if is_text else ""


def _pixels() -> Iterator[Row]:
    """Every page of SETS value sets of each kind, at 150 dpi, and their texts by pdfium."""
    tasks = [(kind, number) for number in range(SETS) for kind in KINDS]
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as processes:
        results = list(processes.map(_compare, tasks, chunksize=5))
    against = f"of {len(tasks)} agreements of {len(KINDS)} kinds, {DPI} dpi"
    yield {
        "name": "render.pixels",
        "value": sum(bool(r[1]) for r in results),
        "unit": "files",
        "against": against,
        "target": "== 0",
    }
    yield {
        "name": "render.text",
        "value": sum(bool(r[2]) for r in results),
        "unit": "files",
        "against": against,
        "target": "== 0",
    }
    whole = sum(r[0] == 1 for r in results)
    yield {
        "name": "render.whole",
        "value": whole / len(results) * 100,
        "unit": "%",
        "against": "agreements that gear 1 drew",
    }
