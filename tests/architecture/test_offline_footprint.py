"""The arbitrator's program alone: a fresh interpreter, no server module, no socket, no database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVER = (
    *("flask", "sqlalchemy", "flask_sqlalchemy", "marshmallow", "weasyprint", "pikepdf", "jinja2"),
    *(
        "pyhanko",
        "pyhanko_certvalidator",
        "asn1crypto",
        "gunicorn",
        "requests",
        "sqlite3",
        "psycopg",
    ),
    *("signing.app", "signing.config", "signing.web", "signing.services", "signing.storage"),
    *("signing.rendering", "signing.keystore", "signing.messaging", "signing.pades.prepare"),
)
PROGRAM = """
import json, os, sys

def refuse(event, arguments):
    if event.startswith("socket.") or event == "sqlite3.connect":
        os.write(2, f"{event} {arguments}".encode())
        os._exit(99)

sys.addaudithook(refuse)
from signing.cli.verify import main

code = main(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A good file, its evidence, an unsigned file of others, and a trust folder, as on a disk."""
    sys.path.insert(0, str(ROOT / "tests" / "tampering"))
    import workshop  # noqa: PLC0415  (the folder of the attack suite, found by the line above)
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415
    from ledger import ledger, policy  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("arbitrator")
    trust = folder / "trust"
    pem = workshop.standard().root.certificate.public_bytes(Encoding.PEM)
    for name in ("ca", "tsa"):
        (trust / name).mkdir(parents=True)
        (trust / name / "root.pem").write_bytes(pem)
    (trust / "log").mkdir()
    (trust / "log" / "policy").write_bytes(policy())
    (folder / "good.pdf").write_bytes(workshop.standard_states()[4][0])
    (folder / "bad.pdf").write_bytes(workshop.standard_states()[4][0] + b"!")
    (folder / "evidence.zip").write_bytes(ledger().package())
    return folder


def run(files, *arguments):
    """The program in a fresh interpreter: exit code, modules and what it printed before."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, "--trust", str(files / "trust")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    return json.loads(last), "\n".join(lines)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("good.pdf",), 0),
        (("good.pdf", "--evidence", "evidence.zip"), 0),
        (("evidence.zip",), 0),
        (("bad.pdf",), 1),
        (("good.pdf", "bad.pdf"), 1),
    ],
)
def test_verifying_loads_no_server_module_and_opens_no_socket(files, names, code):
    arguments = [name if name.startswith("-") else str(files / name) for name in names]

    found, _ = run(files, *arguments)

    assert found["code"] == code
    loaded = {name for name in found["modules"] if name.startswith(SERVER)}
    assert loaded == set()


def test_the_report_of_a_good_file_says_so_in_chinese_and_as_json(files):
    _, text = run(files, str(files / "good.pdf"), "--evidence", str(files / "evidence.zip"))
    _, document = run(files, str(files / "good.pdf"), "--json")

    assert text.startswith("结论：有效 (TOTAL-PASSED)")
    assert "日志第" in text
    assert json.loads(document)["outcome"] == "valid"
