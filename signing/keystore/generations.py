"""Keys that follow one another under one name: `issuing`, then `issuing-2`, and so on.

    private/generations.json   {"issuing": 2, "tsa": 3}   names with one generation are left out

Rules kept here:
* the file is replaced as a whole once the next generation lies there complete: a crash leaves the
  old one in use, and what was made for the next is used when rotation is tried again;
* a process that runs goes on with the generation that it started with; both are good until then.
"""

import json

from signing.keystore import files
from signing.keystore.files import KeyFolder


class Generations:
    """Which keys there are, by name."""

    def __init__(self, folder: KeyFolder) -> None:
        self._file = folder.private / "generations.json"

    def stems(self, name: str) -> list[str]:
        """Stems of the files of all generations, newest first."""
        return [stem(name, number) for number in range(self._newest(name), 0, -1)]

    def following(self, name: str) -> str:
        """Stem of the generation that comes next."""
        return stem(name, self._newest(name) + 1)

    def advance(self, name: str) -> None:
        """The next generation is there: from now on it is the newest. Hold the folder's lock."""
        numbers = self._read() | {name: self._newest(name) + 1}
        files.replace(self._file, json.dumps(numbers, sort_keys=True).encode())

    def _newest(self, name: str) -> int:
        return self._read().get(name, 1)

    def _read(self) -> dict[str, int]:
        if not self._file.exists():
            return {}
        numbers: dict[str, int] = json.loads(self._file.read_bytes())
        return numbers


def stem(name: str, number: int) -> str:
    """`issuing` for the first, `issuing-2` for the second."""
    return name if number == 1 else f"{name}-{number}"
