"""Walk (c) in a browser: an arbitrator brings files and reads in plain words what they are."""

import re
from io import BytesIO

import pytest
import requests

from worker_phone import Outbox, WorkerPhone

pytest_plugins = ("plugins.worker_pages",)
pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def signed(site, browser, tmp_path_factory):
    """A folder with what a worker took home, and what became of it in bad hands."""
    worker = site.new_worker("tripartite_agreement")
    phone = WorkerPhone(browser)
    phone.come_quickly_to_sign(site, worker)
    phone.draw()
    phone.sign(Outbox(site.outbox_path), worker)
    phone.wait_for_heading("签好了")
    folder = tmp_path_factory.mktemp("arbitrator")
    for link, name in (("保存合同", "agreement.pdf"), ("保存签署证据", "evidence.zip")):
        with phone.page.expect_download() as download:
            phone.page.get_by_role("link", name=link).click()
        download.value.save_as(folder / name)
    phone.close()
    spoil((folder / "agreement.pdf").read_bytes(), folder)
    return folder


def spoil(pdf, folder):
    flipped = bytearray(pdf)
    flipped[pdf.index(b"stream") + 40] ^= 1
    first = [match.end() for match in re.finditer(rb"%%EOF\n", pdf)]
    files = {
        "flipped.pdf": bytes(flipped),
        "appended.pdf": pdf + b"\n% and more",
        "cut.pdf": pdf[: first[1]],
        "unsigned.pdf": pdf[: first[0]],
        "letter.pdf": "这不是 PDF".encode(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


@pytest.fixture
def arbitrator(site, phone):
    """At the portal."""
    phone.open(f"{site.url}/verify")
    return phone


def check(phone, *files, evidence=None):
    phone.page.get_by_label("合同 PDF").set_input_files(files)
    if evidence:
        phone.page.get_by_label("签署证据").set_input_files(evidence)
    phone.press("核对")


def first_lines(phone):
    return phone.page.locator("section > .note:first-of-type strong").all_inner_texts()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("agreement.pdf", "⚠ 有效，但有提醒"),
        ("evidence.zip", "⚠ 有效，但有提醒"),
        ("flipped.pdf", "✗ 无效"),
        ("appended.pdf", "✗ 无效"),
        ("cut.pdf", "⚠ 不能断定：没有签全"),
        ("unsigned.pdf", "⚠ 不能断定：没有签名"),
        ("letter.pdf", "✗ 打不开"),
    ],
)
def test_a_file_gets_the_verdict_that_it_deserves(signed, arbitrator, name, line):
    check(arbitrator, signed / name)
    arbitrator.wait_for_heading("核对结果")

    assert first_lines(arbitrator) == [line]


def test_a_good_file_tells_who_signed_when_and_where_to_go(signed, arbitrator):
    check(arbitrator, signed / "agreement.pdf", evidence=signed / "evidence.zip")
    arbitrator.wait_for_heading("核对结果")

    text = arbitrator.page.locator("main").inner_text()
    assert [
        line for line in text.splitlines() if re.match("(平台企业|用工合作企业|劳动者)：", line)
    ]
    assert "劳动者：刘**" in text
    assert "（时间戳证明）" in text
    assert "签名人自己的手机" in text
    assert text.count("✓ 是") == 6
    assert "湘人社规〔2021〕24号" in text


def test_several_files_are_judged_one_by_one(signed, arbitrator):
    check(arbitrator, signed / "agreement.pdf", signed / "flipped.pdf", signed / "letter.pdf")
    arbitrator.wait_for_heading("核对结果")

    assert first_lines(arbitrator) == ["⚠ 有效，但有提醒", "✗ 无效", "✗ 打不开"]


def test_evidence_of_another_agreement_is_not_taken_for_this_one(
    site, signed, arbitrator, tmp_path
):
    other = site.new_worker()
    pdf = tmp_path / "other.pdf"
    pdf.write_bytes(site.document(other))

    check(arbitrator, pdf, evidence=signed / "evidence.zip")
    arbitrator.wait_for_heading("核对结果")

    assert first_lines(arbitrator) == ["✗ 无效"]


def test_nothing_chosen_is_told(arbitrator):
    arbitrator.press("核对")

    assert arbitrator.mistakes == ["请先选一个 PDF 文件"]
    assert arbitrator.page.title() == "出错：核对合同真假"


def test_evidence_for_two_files_is_refused(signed, arbitrator):
    files = (signed / "agreement.pdf", signed / "flipped.pdf")

    check(arbitrator, *files, evidence=signed / "evidence.zip")

    assert arbitrator.mistakes == ["签署证据一次只能配一份 PDF，请分开核对"]


def test_a_file_that_is_too_large_is_told(site):
    large = b"%PDF-1.7" + bytes(20 * 1024 * 1024)

    answer = requests.post(f"{site.url}/verify", files={"file": ("large.pdf", large)}, timeout=60)

    assert answer.status_code == 422
    assert "“large.pdf”超过 20 MB" in answer.text


def test_a_name_that_is_markup_is_shown_as_text(site):
    name = "<script>alert(1)</script>\u202e.pdf"

    answer = site.client().post("/verify", data={"file": (BytesIO(b"no"), name)})

    text = answer.get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd.pdf" in text
    assert "\u202e" not in text


def test_an_upload_leaves_nothing_behind(site, signed):
    def held():
        home = site.application.config.home
        return {path for path in home.rglob("*") if path.is_file() and "log" not in path.parts}

    before = held()

    with (signed / "flipped.pdf").open("rb") as file:
        site.client().post("/verify", data={"file": (file, "flipped.pdf")})

    assert held() == before


@pytest.mark.parametrize("files", [[], ["agreement.pdf"], ["flipped.pdf", "letter.pdf"]])
def test_the_portal_can_be_used_by_everybody(signed, arbitrator, node_tools, files):
    if files:
        check(arbitrator, *[signed / name for name in files])
        arbitrator.wait_for_heading("核对结果")
    page = arbitrator.page
    page.evaluate(node_tools.read("axe-core/axe.min.js"))

    violations = page.evaluate("() => axe.run().then((found) => found.violations.map((v) => v.id))")

    assert violations == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
