"""The reader that the rules are given: lexicon files, sounds and segmenter put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from signing.domain.rules.reading import ClauseReader, Token
from signing.language.judgement import Judgement, load_judgement
from signing.language.lexicon_files import read_folder
from signing.language.segment import Segmenter
from signing.language.sounds import SoundTable


@dataclass(frozen=True)
class Reader:
    """A `ClauseReader`: the lexicon's segmenter and the trained judgement."""

    segmenter: Segmenter
    judgement: Judgement

    def tokens(self, text: str) -> Sequence[Token]:
        """Tokens of a source text, in order."""
        return self.segmenter.tokens(text)

    def suspicion(self, text: str, signs: frozenset[str]) -> float:
        """How much a sentence is like unlawful ones."""
        return self.judgement.score(self.segmenter.spelled(text), signs)

    def likely_rules(self, text: str, signs: frozenset[str]) -> Sequence[str]:
        """Rules that sentences like this one mostly break."""
        return self.judgement.rules(self.segmenter.spelled(text), signs)


@lru_cache(maxsize=1)
def make_reader() -> ClauseReader:
    """A reader over the package's lexicon; made once per process, safe to share."""
    return Reader(make_segmenter(), load_judgement())


def make_segmenter() -> Segmenter:
    """The segmenter alone: all that training needs of the lexicon."""
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
