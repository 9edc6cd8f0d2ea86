"""Strokes of a finger as lines in a box.

Rules kept here:
* one scale for both axes: what was drawn is not distorted;
* at most 400 points are kept, one decimal each; what is no drawing at all is INK_EMPTY.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signing.errors import Rejected

Stroke = Sequence[tuple[float, float]]

MAX_INK_POINTS = 400
MAX_RAW_POINTS = 20_000
_MAX_GROWTH = 2.0


@dataclass(frozen=True)
class Room:
    """A box with a caption at its foot: the drawing stands above `floor`, `margin` from all sides.

    All in points.
    """

    width: float
    height: float
    floor: float
    margin: float

    @property
    def inner_width(self) -> float:
        """What a drawing may take."""
        return self.width - 2 * self.margin

    @property
    def inner_height(self) -> float:
        """What a drawing may take."""
        return self.height - self.floor - 2 * self.margin


def thinned(strokes: Iterable[Stroke]) -> list[list[tuple[float, float]]]:
    """At most 400 points: neighbours closer than a growing step are left out, ends are kept."""
    kept = [[(float(x), float(y)) for x, y in stroke] for stroke in strokes if stroke]
    total = sum(map(len, kept))
    finite = all(math.isfinite(v) for stroke in kept for point in stroke for v in point)
    if total < 2 or total > MAX_RAW_POINTS or not finite:  # noqa: PLR2004  (a dot is no name)
        raise Rejected("There is no drawing", "请先在框里写上您的名字", code="INK_EMPTY")
    reach = max(_extent(kept)) or 1.0
    step = reach / 500
    while sum(map(len, kept)) > MAX_INK_POINTS:
        kept = [_spaced(stroke, step) for stroke in kept]
        step *= 1.3
        if step > reach:  # hundreds of dots: a scribble, keep the longest strokes
            kept = sorted(kept, key=len, reverse=True)[: MAX_INK_POINTS // 2]
    return kept


def _spaced(stroke: Sequence[tuple[float, float]], step: float) -> list[tuple[float, float]]:
    spaced = [stroke[0]]
    for point in stroke[1:-1]:
        if math.dist(point, spaced[-1]) >= step:
            spaced.append(point)
    if len(stroke) > 1:
        spaced.append(stroke[-1])
    return spaced


def _extent(strokes: Sequence[Stroke]) -> tuple[float, float]:
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    return max(xs) - min(xs), max(ys) - min(ys)


def placed(
    strokes: Sequence[Stroke], pad: tuple[float, float], room: Room
) -> list[list[tuple[float, float]]]:
    """Pad to box: y turned upward, one scale for both axes, centred above the floor.

    The drawing fills the room, but grows to no more than twice what the whole pad would have: a
    small mark stays small.
    """
    across, down = _extent(strokes)
    scale = min(
        room.inner_width / (across or 1.0),
        room.inner_height / (down or 1.0),
        _MAX_GROWTH * min(room.inner_width / (pad[0] or 1.0), room.inner_height / (pad[1] or 1.0)),
    )
    left = min(x for stroke in strokes for x, _ in stroke)
    bottom = max(y for stroke in strokes for _, y in stroke)
    dx = (room.width - across * scale) / 2
    dy = room.floor + (room.height - room.floor - down * scale) / 2
    return [
        [((x - left) * scale + dx, (bottom - y) * scale + dy) for x, y in stroke]
        for stroke in strokes
    ]


def polyline(stroke: Stroke) -> str:
    """One stroke; a single point becomes a dot by its round cap."""
    points = [f"{x:.1f} {y:.1f}" for x, y in stroke]
    rest = points[1:] or points
    return f"{points[0]} m " + " ".join(f"{point} l" for point in rest) + " S"
