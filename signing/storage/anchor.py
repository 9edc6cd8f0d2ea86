"""The newest checkpoint, kept outside the database.

A database restored from yesterday's backup knows nothing of today's checkpoints and would sign a
second history with a clean conscience. This file does know. It must not be restored with the
database, and it is never rolled back.
"""

import os
from pathlib import Path


class CheckpointFile:
    """One file; replaced whole, so that a reader never sees half of it."""

    def __init__(self, path: Path) -> None:
        """The folder is made if it is not there."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> bytes | None:
        """The newest note, or None if there never was one."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, note: bytes) -> None:
        """On return the note survives a crash."""
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with beside.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
