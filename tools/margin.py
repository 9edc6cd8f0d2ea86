"""A linear margin between two sorts of sparse examples: the solver of `train_judgement.py`.

Rules kept here:

* A feature counts as much as it tells the sorts apart on its own (log-ratio of its frequencies),
  times what a support vector machine with squared hinge loss makes of it: the scaling of naive
  Bayes, the margin of the other.
* Dual coordinate descent, one example after the other in an order from a fixed seed.
* Sums are exact (`fsum`), so that every Python gives the same numbers.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter, mul

FULL_PASS = 4
"""Every so many passes all examples are visited; between them only those that still push."""
SMOOTHING = 0.2

Row = tuple[Callable[[Sequence[float]], tuple[float, ...]], list[int], list[float], float, int]


def fit(
    examples: Sequence[Sequence[str]], is_first: Sequence[bool], *, cost: float, passes: int
) -> tuple[float, dict[str, float]]:
    """Bias and weight of each feature: above 0 speaks for the first sort.

    A score is the bias plus the weights of an example's features over the root of their number.
    """
    ratios = _ratios(examples, is_first)
    names = sorted(ratios)
    places = {name: place for place, name in enumerate(names, 1)}
    rows = [
        _row(found, places, ratios, 1 if first else -1)
        for found, first in zip(examples, is_first, strict=True)
    ]
    weights = _descend(rows, len(names) + 1, cost, passes)
    return weights[0], {n: weights[p] * abs(ratios[n]) for n, p in places.items() if weights[p]}


def _ratios(examples: Sequence[Sequence[str]], is_first: Sequence[bool]) -> dict[str, float]:
    """How much more often a feature stands in the first sort; features seen once say nothing."""
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for found, flag in zip(examples, is_first, strict=True):
        (first if flag else second).update(found)
    known = {f for f in first | second if first[f] + second[f] > 1}
    sums = [SMOOTHING * len(known) + sum(c[f] for f in known) for c in (first, second)]
    shift = math.log(sums[1] / sums[0])
    return {f: math.log((first[f] + SMOOTHING) / (second[f] + SMOOTHING)) + shift for f in known}


def _row(found: Sequence[str], places: dict[str, int], ratios: dict[str, float], sign: int) -> Row:
    """An example as places and values; place 0 is the bias, twice, so that there are two."""
    scale = 1 / math.sqrt(max(1, len(found)))
    known = [f for f in found if f in places]
    at = [0, 0, *(places[f] for f in known)]
    values = [1.0, 0.0, *(abs(ratios[f]) * scale for f in known)]
    return itemgetter(*at), at, values, math.fsum(map(mul, values, values)), sign


def _descend(rows: Sequence[Row], size: int, cost: float, passes: int) -> list[float]:
    """Weights by place after so many passes."""
    weights = [0.0] * size
    pushes = [0.0] * len(rows)
    soft = 0.5 / cost
    shuffle = random.Random(20261129)  # noqa: S311 (an order, no secret)
    order = list(range(len(rows)))
    active = order
    for number in range(passes):
        visited = list(order if number % FULL_PASS == 0 else active)
        shuffle.shuffle(visited)
        active = []
        for i in visited:
            pick, at, values, square, sign = rows[i]
            slope = sign * math.fsum(map(mul, pick(weights), values)) - 1 + soft * pushes[i]
            if slope >= 0 and not pushes[i]:
                continue
            active.append(i)
            push = max(0.0, pushes[i] - slope / (square + soft))
            step = (push - pushes[i]) * sign
            pushes[i] = push
            for place, value in zip(at, values, strict=True):
                weights[place] += step * value
    return weights
