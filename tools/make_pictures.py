"""The pictures of README.md, from what `make demo` has left, by the real pages in Chromium.

    .venv/bin/python tools/make_pictures.py

Needs `make demo` (its files and keys) and what `make test` installs (Chromium, poppler).

Rules kept here:

* nothing is drawn by hand: a person sees here what the product shows;
* the service is that of the demo, so that the portal knows its anchors;
* pictures are small: at most `COLOURS` colours, below `LARGEST` bytes each.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from progress import ROOT
from signing.app import create_application, make_shelf
from signing.cli.platform import SoftwarePlatform
from signing.cli.server_process import running_server
from signing.config import Config

DEMO = ROOT / "build" / "demo"
PICTURES = ROOT / "docs" / "pictures"
SETTINGS = {"SIGNING_VERIFY_RATE": "off", "SIGNING_SMS_RATE": "off"}
KIND = "written_agreement"
COLOURS = 64
LARGEST = 120 * 1024
PAGE_WIDTH = 900  # pixels of a page of the PDF


def main() -> int:
    """Make the three pictures: 0, or 2 where the demo was not run."""
    if not (DEMO / "tripartite_agreement" / "agreement.pdf").exists():
        print("pictures: run `make demo` first", file=sys.stderr)
        return 2
    os.environ["SIGNING_HOME"] = str(DEMO)
    api_key = new_platform()
    with running_server(DEMO, SETTINGS) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        keep("worker-reading", reading(browser, url, api_key))
        keep("verdict-tampered", verdict(browser, url))
        browser.close()
    keep("tripartite-signed", signatures(DEMO / "tripartite_agreement" / "agreement.pdf"))
    return 0


def new_platform() -> str:
    """The API key of one more platform of the demo's service."""
    application = create_application(Config.from_env())
    try:
        return application.services.tenancy.create("演示平台").api_key
    finally:
        application.close()


def phone(browser: Browser) -> Page:
    """A page on a phone of 360×740 points."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    return context.new_page()


def reading(browser: Browser, url: str, api_key: str) -> bytes:
    """What a worker reads after saying who they are."""
    body = dict(make_shelf(Config.from_env()).example(KIND, 1))
    agreement = SoftwarePlatform(url, api_key).create(body)
    worker = next(party for party in body["parties"] if party["role"] == "worker")
    made = next(party for party in agreement["parties"] if party["role"] == "worker")
    page = phone(browser)
    page.goto(made["signing_link"])
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="开始", exact=True).click()
    page.get_by_role("textbox", name="姓名", exact=True).fill(worker["name"])
    page.get_by_role("textbox", name="身份证号码", exact=True).fill(worker["id_number"])
    page.get_by_role("button", name="下一步", exact=True).click()
    page.get_by_role("heading", level=1, name="看合同").wait_for()
    page.locator("html[data-ready]").wait_for(state="attached")
    return page.screenshot()


def verdict(browser: Browser, url: str) -> bytes:
    """What an arbitrator sees of a file in which one bit of the first stream is another."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agreement.pdf"
        path.write_bytes(one_bit_changed((DEMO / KIND / "agreement.pdf").read_bytes()))
        page = phone(browser)
        page.goto(f"{url}/verify")
        page.locator("#file").set_input_files(path)
        page.get_by_role("button", name="核对", exact=True).click()
        page.wait_for_load_state("networkidle")
        return page.screenshot()


def one_bit_changed(document: bytes) -> bytes:
    """The document with a bit of its first stream turned."""
    place = document.index(b"stream\n") + 40
    return document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]


def signatures(document: Path) -> bytes:
    """The page of the PDF on which the parties sign: the last that speaks of 签字 or 盖章."""
    count = int(re.search(r"Pages:\s+(\d+)", output("pdfinfo", document))[1])  # type: ignore[index]
    texts = {n: output("pdftotext", "-f", n, "-l", n, document, "-") for n in range(1, count + 1)}
    number = max(n for n, text in texts.items() if "签字" in text or "盖章" in text)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "page"
        size = ("-scale-to-x", PAGE_WIDTH, "-scale-to-y", -1)
        output("pdftoppm", "-png", "-singlefile", "-f", number, *size, document, target)
        return target.with_suffix(".png").read_bytes()


def output(*command: object) -> str:
    """What a program prints."""
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout


def keep(name: str, png: bytes) -> None:
    """Write a picture with few colours."""
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {picture.width}×{picture.height}, {size} bytes")
    if size > LARGEST:
        raise SystemExit(f"{name}: {size} bytes are too many")


if __name__ == "__main__":
    sys.exit(main())
