"""Hours, rest and holidays: R-07a to R-07d, L-overtime.

Rules kept here:

* Labour contract: overtime at least 150 %, rest day 200 % unless compensated by rest, statutory
  holiday 300 % (劳动法 44); 8 hours a day, 40 a week on average, one rest day a week.
* 综合 and 不定时 hours need the number of their approval (劳动法 39).
* Other agreements: a longest continuous time and a daily time; holidays above normal pay.
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_OVERTIME, _REST_DAY, _HOLIDAY = 150, 200, 300
_NORMAL = 100
_HOURS_A_DAY = 8
_HOURS_A_WEEK = 40
_HOURS_A_WEEK_LABOUR_LAW = 44
_PART_TIME_DAY, _PART_TIME_WEEK = 4, 24
_DAILY_LIMIT = 12
_CONTINUOUS_LIMIT = 4


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """Findings on hours and their pay."""
    if facts.is_labour_contract:
        yield from _multipliers(facts, pack)
        yield from _labour_hours(facts, pack)
    else:
        yield from _service_hours(facts, pack)
        yield from _service_holiday(facts, pack)


def _multipliers(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    for key, least in (
        ("overtime_rate_pct", _OVERTIME),
        ("rest_day_rate_pct", _REST_DAY),
        ("holiday_rate_pct", _HOLIDAY),
    ):
        rate = facts.number(key)
        if rate is not None and rate < least:
            yield pack.cases["rest.multiplier"].finding(
                facts.kind, f"values.{key}", rate=rate, least=least
            )


def _labour_hours(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    system = facts.text("hours_system") or "standard"
    if system == "standard":
        daily = facts.number("daily_hours")
        weekly = facts.number("weekly_hours")
        if daily is not None and daily > _HOURS_A_DAY:
            yield pack.cases["rest.long_day"].finding(facts.kind, "values.daily_hours", hours=daily)
        if weekly is not None and weekly > _HOURS_A_WEEK:
            case = "rest.long_week" if weekly > _HOURS_A_WEEK_LABOUR_LAW else "rest.full_week"
            yield pack.cases[case].finding(facts.kind, "values.weekly_hours", hours=weekly)
    elif not facts.text("hours_approval_number"):
        yield pack.cases["rest.no_approval"].finding(facts.kind, "values.hours_approval_number")
    if facts.text("employment_form") == "part_time":
        for key, most in (("daily_hours", _PART_TIME_DAY), ("weekly_hours", _PART_TIME_WEEK)):
            hours = facts.number(key)
            if hours is not None and hours > most:
                yield pack.cases["rest.not_part_time"].finding(
                    facts.kind, f"values.{key}", hours=hours, most=most
                )


def _service_hours(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    for key, most in (
        ("max_continuous_order_hours", _CONTINUOUS_LIMIT),
        ("max_daily_hours", _DAILY_LIMIT),
    ):
        hours = facts.number(key)
        if hours is None or hours <= 0:
            yield pack.cases["rest.no_limit"].finding(facts.kind, f"values.{key}")
        elif hours > most:
            yield pack.cases["rest.high_limit"].finding(
                facts.kind, f"values.{key}", hours=hours, most=most
            )


def _service_holiday(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    rate = facts.number("holiday_rate_pct")
    extra = facts.integer("holiday_compensation_fen") or 0
    if rate is not None and rate <= _NORMAL and extra <= 0:
        yield pack.cases["rest.holiday_normal"].finding(facts.kind, "values.holiday_rate_pct")
