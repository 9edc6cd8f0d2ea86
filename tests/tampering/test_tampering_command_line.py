"""`signing verify` as an arbitrator calls it."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import workshop
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from forge import bent

from signing.cli import verify
from signing.verification.package import MAX_PACKAGE, pdf_inside


@pytest.fixture
def call(on_disk, trust_folder, capsys):
    """Calls the command with file names of `on_disk`; gives exit code, output and complaints."""

    def call(*arguments):
        given = [str(on_disk / a) if (on_disk / a).exists() else a for a in arguments]
        if "--trust" not in given:
            given += ["--trust", str(trust_folder)]
        code = verify.main(given)
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["good.pdf"], 0),
        (["evidence.zip"], 0),
        (["bad.pdf"], 1),
        (["text.pdf"], 2),
        (["incomplete.pdf"], 3),
        (["unsigned.pdf"], 3),
        (["good.pdf", "incomplete.pdf"], 3),
        (["good.pdf", "incomplete.pdf", "bad.pdf"], 1),
        (["bad.pdf", "text.pdf", "incomplete.pdf"], 2),
        (["missing.pdf"], 2),
        (["good.pdf", "missing.pdf"], 2),
    ],
)
def test_exit_codes_of_one_and_of_several_files(call, names, code):
    assert call(*names)[0] == code


def test_the_evidence_is_told_in_the_report(call):
    code, out, _ = call("good.pdf", "--evidence", "evidence.zip")

    assert code == 0
    assert "存证：日志第 11 条（共 13 条）" in out
    assert "和存档逐字节相同：是" in out


def test_json_has_the_custody_and_the_place_in_the_log(call):
    code, out, _ = call("evidence.zip", "--json")

    found = json.loads(out)
    assert code == 0
    assert [signature["custody"] for signature in found["signatures"]] == [
        "service",
        "service",
        "device",
    ]
    assert found["log"]["included"] is True
    assert found["log"]["first_seen_by"] == "2026-11-25T08:45:00Z"
    assert found["document"]["identical_to_stored"] is True


def test_several_files_as_json_are_an_array(call):
    _, out, _ = call("good.pdf", "bad.pdf", "--json")

    assert [one["outcome"] for one in json.loads(out)] == ["valid", "tampered"]


def test_it_stays_an_array_when_one_of_several_cannot_be_read(call):
    _, out, _ = call("good.pdf", "missing.pdf", "--json")

    assert [one["outcome"] for one in json.loads(out)] == ["valid"]


def test_a_package_may_come_with_its_evidence_beside_it(call):
    code, out, _ = call("evidence.zip", "--evidence", "evidence.zip", "--json")

    assert code == 0
    assert json.loads(out)["log"]["included"] is True


def test_a_slip_in_the_log_policy_is_a_wrong_call_not_a_forged_proof(call, trust_folder, tmp_path):
    folder = tmp_path / "trust"
    shutil.copytree(trust_folder, folder)
    (folder / "log" / "policy").write_text("lug x")

    code, out, complaint = call("evidence.zip", "--trust", str(folder))

    assert (code, out) == (2, "")
    assert "log/policy" in complaint


def test_a_missing_file_is_told_in_chinese(call):
    assert "打不开" in call("missing.pdf")[2]


def test_a_token_from_the_end_of_the_calendar_is_told_in_every_language(call, tmp_path):
    far = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = workshop.standard().root.issue(
        *("TSA", key.public_key()),
        valid=far - workshop.START,
        purposes=(ExtendedKeyUsageOID.TIME_STAMPING,),
        purposes_critical=True,
    )
    path = tmp_path / "far.pdf"
    path.write_bytes(bent(tsa=workshop.Tsa(key, certificate), stamped_at=far)[0])

    code, out, complaint = call(str(path))

    assert (code, complaint) == (1, "")
    assert "时间戳" in out


def test_the_time_of_judging_is_an_argument(call):
    late = call("good.pdf", "--at", "2040-01-01T00:00:00Z", "--json")
    day = call("good.pdf", "--at", "2027-01-01", "--json")

    assert late[0] == 3
    assert "TSA_OUT_OF_BOUNDS" in late[1]
    assert day[0] == 0


@pytest.mark.parametrize("arguments", [["--at", "noon"], ["--lang", "fr"], ["--evidence"]])
def test_a_wrong_call_is_2(call, arguments):
    with pytest.raises(SystemExit) as exit_:
        call("good.pdf", *arguments)

    assert exit_.value.code == 2


def test_evidence_goes_with_one_file(call):
    with pytest.raises(SystemExit) as exit_:
        call("good.pdf", "bad.pdf", "--evidence", "evidence.zip")

    assert exit_.value.code == 2


def test_without_a_trust_folder_it_says_what_to_do(call, tmp_path):
    code, _, complaint = call("good.pdf", "--trust", str(tmp_path / "none"))

    assert code == 2
    assert "signing keys export-trust" in complaint


def test_the_default_trust_folder_follows_the_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGNING_HOME", str(tmp_path))
    assert verify._default_trust() == tmp_path / "keys" / "trust"

    monkeypatch.setenv("SIGNING_KEYS_DIR", "/etc/signing")
    assert str(verify._default_trust()) == "/etc/signing/trust"


def test_a_file_beyond_all_limits_is_refused_by_its_size(call, tmp_path):
    large = tmp_path / "large.pdf"
    with large.open("wb") as stream:
        stream.write(b"%PDF-1.7\n")
        stream.truncate(MAX_PACKAGE + 1)

    code, out, _ = call(str(large))

    assert code == 2
    assert "[LIMIT]" in out


def test_the_english_report(call):
    code, out, _ = call("bad.pdf", "--lang", "en")

    assert code == 1
    assert out.startswith("Result: tampered (TOTAL-FAILED)")


def test_what_is_rendered_again_of_a_package_is_its_agreement(on_disk):
    package, pdf = ((on_disk / name).read_bytes() for name in ("evidence.zip", "good.pdf"))

    assert pdf_inside(package) == pdf
    assert pdf_inside(pdf) == pdf
    assert pdf_inside(package[:-1]) == package[:-1]


def test_rendering_again_needs_a_renderer_and_says_so(call):
    """The suite's base is made by hand: no template of ours gives these bytes."""
    code, out, _ = call("good.pdf", "--rerender")

    assert code == 0
    assert "[RERENDER_UNSUPPORTED]" in out or "[RERENDER_DIFFERS]" in out


def test_the_command_runs_as_a_module_in_the_c_locale(on_disk, trust_folder):
    later = (workshop.START + workshop.timedelta(hours=3)).isoformat()

    done = subprocess.run(
        [
            *(sys.executable, "-m", "signing.cli.verify", str(on_disk / "good.pdf")),
            *("--trust", str(trust_folder), "--at", later),
        ],
        capture_output=True,
        env={"LC_ALL": "C"},
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().startswith("结论：有效")


def test_a_closed_output_is_a_wrong_call_not_a_verdict(on_disk, trust_folder):
    done = subprocess.run(
        [
            *("/bin/sh", "-c", 'exec "$@" >&-', "sh"),
            *(sys.executable, "-m", "signing.cli.verify", str(on_disk / "good.pdf")),
            *("--trust", str(trust_folder)),
        ],
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
