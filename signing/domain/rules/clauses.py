"""Frames over readings: every free text of a draft against every frame of the pack.

Rules kept here:

* A frame sees tags, polarity and actor, never characters.
* A rate is compared where it belongs: the first one after what it is a rate of.
* Shielded words (void clauses, protected conditions) meet no item.
* A sentence gives one finding per rule: the most severe of its cases.
* The reader's second opinion never blocks. It warns where no frame met and the sentence is much
  like unlawful ones, or is mostly of another rule than the frames say; where it doubts a frame,
  the finding is a warning or an information.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from signing.domain.draft import Kind
from signing.domain.finding import Finding, Severity
from signing.domain.rules import probation_words
from signing.domain.rules.casebook import Case
from signing.domain.rules.facts import Facts
from signing.domain.rules.frames import Choice, Frame, Item, Polarity, Window
from signing.domain.rules.pack import RulePack
from signing.domain.rules.reading import ClauseReader, Sentence, Word, declares_void, read

ALARM = 0.2
"""From here on a sentence without a frame is a warning."""
CAUTION = 0.2
"""What every further sentence (its logarithm) raises the alarm by: more words, more chances."""
MOST_SENTENCES = 4
"""Sentences from which on caution does not grow: nobody hides a clause among many."""
VOID_ALARM = 0.7
"""From here on even what speaks of being void is suspected: 辞职一律不发生效力."""
SHORTEST = 8
"""Characters below which a text is a name or a heading and says nothing to be suspected."""
DOUBT = 0.2
"""Below this a frame that blocks only warns."""
STRONG_DOUBT = -0.3
"""Below this a frame only informs."""
_RATE = "pct"
_RANK = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


def check(facts: Facts, pack: RulePack, reader: ClauseReader) -> Iterator[Finding]:
    """Findings on all free text of the draft, in the order of the words."""
    frames = FrameIndex(f for f in pack.frames if pack.cases[f.case].judges(facts.kind))
    for path, text in facts.texts():
        sentences = read(text, reader=reader, kind=facts.kind)
        alarm = ALARM + CAUTION * math.log(max(1, min(len(sentences), MOST_SENTENCES)))
        for sentence in sentences:
            excerpt = text[sentence.start : sentence.end].strip()
            score = reader.suspicion(excerpt, sentence.signs)
            found = [
                case.finding(
                    facts.kind,
                    path,
                    excerpt=excerpt,
                    severity=_with_doubt(case.severity[facts.kind], score),
                )
                for case in _cases(sentence, frames, facts.kind, pack)
            ]
            yield from found
            if score >= alarm and (found or _may_be_suspected(sentence, excerpt, score)):
                rules = reader.likely_rules(excerpt, sentence.signs)
                likeliest = _likeliest(rules, pack, facts.kind)
                if likeliest and likeliest.rule not in {f.rule for f in found}:
                    yield _suspected(likeliest, facts.kind, path, excerpt)


def _cases(sentence: Sentence, frames: "FrameIndex", kind: Kind, pack: RulePack) -> Iterable[Case]:
    """The most severe case of each rule whose frame the sentence meets."""
    best: dict[str, Case] = {}
    scene = Scene(sentence)
    for frame in frames.possible(sentence.tags):
        case = pack.cases[frame.case]
        known = best.get(case.rule)
        if known and _RANK[known.severity[kind]] <= _RANK[case.severity[kind]]:
            continue
        if fires(frame, scene):
            best[case.rule] = case
    spoken = pack.cases["probation.words"]
    if spoken.judges(kind) and probation_words.is_too_long(sentence):
        best[spoken.rule] = spoken
    return best.values()


def _may_be_suspected(sentence: Sentence, excerpt: str, score: float) -> bool:
    """A name says nothing; what is declared void mostly binds nobody; numbers decide first."""
    return (
        len(excerpt) >= SHORTEST
        and (score >= VOID_ALARM or not declares_void(sentence.words))
        and probation_words.is_too_long(sentence) is None
    )


def _with_doubt(severity: Severity, score: float) -> Severity:
    """A frame's severity, less where the second opinion doubts it, never more."""
    if score < STRONG_DOUBT:
        return Severity.INFO
    if score < DOUBT and severity is Severity.BLOCK:
        return Severity.WARN
    return severity


def _likeliest(rules: Iterable[str], pack: RulePack, kind: Kind) -> Case | None:
    """The first case of the likeliest rule that judges free text of this kind."""
    by_rule: dict[str, Case] = {}
    for frame in pack.frames:
        case = pack.cases[frame.case]
        if case.judges(kind):
            by_rule.setdefault(case.rule, case)
    return next((by_rule[r] for r in rules if r in by_rule), None)


