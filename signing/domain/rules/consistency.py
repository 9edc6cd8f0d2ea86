"""What fields say against each other, and papers that a trade asks for: P-10, R-04a, R-06b, R-06d.

Rules kept here:

* A deduction for loss and its cap stand or fall together (工资支付暂行规定 16).
* Part-time pay is in hand within 15 days of the first hour that it is for (劳动合同法 72): the
  cycle and the days after it count together.
* Who pays out and who answers for paying out are the same (湘人社规〔2021〕24号 (四)).
* A list of papers names those that the trade asks for: whoever drives a motor vehicle the driving
  licence, a ride-hailing driver both (道路交通安全法 19,
  网络预约出租汽车经营服务管理暂行办法 14).
"""

from collections.abc import Iterator, Mapping
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack

MOTOR_TRADES = frozenset({"ride_hailing_driver", "freight_driver"})
MOTOR_VEHICLES = frozenset({"electric_motorcycle", "passenger_car", "van", "truck"})
_LONGEST_DAYS = 15
_CYCLE_DAYS = {"day": 1, "week": 7, "half_month": 15}


def check(facts: Facts, pack: RulePack, _today: date) -> Iterator[Finding]:
    """Warnings only: each side alone may be meant."""
    yield from _compensation(facts, pack)
    yield from _part_time_pay(facts, pack)
    yield from _payer(facts, pack)
    named = _named(facts)
    for licence in _licences(facts):
        if named and licence not in named:
            yield pack.cases[f"people.no_{licence}"].finding(facts.kind, "values.qualifications")


def _compensation(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    items, cap = facts.rows("deduction_rules"), facts.number("deduction_cap_pct")
    if not items or cap is None:
        return
    if ("compensation" in items) is (cap == 0):
        yield pack.cases["deduction.contradiction"].finding(facts.kind, "values.deduction_cap_pct")


def _part_time_pay(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    if facts.text("employment_form") != "part_time":
        return
    cycle, after = _CYCLE_DAYS.get(facts.text("settlement_cycle")), facts.integer("pay_within_days")
    if cycle and after and cycle + after > _LONGEST_DAYS:
        yield pack.cases["pay.part_time_late"].finding(
            facts.kind, "values.pay_within_days", days=cycle + after
        )


def _payer(facts: Facts, pack: RulePack) -> Iterator[Finding]:
    agent, answers = facts.text("pay_agent"), facts.table("duty_matrix").get("pay_payment")
    if agent and answers and answers not in (agent, "both"):
        yield pack.cases["tripartite.two_payers"].finding(
            facts.kind, "values.duty_matrix.pay_payment"
        )


def _licences(facts: Facts) -> Iterator[str]:
    trade = facts.text("occupation")
    if trade in MOTOR_TRADES or facts.text("vehicle_type") in MOTOR_VEHICLES:
        yield "driving_licence"
    if trade == "ride_hailing_driver":
        yield "ride_hailing_licence"


def _named(facts: Facts) -> frozenset[str]:
    rows = facts.rows("qualifications")
    return frozenset(str(row.get("type")) for row in rows if isinstance(row, Mapping))
