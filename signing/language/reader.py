"""The reader that the rules are given: lexicon files, sounds and segmenter put together."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from signing.domain.rules.reading import ClauseReader
from signing.language.lexicon_files import read_folder
from signing.language.segment import Segmenter
from signing.language.sounds import SoundTable


@lru_cache(maxsize=1)
def make_reader() -> ClauseReader:
    """A reader over the package's lexicon; made once per process, safe to share."""
    words: dict[str, frozenset[str]] = {}
    spoken: list[str] = []
    never: list[str] = []
    short: dict[str, str] = {}
    for _name, data in read_folder("lexicon"):
        for tag, entries in data.get("words", {}).items():
            for word in _entries(entries):
                words[word] = words.get(word, frozenset()) | {tag}
        sounds = data.get("sounds", {})
        spoken.extend(sounds.get("words", ()))
        never.extend(sounds.get("never", ()))
        short.update(sounds.get("short", {}))
    return Segmenter(words, SoundTable(spoken, never, short))


def _entries(entries: Any) -> Iterable[str]:
    """Words of one tag: a list, or a text with blanks between them."""
    return entries.split() if isinstance(entries, str) else entries
