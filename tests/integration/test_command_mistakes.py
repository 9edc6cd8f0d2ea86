"""A command or a setting that cannot be carried out: one line that says why, exit code 2."""

import json
import re
from pathlib import Path

import pytest

from signing.cli.main import main
from signing.config import BadSettings, Config


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGNING_HOME", str(tmp_path))
    monkeypatch.setenv("SIGNING_RENDER_WORKERS", "1")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("templates", "check", "missing.json"),
        ("templates", "render", "body.json", "-o", "/nonexistent/out.pdf"),
        ("keys", "export-trust", "/proc/nowhere"),
        ("tenants", "create", ""),
        ("tenants", "create", "甲\n乙"),
    ],
)
def test_a_command_that_cannot_do_its_work_says_so_and_ends_2(home, monkeypatch, capsys, command):
    monkeypatch.chdir(home)
    main(["templates", "example", "written_agreement"])
    body = json.loads(capsys.readouterr().out)
    (home / "body.json").write_text(json.dumps(body), "utf-8")

    code = main(list(command))

    told = capsys.readouterr().err
    assert code == 2
    assert told.startswith("signing: ")
    assert "Traceback" not in told


def test_every_wrong_setting_is_told_at_once():
    wrong = {
        "SIGNING_ENV": "prod",
        "SIGNING_LOG_ORIGIN": "two words",
        "SIGNING_CERTIFY": "maybe",
        "SIGNING_PUBLIC_URL": "ftp://host",
        "SIGNING_RETENTION_YEARS": "-1",
    }

    with pytest.raises(BadSettings) as refused:
        Config.from_env(wrong)

    assert [line.partition(":")[0] for line in sorted(refused.value.problems)] == sorted(wrong)


def test_a_mistyped_setting_stops_the_start_and_names_the_one_that_was_meant():
    mistyped = {
        "SIGNING_TSA_URLS": "SIGNING_TSA_URL",
        "SIGNING_KEYDIR": "SIGNING_KEYS_DIR",
        "SIGNING_public_url": "SIGNING_PUBLIC_URL",
        "SIGNING_RETENTION_YEAR": "SIGNING_RETENTION_YEARS",
    }

    with pytest.raises(BadSettings) as refused:
        Config.from_env({**mistyped, "SIGNING_XYZZY": "1", "SIGNING_CERTIFY": "maybe"})

    told = {line.partition(":")[0]: line for line in refused.value.problems}
    assert {*mistyped, "SIGNING_XYZZY", "SIGNING_CERTIFY"} == set(told)
    assert all(f"did you mean {meant}?" in told[given] for given, meant in mistyped.items())
    assert "did you mean" not in told["SIGNING_XYZZY"]


def test_settings_of_others_and_empty_ones_are_no_mistakes():
    Config.from_env({"SIGNATURE_X": "1", "HOME": "/", "SIGNING_S3_ENDPOINT": "", "SIGNING_SMS": ""})


def test_every_setting_of_the_operators_page_is_one():
    page = (Path(__file__).parents[2] / "docs" / "operators.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[A-Z].*?`) \|", page, flags=re.MULTILINE)
    documented = {f"SIGNING_{name}" for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}
    with pytest.raises(BadSettings) as refused:
        Config.from_env(dict.fromkeys(documented, "?"))

    assert len(documented) > 20
    assert not [line for line in refused.value.problems if "no such setting" in line]


def test_the_command_says_so_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SIGNING_HOME", str(tmp_path))
    monkeypatch.setenv("SIGNING_TSAURL", "http://tsa.example")

    code = main(["keys", "init"])

    assert code == 2
    assert "SIGNING_TSA_URL" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
