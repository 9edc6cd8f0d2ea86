"""Words as readings: who · must, may or must not · does what · on which condition (D19).

The only module of the rules that sees text, and it sees it as tokens: a lexicon word with its
tags and its place in the source (an adapter makes them). Rules kept here:

* A sentence falls into clauses (commas), a clause into segments: at "者", at "的" before a
  person, and where a second negation begins after an act ("未缴纳押金不得上岗").
* A negator denies what follows it in its segment; "未" and "没有" reach to the next "的" only
  (客户未付的餐费). Verbs that deny (限制, 拒绝) turn it round
  once more: "不得限制乙方在其他平台接单" forbids nothing to the worker.
* A ban on the enterprise reaches over commas while no new subject or modality comes.
* "未缴纳押金的，不得上岗": a denied condition with a harsh consequence is a demand.
* "收取押金的，应当退还" and "乙方有权举报": a condition with a protective consequence, words
  after "不得因…", and what is declared void say nothing against the worker: they are shielded.
* A denied condition ends at "的" before "可以", "应当", "依法": what follows is not denied.
* Who is named after "由" acts in the whole clause before it as well.
* From "谁 (有人、任何人) 收取…" on, where a rebuke follows (别交、可以举报、退还), a sentence
  warns of a wrong and says nothing against the worker: it is shielded.
* Titles in 《》 are no words.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from signing.domain.draft import Kind

_HARSH = frozenset({"sanction", "exclusion"})
_NEXT_VERB = frozenset({"并", "并且", "且", "又"})
_REACH = 30
"""Words that a description may be long: bounds the work on endless clauses."""
_BENEFIT = frozenset({"benefit"})
_TAKING = frozenset(
    {"collect", "pay", "withhold", "deduct_fine", "keep_hold", "retain", "passed_on"}
)
_BY_WHOM = "由"
_OF = "的"
_FOR_A_REASON = "因"
_WHILE = frozenset({"期间", "时", "后"})
_REACH_OF_TIME = 3
_LONGEST_NAME = 2
_NEAR = 1
"""Characters between "经" and whom it names: 经本平台."""
_GRAMMAR = frozenset(
    {
        "NOT", "BAN", "MUST", "MAY", "ONLY", "TURN", "IF", "IF_END", "BUT", "OTHERWISE", "BECAUSE",
        "WORKER", "ENTERPRISE", "BOTH", "OTHER", "PARTY_A", "PARTY_B", "PARTY_C", "TO", "BY",
        "NEED_NOT", "NOT_YET", "PERSON_END", "PAUSE", "COMMA", "STOP", "AND", "NUMBER",
        "TITLE_OPEN", "TITLE_CLOSE", "plain", "someone", "objection",
    }
)  # fmt: skip
_ACTORS = (
    ("WORKER", "worker"),
    ("ENTERPRISE", "enterprise"),
    ("BOTH", "both"),
    ("OTHER", "other"),
)
"""Tags of persons and the actor that each one makes; `other` are customers and third parties."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the lexicon, a number or a punctuation mark.

    `start` and `end` are offsets into the source text, `at` counts normalised characters.
    `value` and `unit` belong to numbers: `unit` is one of the lexicon's (`pct`, `days`, `fen`).
    """

    word: str
    tags: frozenset[str]
    start: int
    end: int
    at: int
    value: float | None = None
    unit: str = ""
    disguised: bool = False


class ClauseReader(Protocol):
    """What the rules need of an adapter: text as tokens, and a second opinion."""

    def tokens(self, text: str) -> Sequence[Token]:
        """Lexicon words, numbers and punctuation of a text, with their places in the source."""

    def suspicion(self, text: str, signs: frozenset[str]) -> float:
        """How much a sentence with these signs is like unlawful ones: a margin around 0."""

    def likely_rules(self, text: str, signs: frozenset[str]) -> Sequence[str]:
        """Rules that sentences like this one mostly break, likeliest first."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token as it is meant: denied or not, by whom, under which condition."""

    token: Token
    clause: int
    segment: int
    denied: bool = False
    released: bool = False
    actor: str = ""
    condition: bool = False
    shielded: bool = False

    @property
    def tags(self) -> frozenset[str]:
        """Tags of the token."""
        return self.token.tags


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words between two full stops, and where they stand in the source."""

    words: tuple[Word, ...]
    start: int
    end: int
    tags: frozenset[str]

    @property
    def signs(self) -> frozenset[str]:
        """Tags and words with polarity and actor, and neighbours: `-collect`, `+a>-b`, `+w=罚`."""
        marked = [(w, _marks(w)) for w in self.words]
        marked = [(w, marks) for w, marks in marked if marks]
        single = {mark for _, marks in marked for mark in marks}
        by_whom = {f"{mark}@{w.actor}" for w, marks in marked if w.actor for mark in marks}
        pairs = {f"{a}>{b}" for (_, m), (_, n) in pairwise(marked) for a in m for b in n}
        return frozenset(single | by_whom | pairs | self._spoken())

    def _spoken(self) -> frozenset[str]:
        """The words themselves, as they are meant and by whom."""
        spoken = {(f"{'-' if w.denied else '+'}w={w.token.word}", w.actor) for w in self.words}
        return frozenset(s for s, _ in spoken) | {f"{s}@{actor}" for s, actor in spoken if actor}


def _marks(word: Word) -> list[str]:
    """The tags of a word, each with its polarity."""
    sign = "-" if word.denied else "+"
    return [f"{sign}{tag}" for tag in word.tags - {"plain", "PAUSE"}]


def read(text: str, *, reader: ClauseReader, kind: Kind) -> tuple[Sentence, ...]:
    """The sentences of a text as they are meant in an agreement of that kind."""
    tokens = _with_roles(tuple(_without_titles(reader.tokens(text))), kind)
    sentences: list[Sentence] = []
    part: list[Token] = []
    start = 0
    for token in tokens:
        if "STOP" not in token.tags:
            part.append(token)
            continue
        sentences.append(_sentence(tuple(part), start, token.start))
        start, part = token.end, []
    sentences.append(_sentence(tuple(part), start, len(text)))
    return tuple(s for s in sentences if s.words)


def _without_titles(tokens: Sequence[Token]) -> Iterator[Token]:
    """Drop what stands between 《 and 》; an unclosed title hides nothing."""
    depth = 0
    closes = sum("TITLE_CLOSE" in t.tags for t in tokens)
    for token in tokens:
        if "TITLE_OPEN" in token.tags and closes:
            depth += 1
        elif "TITLE_CLOSE" in token.tags:
            depth, closes = 0, closes - 1
        elif not depth:
            yield token


def _with_roles(tokens: tuple[Token, ...], kind: Kind) -> tuple[Token, ...]:
    """Name the parties: 丙方 is the worker of a tripartite text, 乙方 of the others."""
    names_a_worker = any("PARTY_C" in t.tags or "WORKER" in t.tags for t in tokens)
    is_third = kind is Kind.TRIPARTITE_AGREEMENT and names_a_worker
    second = "ENTERPRISE" if is_third else "WORKER"
    roles = {"PARTY_A": "ENTERPRISE", "PARTY_B": second, "PARTY_C": "WORKER"}

    def named(token: Token) -> Token:
        for party, role in roles.items():
            if party in token.tags:
                return replace(token, tags=token.tags | {role})
        return token

    return tuple(named(t) for t in tokens)


def _split(tokens: Sequence[Token], tag: str) -> Iterator[tuple[Token, ...]]:
    part: list[Token] = []
    for token in tokens:
        if tag in token.tags:
            yield tuple(part)
            part = []
        else:
            part.append(token)
    yield tuple(part)


@dataclass
class _Scope:
    """What is in force while a sentence is read from left to right."""

    clause: int = 0
    segment: int = 0
    denied: bool = False
    negated: bool = False
    ban_carries: bool = False
    carried: bool = False
    acted: bool = False
    passing: bool = False
    subject: str = ""
    named: bool = False
    released: bool = False
    turned: bool = False
    actor: str = ""
    because: bool = False
    words: list[Word] = field(default_factory=list)

    def next_segment(self) -> None:
        self.segment += 1
        self.denied = self.negated = self.acted = self.because = False
        self.passing = self.released = self.turned = False


def _sentence(tokens: tuple[Token, ...], start: int, end: int) -> Sentence:
    scope = _Scope()
    for number, clause in enumerate(_split(tokens, "COMMA")):
        _enter_clause(scope, number, clause)
        for index, token in enumerate(clause):
            _read_token(scope, token, clause, index)
    words = _shield(_demand(_conditions(scope.words)))
    tags = frozenset(tag for w in words for tag in w.tags)
    return Sentence(tuple(words), start, end, tags)


def _enter_clause(scope: _Scope, number: int, clause: tuple[Token, ...]) -> None:
    carries = scope.ban_carries and _continues(clause)
    because = carries and scope.because
    scope.clause = number
    scope.actor = scope.subject
    scope.named = False
    scope.next_segment()
    scope.ban_carries = carries
    scope.denied = scope.negated = scope.carried = carries
    scope.because = because


def _continues(clause: tuple[Token, ...]) -> bool:
    """Whether a clause goes on with the verb before it: no subject, no modality of its own."""
    stops = {"WORKER", "ENTERPRISE", "BOTH", "MUST", "MAY", "BUT", "OTHERWISE", "NOT", "IF", "BAN"}
    for token in clause:
        if token.tags & stops:
            return False
        if token.tags & {"AND"} or token.tags - _GRAMMAR:
            return not any(t.word in _WHILE for t in clause[:_REACH_OF_TIME])
    return False


def _read_token(scope: _Scope, token: Token, clause: tuple[Token, ...], index: int) -> None:
    tags = token.tags
    _breaks(scope, tags)
    _take_actor(scope, token, clause, index)
    if tags & {"NOT", "BAN"} and not _modifies(scope, clause, index):
        _negate(scope, tags)
    is_reason = token.word == _FOR_A_REASON or scope.subject != "worker"
    if "BECAUSE" in tags and scope.denied and is_reason:
        scope.because = scope.because or _follows_negation(clause, index)
    denied = scope.denied and not tags & {"NOT", "BAN"}
    scope.words.append(
        Word(
            token,
            scope.clause,
            scope.segment,
            denied=denied,
            released=denied and scope.released,
            actor=scope.actor,
            shielded=scope.because or (denied and _describes(scope, clause, index)),
        )
    )
    if "PERSON_END" in tags and (scope.passing or _condition_ends(scope, token, clause, index)):
        scope.next_segment()
    if "TURN" in tags:
        scope.denied = not scope.denied
        scope.negated = scope.turned = True
    if "AND" in tags and scope.turned and token.word in _NEXT_VERB:
        scope.denied = not scope.denied
        scope.turned = False
    if tags - _GRAMMAR:
        scope.acted = True


def _condition_ends(scope: _Scope, token: Token, clause: tuple[Token, ...], index: int) -> bool:
    """Whether a denied condition ends at "的" before what follows from it: 不同意的|可以解除."""
    if not scope.negated or index + 1 >= len(clause) or token.word != _OF:
        return False
    after = clause[index + 1]
    return after.at == token.at + len(token.word) and bool(after.tags & {"MAY", "MUST", "lawful"})


def _negate(scope: _Scope, tags: frozenset[str]) -> None:
    if scope.acted and scope.negated:
        because = scope.because
        scope.next_segment()
        scope.because = because
    scope.denied = not scope.denied
    scope.negated = True
    scope.carried = False
    scope.passing = "NOT_YET" in tags
    scope.released = "NEED_NOT" in tags
    if "BAN" in tags and scope.actor != "worker":
        scope.ban_carries = True


def _describes(scope: _Scope, clause: tuple[Token, ...], index: int) -> bool:
    """Whether a denied word stands between "未" and "的" before a thing: 未发放的工资."""
    if not scope.passing:
        return False
    ends = [
        i
        for i in range(index, min(len(clause) - 1, index + _REACH))
        if "PERSON_END" in clause[i].tags
    ]
    after = clause[ends[0] + 1 : ends[0] + 3] if ends else ()
    return bool(ends) and not any(t.tags & {"WORKER", "NOT", "BAN"} for t in after)


def _modifies(scope: _Scope, clause: tuple[Token, ...], index: int) -> bool:
    """Whether a second negation only describes a noun: 不得转给不具备资格的组织."""
    if not (scope.acted and scope.negated) or "BAN" in clause[index].tags:
        return False
    return any(
        "PERSON_END" in t.tags for t in clause[index + 1 : min(len(clause) - 1, index + _REACH)]
    )


def _breaks(scope: _Scope, tags: frozenset[str]) -> None:
    if tags & {"BUT", "OTHERWISE"}:
        scope.next_segment()
        scope.ban_carries = False


def _follows_negation(clause: tuple[Token, ...], index: int) -> bool:
    before = clause[index - 1] if index else None
    return before is not None and bool(before.tags & {"NOT", "BAN"})


def _take_actor(scope: _Scope, token: Token, clause: tuple[Token, ...], index: int) -> None:
    """Who acts from here on: a person named as subject or after "由", not an object."""
    name = next((n for tag, n in _ACTORS if tag in token.tags), "")
    if not name:
        return
    before = clause[index - 1] if index else None
    tags = before.tags if before is not None else frozenset()
    touches = before is not None and token.at - before.at - len(before.word) <= _NEAR
    if touches and "TO" in tags and "BY" not in tags:
        return
    if touches and "PERSON_END" in tags and name == "worker":
        scope.next_segment()
    by = "BY" in tags
    if name == "other" and not by:
        return
    takes_over = by or not scope.named or bool(tags & {"IF_END", "BUT", "OTHERWISE"})
    is_object = scope.acted or scope.negated
    if name == "worker" and scope.subject == "enterprise" and is_object and not takes_over:
        return
    if scope.passing:
        scope.denied = scope.negated = scope.passing = False
    if before is not None and before.word == _BY_WHOM and not scope.named:
        _hand_over(scope, name)
    scope.actor = name
    if by or not scope.named:
        scope.subject = name
    scope.named = True


def _hand_over(scope: _Scope, name: str) -> None:
    """Who is named after "由" acts in the whole clause (全部赔偿由乙方负担); a ban ends there."""
    if scope.carried:
        scope.denied = scope.negated = scope.carried = False
    scope.words = [replace(w, actor=name) if w.clause == scope.clause else w for w in scope.words]


def _conditions(words: list[Word]) -> list[Word]:
    """Mark segments that state a condition: they begin with "如" or end with "的", "时", "前"."""
    last_of = {w.segment: w for w in words}
    conditional = {w.segment for w in words if "IF" in w.tags}
    conditional |= {s for s, w in last_of.items() if w.tags & {"IF_END", "PERSON_END"}}
    ends_clause = {w.clause: w.segment for w in words}
    conditional |= {s for s, w in last_of.items() if ends_clause[w.clause] != s}
    return [replace(w, condition=w.segment in conditional) for w in words]


def _by_segment(words: list[Word]) -> list[tuple[int, list[Word]]]:
    """The words of each segment, in order."""
    groups: dict[int, list[Word]] = {}
    for word in words:
        groups.setdefault(word.segment, []).append(word)
    return sorted(groups.items())


def _demand(words: list[Word]) -> list[Word]:
    """A denied condition with a harsh consequence is read as said: it is a demand."""
    telling = [(n, segment) for n, segment in _by_segment(words) if not _only_names(segment)]
    flipped = {
        number
        for (number, condition), (_, consequence) in pairwise(telling)
        if any(w.denied for w in condition)
        and (
            condition[0].condition
            or (_opens_bare(condition) and not _describes_person(consequence))
        )
        and _is_harsh(consequence)
    }
    return [replace(w, denied=False) if w.segment in flipped and w.denied else w for w in words]


def _only_names(segment: list[Word]) -> bool:
    """Whether a segment says who, and nothing else: 未交押金的|合作司机|，不得上线."""
    governs = any(w.tags & {"NOT", "BAN", "MUST", "MAY"} for w in segment)
    names = "WORKER" in segment[-1].tags and len(segment) <= _LONGEST_NAME
    return not governs and (names or not any(w.tags - _GRAMMAR for w in segment))


def _describes_person(segment: list[Word]) -> bool:
    """Whether a consequence has a condition of its own: 不提供其他方式，不愿刷脸者…."""
    return any("PERSON_END" in w.tags for w in segment)


def _opens_bare(segment: list[Word]) -> bool:
    """A negation at the head makes a condition without "如": 不交押金，不派单."""
    return bool(segment[0].tags & {"NOT"})


def _is_harsh(segment: list[Word]) -> bool:
    """Whether a consequence punishes: a sanction on the worker, or something denied to him."""
    is_right = any("MAY" in w.tags and w.actor == "worker" for w in segment)
    return any(
        (w.tags & _HARSH and not w.denied and not is_right) or (w.tags & _BENEFIT and w.denied)
        for w in segment
    )


def declares_void(words: Sequence[Word]) -> bool:
    """Whether a sentence says of something that it binds nobody."""
    return any(
        ("void" in w.tags and not w.denied) or ("effect" in w.tags and w.denied) for w in words
    )


def _shield(words: list[Word]) -> list[Word]:
    """Shield what a sentence declares void, and conditions whose consequence protects."""
    if declares_void(words):
        return [replace(w, shielded=True) for w in words]
    shielded = {w.segment for w in words if "explained" in w.tags and not w.denied}
    for number in {w.segment for w in words if "no_ground" in w.tags}:
        shielded |= {number, number - 1}
    for (number, condition), (_, consequence) in pairwise(_by_segment(words)):
        if condition[0].condition and _is_protective(consequence):
            shielded.add(number)
    warned = _from_warning(words)
    return [
        replace(w, shielded=w.shielded or w.segment in shielded or w.clause >= warned)
        for w in words
    ]


def _from_warning(words: Sequence[Word]) -> float:
    """The clause from which on a sentence warns of a wrong: 谁收押金都别交, 有人收费的请举报."""
    for index, word in enumerate(words):
        rest = words[index + 1 :]
        if "someone" not in word.tags or word.denied or not rest:
            continue
        acts = next((w for w in rest if w.tags & _TAKING), None)
        if acts is None or acts.denied or acts.clause > word.clause + 1:
            continue
        if any("rebuke" in w.tags and w.token.at > acts.token.at for w in rest):
            return word.clause
    return math.inf


def _is_protective(segment: list[Word]) -> bool:
    """Whether the enterprise owes something, or the worker gets a right."""
    if _is_harsh(segment):
        return False
    owed = any("remedy_owed" in w.tags and w.actor != "worker" and not w.denied for w in segment)
    right = any("remedy_right" in w.tags and w.actor == "worker" and not w.denied for w in segment)
    must = any("MUST" in w.tags and w.actor == "enterprise" for w in segment)
    pays_off = any(w.tags & {"social_cash", "give_up"} for w in segment)
    return owed or right or (must and not pays_off)
