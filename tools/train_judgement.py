"""Train the judgement beside the rules from the development corpus; the same input, same bytes.

    python tools/train_judgement.py [--check]

Unlawful clauses against their lawful neighbours and plain lawful clauses, among them the texts
of the templates and of the shipped examples (`templates.txt`, from `tools/collect_lawful.py`).
`tools/margin.py` finds the weights, standard library only. `--check` trains and compares instead
of writing. The held-out half of the corpus is never read here.

`judgement_without` trains on all families but some: how well it judges those is what can be
expected of clauses that nobody has seen (`make bench PART=rules`, `rules.crossvalidated.*`).
"""

import gzip
import json
import math
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from signing.domain.draft import Kind
from signing.domain.rules.reading import Token, read
from signing.language.features import features
from signing.language.judgement import FILE, Judgement
from signing.language.reader import make_segmenter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tools")]
import margin  # noqa: E402  found by the line above
from clause_corpus import (  # type: ignore[import-not-found]  # noqa: E402  as above
    lawful_clauses,
    pairs,
)

TARGET = ROOT / "signing" / "language" / FILE
COST, PASSES = 3.0, 13
"""Chosen by leaving out one file of the corpus after the other."""
TOPIC_FEATURES = 3000
ABSENCE = 0.3
"""What a feature that no clause of the rule has speaks against it."""
LEAST_COUNT = 2
LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Example:
    """Features of one clause, the rules it breaks (none: lawful), the file it stands in."""

    found: list[str]
    rules: tuple[str, ...]
    family: str


class _TokensOnly:
    """A reader without second opinion: the one that is being trained."""

    def __init__(self) -> None:
        self._segmenter = make_segmenter()

    def tokens(self, text: str) -> Sequence[Token]:
        return self._segmenter.tokens(text)

    def spelled(self, text: str) -> str:
        return self._segmenter.spelled(text)

    def suspicion(self, text: str, signs: frozenset[str]) -> float:
        raise NotImplementedError

    def likely_rules(self, text: str, signs: frozenset[str]) -> Sequence[str]:
        raise NotImplementedError


READER = _TokensOnly()


def example(text: str, kind: Kind, rules: tuple[str, ...], family: str) -> Iterator[Example]:
    """A clause with all its sentences together; of a lawful one each sentence is lawful as well."""
    sentences = read(text, reader=READER, kind=kind)
    signs = frozenset(sign for s in sentences for sign in s.signs)
    yield Example(features(READER.spelled(text), signs), rules, family)
    if rules or len(sentences) == 1:
        return
    for one in sentences:
        part = text[one.start : one.end].strip()
        yield Example(features(READER.spelled(part), one.signs), rules, family)


@cache
def corpus() -> tuple[Example, ...]:
    """Every clause of the development corpus, for the first kind that it is meant for."""
    return tuple(e for e in _examples() if e.found)


def _examples() -> Iterator[Example]:
    for pair in pairs("development"):
        yield from example(pair.unlawful, pair.kinds[0], pair.rules, pair.family)
        yield from example(pair.lawful, pair.kinds[0], (), pair.family)
    for clause in lawful_clauses("development"):
        yield from example(clause.text, clause.kinds[0], (), "")


def train(examples: Sequence[Example]) -> dict[str, Any]:
    """Bias, weights and topics as they are stored."""
    found = [e.found for e in examples]
    bias, weights = margin.fit(found, [bool(e.rules) for e in examples], cost=COST, passes=PASSES)
    kept = {f: round(w, 3) for f, w in sorted(weights.items()) if abs(w) >= LEAST_WEIGHT}
    return {"bias": round(bias, 3), "weights": kept, "topics": topics(examples)}


def judgement_without(families: Collection[str]) -> Judgement:
    """A judgement that never saw the pairs of these files."""
    return Judgement(**train([e for e in corpus() if e.family not in families]))


def topics(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """For each rule how much a feature speaks for it: naive Bayes, "" is the rule's prior."""
    unlawful = [e for e in examples if e.rules]
    everywhere = Counter(f for e in unlawful for f in e.found)
    by_rule: dict[str, dict[str, float]] = {}
    for rule in sorted({r for e in unlawful for r in e.rules}):
        own = [e for e in unlawful if rule in e.rules]
        counts = Counter(f for e in own for f in e.found if _is_plain(f))
        ratio = {
            f: math.log((n + 0.02) / (len(own) + 0.04))
            - math.log((everywhere[f] + 1) / (len(unlawful) + 2))
            + ABSENCE
            for f, n in counts.items()
            if everywhere[f] >= LEAST_COUNT
        }
        best = sorted(ratio, key=lambda f: (-abs(ratio[f]) * counts[f], f))[:TOPIC_FEATURES]
        by_rule[rule] = {f: round(ratio[f], 2) for f in sorted(best)}
        by_rule[rule][""] = round(0.2 * math.log(len(own)), 2)
    return by_rule


def _is_plain(feature: str) -> bool:
    """Whether a feature is characters or a sign alone: pairs and actors say little of a topic."""
    return not any(mark in feature for mark in "~@>")


def build() -> bytes:
    """The stored form."""
    text = json.dumps(train(corpus()), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def is_reproduced() -> bool:
    """Whether training gives what is stored (compared unpacked: zlib versions differ)."""
    return gzip.decompress(TARGET.read_bytes()) == gzip.decompress(build())


def main() -> int:
    """Write the stored form, or compare with it."""
    if "--check" in sys.argv:
        same = is_reproduced()
        print("reproduced" if same else "DIFFERS")
        return 0 if same else 1
    built = build()
    TARGET.write_bytes(built)
    print(f"{TARGET.name}: {len(built)} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
