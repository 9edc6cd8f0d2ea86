"""The newest checkpoint, kept outside the database.

A database restored from yesterday's backup knows nothing of today's checkpoints and would sign a
second history with a clean conscience. This file does know. It must not be restored with the
database, and it is never rolled back.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    def advance(self, note: bytes, *, size_of: Callable[[bytes], int]) -> None:
        """Replace the note by this one, unless the file holds one of the same size or a larger.

        On return the note survives a crash. Publishers take turns, also those of other processes.
        """
        with self._lock():
            present = self.read()
            if present is None or size_of(present) < size_of(note):
                self.write(note)

    def write(self, note: bytes) -> None:
        """Replace the note whatever it is. On return it survives a crash."""
        handle, beside = tempfile.mkstemp(dir=self._path.parent, prefix=f"{self._path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._path.with_name(f"{self._path.name}.lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # ends with the file
            yield
