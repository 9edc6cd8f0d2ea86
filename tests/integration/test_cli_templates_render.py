import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agreement_variety import issued, vary_person
from signing.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "templates" / "contracts" / "written_agreement" / "2026.1" / "examples"


def body():
    return json.loads(min(EXAMPLES.glob("*.json")).read_text("utf-8"))


def agreement(number):
    return issued(vary_person(body(), f"batch {number}"), number)


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def said(capsys):
    out = capsys.readouterr()
    return {row["row"]: row for row in map(json.loads, out.out.splitlines())}, out.err


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGNING_HOME", str(tmp_path))
    return tmp_path


def test_one_agreement_twice_gives_the_same_bytes(home, capsys):
    source = home / "agreement.json"
    source.write_text(json.dumps(agreement(1)), "utf-8")

    for name in ("one.pdf", "other.pdf"):
        assert main(["templates", "render", str(source), "-o", str(home / name)]) == 0

    one, other = (home / "one.pdf").read_bytes(), (home / "other.pdf").read_bytes()
    assert one == other
    assert hashlib.sha256(one).hexdigest() in capsys.readouterr().err


def test_each_line_becomes_the_file_that_it_is_alone(home, capsys):
    (home / "july.ndjson").write_text(lines(agreement(n) for n in range(3)), "utf-8")
    alone = home / "alone.json"
    alone.write_text(json.dumps(agreement(1)), "utf-8")

    code = main(["templates", "render", str(home / "july.ndjson"), "-o", str(home / "out")])
    rows, progress = said(capsys)
    main(["templates", "render", str(alone), "-o", str(home / "alone.pdf")])

    assert code == 0
    assert sorted(rows) == ["july-000001", "july-000002", "july-000003"]
    second = (home / "out" / "july-000002.pdf").read_bytes()
    assert second == (home / "alone.pdf").read_bytes()
    assert rows["july-000002"]["sha256"] == hashlib.sha256(second).hexdigest()
    assert "3 made, 0 failed" in progress
    assert sorted(p.suffix for p in (home / "out").iterdir()) == [".pdf"] * 3


def test_a_row_that_fails_says_why_and_the_others_are_made(home, capsys):
    lame = agreement(3) | {"kind": "nonsense"}
    rare = agreement(4)
    rare["parties"] = [p | {"name": p["name"] + "\U0003106c"} for p in rare["parties"]]
    incomplete = body() | {"parties": []}
    text = lines([agreement(1), lame, rare, incomplete]) + "{ no JSON\n\n" + lines([agreement(2)])
    (home / "rows.ndjson").write_text(text, "utf-8")

    code = main(["templates", "render", str(home / "rows.ndjson"), "-o", str(home / "out")])

    rows, progress = said(capsys)
    assert code == 1
    assert [rows[f"rows-{n:06d}"].get("error") for n in (1, 2, 3, 7)] == [
        None,
        "TEMPLATE_UNKNOWN",
        "GLYPH_MISSING",
        None,
    ]
    assert rows["rows-000004"]["message_zh"]
    assert "error" in rows["rows-000005"]
    assert "2 made, 4 failed" in progress
    assert len(list((home / "out").iterdir())) == 2


def test_several_files_keep_their_names(home, capsys):
    for name in ("张三.json", "李四.json"):
        (home / name).write_text(json.dumps(body()), "utf-8")

    code = main(
        ["templates", "render", *map(str, home.glob("*.json")), "-o", str(home / "out")],
    )

    rows, _ = said(capsys)
    assert code == 0
    assert sorted(row["file"] for row in rows.values()) == ["张三.pdf", "李四.pdf"]


def test_two_files_of_one_name_are_refused_before_anything_is_made(home, capsys):
    for folder in ("a", "b"):
        (home / folder).mkdir()
        (home / folder / "x.json").write_text(json.dumps(body()), "utf-8")

    files = [str(home / "a" / "x.json"), str(home / "b" / "x.json")]
    code = main(["templates", "render", *files, "-o", str(home / "out")])

    assert code == 2
    assert "同名" in capsys.readouterr().err
    assert not (home / "out").exists()


def test_a_killed_process_loses_no_row(home):
    (home / "rows.ndjson").write_text(lines(agreement(n) for n in range(12)), "utf-8")
    command = [sys.executable, "-m", "signing.cli.main", "templates", "render"]
    with subprocess.Popen(
        [*command, str(home / "rows.ndjson"), "-o", str(home / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        rows = [json.loads(process.stdout.readline()) for _ in range(3)]
        os.kill(children_of(process.pid)[0], signal.SIGKILL)
        rows += [json.loads(line) for line in process.stdout]
        progress = process.stderr.read()

    assert process.returncode == 0, progress
    assert len(rows) == 12
    assert not [row for row in rows if "error" in row]
    assert len(list((home / "out").glob("*.pdf"))) == 12


def children_of(pid):
    """Rendering processes of a process."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    pids = [int(child) for path in found for child in path.read_text("ascii").split()]
    return [
        child
        for child in pids
        if b"signing.rendering.child" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
