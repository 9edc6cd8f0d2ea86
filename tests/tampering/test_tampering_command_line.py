"""`signing verify` as an arbitrator calls it."""

import json
import subprocess
import sys

import pytest
import workshop

from signing.cli import verify
from signing.verification.package import MAX_PACKAGE


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
