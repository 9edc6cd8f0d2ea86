"""Outlines with fewer points on a coarser grid: what a glyph costs in a file is its points.

Rules kept here:
* nothing moves by more than TOLERANCE thousandths of an em before it is put on the grid of
  UNITS_PER_EM, where it moves by half a unit more: on paper of 600 dpi less than half a dot of
  12 pt text;
* corners and the directions in which arcs leave them stay;
* arcs are drawn again only in the glyphs of GB 2312 and below U+3000, which contracts are made of;
  the rest is put on the grid;
* additions, multiplications and divisions alone, one after the other: the same numbers everywhere.
"""

from collections.abc import Sequence

from signing.rendering.outlines import Contour, Point, scaled

UNITS_PER_EM = 250
TOLERANCE = 2.5
_SAMPLES = tuple(step / 8 for step in range(1, 8))
_LATIN_END = 0x3000
_LEAST_POINTS = 3

_Place = tuple[float, float]


def is_common(code: int) -> bool:
    """Whether contracts are made of this character."""
    if code < _LATIN_END:
        return True
    try:
        chr(code).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def lightened(contours: Sequence[Contour], units: int) -> list[Contour]:
    """Contours of a design square of `units`, drawn again with fewer points on the grid."""
    tolerance = TOLERANCE * units / 1000
    drawn = []
    for contour in contours:
        points = _without_middles(contour, tolerance)
        points = _without_joints(points, tolerance)
        points = _with_fewer_arcs(points, tolerance)
        drawn.append(_without_middles(points, tolerance))
    return on_the_grid(drawn, units)


def on_the_grid(contours: Sequence[Contour], units: int) -> list[Contour]:
    """Contours on the grid of the built face; what came to lie on one spot is one point."""
    coarse = [_without_repeats(contour) for contour in scaled(contours, UNITS_PER_EM, units)]
    return [contour for contour in coarse if len(contour) >= _LEAST_POINTS]


def _without_repeats(contour: Contour) -> Contour:
    """A point that says again what the one before said goes."""
    return [p for place, p in enumerate(contour) if p != contour[place - 1]]


def _without_middles(contour: Contour, tolerance: float) -> Contour:
    """A point on the curve halfway between two controls is implied."""
    kept: Contour = []
    for place, (x, y, on) in enumerate(contour):
        before, after = contour[place - 1], contour[(place + 1) % len(contour)]
        if on and not before[2] and not after[2]:
            off = max(
                abs((before[0] + after[0]) / 2 - x),
                abs((before[1] + after[1]) / 2 - y),
            )
            if off <= tolerance:
                continue
        kept.append((x, y, on))
    return kept


def _without_joints(contour: Contour, tolerance: float) -> Contour:
    """A point between two straight lines that go on in one direction goes."""
    points, place = list(contour), 0
    while place < len(points) and len(points) > _LEAST_POINTS:
        before, point, after = points[place - 1], points[place], points[(place + 1) % len(points)]
        if before[2] and point[2] and after[2] and _is_between(before, point, after, tolerance):
            del points[place]
        else:
            place += 1
    return points


def _is_between(before: Point, point: Point, after: Point, tolerance: float) -> bool:
    """Whether a point stands beside the line between its neighbours, no further than that."""
    dx, dy = after[0] - before[0], after[1] - before[1]
    x, y = point[0] - before[0], point[1] - before[1]
    length = dx * dx + dy * dy
    along, across = x * dx + y * dy, x * dy - y * dx
    return 0 <= along <= length and across * across <= tolerance * tolerance * length


def _with_fewer_arcs(contour: Contour, tolerance: float) -> Contour:
    """Each run of arcs between two points on the curve, drawn with as few as are near enough."""
    first = next((place for place, point in enumerate(contour) if point[2]), None)
    if first is None:
        return contour
    points, drawn, place = [*contour[first:], *contour[: first + 1]], [], 0
    while place < len(contour):
        end = place + 1
        while not points[end][2]:
            end += 1
        drawn.append(points[place])
        drawn += _fewer(points[place : end + 1], tolerance)
        place = end
    return drawn


