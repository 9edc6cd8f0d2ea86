"""The legal retirement age since 2025-01-01, month by month (关于实施渐进式延迟法定退休年龄的决定).

Rules kept here:

* Men: 60 to 63, a month more for every four months of birth from January 1965 on.
* Women: 55 to 58 in the same steps from January 1970 on, or 50 to 55, a month more for every two
  months of birth from January 1975 on. Which of the two is not in any number that we see: the
  earlier one counts, because what follows is a notice and not a refusal.
"""

from dataclasses import dataclass
from datetime import date

from signing.domain.rules.calendar import add_months


@dataclass(frozen=True)
class _Scale:
    age: int
    first_year: int
    step: int
    most: int
    """Months of birth for one month more, and months more at most."""


_MEN = _Scale(60, 1965, 4, 36)
_WOMEN = _Scale(50, 1975, 2, 60)


def retires_on(born: date, *, is_woman: bool) -> date:
    """The earliest day on which somebody born that day reaches the legal age."""
    scale = _WOMEN if is_woman else _MEN
    months = (born.year - scale.first_year) * 12 + born.month - 1
    later = 0 if months < 0 else min(months // scale.step + 1, scale.most)
    return add_months(born, scale.age * 12 + later)
