"""Every pin of pyproject.toml is locked, with hashes and without a registry's address."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]
LOCKS = {"build": GROUPS["build"], "run": RUN, "dev": RUN + GROUPS["dev"]}

ENTRY = re.compile(
    r"^([a-z0-9-]+)(?:\[\w+\])?==(\S+)[^\n]*\\\n((?:    --hash=\S+[^\n]*\n)+)", re.MULTILINE
)


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    return {
        package: (version, re.findall(r"--hash=sha256:[0-9a-f]{64}", hashes))
        for package, version, hashes in ENTRY.findall(text)
    }


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_is_locked_at_its_version(name):
    packages = locked(name)

    for pin in LOCKS[name]:
        package, version = re.fullmatch(r"([A-Za-z0-9-]+)(?:\[\w+\])?==(\S+)", pin).groups()
        assert packages[package.lower()][0] == version, f"run `make lock`: {pin}"


@pytest.mark.parametrize("name", LOCKS)
def test_each_locked_package_has_a_hash(name):
    text = (ROOT / "requirements" / f"{name}.lock").read_text()

    assert set(locked(name)) == set(re.findall(r"^([a-z0-9-]+)\S*==", text, re.MULTILINE))
    assert all(hashes for _, hashes in locked(name).values())


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_registry(name):
    text = (ROOT / "requirements" / f"{name}.lock").read_text()

    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text)


def test_the_lock_for_development_contains_the_lock_for_running():
    run, dev = locked("run"), locked("dev")

    assert {name: run[name][0] for name in run}.items() <= {n: dev[n][0] for n in dev}.items()
