"""Words spelled by their sound: 压金, 鸭金, yajin, ya金 for 押金.

Rules kept here:

* Only words of two characters or more that a lexicon lists under `[sounds]` are looked for, and
  only where one of their own characters or a Latin spelling stands: 度假 is not 独家 (`never`).
* A whole Latin run must be the word; 押jin counts, majin does not.
* Latin spellings are put back into the text (`restore`), so that they may be part of longer
  words; a Chinese homophone is only a second reading beside the characters that stand there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pypinyin import lazy_pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

from signing.language.normal import Char, is_han


@dataclass(frozen=True, slots=True)
class Unit:
    """A Chinese character or a Latin run, with its place in the normalised text."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=20_000)
def syllables(char: str) -> frozenset[str]:
    """Readings of a character without tones; ü is v."""
    readings = pinyin_dict.get(ord(char), "")
    return frozenset(to_normal(r) for r in readings.split(",") if r)


class SoundTable:
    """Words by the sound of their first character."""

    def __init__(
        self, words: Sequence[str], never: Sequence[str], short: Mapping[str, str]
    ) -> None:
        self._never = frozenset(never)
        self._latin = dict(short)
        self._by_first: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._remembered: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for word in words:
            spelled = tuple(lazy_pinyin(word))
            self._latin["".join(spelled)] = word
            self._by_first.setdefault(spelled[0], []).append((word, spelled))

    def restore(self, chars: list[Char]) -> list[Char]:
        """The same text with words that hold Latin letters spelled in Chinese again."""
        plain = "".join(c.value for c in chars)
        spans = [span for span in self.find(plain) if _has_latin(plain[span[0] : span[1]])]
        restored: list[Char] = []
        done = 0
        for start, end, word in spans:
            if start < done:
                continue
            first, last = chars[start].start, chars[end - 1].end
            restored += chars[done:start] + [Char(c, first, last) for c in word]
            done = end
        return restored + chars[done:]

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Places (start, end) of disguised words and the words they stand for."""
        units = _units(text)
        for index, unit in enumerate(units):
            if unit.text in self._latin:
                yield unit.start, unit.end, self._latin[unit.text]
                continue
            for word, sounds in self._beginning_with(unit.text):
                end = self._match(units, index, word, sounds)
                if end:
                    yield unit.start, end, word

    def _beginning_with(self, text: str) -> list[tuple[str, tuple[str, ...]]]:
        """Words that may begin at a character or Latin run, remembered."""
        known = self._remembered.get(text)
        if known is None:
            known = [w for sound in _sounds(text) for w in self._by_first.get(sound, ())]
            self._remembered[text] = known
        return known

    def _match(self, units: list[Unit], index: int, word: str, sounds: tuple[str, ...]) -> int:
        """End of the disguised word that begins at a unit; 0 where there is none."""
        if index + len(sounds) > len(units) or sounds[1] not in _sounds(units[index + 1].text):
            return 0
        parts = units[index : index + len(sounds)]
        if not all(s in _sounds(p.text) for p, s in zip(parts, sounds, strict=True)):
            return 0
        spelled = "".join(p.text for p in parts)
        if spelled == word or spelled in self._never:
            return 0
        if any(a.end != b.start for a, b in pairwise(parts)):
            return 0
        kept = any(p.text == c for p, c in zip(parts, word, strict=True))
        return parts[-1].end if kept or _has_latin(spelled) else 0


def _has_latin(text: str) -> bool:
    return any(c.isascii() for c in text)


def _sounds(text: str) -> frozenset[str]:
    return frozenset({text}) if text.isascii() else syllables(text)


def _units(text: str) -> list[Unit]:
    units: list[Unit] = []
    index = 0
    while index < len(text):
        end = index + 1
        if text[index].isascii() and text[index].isalpha():
            while end < len(text) and text[end].isascii() and text[end].isalpha():
                end += 1
            units.append(Unit(index, end, text[index:end]))
        elif is_han(text[index]):
            units.append(Unit(index, end, text[index]))
        index = end
    return units
