"""Every command in a ```console block of the documents works, in the order in which it stands.

`signing …` is run for real, in a folder that has the results of `signing demo` where `make demo`
leaves them, and `curl …` calls a real service with a platform's key in API_KEY. `make …` is a dry
run: the targets themselves are what CI and the demo's tests run.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from running_service import Home, serving

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("keys/*.md")])
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"
"""Where `make run` serves: in the tests a service on another port stands in for it."""
SERVES = ("serve", "run", "worker", "scheduler")
"""Commands that do not end by themselves: their help is asked for instead."""


def commands(document: Path) -> list[str]:
    """A command may go on behind a backslash at the end of its line."""
    blocks = BLOCK.findall(document.read_text("utf-8").replace("\\\n", " "))
    return re.findall(r"^\$ (.+)$", "".join(blocks), re.MULTILINE)


CONSOLE = [path for path in DOCUMENTS if commands(path)]


@pytest.fixture(scope="module")
def folder(demo_results, tmp_path_factory):
    """A folder like the repository after `make demo`: `.venv`, `build/demo`, nothing else."""
    folder = tmp_path_factory.mktemp("documented")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "build").mkdir()
    (folder / "build" / "demo").symlink_to(demo_results)
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """What `make run` would serve."""
    with serving(Home(tmp_path_factory.mktemp("documented-service"))) as home:
        yield home


@pytest.mark.parametrize("document", CONSOLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_document_works(document, request):
    for command in commands(document):
        if command.startswith("make"):
            answer = dry_run(command)
        elif ADDRESS in command:
            home = request.getfixturevalue("service")
            called = command.replace(ADDRESS, home.url)
            answer = run(called, request.getfixturevalue("folder"), API_KEY=home.api.key)
        else:
            answer = run(command, request.getfixturevalue("folder"))
        assert answer.returncode == 0, f"{command}\n{answer.stdout}{answer.stderr}"


def dry_run(command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    return subprocess.run(
        [program, "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def run(command: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    if command.split()[1] in SERVES:
        command = f"{' '.join(command.split()[:2])} --help"
    environment = {**os.environ, "SIGNING_HOME": str(folder), **settings}
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
