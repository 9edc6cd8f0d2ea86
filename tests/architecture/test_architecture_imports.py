"""The import contracts of pyproject.toml hold, and each of them can be broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TRESPASSES = [
    ("layers", "signing/domain/trespass.py", "import signing.services.ports"),
    ("layers", "signing/pades/trespass.py", "import signing.verification"),
    ("layers", "signing/config.py", "import signing.web"),
    ("layers", "signing/storage/trespass.py", "import signing.services.issuing"),
    ("layers", "signing/utils.py", ""),
    ("adapters", "signing/web/trespass.py", "import signing.storage"),
    ("adapters", "signing/cli/trespass.py", "import signing.keystore"),
    ("adapters", "signing/services/trespass.py", "import signing.rendering"),
    ("adapters-apart", "signing/storage/trespass.py", "import signing.messaging"),
    ("pure", "signing/domain/trespass.py", "import os"),
    ("pure", "signing/domain/trespass.py", "from datetime import datetime\nimport time"),
    ("pure", "signing/domain/trespass.py", "import cryptography.x509"),
    ("offline", "signing/verification/trespass.py", "import socket"),
    ("offline", "signing/audit/trespass.py", "import sqlalchemy"),
    ("judge-and-writer", "signing/verification/trespass.py", "import signing.pades.prepare"),
    ("owner-database", "signing/services/trespass.py", "import sqlalchemy"),
    ("owner-database", "signing/cli/trespass.py", "import sqlite3"),
    ("owner-web", "signing/services/trespass.py", "from flask import g"),
    ("owner-web", "signing/storage/trespass.py", "import marshmallow"),
    ("owner-rendering", "signing/web/trespass.py", "import weasyprint"),
    ("owner-cryptography", "signing/services/trespass.py", "from cryptography import x509"),
    ("owner-pyhanko", "signing/pades/trespass.py", "import pyhanko.sign"),
    ("owner-language", "signing/domain/trespass.py", "import opencc"),
    ("acyclic", "signing/audit/merkle.py", "import signing.audit.checkpoint"),
]


def lint_imports(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    chosen = [argument for name in contracts for argument in ("--contract", name)]
    return subprocess.run(
        [program, "--no-cache", *chosen], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "signing", tmp_path / "signing", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_import_contract_is_kept():
    answer = lint_imports(ROOT)

    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(("contract", "path", "line"), TRESPASSES)
def test_a_trespass_breaks_the_contract_that_forbids_it(copy, contract, path, line):
    with (copy / path).open("a") as module:
        module.write(f"\n{line}\n")

    answer = lint_imports(copy, contract)

    assert answer.returncode == 1, answer.stdout
    assert "1 broken" in answer.stdout
