"""Train the judgement beside the rules from the development corpus; the same input, same bytes.

    python tools/train_judgement.py [--check]

Unlawful clauses against their lawful neighbours and plain lawful clauses, among them the texts
of the templates and of the shipped examples (`templates.txt`, from `tools/collect_lawful.py`).
Logistic regression by AdaGrad over sparse features, standard library only; the order of the
examples comes from a fixed seed. `--check` trains and compares instead of writing.
The held-out half of the corpus is never read here.
"""

import gzip
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from signing.domain.draft import Kind
from signing.domain.rules.reading import Token, read
from signing.language.features import features
from signing.language.judgement import FILE
from signing.language.reader import make_segmenter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from clause_corpus import lawful_clauses, pairs  # type: ignore[import-not-found]  # noqa: E402

TARGET = ROOT / "signing" / "language" / FILE
EPOCHS, RATE, DECAY, SEED = 20, 0.3, 2e-3, 20261125
TOPIC_FEATURES = 1500
ABSENCE = 0.3
"""What a feature that no clause of the rule has speaks against it."""
LEAST_COUNT = 2
LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Example:
    """Features of one clause, the rules it breaks (none: lawful)."""

    found: list[str]
    rules: tuple[str, ...]


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


def example(text: str, kind: Kind, rules: tuple[str, ...]) -> Example:
    """A clause as the judgement will see it: all its sentences together."""
    sentences = read(text, reader=READER, kind=kind)
    signs = frozenset(sign for s in sentences for sign in s.signs)
    return Example(features(READER.spelled(text), signs), rules)


def corpus() -> Iterator[Example]:
    """Every clause of the development corpus, for the first kind that it is meant for."""
    for pair in pairs("development"):
        yield example(pair.unlawful, pair.kinds[0], pair.rules)
        yield example(pair.lawful, pair.kinds[0], ())
    for clause in lawful_clauses("development"):
        yield example(clause.text, clause.kinds[0], ())


def train(examples: list[Example]) -> tuple[float, dict[str, float]]:
    """Bias and weights."""
    weights: dict[str, float] = {}
    squares: dict[str, float] = {}
    bias = 0.0
    order = list(examples)
    shuffle = random.Random(SEED)  # noqa: S311 (an order, no secret)
    for _ in range(EPOCHS):
        shuffle.shuffle(order)
        for one in order:
            scale = 1 / math.sqrt(len(one.found))
            z = bias + scale * sum([weights.get(f, 0.0) for f in one.found])
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, z)))) - (1 if one.rules else 0)
            bias -= 0.05 * error
            for f in one.found:
                slope = error * scale + DECAY * weights.get(f, 0.0)
                squares[f] = squares.get(f, 1e-2) + slope * slope
                weights[f] = weights.get(f, 0.0) - RATE * slope / math.sqrt(squares[f])
    return bias, weights


def topics(examples: list[Example]) -> dict[str, dict[str, float]]:
    """For each rule how much a feature speaks for it: naive Bayes, "" is the rule's prior."""
    unlawful = [e for e in examples if e.rules]
    everywhere = Counter(f for e in unlawful for f in e.found)
    by_rule: dict[str, dict[str, float]] = {}
    for rule in sorted({r for e in unlawful for r in e.rules}):
        own = [e for e in unlawful if rule in e.rules]
        counts = Counter(f for e in own for f in e.found if "~" not in f)
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


def build() -> bytes:
    """The stored form."""
    examples = [e for e in corpus() if e.found]
    bias, weights = train(examples)
    counts = Counter(f for e in examples for f in e.found)
    kept = {
        f: round(w, 3)
        for f, w in sorted(weights.items())
        if counts[f] >= LEAST_COUNT and abs(w) >= LEAST_WEIGHT
    }
    data = {"bias": round(bias, 3), "weights": kept, "topics": topics(examples)}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
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
