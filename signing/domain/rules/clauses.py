"""Frames over readings: every free text of a draft against every frame of the pack.

Rules kept here:

* A frame sees tags, polarity and actor, never characters.
* Shielded words (void clauses, protected conditions) meet no item.
* A sentence gives one finding per rule: the most severe of its cases.
"""

from collections.abc import Iterable, Iterator, Sequence

from signing.domain.draft import Kind
from signing.domain.finding import Finding, Severity
from signing.domain.rules.casebook import Case
from signing.domain.rules.facts import Facts
from signing.domain.rules.frames import Choice, Frame, Item, Polarity, Window
from signing.domain.rules.pack import RulePack
from signing.domain.rules.reading import ClauseReader, Sentence, Word, read

_RANK = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


def check(facts: Facts, pack: RulePack, reader: ClauseReader) -> Iterator[Finding]:
    """Findings on all free text of the draft, in the order of the words."""
    frames = [f for f in pack.frames if pack.cases[f.case].judges(facts.kind)]
    for path, text in facts.texts():
        for sentence in read(text, reader=reader, kind=facts.kind):
            excerpt = text[sentence.start : sentence.end]
            for case in _cases(sentence, frames, facts.kind, pack):
                yield case.finding(facts.kind, path, excerpt=excerpt)


def _cases(
    sentence: Sentence, frames: Sequence[Frame], kind: Kind, pack: RulePack
) -> Iterable[Case]:
    best: dict[str, Case] = {}
    for frame in frames:
        case = pack.cases[frame.case]
        known = best.get(case.rule)
        if known and _RANK[known.severity[kind]] <= _RANK[case.severity[kind]]:
            continue
        if fires(frame, sentence):
            best[case.rule] = case
    return best.values()


def fires(frame: Frame, sentence: Sentence) -> bool:
    """Whether the sentence says what the frame describes."""
    if any(not item.tags & sentence.tags for item in frame.see):
        return False
    words = [w for w in sentence.words if not w.shielded]
    if any(_met(item, words) for item in frame.unless):
        return False
    return any(_fires_in(frame, window) for window in _windows(frame.window, words))


def _fires_in(frame: Frame, window: Sequence[Word]) -> bool:
    if not all(_met(item, window) for item in frame.see):
        return False
    if frame.ordered and not _in_order(frame.see, window):
        return False
    if any(_met(item, window) for item in frame.unless_here):
        return False
    limit = frame.limit
    return limit is None or any(
        w.token.unit == limit.unit and w.token.value is not None and limit.holds(w.token.value)
        for w in window
    )


def _windows(window: Window, words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    if window is Window.SENTENCE:
        yield words
    elif window is Window.SEGMENT:
        for number in dict.fromkeys(w.segment for w in words):
            yield [w for w in words if w.segment == number]
    else:
        reach = 1 if window is Window.PAIR else 0
        for number in dict.fromkeys(w.clause for w in words):
            yield [w for w in words if number <= w.clause <= number + reach]


def _met(item: Item, words: Sequence[Word]) -> bool:
    return any(_meets(item, w) for w in words)


def _meets(item: Item, word: Word) -> bool:
    return any(_is(choice, word) for choice in item.choices)


def _is(choice: Choice, word: Word) -> bool:
    if choice.tag not in word.tags or not _acts(choice.actor, word.actor):
        return False
    if choice.polarity is Polarity.EITHER:
        return True
    if choice.polarity is Polarity.SAID:
        return not word.denied
    return word.denied and not (word.released and word.actor == "worker")


def _acts(asked: str, actor: str) -> bool:
    """Whether the actor is the one asked for; `!enterprise` asks for anybody else."""
    if asked.startswith("!"):
        return actor not in {asked[1:], "other"}
    return asked in ("", actor)


def _in_order(items: Sequence[Item], words: Sequence[Word]) -> bool:
    rest = iter(words)
    return all(any(_meets(item, w) for w in rest) for item in items)