def _suspected(case: Case, kind: Kind, path: str, excerpt: str) -> Finding:
    """A warning without a frame."""
    found = case.finding(kind, path, excerpt=excerpt, severity=Severity.WARN)
    return replace(
        found,
        message_zh=f"这一条读起来可能不合法，请核对：{found.message_zh}",
        message=f"This may be unlawful, please check: {found.message}",
    )


class FrameIndex:
    """Frames by the tags of their first item: a sentence is asked only what it can answer."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._frames = tuple(frames)
        self._by_tag: dict[str, list[int]] = {}
        for number, frame in enumerate(self._frames):
            for tag in frame.see[0].tags:
                self._by_tag.setdefault(tag, []).append(number)

    def possible(self, tags: frozenset[str]) -> Iterator[Frame]:
        """Frames all of whose items have a tag among these, in the order of the pack."""
        numbers = {n for tag in tags for n in self._by_tag.get(tag, ())}
        for number in sorted(numbers):
            frame = self._frames[number]
            if not any(item.tags.isdisjoint(tags) for item in frame.see[1:]):
                yield frame


class Scene:
    """The words of a sentence that are not shielded, and the windows that frames look through."""

    def __init__(self, sentence: Sentence) -> None:
        self.words = [w for w in sentence.words if not w.shielded]
        self.segments = _grouped(self.words, lambda w: w.segment)
        self.clauses = _grouped(self.words, lambda w: w.clause)

    def windows(self, window: Window) -> Iterator[Sequence[Word]]:
        """The stretches of words of that size, in order."""
        match window:
            case Window.SENTENCE:
                yield self.words
            case Window.SEGMENT:
                yield from self.segments.values()
            case Window.CLAUSE:
                yield from self.clauses.values()
            case Window.PAIR:
                for number, words in self.clauses.items():
                    yield [*words, *self.clauses.get(number + 1, ())]


def _grouped(words: Iterable[Word], key: Callable[[Word], int]) -> dict[int, list[Word]]:
    groups: dict[int, list[Word]] = {}
    for word in words:
        groups.setdefault(key(word), []).append(word)
    return groups


def fires(frame: Frame, scene: Scene) -> bool:
    """Whether a sentence says what the frame describes."""
    if any(_met(item, scene.words) for item in frame.unless):
        return False
    return any(_fires_in(frame, window) for window in scene.windows(frame.window))


def _fires_in(frame: Frame, window: Sequence[Word]) -> bool:
    if not all(_met(item, window) for item in frame.see):
        return False
    if frame.ordered and not _in_order(frame.see, window):
        return False
    if any(_met(item, window) for item in frame.unless_here):
        return False
    return frame.limit is None or any(
        frame.limit.holds(number) for number in _numbers(frame.limit.unit, frame.see[0], window)
    )


def _numbers(unit: str, of: Item, window: Sequence[Word]) -> list[float]:
    """The numbers of a unit; a share or rate belongs to what it follows: 节假日按 300%."""
    places = [(i, w.token.value) for i, w in enumerate(window) if w.token.unit == unit]
    numbers = [(i, value) for i, value in places if value is not None]
    starts = [i for i, w in enumerate(window) if unit == _RATE and _meets(of, w)]
    following = [next((v for i, v in numbers if i >= start), None) for start in starts]
    return [v for v in following if v is not None] or [v for _, v in numbers]


def _met(item: Item, words: Sequence[Word]) -> bool:
    return any(_meets(item, w) for w in words)


def _meets(item: Item, word: Word) -> bool:
    return any(_is(choice, word) for choice in item.choices)


def _is(choice: Choice, word: Word) -> bool:
    if choice.tag not in word.tags or not _acts(choice, word.actor):
        return False
    if choice.polarity is Polarity.EITHER:
        return True
    if choice.polarity is Polarity.SAID:
        return not word.denied
    return word.denied and not (word.released and word.actor == "worker")


def _acts(choice: Choice, actor: str) -> bool:
    """Whether the actor is the one asked for; customers and third parties are nobody's side."""
    if choice.not_actor:
        return actor not in {choice.not_actor, "other"}
    return choice.actor in {"", actor}


def _in_order(items: Sequence[Item], words: Sequence[Word]) -> bool:
    rest = iter(words)
    return all(any(_meets(item, w) for w in rest) for item in items)
