"""A published text, rule pack or migration is never edited: agreements name them by digest."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("freeze", ROOT / "tools" / "freeze.py")
freeze = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(freeze)

EDITS = [
    ("templates/contracts/written_agreement/2026.1/contract.html", "text/written_agreement/2026.1"),
    ("templates/contracts/companions/certified_copy/2026.1/cards.json",
     "text/certified_copy/2026.1"),
    ("signing/domain/rules/data/packs/hunan-2021-24.toml", "pack/hunan-2021-24/2026.1"),
    ("signing/storage/migrations/versions/0001_first.py", "migration/0001_first"),
]  # fmt: skip


@pytest.fixture
def copy(tmp_path) -> Path:
    """What is published, to be edited by a test."""
    for folder in (freeze.TEXTS, freeze.DATA, freeze.MIGRATIONS):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_everything_that_was_published_is_as_it_was_and_listed():
    done = subprocess.run(
        [sys.executable, "tools/freeze.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("path", "name"), EDITS)
def test_one_byte_more_in_what_was_published_is_noticed(copy, path, name):
    listed = freeze.published(copy)
    with (copy / path).open("a", encoding="utf-8") as file:
        file.write("\n")

    assert [line.split(" ")[0] for line in freeze.differences(listed, freeze.published(copy))] == [
        name
    ]


def test_a_published_version_that_is_taken_away_is_noticed(copy):
    listed = freeze.published(copy)
    shutil.rmtree(copy / freeze.TEXTS / "written_agreement" / "2026.1")

    found = freeze.differences(listed, freeze.published(copy))

    assert found == ["text/written_agreement/2026.1 is gone"]


def test_a_successor_is_welcome(copy):
    listed = freeze.published(copy)
    folder = copy / freeze.TEXTS / "written_agreement"
    shutil.copytree(folder / "2026.1", folder / "2026.2")

    assert freeze.differences(listed, freeze.published(copy)) == []


def test_a_wage_may_get_its_last_day_but_no_other_amount(copy):
    listed = freeze.published(copy)
    file = copy / freeze.DATA / "minimum-wage-hunan.toml"
    text = file.read_text("utf-8")

    file.write_text(text.replace("monthly_fen = 210000", "monthly_fen = 210001"), "utf-8")

    assert freeze.differences(listed, freeze.published(copy))
