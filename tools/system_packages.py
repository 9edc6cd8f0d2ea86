"""System packages by apt: which are missing, and how this person may install them.

Run as a program, through sudo, it installs the packages named on its command line.

Rules kept here:

* what is there is left alone; dpkg is asked once;
* a person who cannot become root gets one line that says what to install;
* no service of a package is started and no database cluster is made: the tests start their own.
"""

import contextlib
import grp
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from progress import Impossible, run, say

POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/signing-setup.conf")


def missing_packages(named: Sequence[str], *, chromium: bool, postgresql: bool) -> list[str]:
    """Names of the packages that this machine lacks, of those named and of what is asked for."""
    present = installed_packages(named)
    missing = [name for name in named if name not in present]
    if importlib.util.find_spec("ensurepip") is None:
        missing.insert(0, "python3-venv")
    if chromium and find_chromium() is None and not is_ubuntu():
        missing.append("chromium")
    if postgresql and not has_postgresql():
        missing.append("postgresql")
    return missing


def installed_packages(names: Sequence[str]) -> frozenset[str]:
    """Those that dpkg calls installed; none on a system without dpkg."""
    if not names or shutil.which("dpkg-query") is None:
        return frozenset()
    answer = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n", *names],
        capture_output=True,
        text=True,
        check=False,  # 1 means that some are unknown, which is the question
    )
    lines = (line.split() for line in answer.stdout.splitlines())
    return frozenset(name for status, name in lines if status == "installed")


def find_chromium() -> str | None:
    """A Chromium that starts without a desktop; snap's wrapper does not."""
    names = ("chromium", "google-chrome-stable", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def is_ubuntu() -> bool:
    """Ubuntu's chromium package is a snap: Playwright's own build is taken there."""
    release = Path("/etc/os-release")
    return release.exists() and bool(re.search(r"(?m)^ID=ubuntu$", release.read_text()))


def has_postgresql() -> bool:
    """The tests make a cluster with initdb, unless they are given a server."""
    if "TEST_DATABASE_URL" in os.environ or shutil.which("initdb"):
        return True
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def install(missing: Sequence[str]) -> None:
    """Install by apt: as root at once, or through sudo by running this file as a program.

    Raises Impossible, saying what to install, where neither will do.
    """
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise Impossible(f"not a Debian or Ubuntu; install by hand: {' '.join(missing)}")
    if os.geteuid() == 0:
        apt_install(missing)
    elif (sudo := sudo_command()) is not None:
        install_as_root = [*sudo, sys.executable, str(Path(__file__).resolve()), *missing]
        if subprocess.run(install_as_root, check=False).returncode != 0:
            raise Impossible("the system packages could not be installed", exit_code=1)
    else:
        command = (
            f"apt-get update && apt-get install -y --no-install-recommends {' '.join(missing)}"
        )
        raise Impossible(f"packages are missing; as root, once: {command}")


def sudo_command() -> list[str] | None:
    """How this person becomes root: without a password, or with one if somebody can type it."""
    if shutil.which("sudo") is None:
        return None
    if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n"]
    groups = {group.gr_name for group in grp.getgrall() if group.gr_gid in os.getgroups()}
    return ["sudo"] if groups & {"sudo", "admin", "wheel"} and sys.stdin.isatty() else None


def apt_install(packages: Sequence[str]) -> None:
    """Install without recommendations, without questions, and without starting services."""
    say(f"system packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    with services_held_back():
        run([*apt, "update"], step=r"(?:Get|Hit):\d+ \S+ (\S+ \S+)", environment=environment)
        run(
            [*apt, "install", "-y", "--no-install-recommends", *packages],
            step=r"(?:Get:\d+ \S+ \S+ \S+|Unpacking|Setting up) (\S+)",
            total=lambda output: 3 * newly_installed(output),  # fetched, unpacked, set up
            environment=environment,
        )


def newly_installed(output: str) -> int:
    """How many packages apt says it will install; 0 before it says so."""
    found = re.search(r"(\d+) newly installed", output)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def services_held_back() -> Iterator[None]:
    """Tell the packages' scripts, while they run, to start no service and to make no cluster."""
    made = []
    try:
        for path, text, mode in (
            (POLICY, "#!/bin/sh\nexit 101\n", 0o755),
            (NO_CLUSTER, "create_main_cluster = false\n", 0o644),
        ):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(mode)
                made.append(path)
        yield
    finally:
        for path in made:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        apt_install(sys.argv[1:])
    except Impossible as reason:
        sys.exit(f"setup: {reason}")
