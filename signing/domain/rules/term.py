"""Term, probation, time of signing, dispatch: L-probation, P-13 to P-15, R-03d.

Rules kept here:

* Terms are inclusive: 2026-07-01 to 2029-06-30 is three years. "以上" includes the number.
* Month arithmetic from the 29th to the 31st is not settled (民法典 202): where one day turns on
  it the finding warns and does not block.
* The longest probation follows 劳动合同法 19; none below three months, for a task, part-time.
* A labour contract is written within a month of the first working day, 劳动合同法 10.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from signing.domain.finding import Finding, Severity
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_LAST_SETTLED_DAY = 28
_DISPATCH_MONTHS = 24
_THIRD = 2
_PROBATION_BY_MONTHS = ((36, 6), (12, 2), (3, 1), (0, 0))
"""Term of at least so many months → longest probation in months (劳动合同法 19)."""


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on the term; most of them concern labour contracts only."""
    if not facts.is_labour_contract:
        return
    yield from _probation(facts, pack)
    yield from _time_of_signing(facts, pack, today)
    yield from _history(facts, pack)
    yield from _dispatch(facts, pack, today)


def add_months(day: date, months: int) -> date:
    """The day so many months later, or the last of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def lasts_months(start: date, end: date, months: int) -> bool:
    """Whether the inclusive term from `start` to `end` is at least that many months."""
    return add_months(start, months) <= end + timedelta(days=1)


def longest_probation(term_type: str, start: date, end: date | None) -> int:
    """Months of probation that the law allows at most (劳动合同法 19)."""
    if term_type == "open_ended":
        return 6
    if term_type == "task" or end is None:
        return 0
    return next(most for least, most in _PROBATION_BY_MONTHS if lasts_months(start, end, least))


def _probation(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    start, probation_end = facts.day("start_date"), facts.day("probation_end_date")
    if start is None or probation_end is None:
        return
    path = "values.probation_end_date"
    end = facts.day("end_date")
    term_type = facts.text("term_type") or "fixed"
    if facts.text("employment_form") == "part_time" or term_type == "task":
        yield pack.cases["probation.none_allowed"].finding(facts.kind, path)
        return
    if probation_end < start or (end is not None and probation_end > end):
        yield pack.cases["probation.outside_term"].finding(facts.kind, path)
        return
    most = longest_probation(term_type, start, end)
    last = add_months(start, most) - timedelta(days=1)
    if probation_end > last:
        yield pack.cases["probation.too_long"].finding(
            facts.kind,
            path,
            severity=_unsettled(start, probation_end, last),
            most=most,
            last=last.isoformat(),
        )


def _unsettled(start: date, end: date, last: date) -> Severity | None:
    """A warning where only the reading of short months makes the difference of days."""
    slack = timedelta(days=start.day - _LAST_SETTLED_DAY)
    return Severity.WARN if start.day > _LAST_SETTLED_DAY and end <= last + slack else None


def _time_of_signing(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    first_day = facts.day("employment_start_date")
    if first_day is None:
        return
    deadline = add_months(first_day, 1)
    if today > deadline:
        yield pack.cases["term.signed_late"].finding(
            facts.kind,
            "values.employment_start_date",
            since=(first_day + timedelta(days=1)).isoformat(),
            deadline=deadline.isoformat(),
        )


def _history(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    before = facts.integer("prior_fixed_terms")
    if before is not None and before >= _THIRD and facts.text("term_type") == "fixed":
        yield pack.cases["term.third_fixed"].finding(facts.kind, "values.term_type")
    probation_before = facts.flag("prior_probation")
    if probation_before and facts.given("probation_end_date"):
        yield pack.cases["probation.second"].finding(facts.kind, "values.probation_end_date")


def _dispatch(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    if facts.text("employment_form") != "dispatch":
        return
    if not facts.text("dispatch_license_number"):
        yield pack.cases["dispatch.licence"].finding(facts.kind, "values.dispatch_license_number")
    until = facts.day("dispatch_license_valid_to")
    if until is not None and until < today:
        yield pack.cases["dispatch.licence"].finding(facts.kind, "values.dispatch_license_valid_to")
    start, end = facts.day("start_date"), facts.day("end_date")
    is_fixed = (facts.text("term_type") or "fixed") == "fixed"
    if not is_fixed or start is None or end is None:
        yield pack.cases["dispatch.term"].finding(facts.kind, "values.term_type")
    elif not lasts_months(start, end, _DISPATCH_MONTHS):
        yield pack.cases["dispatch.term"].finding(facts.kind, "values.end_date")
