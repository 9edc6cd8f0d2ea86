"""Frames over readings: every free text of a draft against every frame of the pack.

Rules kept here:

* A frame sees tags, polarity and actor, never characters.
* Shielded words (void clauses, protected conditions) meet no item.
* A sentence gives one finding per rule: the most severe of its cases.
* The reader's second opinion never blocks. It warns where no frame met and the sentence is much
  like unlawful ones; where it doubts a frame, the finding is a warning or an information.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from signing.domain.draft import Kind
from signing.domain.finding import Finding, Severity
from signing.domain.rules import probation_words
from signing.domain.rules.casebook import Case
from signing.domain.rules.facts import Facts
from signing.domain.rules.frames import Choice, Frame, Item, Polarity, Window
from signing.domain.rules.pack import RulePack
from signing.domain.rules.reading import ClauseReader, Sentence, Word, read

ALARM = -0.1
"""From here on a sentence without a frame is a warning."""
SHORTEST = 8
"""Characters below which a text is a name or a heading and says nothing to be suspected."""
DOUBT = -0.5
"""Below this a frame that blocks only warns."""
STRONG_DOUBT = -1.2
"""Below this a frame only informs."""
_RANK = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


def check(facts: Facts, pack: RulePack, reader: ClauseReader) -> Iterator[Finding]:
    """Findings on all free text of the draft, in the order of the words."""
    frames = [f for f in pack.frames if pack.cases[f.case].judges(facts.kind)]
    for path, text in facts.texts():
        for sentence in read(text, reader=reader, kind=facts.kind):
            excerpt = text[sentence.start : sentence.end].strip()
            score = reader.suspicion(excerpt, sentence.signs)
            cases = tuple(_cases(sentence, frames, facts.kind, pack))
            for case in cases:
                severity = _with_doubt(case.severity[facts.kind], score)
                yield case.finding(facts.kind, path, excerpt=excerpt, severity=severity)
            if not cases and score >= ALARM and len(excerpt) >= SHORTEST:
                rules = reader.likely_rules(excerpt, sentence.signs)
                yield from _suspected(rules, pack, facts.kind, path, excerpt)


def _cases(
    sentence: Sentence, frames: Sequence[Frame], kind: Kind, pack: RulePack
) -> Iterable[Case]:
    """The most severe case of each rule whose frame the sentence meets."""
    best: dict[str, Case] = {}
    for frame in frames:
        case = pack.cases[frame.case]
        known = best.get(case.rule)
        if known and _RANK[known.severity[kind]] <= _RANK[case.severity[kind]]:
            continue
        if fires(frame, sentence):
            best[case.rule] = case
    spoken = pack.cases["probation.words"]
    if spoken.judges(kind) and probation_words.is_too_long(sentence):
        best[spoken.rule] = spoken
    return best.values()


def _with_doubt(severity: Severity, score: float) -> Severity:
    """A frame's severity, less where the second opinion doubts it, never more."""
    if score < STRONG_DOUBT:
        return Severity.INFO
    if score < DOUBT and severity is Severity.BLOCK:
        return Severity.WARN
    return severity


def _suspected(
    rules: Iterable[str], pack: RulePack, kind: Kind, path: str, excerpt: str
) -> Iterator[Finding]:
    """A warning without a frame: the likeliest rule that judges free text of this kind."""
    by_rule: dict[str, Case] = {}
    for frame in pack.frames:
        case = pack.cases[frame.case]
        if case.judges(kind):
            by_rule.setdefault(case.rule, case)
    likeliest = next((by_rule[r] for r in rules if r in by_rule), None)
    if likeliest is None:
        return
    found = likeliest.finding(kind, path, excerpt=excerpt, severity=Severity.WARN)
    yield replace(
        found,
        message_zh=f"这一条读起来可能不合法，请核对：{found.message_zh}",
        message=f"This may be unlawful, please check: {found.message}",
    )


def fires(frame: Frame, sentence: Sentence) -> bool:
    """Whether the sentence says what the frame describes."""
    for item in frame.see:
        if item.tags.isdisjoint(sentence.tags):
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
