"""A command or a setting that cannot be carried out: one line that says why, exit code 2."""

import json

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
