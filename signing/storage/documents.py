"""Files by their SHA-256 in a folder (port `Documents`).

Rules kept here:

1. A file appears under its name whole or not at all: it is written beside, synced, then linked.
2. On return of `put` the bytes survive a power cut: file and folders are synced.
3. What is read is hashed again: a changed file is never served.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from signing.errors import Broken, Unavailable

_SHA256 = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"


class DirectoryDocuments:
    """A content-addressed folder: `ab/cd/abcd…`."""

    def __init__(self, folder: Path) -> None:
        """The folder is made if it is not there."""
        self._folder = folder
        self._incoming = folder / _INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        """Returns the digest; on return the bytes survive a crash. Repeating is harmless.

        Raises Unavailable if the disk does not take it.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        try:
            if _holds(path, content):
                _sync_folder(path.parent)  # who wrote it may not have come to that yet
            else:
                self._write(path, content)
        except OSError as e:
            raise Unavailable(
                f"The document store does not take {sha256}: {e}",
                "文件暂时存不进去，请稍后再试",
                code="DOCUMENT_STORE_UNAVAILABLE",
            ) from e
        return sha256

    def get(self, sha256: str) -> bytes:
        """Raises Broken if it is missing or does not have that digest."""
        try:
            content = self.path(sha256).read_bytes()
        except OSError as e:
            raise Broken(f"The document {sha256} is missing", code="DOCUMENT_MISSING") from e
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Broken(f"The document {sha256} was changed on disk", code="DOCUMENT_CHANGED")
        return content

    def path(self, sha256: str) -> Path:
        """Where a document lies. Raises Broken for what is not a digest."""
        if not _SHA256.fullmatch(sha256):
            raise Broken(f"Not a SHA-256: {sha256[:80]!r}")
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _write(self, path: Path, content: bytes) -> None:
        self._make_folders(path.parent)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(name, path)
            except FileExistsError:
                if not _holds(path, content):  # else another put was quicker
                    Path(name).replace(path)  # what lies there rotted
            _sync_folder(path.parent)
        finally:
            Path(name).unlink(missing_ok=True)

    def _make_folders(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for parent in (folder.parent, self._folder):
            _sync_folder(parent)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
