"""A small linear judgement beside the rules: how much a sentence is like those the law refuses.

Rules kept here:

* It is trained from the repository's development corpus alone (`tools/train_judgement.py`) and
  stored as text; the same corpus gives the same bytes.
* It sees features, adds weights and says a number: a margin, above 0 for "more like unlawful ones".
* It names the rules that sentences with such words mostly break, likeliest first.
* It never blocks. What follows from its number is decided in the domain.
"""

import gzip
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from signing.language.features import features

FILE = "judgement.json.gz"


@dataclass(frozen=True)
class Judgement:
    """Weights of a sentence's features, and of each rule's topic."""

    bias: float
    weights: Mapping[str, float]
    topics: Mapping[str, Mapping[str, float]]

    def score(self, spelled: str, signs: frozenset[str]) -> float:
        """The margin of a sentence: about 1 for one like those the law refuses, -1 for lawful."""
        found = features(spelled, signs)
        total = sum(self.weights.get(f, 0.0) for f in found)
        return self.bias + total / math.sqrt(max(1, len(found)))

    def rules(self, spelled: str, signs: frozenset[str]) -> list[str]:
        """Rules by how much the sentence speaks of their topic, likeliest first."""
        found = features(spelled, signs)
        root = math.sqrt(max(1, len(found)))
        scores = {
            rule: sum(weights.get(f, 0.0) for f in found) / root + weights[""]
            for rule, weights in self.topics.items()
        }
        return sorted(scores, key=lambda rule: (-scores[rule], rule))


@lru_cache(maxsize=1)
def load_judgement() -> Judgement:
    """The judgement that is shipped with the package."""
    packed = files("signing.language").joinpath(FILE).read_bytes()
    data = json.loads(gzip.decompress(packed))
    return Judgement(data["bias"], data["weights"], data["topics"])
