"""What is imported when: the verifier loads nothing of the server and opens no socket."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SERVER = {
    "alembic",
    "flask",
    "flask_limiter",
    "flask_smorest",
    "flask_sqlalchemy",
    "gunicorn",
    "jinja2",
    "marshmallow",
    "pikepdf",
    "psycopg",
    "signing.app",
    "signing.config",
    "signing.keystore",
    "signing.messaging",
    "signing.rendering",
    "signing.services",
    "signing.storage",
    "signing.web",
    "sqlalchemy",
    "sqlite3",
    "weasyprint",
    "werkzeug",
}

ASK = """
import json, pkgutil, sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise AssertionError(event)

sys.addaudithook(refuse)
for name in sys.argv[1:]:
    package = __import__(name, fromlist=["*"])
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if not module.name.endswith(".foreign"):
            __import__(module.name)
print(json.dumps(sorted(sys.modules)))
"""


def modules_after(program: str, *arguments: str) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


@pytest.mark.parametrize("package", ["verification", "pades", "audit", "domain"])
def test_what_the_verifier_is_made_of_loads_nothing_of_the_server(package):
    loaded = modules_after(ASK, f"signing.{package}")

    assert not loaded & SERVER


def test_importing_the_package_costs_nothing():
    bare = modules_after("import json, sys; print(json.dumps(sorted(sys.modules)))")
    loaded = modules_after("import json, sys, signing; print(json.dumps(sorted(sys.modules)))")

    assert loaded - bare == {"signing"}
