"""Hours, rest and holidays: R-07a to R-07d, L-overtime.

Rules kept here:

* Labour contract: overtime at least 150 %, rest day 200 % unless compensated by rest, statutory
  holiday 300 % (劳动法 44); 8 hours a day, 40 a week on average, one rest day a week.
* 综合 hours know no rest-day rate, 不定时 ones no overtime at all (工资支付暂行规定 13); both need
  the number of their approval (劳动法 39).
* With overtime nobody works more than 11 hours on a standard day (劳动法 41).
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
_OVERTIME_A_DAY = 3
_RATES = {
    "standard": ("overtime_rate_pct", "rest_day_rate_pct", "holiday_rate_pct"),
    "comprehensive": ("overtime_rate_pct", "holiday_rate_pct"),
    "flexible": (),
}
"""Rates that each system of hours knows."""
_LEAST = {
    "overtime_rate_pct": _OVERTIME,
    "rest_day_rate_pct": _REST_DAY,
    "holiday_rate_pct": _HOLIDAY,
}
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
    system = facts.text("hours_system") or "standard"
    for key in _RATES.get(system, tuple(_LEAST)):
        rate, least = facts.number(key), _LEAST[key]
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
        longest = facts.number("max_daily_hours")
        if longest is not None and longest > _HOURS_A_DAY + _OVERTIME_A_DAY:
            yield pack.cases["overtime.long_day"].finding(
                facts.kind, "values.max_daily_hours", hours=longest
            )
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