def _fewer(run: Sequence[Point], tolerance: float) -> Sequence[Point]:
    """Controls of the shortest run near enough to this one."""
    controls = run[1:-1]
    count = len(controls)
    if count < 2:  # noqa: PLR2004 - one arc
        return controls
    old = [_at(run, t) for t in _SAMPLES]
    limit = tolerance * tolerance
    cubic = _cubic(run, count)
    for fewer in range(1, count):
        new = _arcs(cubic, fewer)
        spots = (_at((run[0], *new, run[-1]), t) for t in _SAMPLES)
        if new and all(_apart(*pair) <= limit for pair in zip(old, spots, strict=True)):
            return new
    return controls


def _cubic(run: Sequence[Point], count: int) -> tuple[_Place, _Place, _Place, _Place]:
    """The cubic arc that such a run of `count` quadratic ones was made of."""
    (x0, y0, _), (x1, y1, _), (x2, y2, _), (x3, y3, _) = run[0], run[1], run[-2], run[-1]
    reach = count / 1.5
    return (
        (x0, y0),
        (x0 + (x1 - x0) * reach, y0 + (y1 - y0) * reach),
        (x3 + (x2 - x3) * reach, y3 + (y2 - y3) * reach),
        (x3, y3),
    )


def _arcs(cubic: Sequence[_Place], count: int) -> list[Point]:
    """Controls of `count` quadratic arcs that follow a cubic one; none where one is not enough."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = cubic
    if count == 1:
        return _crossing(cubic)
    reach = 1.5 / count
    inner = [_control(cubic, part, count) for part in range(1, count - 1)]
    places = [
        (x0 + (x1 - x0) * reach, y0 + (y1 - y0) * reach),
        *inner,
        (x3 + (x2 - x3) * reach, y3 + (y2 - y3) * reach),
    ]
    return [_rounded(place) for place in places]


def _crossing(cubic: Sequence[_Place]) -> list[Point]:
    """Where the tangents of both ends cross; none where they do not, ahead of both."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = cubic
    ax, ay, bx, by = x1 - x0, y1 - y0, x2 - x3, y2 - y3
    cross = ax * by - ay * bx
    if not cross:
        return []
    along = ((x3 - x0) * by - (y3 - y0) * bx) / cross
    back = ((x3 - x0) * ay - (y3 - y0) * ax) / cross
    return [_rounded((x0 + ax * along, y0 + ay * along))] if along > 0 and back > 0 else []


def _control(cubic: Sequence[_Place], part: int, count: int) -> _Place:
    """Control of one inner arc: that of the quadratic nearest to this part of the cubic."""
    start, end = part / count, (part + 1) / count
    third = (end - start) / 3
    spots = []
    for axis in (0, 1):
        a, b, c, d = (place[axis] for place in cubic)
        begin, finish = _bezier(a, b, c, d, start), _bezier(a, b, c, d, end)
        first = begin + _slope(a, b, c, d, start) * third
        second = finish - _slope(a, b, c, d, end) * third
        spots.append((3 * (first + second) - begin - finish) / 4)
    return spots[0], spots[1]


def _bezier(a: float, b: float, c: float, d: float, t: float) -> float:
    u = 1 - t
    return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d


def _slope(a: float, b: float, c: float, d: float, t: float) -> float:
    u = 1 - t
    return 3 * (u * u * (b - a) + 2 * u * t * (c - b) + t * t * (d - c))


def _at(run: Sequence[Point], t: float) -> _Place:
    """A place on a run of arcs, each of which takes an equal share of 0 … 1."""
    count = len(run) - 2
    part = min(int(t * count), count - 1)
    share = t * count - part
    x1, y1, _ = run[part + 1]
    start, end = run[part], run[part + 2]
    x0, y0 = (start[0], start[1]) if part == 0 else ((start[0] + x1) / 2, (start[1] + y1) / 2)
    is_last = part == count - 1
    x2, y2 = (end[0], end[1]) if is_last else ((end[0] + x1) / 2, (end[1] + y1) / 2)
    u = 1 - share
    return (
        u * u * x0 + 2 * u * share * x1 + share * share * x2,
        u * u * y0 + 2 * u * share * y1 + share * share * y2,
    )


def _apart(one: _Place, other: _Place) -> float:
    dx, dy = one[0] - other[0], one[1] - other[1]
    return dx * dx + dy * dy


def _rounded(place: _Place) -> Point:
    return int(place[0] + 32768.5) - 32768, int(place[1] + 32768.5) - 32768, False
