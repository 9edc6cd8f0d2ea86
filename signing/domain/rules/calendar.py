"""Months and years as 民法典 200 to 204 and 1259 count them: inclusive terms, exact dates."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The day so many months later, or the last of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if months > 0 else date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift(day: date, days: int) -> date:
    """So many days later or earlier, the calendar's own end at most."""
    number = min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(number)


def lasts_months(start: date, end: date, months: int) -> bool:
    """Whether the inclusive term from `start` to `end` is at least that many months."""
    return add_months(start, months) <= shift(end, 1)
