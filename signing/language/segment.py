"""The lexicon as segmenter: longest words first, numbers, punctuation, words by sound.

Rules kept here:

* From left to right the longest word counts; a word inside or across it does not (负担|保费
  holds no 担保), but a negator at its head stands alone where that frees a longer one (不|限制).
* A number swallows words that begin inside it.
* Everything else is silence: distances survive as offsets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signing.domain.rules.reading import Token
from signing.language.normal import COMMAS, PAUSES, STOPS, Char, normalise
from signing.language.numbers import find_numbers
from signing.language.sounds import SoundTable

_NUMBER = frozenset({"NUMBER"})


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    word: str
    tags: frozenset[str]
    value: float | None = None
    unit: str = ""
    disguised: bool = False


class Segmenter:
    """A `ClauseReader` over one lexicon."""

    def __init__(self, words: Mapping[str, frozenset[str]], sounds: SoundTable) -> None:
        self._words = words
        self._sounds = sounds
        self._negators = {w: t for w, t in words.items() if len(w) == 1 and "NOT" in t}
        self._last: tuple[str, tuple[list[Char], str, list[_Span]]] = ("", ([], "", []))
        lengths: dict[str, set[int]] = {}
        for word in words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(sizes, reverse=True) for first, sizes in lengths.items()}

    def tokens(self, text: str) -> Sequence[Token]:
        """Tokens of a source text, in order."""
        chars, _plain, spans = self._segment(text)
        return tuple(_token(span, chars) for span in spans)

    def spelled(self, text: str) -> str:
        """The normalised text with every disguised word as the lexicon spells it."""
        _chars, plain, spans = self._segment(text)
        parts, done = [], 0
        for span in spans:
            if span.disguised:
                parts += [plain[done : span.start], span.word]
                done = span.end
        return "".join([*parts, plain[done:]])

    def _segment(self, text: str) -> tuple[list[Char], str, list[_Span]]:
        """Characters, their text and its words; the last text is remembered.

        A text is read first and judged next, most often in one piece.
        """
        last, found = self._last
        if last != text:
            chars = self._sounds.restore(normalise(text))
            plain = "".join(c.value for c in chars)
            found = (chars, plain, self._spans(plain))
            self._last = (text, found)
        return found

    def _spans(self, plain: str) -> list[_Span]:
        numbers = [
            _Span(n.start, n.end, plain[n.start : n.end], _NUMBER, n.value, n.unit)
            for n in find_numbers(plain)
        ]
        sounded = [
            _Span(start, end, word, self._words[word], disguised=True)
            for start, end, word in self._sounds.find(plain)
            if word in self._words
        ]
        marks = [
            _Span(i, i + 1, c, frozenset({tag}))
            for i, c in enumerate(plain)
            if (tag := _mark(c)) is not None
        ]
        return _longest([*numbers, *sounded, *self._lexicon_spans(plain), *marks], self._negators)

    def _lexicon_spans(self, plain: str) -> list[_Span]:
        spans = []
        for index, char in enumerate(plain):
            for length in self._lengths.get(char, ()):
                word = plain[index : index + length]
                tags = self._words.get(word)
                if tags is not None and len(word) == length:
                    spans.append(_Span(index, index + length, word, tags))
                    break
        return spans


def _mark(char: str) -> str | None:
    if char in STOPS:
        return "STOP"
    if char in COMMAS:
        return "COMMA"
    if char in PAUSES:
        return "PAUSE"
    if char in "《〈":
        return "TITLE_OPEN"
    return "TITLE_CLOSE" if char in "》〉" else None


def _longest(spans: list[_Span], negators: Mapping[str, frozenset[str]]) -> list[_Span]:
    """Drop spans inside others; where two overlap, a negator at the head stands alone (不|限制)."""
    spans.sort(key=lambda s: (s.start, -(s.end - s.start), s.disguised))
    kept: list[_Span] = []
    for span in spans:
        if kept and span.end <= kept[-1].end:
            continue
        before = kept[-1] if kept else None
        if before and span.start < before.end:
            head = before.word[0]
            whole = before.tags & {"NOT", "BAN"}
            if whole or head not in negators or span.start != before.start + 1:
                continue
            kept[-1] = _Span(before.start, before.start + 1, head, negators[head])
        kept.append(span)
    return kept


def _token(span: _Span, chars: Sequence[Char]) -> Token:
    return Token(
        word=span.word,
        tags=span.tags,
        start=chars[span.start].start,
        end=chars[span.end - 1].end,
        at=span.start,
        value=span.value,
        unit=span.unit,
        disguised=span.disguised,
    )
