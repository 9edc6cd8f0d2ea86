"""Make a bare Debian or Ubuntu ready for `make`: system packages, virtual environment, libraries.

Usage: python3 tools/setup.py run|lint|test|bench

Rules kept here:

* Standard library only: this runs before anything else is there.
* A second run compares stamps and takes a moment.
* Nothing is installed that a lock file does not name by its hash; nothing is built from source
  but this project itself.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import system_packages
from progress import ROOT, Impossible, run, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)

RENDERING = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig")
JUDGES = ("poppler-utils", "qpdf", "mupdf-tools", "openssl", "curl")
BROWSER = ("libatomic1",)  # the Node inside Playwright is linked to it; nothing else brings it
TOKEN = ("softhsm2",)


@dataclass(frozen=True)
class Profile:
    """What one make target needs: a lock file, and what the system has to bring."""

    lock: str
    packages: tuple[str, ...] = ()
    chromium: bool = False
    postgresql: bool = False


PROFILES = {
    "run": Profile("run.lock", RENDERING),
    "lint": Profile("dev.lock"),
    "test": Profile(
        "dev.lock", RENDERING + JUDGES + BROWSER + TOKEN, chromium=True, postgresql=True
    ),
    "bench": Profile("dev.lock", RENDERING + JUDGES + BROWSER, chromium=True, postgresql=True),
}


def main(arguments: Sequence[str]) -> int:
    """Set up for one profile: 0 ready, 1 a command failed, 2 a person has to do something first."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("profile", choices=sorted(PROFILES))
    options = parser.parse_args(arguments)
    profile = without_parts(PROFILES[options.profile], os.environ.get("WITHOUT", "").split())
    try:
        check_machine(profile)
        install_packages(profile)
        with only_one_at_a_time():
            make_environment()
            install_libraries(profile.lock)
            install_browser(profile)
    except Impossible as reason:
        print(f"setup: {reason}", file=sys.stderr)
        return reason.exit_code
    return 0


def without_parts(profile: Profile, parts: Sequence[str]) -> Profile:
    """The profile less the parts of the tests that a person leaves out by name."""
    return replace(
        profile,
        packages=tuple(
            name for name in profile.packages if name not in TOKEN or "softhsm" not in parts
        ),
        chromium=profile.chromium and "chromium" not in parts,
        postgresql=profile.postgresql and "postgresql" not in parts,
    )


def check_machine(profile: Profile) -> None:
    """Raise Impossible where Python is too old, or /proc, which Chromium reads, is not mounted."""
    if sys.version_info < OLDEST_PYTHON:
        raise Impossible(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    if profile.chromium and not Path("/proc/self/stat").exists():
        raise Impossible("/proc is not mounted, Chromium needs it: mount -t proc proc /proc")


def install_packages(profile: Profile) -> None:
    """Install what the system lacks for this profile."""
    missing = system_packages.missing_packages(
        profile.packages, chromium=profile.chromium, postgresql=profile.postgresql
    )
    system_packages.install(missing)


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two makes at once share one environment: the second waits for the first."""
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    with (folder / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_environment() -> None:
    """Make `.venv`; anew if its Python has gone or the folder was moved."""
    if not environment_works():
        say("virtual environment: .venv")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def environment_works() -> bool:
    """Whether its scripts point into this folder and its Python has pip."""
    script = VENV / "bin" / "pip"
    if not script.exists() or not script.read_text().startswith(f"#!{VENV}/"):
        return False
    ask = "import importlib.util as u, sys; sys.exit(u.find_spec('pip') is None)"
    try:
        return subprocess.run([PYTHON, "-c", ask], check=False, capture_output=True).returncode == 0
    except OSError:  # a link to a Python that an upgrade has removed
        return False


def install_libraries(lock: str) -> None:
    """Install what the lock file names, each file checked against its hash, then the project."""
    stamp = VENV / f"{lock}.stamp"
    wanted = fingerprint(lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    locks = [ROOT / "requirements" / name for name in ("build.lock", lock)]
    count = sum(len(re.findall(r"(?m)^\S+==", path.read_text())) for path in locks)
    say(f"libraries: requirements/{lock}, {count} packages")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    pip += ["--root-user-action=ignore", "--no-warn-script-location"]
    files = [argument for path in locks for argument in ("-r", str(path))]
    run(
        [*pip, "--require-hashes", "--only-binary", ":all:", *files],
        step=r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)",
        total=lambda _: count,
    )
    run([*pip, "--no-build-isolation", "--no-index", "--editable", str(ROOT)])
    stamp.write_text(wanted)


def fingerprint(lock: str) -> str:
    """Changes whenever the environment would: lock files, the project's own table, the Python."""
    import tomllib  # noqa: PLC0415  an older Python must get as far as `check_machine`

    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    own = [project["project"], project["build-system"], project["tool"]["setuptools"]]
    digest = hashlib.sha256(json.dumps(own, sort_keys=True).encode())
    for name in ("build.lock", lock):
        digest.update((ROOT / "requirements" / name).read_bytes())
    digest.update(str(PYTHON.resolve()).encode())
    return digest.hexdigest()


def install_browser(profile: Profile) -> None:
    """On Ubuntu, where chromium is a snap: the build that belongs to the locked Playwright."""
    if not profile.chromium or system_packages.find_chromium() or not system_packages.is_ubuntu():
        return
    stamp = VENV / "chromium.stamp"
    if not stamp.exists():
        say("Chromium: the build of Playwright")
        run([str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"])
        stamp.touch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
