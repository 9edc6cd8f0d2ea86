"""The figures of a round seal: ring, star, and a name that follows the ring.

Rules kept here:
* plain path and text operators; the colour is set by whoever draws;
* a long name is condensed, never cut: every character of the enterprise's name is on the ring.
"""

import math
from dataclasses import dataclass

from signing.pades.lettering import Lettering, number

_KAPPA = 0.5523  # four Bézier curves make a circle


@dataclass(frozen=True)
class Circle:
    """Centre and radius, in points of the box."""

    x: float
    y: float
    radius: float

    def at(self, angle: float, share: float) -> tuple[float, float]:
        """The point at `angle` (radians from the right, counter-clockwise), `share` of the way."""
        reach = self.radius * share
        return self.x + reach * math.cos(angle), self.y + reach * math.sin(angle)


def ring(circle: Circle) -> str:
    """The stroked outline."""
    x, y, r = circle.x, circle.y, circle.radius * 0.97
    k = r * _KAPPA
    corners = [
        (x + r, y + k, x + k, y + r, x, y + r),
        (x - k, y + r, x - r, y + k, x - r, y),
        (x - r, y - k, x - k, y - r, x, y - r),
        (x + k, y - r, x + r, y - k, x + r, y),
    ]
    curves = " ".join(" ".join(map(number, corner)) + " c" for corner in corners)
    return f"{number(x + r)} {number(y)} m {curves} s"


def star(circle: Circle) -> str:
    """The filled five-pointed star in the middle."""
    points = []
    for corner in range(10):
        share = 0.32 if corner % 2 == 0 else 0.122  # a regular pentagram's inner radius
        x, y = circle.at(math.pi / 2 + corner * math.pi / 5, share)
        points.append(f"{number(x)} {number(y)} {'m' if corner == 0 else 'l'}")
    return " ".join(points) + " f"


def ring_text(letters: Lettering, text: str, circle: Circle) -> list[str]:
    """One matrix for each character: upright on the ring, condensed as far as it must be."""
    letters.check(text)
    size = circle.radius * 0.26
    middle = 0.79  # share of the radius where the characters' centres lie
    span = min(math.radians(250), len(text) * size * 1.25 / (circle.radius * middle))
    slot = span / max(len(text), 1)
    room = slot * circle.radius * middle
    drawn = [f"BT /{letters.resource} 1 Tf"]
    for index, character in enumerate(text):
        angle = math.pi / 2 + span / 2 - (index + 0.5) * slot
        natural = letters.width(character, size)
        squeeze = min(1.0, room * 0.95 / natural) if natural else 1.0
        x, y = circle.at(angle, middle - 0.1)
        turn = angle - math.pi / 2
        cosine, sine = math.cos(turn), math.sin(turn)
        half = natural * squeeze / 2
        matrix = (
            size * squeeze * cosine,
            size * squeeze * sine,
            -size * sine,
            size * cosine,
            x - half * cosine,
            y - half * sine,
        )
        drawn.append(f"{' '.join(map(number, matrix))} Tm {letters.show(character)}")
    return [*drawn, "ET"]


def centred(letters: Lettering, text: str, circle: Circle, *, size: float, share: float) -> str:
    """A line centred on the vertical axis, `share` of the radius above the centre."""
    x = circle.x - letters.width(text, size) / 2
    return letters.line(text, size, x=x, y=circle.y + share * circle.radius)
