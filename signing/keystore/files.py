"""The folder `keys/`: who may read what, and writing that a crash cannot leave half done.

    private/   0700   keys (encrypted PKCS#8 PEM, 0600), certificates, CRLs, journals
    trust/            what a verifier pins: ca/*.pem, tsa/*.pem, log/policy
    passphrase 0600   development only: made on first start

Rules kept here:
* a private file that others may read, or that belongs to somebody else, stops the start (Broken
  KEYS_UNSAFE): whoever could read it may have;
* a file appears whole or not at all: temporary file, fsync, rename, fsync of the folder;
* a name once written with `create` is never written over.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signing.errors import Broken

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TEMPORARY = ".new"


class KeyFolder:
    """`keys/` with its private and its public part."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.private = root / "private"
        self.seals = self.private / "seals"
        self.trust = root / "trust"

    def prepare(self) -> None:
        """Make the folders, refuse unsafe ones, clear what a crash left."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.private, self.seals):
            folder.mkdir(mode=0o700, exist_ok=True)
            check_private(folder)
        with self.locked():  # a file that another process is just making is no leftover
            for file in (*self.private.iterdir(), *self.seals.iterdir()):
                if file.name.endswith(_TEMPORARY):
                    file.unlink(missing_ok=True)
                elif file.is_file():
                    check_private(file)

    def unsafe_files(self) -> Iterator[str]:
        """Private files and folders that others could read."""
        private = [self.private, *self.private.rglob("*"), *self.root.glob("passphrase")]
        for path in sorted(private):
            status = path.stat()
            if status.st_mode & _OTHERS or status.st_uid != os.geteuid():
                yield str(path)

    def signer_serials(self) -> set[str]:
        """Serials that the CA's key was about to sign for phones, hex, from the journal."""
        journal = self.private / "issued.ndjson"
        lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
        entries = (json.loads(line) for line in lines)
        return {str(entry["serial"]) for entry in entries if entry["purpose"] == "signer"}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against other processes that would make or sign the same thing."""
        descriptor = os.open(self.private / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def check_private(path: Path) -> None:
    """Raises Broken (KEYS_UNSAFE) unless only we may read `path`."""
    status = path.stat()
    if status.st_mode & _OTHERS or status.st_uid != os.geteuid():
        wanted = "700" if path.is_dir() else "600"
        raise Broken(
            f"{path} may be read by others: chmod {wanted} it, chown it to the service's user, "
            "and replace the keys if somebody else was on this machine",
            f"密钥文件 {path} 权限太宽：请改成 {wanted} 并归服务账号所有；可能被读过的密钥要换掉",
            code="KEYS_UNSAFE",
        )


def create(path: Path, data: bytes) -> None:
    """Write a new file, 0600; Broken if the name is taken."""
    if path.exists():
        raise Broken(f"{path} is there already and is never written over")
    replace(path, data)


def replace(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole, in place of an older one; on return it survives a crash."""
    temporary = path.with_name(path.name + _TEMPORARY)
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.fchmod(descriptor, mode)  # whatever the umask
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(path)
    _sync_folder(path.parent)


def append_line(path: Path, line: str) -> None:
    """Add a line to a journal; on return it survives a crash."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
