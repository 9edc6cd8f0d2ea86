"""Term, probation, time of signing, dispatch: L-probation, P-13 to P-15, R-03d.

Rules kept here:

* Terms are inclusive: 2026-07-01 to 2029-06-30 is three years. "以上" includes the number.
* Month arithmetic from the 29th to the 31st is not settled (民法典 202): where one day turns on
  it the finding warns and does not block.
* The longest probation follows 劳动合同法 19; none below three months, for a task, part-time.
* A labour contract is written within a month of the first working day, 劳动合同法 10; of the
  first day of the new term where one went before. Without any for a year it counts as open-ended.
* After two fixed terms in a row or ten years of work the worker may ask for an open-ended one.
* Dispatch: two years at least, never to oneself, 临时性 posts for six months at most.
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.draft import Role
from signing.domain.finding import Finding, Severity
from signing.domain.identity_numbers import normalise
from signing.domain.rules.calendar import add_months, lasts_months, shift
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_LAST_SETTLED_DAY = 28
_DISPATCH_MONTHS = 24
_TEMPORARY_MONTHS = 6
_THIRD = 2
_TEN_YEARS = 120
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
    last = shift(add_months(start, most), -1)
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
    slack = start.day - _LAST_SETTLED_DAY
    return Severity.WARN if slack > 0 and end <= shift(last, slack) else None


def _time_of_signing(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    is_first = not facts.integer("prior_fixed_terms")
    first_day = facts.day("employment_start_date") if is_first else facts.day("start_date")
    if first_day is None:
        return
    if is_first and facts.text("term_type") != "open_ended" and today >= add_months(first_day, 12):
        yield pack.cases["term.deemed_open_ended"].finding(
            facts.kind, "values.term_type", since=add_months(first_day, 12).isoformat()
        )
    deadline = add_months(first_day, 1)
    if today > deadline:
        yield pack.cases["term.signed_late"].finding(
            facts.kind,
            f"values.{'employment_start_date' if is_first else 'start_date'}",
            since=shift(first_day, 1).isoformat(),
            deadline=deadline.isoformat(),
        )


def _history(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    before = facts.integer("prior_fixed_terms") or 0
    is_fixed = facts.text("term_type") == "fixed" and not facts.flag("worker_requests_fixed_term")
    if is_fixed and before >= _THIRD:
        yield pack.cases["term.third_fixed"].finding(facts.kind, "values.term_type")
    since, start = facts.day("employment_start_date"), facts.day("start_date")
    if is_fixed and since and start and start >= add_months(since, _TEN_YEARS):
        yield pack.cases["term.ten_years"].finding(facts.kind, "values.term_type")
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
    yield from _posting(facts, pack)


def _posting(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    """Whereto and for how long somebody is sent (劳动合同法 66, 67)."""
    own = {normalise(p.get("uscc")) for p in facts.draft.parties if p.role is not Role.WORKER}
    if normalise(facts.text("dispatch_user_uscc")) in own - {""}:
        yield pack.cases["dispatch.self"].finding(facts.kind, "values.dispatch_user_uscc")
    start, end = facts.day("dispatch_start_date"), facts.day("dispatch_end_date")
    is_temporary = facts.text("dispatch_position_kind") == "temporary"
    if is_temporary and start and end and end >= add_months(start, _TEMPORARY_MONTHS):
        yield pack.cases["dispatch.temporary_long"].finding(facts.kind, "values.dispatch_end_date")
    first, last = facts.day("start_date"), facts.day("end_date")
    if (start and first and start < first) or (end and last and end > last):
        yield pack.cases["dispatch.beyond_term"].finding(facts.kind, "values.dispatch_end_date")
