"""Restraint after work: L-noncompete as fields.

Rules kept here:

* Only staff with trade secrets may be bound, at most two years, for at least 30 % of the former
  pay each month (50 % beyond one year) and not below the minimum wage; the penalty is at most
  five times what is paid (劳动合同法 23, 24; 解释(一) 36). Riders and drivers are never bound.
"""

from collections.abc import Iterator
from datetime import date

from signing.domain.finding import Finding
from signing.domain.rules.facts import Facts
from signing.domain.rules.pack import RulePack
from signing.domain.rules.wages import contract_wage

_LONGEST_MONTHS = 24
_YEAR = 12
_PENALTY_TIMES = 5
_NEVER_BOUND = frozenset(
    {"delivery_rider", "courier", "ride_hailing_driver", "freight_driver", "domestic_worker"}
)


def check(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    """Findings on a restraint or a service period given as fields."""
    yield from _noncompete(facts, pack, today)
    months = facts.integer("service_period_months")
    if months and not (facts.text("special_training") and facts.integer("training_cost_fen")):
        yield pack.cases["damages.no_training"].finding(facts.kind, "values.service_period_months")
    days = facts.integer("termination_notice_days_worker")
    if days is not None and days > pack.switches.get("worker_notice_days", days):
        yield pack.cases["resign.long_notice"].finding(
            facts.kind, "values.termination_notice_days_worker", days=days
        )


def _noncompete(facts: Facts, pack: RulePack, today: date) -> Iterator[Finding]:
    months = facts.integer("noncompete_months")
    if not months:
        return
    path = "values.noncompete_months"
    if not facts.is_labour_contract or facts.text("occupation") in _NEVER_BOUND:
        yield pack.cases["noncompete.never"].finding(facts.kind, path)
    elif months > _LONGEST_MONTHS:
        yield pack.cases["noncompete.long"].finding(facts.kind, path)
    wage = contract_wage(facts) or 0
    pay = facts.integer("noncompete_pay_fen") or 0
    share = 50 if months > _YEAR else 30
    if pay * 100 < wage * share or pay == 0:
        yield pack.cases["noncompete.pay"].finding(
            facts.kind, "values.noncompete_pay_fen", share=share
        )
    elif any(pay < row.monthly_fen for row in pack.wages_at(facts.draft.performance_place, today)):
        yield pack.cases["noncompete.pay_minimum"].finding(facts.kind, "values.noncompete_pay_fen")
    penalty = facts.integer("noncompete_penalty_fen") or 0
    if penalty > pay * _PENALTY_TIMES:
        case = "penalty" if penalty > pay * months * _PENALTY_TIMES else "penalty_high"
        yield pack.cases[f"noncompete.{case}"].finding(
            facts.kind, "values.noncompete_penalty_fen", most=_PENALTY_TIMES
        )
