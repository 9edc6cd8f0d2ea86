"""When pay is paid and what is taken from it: R-06b, R-06c to R-06e, R-20b, R-20d, L-pay.

Rules kept here:

* A labour contract pays at least once a month (工资支付暂行规定 7), part-time work at least
  every 15 days (劳动合同法 72). Other agreements name a cycle and a day.
* The algorithm's principle is 算法取中; nothing stricter.
* Deductions stay within 20 % of the period's pay (工资支付暂行规定 16).
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

_DEDUCTION_CAP = 20


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """Findings on cycle, algorithm, deductions and adjustment."""
    yield from _cycle(facts, pack)
    principle = facts.text("algorithm_principle")
    if principle and principle != "middle":
        yield pack.cases["algorithm.principle"].finding(
            facts.kind, "values.algorithm_principle", excerpt=principle
        )
    yield from _deductions(facts, pack)
    days = facts.integer("rule_change_notice_days")
    if days is not None and days < 1:
        yield pack.cases["pay.fee_notice"].finding(facts.kind, "values.rule_change_notice_days")
    review = facts.integer("human_review_days")
    if review is not None and review < 1:
        yield pack.cases["algorithm.no_review"].finding(facts.kind, "values.human_review_days")
    if facts.is_labour_contract:
        return
    if not facts.text("pay_adjustment"):
        yield pack.cases["pay.no_adjustment"].finding(facts.kind, "values.pay_adjustment")
    if not facts.text("wage_special_account"):
        yield pack.cases["pay.no_account"].finding(facts.kind, "values.wage_special_account")


def _cycle(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    cycle = facts.text("settlement_cycle")
    if not cycle:
        yield pack.cases["pay.no_day"].finding(facts.kind, "values.settlement_cycle")
    elif cycle == "month" and facts.integer("pay_day") is None:
        yield pack.cases["pay.no_day"].finding(facts.kind, "values.pay_day")
    if facts.text("employment_form") == "part_time" and cycle == "month":
        yield pack.cases["pay.part_time_cycle"].finding(facts.kind, "values.settlement_cycle")


def _deductions(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    cap = facts.number("deduction_cap_pct")
    if cap is not None and cap > _DEDUCTION_CAP:
        yield pack.cases["deduction.cap"].finding(
            facts.kind, "values.deduction_cap_pct", cap=cap, most=_DEDUCTION_CAP
        )
