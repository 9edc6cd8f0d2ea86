"""What an employer declares alone, and how an employment ends: P-13, L-termination, R-09c.

Rules kept here:

* Notice to sign (劳动合同法 10, 实施条例 5): the day named is within a month of the first day of
  work and not over yet.
* Certificate of the end (劳动合同法 50): given when the contract ends; file and insurance follow
  within 15 days.
* The last pay is paid when the contract ends (工资支付暂行规定 9).
* An employer who proposes the end, or ends a task, pays severance (劳动合同法 46, 实施条例 22).
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.calendar import add_months, shift
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_TRANSFER_DAYS = 15
_PAID_ENDS = frozenset({"employer_proposed", "task_completed"})


def check_notice(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """P-13 for a notice to sign."""
    first_day, until = facts.day("employment_start_date"), facts.day("sign_by_date")
    if first_day is None or until is None:
        return
    last = add_months(first_day, 1)
    path = "values.sign_by_date"
    if until > last:
        yield pack.cases["notice.late"].finding(facts.kind, path, last=last.isoformat())
    if until < today:
        yield pack.cases["notice.over"].finding(facts.kind, path, until=until.isoformat())


def check_certificate(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Days of a certificate of the end."""
    ended = facts.day("termination_date")
    if ended is None:
        return
    last = shift(ended, _TRANSFER_DAYS)
    transferred = facts.day("transfer_done_date")
    if transferred is not None and transferred > last:
        yield pack.cases["end.transfer_late"].finding(
            facts.kind, "values.transfer_done_date", last=last.isoformat()
        )
    if today > last:
        yield pack.cases["end.certificate_late"].finding(
            facts.kind, "values.termination_date", last=last.isoformat()
        )
    start, term_end = facts.day("start_date"), facts.day("end_date")
    if start is not None and ended < start:
        yield pack.cases["end.before_start"].finding(facts.kind, "values.termination_date")
    if facts.text("termination_basis") == "expiry" and term_end and ended != term_end:
        yield pack.cases["end.not_expired"].finding(
            facts.kind, "values.termination_date", until=term_end.isoformat()
        )


def check_termination(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """Severance, the last pay, and what becomes of medical insurance."""
    if not facts.is_labour_contract:
        return
    if facts.text("termination_reason") in _PAID_ENDS and not facts.integer("compensation_fen"):
        yield pack.cases["end.no_severance"].finding(facts.kind, "values.compensation_fen")
    ended, settled = facts.day("termination_date"), facts.day("settlement_date")
    if ended and settled and settled > ended:
        yield pack.cases["end.paid_late"].finding(facts.kind, "values.settlement_date")
    yield pack.cases["end.insurance_gap"].finding(facts.kind, "values.termination_date")
