"""What `signing demo` leaves, in the hands of other programs: poppler, OpenSSL, qpdf."""

import io
import json
import re
import subprocess
import zipfile

import pytest

PARTIES = {"labour_contract": 2, "written_agreement": 2, "tripartite_agreement": 3}


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(params=PARTIES)
def result(request, demo_results):
    """The folder of one kind."""
    return demo_results / request.param


@pytest.fixture
def tsa_root(demo_results):
    return demo_results / "trust" / "tsa" / "root.pem"


def last_signed_part(pdf: bytes) -> tuple[bytes, bytes]:
    """Covered bytes and container of the last signature dictionary, by a regular expression."""
    pattern = rb"/ByteRange ?\[0 (\d+) (\d+) (\d+) *\] ?/Contents ?<([0-9a-fA-F]+)>"
    *_, match = re.finditer(pattern, pdf)
    a, c, d = (int(number) for number in match.groups()[:3])
    container = bytes.fromhex(match.group(4).decode())
    return pdf[:a] + pdf[c : c + d], container[: int.from_bytes(container[2:4]) + 4]


def test_poppler_calls_every_partys_signature_valid(result):
    said = run("pdfsig", "-nocert", result / "agreement.pdf").stdout

    assert said.count("Signature Validation: Signature is Valid.") == PARTIES[result.name]
    assert said.count("Signature Type: ETSI.CAdES.detached") == PARTIES[result.name]


def test_openssl_verifies_the_document_timestamp(result, tsa_root, tmp_path):
    covered, token = last_signed_part((result / "agreement.pdf").read_bytes())
    (tmp_path / "covered").write_bytes(covered)
    (tmp_path / "token").write_bytes(token)

    said = run(
        *("openssl", "ts", "-verify", "-data", tmp_path / "covered"),
        *("-in", tmp_path / "token", "-token_in", "-CAfile", tsa_root),
    )

    assert (said.returncode, said.stdout.strip()) == (0, "Verification: OK"), said.stderr


def test_openssl_verifies_the_time_of_the_checkpoint_in_the_evidence(result, tsa_root, tmp_path):
    package = zipfile.ZipFile(io.BytesIO((result / "evidence.zip").read_bytes()))
    for name in ("checkpoint", "checkpoint.tsr"):
        (tmp_path / name).write_bytes(package.read(name))

    said = run(
        *("openssl", "ts", "-verify", "-data", tmp_path / "checkpoint"),
        *("-in", tmp_path / "checkpoint.tsr", "-CAfile", tsa_root),
    )

    assert (said.returncode, said.stdout.strip()) == (0, "Verification: OK"), said.stderr


def test_qpdf_finds_no_fault(result):
    said = run("qpdf", "--check", result / "agreement.pdf")

    assert said.returncode == 0, said.stdout + said.stderr
    assert "WARNING" not in said.stdout + said.stderr


def test_every_font_is_embedded_and_the_text_can_be_read(result):
    fonts = run("pdffonts", result / "agreement.pdf").stdout.splitlines()[2:]
    text = run("pdftotext", result / "agreement.pdf", "-").stdout

    assert fonts
    assert all(re.search(r"\byes +yes +yes\b", line) for line in fonts)
    verdict = json.loads((result / "verdict.json").read_text("utf-8"))
    assert verdict["document"]["number"] in re.sub(r"\s", "", text)


def test_the_verdict_is_that_everything_passed(result):
    verdict = json.loads((result / "verdict.json").read_text("utf-8"))

    assert (verdict["indication"], verdict["outcome"]) == ("TOTAL-PASSED", "valid")
    assert [s["indication"] for s in verdict["signatures"]] == (
        ["TOTAL-PASSED"] * PARTIES[result.name]
    )
    assert verdict["signatures"][-1]["role"] == "worker"
    assert verdict["signatures"][-1]["custody"] == "device"
    assert verdict["document"]["complete"] is True
    assert verdict["document"]["identical_to_stored"] is True
    assert verdict["document"]["test_certificates"] is True
    assert verdict["log"]["included"] is True


def test_the_evidence_report_is_a_pdf_that_can_be_read(result, tmp_path):
    package = zipfile.ZipFile(io.BytesIO((result / "evidence.zip").read_bytes()))
    (tmp_path / "report.pdf").write_bytes(package.read("report.pdf"))

    text = run("pdftotext", tmp_path / "report.pdf", "-").stdout

    assert "签署证据报告" in text
    assert run("qpdf", "--check", tmp_path / "report.pdf").returncode == 0


def test_the_demo_prints_no_personal_data_into_its_log(demo_results):
    log = (demo_results / "server.log").read_text("utf-8")

    assert re.search(r"\d{17}[\dX]", log) is None
    assert re.search(r"\b1[3-9]\d{9}\b", log) is None
