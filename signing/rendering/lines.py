"""Values to lines: advances, break opportunities, greedy fill. Pure; breaks as WeasyPrint breaks.

Rules kept here (render.md §3, conditions E5 and E6):
* widths are integers of Pango's unit; a line is full when the next stretch that may not be broken
  goes past its width, and nothing is ever squeezed or stretched;
* text with a space that needs a second line is not for this setter: WeasyPrint would stretch the
  space, or let it hang; nor is a stretch wider than a line, nor an ideographic space at a break;
* `NotExact` says so, and the whole agreement is then drawn by WeasyPrint.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

_STRETCHED = frozenset("\u0020\u00a0")
_HANGING = "\u3000"


class NotExact(Exception):
    """The setter cannot promise the lines that WeasyPrint would make."""


def set_lines(
    text: str,
    advances: Sequence[int],
    breaks: Callable[[], Sequence[int]],
    *,
    first_width: int,
    width: int,
    joints: Sequence[int] = (),
) -> list[tuple[int, int]]:
    """Start and end of each line of `text`.

    `advances` are those of its characters; `breaks()` the places where a line may end, the end of
    the text last, asked only if there is more than one line; `first_width` the room of line 1;
    `joints` the places where one element ends and the next begins. Raises NotExact.
    """
    if not text:
        return []
    if sum(advances) <= first_width:
        return [(0, len(text))]
    if not _STRETCHED.isdisjoint(text):
        raise NotExact("a space in text of several lines")
    sums = [0, *accumulate(advances)]
    lines, start, end, room = [], 0, 0, first_width
    for place in breaks():
        if sums[place] - sums[start] > room and end > start:
            _check_break(text, end, place, joints)
            lines.append((start, end))
            start, room = end, width
        if sums[place] - sums[start] > room:
            raise NotExact("a word is wider than its line")
        end = place
    return [*lines, (start, len(text))]


def _check_break(text: str, end: int, place: int, joints: Sequence[int]) -> None:
    """A line is to end at `end` because the text up to `place` does not fit. Raises NotExact.

    An ideographic space at the end of a line hangs; at its start it may be dropped. Where a stretch
    that may not be broken runs over a joint, WeasyPrint breaks it there all the same.
    """
    if _HANGING in text[end - 1 : end + 1]:
        raise NotExact("an ideographic space at the end of a line")
    if any(end < joint < place for joint in joints):
        raise NotExact("an unbreakable stretch over two elements at the end of a line")
