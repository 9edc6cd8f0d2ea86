"""The child that reads files of others: what it may not do, and that its end is an answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import workshop

from signing.verification import foreign
from signing.verification.foreign import Reading, inspect

ROOT = Path(__file__).parents[2]


def in_a_child(program):
    """Run a program after the child's own confinement; gives what it printed."""
    start = "import os, socket, sys\nfrom signing.verification.foreign import confine\nconfine()\n"
    done = subprocess.run(
        [sys.executable, "-c", start + program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/passwd')",
        "socket.socket()",
        "socket.socketpair()",
        "os.pipe()",
        "os.memfd_create('x')",
        "os.listdir('/')",
    ],
)
def test_the_child_opens_no_file_and_no_socket(deed):
    program = f"""
try:
    {deed}
    print("done")
except OSError as e:
    print("refused")
"""
    assert in_a_child(program) == "refused"


def test_the_child_gains_no_privileges():
    program = "import ctypes\nprint(ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))"  # PR_GET_NO_NEW_PRIVS

    assert in_a_child(program) == "1"


def test_a_report_is_given_on_a_file_that_can_be_read():
    report = inspect(workshop.standard_states()[4][0])

    assert report.reading is Reading.READ
    assert report.pages == 3
    assert [one.field for one in report.signatures] == [*workshop.ROLES, "archive"]
    assert all(one.intact and one.valid and not one.changed for one in report.signatures)
    assert report.signatures[-1].covers_file


@pytest.mark.parametrize("program", ["import os; os.abort()", "raise SystemExit(3)", "print('[]')"])
def test_a_child_that_dies_or_babbles_is_an_answer(program):
    assert inspect(b"%PDF-1.7", program=program).reading is Reading.LIMIT


def test_a_child_that_never_ends_is_an_answer():
    report = inspect(b"%PDF-1.7", program="import time; time.sleep(60)", seconds=1)

    assert (report.reading, report.detail) == (Reading.LIMIT, "time")


def test_a_child_that_takes_all_memory_is_an_answer():
    greedy = (
        "import resource\nfrom signing.verification import foreign\n"
        "foreign._limit(resource.RLIMIT_AS, foreign.ADDRESS_SPACE)\n"
        "x = [b'x' * 10**8 for _ in range(20)]"
    )

    assert inspect(b"%PDF-1.7", program=greedy).reading is Reading.LIMIT


def test_the_child_inherits_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("SIGNING_SECRET", "canary")
    tell = (
        "import json, os\n"
        "print(json.dumps({'reading': 'read', 'pages': None, 'signatures': [],"
        " 'detail': str(sorted(os.environ))}))"
    )

    report = inspect(b"%PDF-1.7", program=tell)

    assert report.reading is Reading.READ
    assert "SIGNING_SECRET" not in report.detail
    assert "SIGNING_SECRET" in os.environ


@pytest.mark.parametrize(
    "members",
    [
        {"reading": "valid", "pages": 1, "signatures": [], "detail": ""},
        {"reading": "read", "pages": 1, "signatures": [{"field": "a"}], "detail": ""},
        {"reading": "read", "signatures": []},
        [],
        "read",
    ],
)
def test_a_report_of_another_shape_is_no_report(members):
    assert foreign._parse(json.dumps(members).encode()).reading is Reading.LIMIT
