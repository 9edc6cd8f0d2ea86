"""Boundary cases of the law as a table: what is given, and what the check must say or must not.

One line is one case: kind, changes to a lawful draft, and words of the form

    R-06a block values.monthly_wage_fen     this finding, of that severity, at that place
    -R-06a                                  no finding of that rule
    ! parties[1].phone PHONE_INVALID        this mistake of shape at that place
    -!                                      no mistake of shape at all

Changes are values, but for `worker` and `enterprise` (members of a party), `today`, `place`,
`answers` and `worker_answers`; None leaves a value out. The day is 2026-11-25 unless a case says
otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from signing.domain.draft import Kind
from signing.domain.identity_numbers import resident_id_check_character
from signing.domain.rules.tripartite import DUTIES

LC, WA, TA = Kind.LABOUR_CONTRACT, Kind.WRITTEN_AGREEMENT, Kind.TRIPARTITE_AGREEMENT
APPROVED = {"hours_approval_number": "湘人社批〔2026〕1 号"}
PART_TIME = {
    "employment_form": "part_time",
    "pay_method": "hourly",
    "guaranteed_hourly_fen": 2_500,
    "monthly_wage_fen": None,
    "daily_hours": 4,
    "weekly_hours": 24,
    "settlement_cycle": "half_month",
    "pay_day": None,
}
DISPATCH = {
    "employment_form": "dispatch",
    "end_date": "2028-11-30",
    "dispatch_user_name": "长沙某某快递有限公司",
    "dispatch_user_uscc": "91430100MAYYYY016Y",
    "dispatch_user_address": "长沙市岳麓区",
    "dispatch_start_date": "2026-12-01",
    "dispatch_end_date": "2027-05-31",
    "dispatch_position_kind": "temporary",
    "dispatch_license_number": "湘派 1",
    "dispatch_license_valid_to": "2026-11-25",
}
SECRETS = {
    "occupation": "other",
    "occupation_name": "站点管理",
    "noncompete_months": 12,
    "noncompete_scope": "长沙市",
    "monthly_wage_fen": 1_200_000,
    "noncompete_pay_fen": 360_000,
}
BOUND = {"q1": "no", "q2": "no", "q3": "yes", "q4": "yes", "q5": "yes", "q6": "no", "q7": "yes"}


@dataclass(frozen=True)
class LawCase:
    """One line of the table."""

    kind: Kind
    given: Mapping[str, Any]
    wanted: str
    base: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the report of the run."""
        changed = ", ".join(f"{key}={value}" for key, value in self.given.items())
        return f"{self.kind} {changed} → {self.wanted}"

    @property
    def changes(self) -> dict[str, Any]:
        """Base and change together."""
        return {**self.base, **self.given}


def numbered(born: str, sequence: str = "001", area: str = "430104") -> str:
    """A resident number with its check character."""
    head = f"{area}{born}{sequence}"
    return head + resident_id_check_character(head)


def cases() -> Iterator[LawCase]:
    """All of them."""
    for kind, base, rows in TABLE:
        for given, *wanted in rows:
            yield from (LawCase(kind, given, one, base) for one in wanted)


def probation(end: str | None, last: str, more: str, **other: Any) -> list[tuple]:
    """For one term: the last day of probation that is lawful, and the next that is not."""
    path = "values.probation_end_date"
    return [
        ({"end_date": end, "probation_end_date": last, **other}, "-L-probation"),
        ({"end_date": end, "probation_end_date": more, **other}, f"L-probation block {path}"),
    ]


PROBATION = [
    ({"end_date": "2027-02-27", "probation_end_date": "2026-12-01"},
     "L-probation block values.probation_end_date"),
    *probation("2027-02-28", "2026-12-31", "2027-01-01"),
    *probation("2027-11-29", "2026-12-31", "2027-01-01"),
    *probation("2027-11-30", "2027-01-31", "2027-02-01"),
    *probation("2029-11-29", "2027-01-31", "2027-02-01"),
    *probation("2029-11-30", "2027-05-31", "2027-06-01"),
    *probation("2036-11-30", "2027-05-31", "2027-06-01"),
    *probation(None, "2027-05-31", "2027-06-01", term_type="open_ended"),
    ({"term_type": "task", "task_description": "旺季配送", "end_date": None,
      "probation_end_date": "2026-12-01"}, "L-probation block values.probation_end_date"),
    ({"probation_end_date": "2026-11-30"}, "L-probation block values.probation_end_date"),
    ({"end_date": "2027-11-30", "probation_end_date": "2027-12-01"},
     "L-probation block values.probation_end_date"),
    ({"probation_end_date": "2026-12-31", "prior_probation": True},
     "P-14 block values.probation_end_date"),
    ({"prior_probation": True}, "-P-14"),
    ({"probation_end_date": "2026-12-31", "prior_probation": False}, "-P-14"),
]  # fmt: skip
SHORT_MONTHS = [
    ({"probation_end_date": "2027-02-27"}, "-L-probation"),
    ({"probation_end_date": "2027-02-28"}, "L-probation warn values.probation_end_date"),
    ({"probation_end_date": "2027-03-02"}, "L-probation warn values.probation_end_date"),
    ({"probation_end_date": "2027-03-03"}, "L-probation block values.probation_end_date"),
    ({"start_date": "2028-02-29", "end_date": "2029-02-27", "probation_end_date": "2028-04-28"},
     "-L-probation"),
    ({"start_date": "2028-02-29", "end_date": "2029-02-27", "probation_end_date": "2028-04-29"},
     "L-probation warn values.probation_end_date"),
    ({"start_date": "2028-02-29", "end_date": "2029-02-27", "probation_end_date": "2028-04-30"},
     "L-probation block values.probation_end_date"),
]  # fmt: skip
PROBATION_WAGE = [
    ({"probation_wage_fen": 400_000}, "-L-probation"),
    ({"probation_wage_fen": 399_999}, "L-probation block values.probation_wage_fen"),
    ({"probation_wage_fen": 0}, "L-probation block values.probation_wage_fen"),
    ({"monthly_wage_fen": 500_001, "probation_wage_fen": 400_000},
     "L-probation block values.probation_wage_fen"),
    ({"monthly_wage_fen": 500_001, "probation_wage_fen": 400_001}, "-L-probation"),
    ({"monthly_wage_fen": 211_000, "probation_wage_fen": 169_999},
     "R-06a block values.probation_wage_fen"),
    ({"monthly_wage_fen": 211_000, "probation_wage_fen": 209_999},
     "R-06a warn values.probation_wage_fen"),
    ({"monthly_wage_fen": 211_000, "probation_wage_fen": 210_000}, "-R-06a"),
    ({"pay_method": "base_performance", "base_wage_fen": 300_000, "performance_rule": "按单计发",
      "fixed_performance_floor_fen": 200_000, "monthly_wage_fen": None,
      "probation_wage_fen": 399_999}, "L-probation block values.probation_wage_fen"),
    ({"pay_method": "base_performance", "base_wage_fen": 300_000, "performance_rule": "按单计发",
      "fixed_performance_floor_fen": 200_000, "monthly_wage_fen": None,
      "probation_wage_fen": 400_000}, "-L-probation"),
    ({"pay_method": "piece", "unit_price_fen": 500, "quota_for_normal_hours": 1_000,
      "piece_unit": "order", "monthly_wage_fen": None, "probation_wage_fen": 399_999},
     "L-probation block values.probation_wage_fen"),
]  # fmt: skip
SIGNING = [
    ({"employment_start_date": "2026-10-25"}, "-P-13"),
    ({"employment_start_date": "2026-10-24"}, "P-13 warn values.employment_start_date"),
    ({"employment_start_date": "2026-12-01"}, "-P-13"),
    ({"employment_start_date": "2026-10-31", "today": "2026-11-30"}, "-P-13"),
    ({"employment_start_date": "2026-10-31", "today": "2026-12-01"},
     "P-13 warn values.employment_start_date"),
    ({"employment_start_date": "2025-11-25"}, "P-13 warn values.term_type"),
    ({"employment_start_date": "2025-11-26"}, "P-13 warn values.employment_start_date"),
    ({"employment_start_date": "2020-01-01", "prior_fixed_terms": 1}, "-P-13"),
    ({"start_date": "2026-10-24", "end_date": "2027-10-23", "employment_start_date": "2020-01-01",
      "prior_fixed_terms": 1}, "P-13 warn values.start_date"),
    ({"prior_fixed_terms": 0}, "-P-15"),
    ({"prior_fixed_terms": 1}, "-P-15"),
    ({"prior_fixed_terms": 2}, "P-15 warn values.term_type"),
    ({"prior_fixed_terms": 2, "term_type": "open_ended", "end_date": None}, "-P-15"),
    ({"prior_fixed_terms": 1, "employment_start_date": "2016-12-01"}, "P-15 warn values.term_type"),
    ({"prior_fixed_terms": 1, "employment_start_date": "2016-12-02"}, "-P-15"),
    ({"end_date": None}, "L-mandatory block values.end_date", "! values.end_date REQUIRED"),
    ({"end_date": "2026-11-30"}, "! values.end_date ENDS_BEFORE_START"),
    ({"end_date": "2027-02-29"}, "! values.end_date DATE_INVALID"),
    ({"end_date": "2028-02-29"}, "-!"),
    ({"end_date": "20271130"}, "! values.end_date DATE_INVALID"),
]  # fmt: skip
MONTHLY = [
    ({"monthly_wage_fen": 169_999}, "R-06a block values.monthly_wage_fen"),
    ({"monthly_wage_fen": 170_000}, "R-06a warn values.monthly_wage_fen"),
    ({"monthly_wage_fen": 209_999}, "R-06a warn values.monthly_wage_fen"),
    ({"monthly_wage_fen": 210_000}, "-R-06a", "MIN_WAGE_UNKNOWN warn performance_place"),
    ({"monthly_wage_fen": 0}, "R-06a block values.monthly_wage_fen"),
    ({"today": "2024-11-30", "monthly_wage_fen": 154_999}, "R-06a block values.monthly_wage_fen"),
    ({"today": "2024-11-30", "monthly_wage_fen": 155_000}, "R-06a warn values.monthly_wage_fen"),
    ({"today": "2024-11-30", "monthly_wage_fen": 193_000}, "-R-06a"),
    ({"today": "2024-12-01", "monthly_wage_fen": 193_000}, "R-06a warn values.monthly_wage_fen"),
    ({"today": "2019-09-30"}, "MIN_WAGE_UNKNOWN block performance_place"),
    ({"place": "430726", "monthly_wage_fen": 169_999}, "R-06a block values.monthly_wage_fen"),
    ({"place": "433101", "monthly_wage_fen": 210_000}, "-R-06a"),
    ({"place": "430100"}, "! performance_place REGION_UNKNOWN"),
    ({"place": "440104"}, "! performance_place REGION_UNKNOWN"),
    ({"place": "430371"}, "! performance_place REGION_UNKNOWN"),
    ({"collective_contract": "集体合同", "collective_minimum_fen": 500_001},
     "R-12a warn values.monthly_wage_fen"),
    ({"collective_contract": "集体合同", "collective_minimum_fen": 500_000}, "-R-12a"),
]  # fmt: skip
PIECE = [
    ({"unit_price_fen": 169, "quota_for_normal_hours": 1_000}, "R-06a block values.unit_price_fen"),
    ({"unit_price_fen": 170, "quota_for_normal_hours": 1_000}, "R-06a warn values.unit_price_fen"),
    ({"unit_price_fen": 210, "quota_for_normal_hours": 1_000}, "-R-06a"),
    ({"unit_price_fen": 700, "quota_for_normal_hours": 300}, "-R-06a"),
    ({"unit_price_fen": 700, "quota_for_normal_hours": 299}, "R-06a warn values.unit_price_fen"),
    ({"unit_price_fen": 700, "quota_for_normal_hours": 242}, "R-06a block values.unit_price_fen"),
]
BASE = [
    ({"base_wage_fen": 210_000}, "-R-06a"),
    ({"base_wage_fen": 160_000, "fixed_performance_floor_fen": 50_000}, "-R-06a"),
    ({"base_wage_fen": 160_000, "fixed_performance_floor_fen": 49_999},
     "R-06a warn values.base_wage_fen"),
    ({"base_wage_fen": 160_000, "fixed_performance_floor_fen": 9_999},
     "R-06a block values.base_wage_fen"),
    ({"base_wage_fen": 160_000}, "R-06a block values.base_wage_fen"),
]  # fmt: skip
FULL_TIME_HOURLY = [
    ({"guaranteed_hourly_fen": 1_207}, "-R-06a"),
    ({"guaranteed_hourly_fen": 1_206}, "R-06a warn values.guaranteed_hourly_fen"),
    ({"guaranteed_hourly_fen": 978}, "R-06a warn values.guaranteed_hourly_fen"),
    ({"guaranteed_hourly_fen": 977}, "R-06a block values.guaranteed_hourly_fen"),
]
PARTIAL = [
    ({"guaranteed_hourly_fen": 2_100}, "-R-06a", "-R-06b", "-R-07c", "-!"),
    ({"guaranteed_hourly_fen": 2_099}, "R-06a warn values.guaranteed_hourly_fen"),
    ({"guaranteed_hourly_fen": 1_700}, "R-06a warn values.guaranteed_hourly_fen"),
    ({"guaranteed_hourly_fen": 1_699}, "R-06a block values.guaranteed_hourly_fen"),
    ({"pay_method": "monthly", "monthly_wage_fen": 182_000, "weekly_hours": 20}, "-R-06a"),
    ({"pay_method": "monthly", "monthly_wage_fen": 181_999, "weekly_hours": 20},
     "R-06a warn values.monthly_wage_fen"),
    ({"pay_method": "monthly", "monthly_wage_fen": 147_333, "weekly_hours": 20},
     "R-06a block values.monthly_wage_fen"),
    ({"settlement_cycle": "day"}, "-R-06b"),
    ({"settlement_cycle": "week"}, "-R-06b"),
    ({"settlement_cycle": "month", "pay_day": 15}, "R-06b block values.settlement_cycle"),
    ({"daily_hours": 5}, "R-07c block values.daily_hours"),
    ({"weekly_hours": 25}, "R-07c block values.weekly_hours"),
    ({"probation_end_date": "2026-12-07"}, "L-probation block values.probation_end_date"),
]  # fmt: skip
HOURS = [
    ({"daily_hours": 8, "weekly_hours": 40}, "-R-07c"),
    ({"daily_hours": 9}, "R-07c block values.daily_hours"),
    ({"weekly_hours": 41}, "R-07c warn values.weekly_hours"),
    ({"weekly_hours": 44}, "R-07c warn values.weekly_hours"),
    ({"weekly_hours": 45}, "R-07c block values.weekly_hours"),
    ({"max_daily_hours": 11}, "-L-overtime"),
    ({"max_daily_hours": 12}, "L-overtime block values.max_daily_hours"),
    ({"overtime_rate_pct": 150, "rest_day_rate_pct": 200, "holiday_rate_pct": 300}, "-R-07a"),
    ({"overtime_rate_pct": 149}, "R-07a block values.overtime_rate_pct"),
    ({"rest_day_rate_pct": 199}, "R-07a block values.rest_day_rate_pct"),
    ({"holiday_rate_pct": 299}, "R-07a block values.holiday_rate_pct"),
    ({"hours_system": "comprehensive", "hours_cycle": "month"},
     "R-07d block values.hours_approval_number"),
    ({"hours_system": "flexible"}, "R-07d block values.hours_approval_number"),
    ({"hours_system": "comprehensive", "hours_cycle": "year", **APPROVED}, "-R-07d"),
    ({"hours_system": "flexible", **APPROVED}, "-R-07d"),
    ({"hours_system": "comprehensive", "hours_cycle": "month", "daily_hours": 10, **APPROVED},
     "-R-07c"),
    ({"hours_system": "comprehensive", "hours_cycle": "month", "overtime_rate_pct": 149,
      **APPROVED}, "R-07a block values.overtime_rate_pct"),
    ({"hours_system": "comprehensive", "hours_cycle": "month", "holiday_rate_pct": 299,
      **APPROVED}, "R-07a block values.holiday_rate_pct"),
    ({"hours_system": "comprehensive", "hours_cycle": "month", "rest_day_rate_pct": 100,
      **APPROVED}, "-R-07a"),
    ({"hours_system": "flexible", "overtime_rate_pct": 100, **APPROVED}, "-R-07a"),
    ({"pay_day": None}, "R-06b block values.pay_day", "! values.pay_day REQUIRED"),
    ({"settlement_cycle": "week", "pay_day": None}, "-R-06b"),
    ({"ppe_list": None}, "R-08a warn values.ppe_list"),
    ({"bad_weather_rule": None}, "R-08a warn values.bad_weather_rule"),
    ({"annexes": [{"kind": "rulebook", "title": "手册", "text": "员工手册"}]},
     "R-12b warn values.annexes[0].published_on"),
    ({"annexes": [{"kind": "rulebook", "title": "手册", "text": "员工手册",
                   "published_on": "2026-01-01"}]}, "-R-12b"),
    ({"today": "2027-01-14"}, "-R-99"),
    ({"today": "2027-01-15"}, "R-99 warn"),
    ({"worker": {"address": None}}, "! parties[1].address REQUIRED"),
]  # fmt: skip
RESTRAINT = [
    ({}, "-L-noncompete", "-!"),
    ({"noncompete_pay_fen": 359_999}, "L-noncompete block values.noncompete_pay_fen"),
    ({"noncompete_months": 13, "noncompete_pay_fen": 599_999},
     "L-noncompete block values.noncompete_pay_fen"),
    ({"noncompete_months": 13, "noncompete_pay_fen": 600_000}, "-L-noncompete"),
    ({"noncompete_months": 24, "noncompete_pay_fen": 600_000}, "-L-noncompete"),
    ({"noncompete_months": 25, "noncompete_pay_fen": 600_000},
     "L-noncompete block values.noncompete_months"),
    ({"noncompete_pay_fen": None}, "L-noncompete block values.noncompete_pay_fen"),
    ({"noncompete_penalty_fen": 1_800_000}, "-L-noncompete"),
    ({"noncompete_penalty_fen": 1_800_001}, "L-noncompete warn values.noncompete_penalty_fen"),
    ({"noncompete_penalty_fen": 21_600_000}, "L-noncompete warn values.noncompete_penalty_fen"),
    ({"noncompete_penalty_fen": 21_600_001}, "L-noncompete block values.noncompete_penalty_fen"),
    ({"occupation": "delivery_rider"}, "L-noncompete block values.noncompete_months"),
    ({"occupation": "freight_driver"}, "L-noncompete block values.noncompete_months"),
    ({"monthly_wage_fen": 500_000, "noncompete_pay_fen": 150_000},
     "L-noncompete warn values.noncompete_pay_fen"),
    ({"noncompete_months": None, "service_period_months": 12},
     "L-damages warn values.service_period_months"),
    ({"noncompete_months": None, "service_period_months": 12, "special_training": "驾驶培训",
      "training_cost_fen": 300_000}, "-L-damages"),
]  # fmt: skip
POSTING = [
    ({}, "-R-03d", "-L-dispatch", "-!"),
    ({"end_date": "2028-11-29"}, "R-03d block values.end_date"),
    ({"term_type": "open_ended", "end_date": None}, "R-03d block values.term_type"),
    ({"dispatch_license_valid_to": "2026-11-24"}, "R-03d block values.dispatch_license_valid_to"),
    ({"dispatch_user_uscc": "91430100MA4L16JQ9D"}, "L-dispatch block values.dispatch_user_uscc"),
    ({"dispatch_user_uscc": "91430100MA4L16JQ9E"},
     "! values.dispatch_user_uscc USCC_INVALID"),
    ({"dispatch_end_date": "2027-06-01"}, "L-dispatch block values.dispatch_end_date"),
    ({"dispatch_end_date": "2028-11-30", "dispatch_position_kind": "substitute"}, "-L-dispatch"),
]  # fmt: skip
SERVICE_PAY = [
    ({"guaranteed_hourly_fen": 2_100}, "-R-06a"),
    ({"guaranteed_hourly_fen": 2_099}, "R-06a warn values.guaranteed_hourly_fen"),
    ({"guaranteed_hourly_fen": 1_700}, "R-06a warn values.guaranteed_hourly_fen"),
    ({"guaranteed_hourly_fen": 1_699}, "R-06a block values.guaranteed_hourly_fen"),
    ({"collective_contract": "集体合同", "collective_minimum_fen": 2_501},
     "R-12a warn values.guaranteed_hourly_fen"),
    ({"settlement_cycle": "month", "pay_day": None}, "R-06b block values.pay_day"),
    ({"deduction_cap_pct": 20}, "-R-06d"),
    ({"deduction_cap_pct": 21}, "R-06d warn values.deduction_cap_pct"),
    ({"algorithm_principle": "strictest"}, "R-06c block values.algorithm_principle"),
    ({"human_review_days": 1}, "-R-06c"),
    ({"human_review_days": 0}, "R-06c warn values.human_review_days"),
    ({"rule_change_notice_days": 1}, "-R-20d"),
    ({"rule_change_notice_days": 0}, "R-20d warn values.rule_change_notice_days"),
    ({"pay_adjustment": None}, "R-06e warn values.pay_adjustment"),
    ({"wage_special_account": None}, "R-20b warn values.wage_special_account"),
    ({"termination_notice_days_worker": 30}, "-L-resign"),
    ({"termination_notice_days_worker": 31}, "L-resign warn values.termination_notice_days_worker"),
]  # fmt: skip
BY_ORDERS = [
    ({"unit_price_fen": 500, "expected_orders_per_hour": 4.2}, "-R-06a"),
    ({"unit_price_fen": 1_000, "expected_orders_per_hour": 2.1}, "-R-06a"),
    ({"unit_price_fen": 300, "expected_orders_per_hour": 7}, "-R-06a"),
    ({"unit_price_fen": 410, "expected_orders_per_hour": 5.1}, "R-06a warn values.unit_price_fen"),
    ({"unit_price_fen": 425, "expected_orders_per_hour": 4}, "R-06a warn values.unit_price_fen"),
    ({"unit_price_fen": 333, "expected_orders_per_hour": 5.1}, "R-06a block values.unit_price_fen"),
    ({"unit_price_fen": 424, "expected_orders_per_hour": 4}, "R-06a block values.unit_price_fen"),
    ({"expected_orders_per_hour": None}, "R-06a block values.guaranteed_hourly_fen"),
]
SERVICE_REST = [
    ({"max_continuous_order_hours": 4, "max_daily_hours": 12}, "-R-07c"),
    ({"max_continuous_order_hours": 5}, "R-07c warn values.max_continuous_order_hours"),
    ({"max_daily_hours": 13}, "R-07c warn values.max_daily_hours"),
    ({"max_continuous_order_hours": None}, "R-07c block values.max_continuous_order_hours"),
    ({"max_daily_hours": None}, "R-07c block values.max_daily_hours"),
    ({"holiday_rate_pct": 100}, "R-07b block values.holiday_rate_pct"),
    ({"holiday_rate_pct": 101}, "-R-07b"),
    ({"holiday_rate_pct": 100, "holiday_compensation_fen": 1}, "-R-07b"),
    ({"holiday_rate_pct": 99}, "R-07b block values.holiday_rate_pct"),
    ({"pension_option": None}, "R-09b warn values.pension_option"),
    ({"medical_option": None}, "R-09b warn values.medical_option"),
    ({"occupational_injury_scheme": None}, "R-11b block values.occupational_injury_scheme"),
    ({"occupational_injury_scheme": None, "service_type": "freight"},
     "R-11b block values.occupational_injury_scheme"),
    ({"occupational_injury_scheme": None, "service_type": "domestic"},
     "R-11b warn values.occupational_injury_scheme"),
    ({"occupational_injury_scheme": "unknown"}, "R-11b block values.occupational_injury_scheme"),
    ({"occupational_injury_scheme": "commercial_insurance"},
     "R-11b block values.commercial_insurance"),
    ({"occupational_injury_scheme": "unknown",
      "commercial_insurance": [{"type": "accident", "insurer": "某保险", "sum_fen": 60_000_000,
                                "payer": "enterprise"}]},
     "R-11b warn values.occupational_injury_scheme"),
    ({"worker_answers": BOUND}, "R-02b info classification.worker_answers.q1"),
    ({"occupational_injury_payer": "worker"}, "R-11c block values.occupational_injury_payer"),
    ({"commercial_insurance": [{"type": "accident", "insurer": "某保险", "sum_fen": 60_000_000,
                                "payer": "worker"}]},
     "L-insurance warn values.commercial_insurance[0].payer"),
    ({"appeal_accept_days": 3, "appeal_result_days": 15}, "-R-13a"),
    ({"appeal_accept_days": 4}, "R-13a warn values.appeal_accept_days"),
    ({"appeal_result_days": 16}, "R-13a warn values.appeal_result_days"),
    ({"appeal_accept_days": 0}, "R-13a block values.appeal_accept_days"),
    ({"appeal_channel": None}, "R-13a block values.appeal_channel"),
    ({"reply_method": None}, "R-13a block values.reply_method"),
    ({"answers": BOUND}, "CLASSIFICATION_CONFLICT warn classification.answers", "-R-02a"),
    ({"answers": BOUND, "first_task_date": "2026-10-25"}, "-R-02a"),
    ({"answers": BOUND, "first_task_date": "2026-10-24"}, "R-02a block values.first_task_date"),
    ({"answers": BOUND, "start_date": "2026-10-01"}, "R-02a block values.start_date"),
    ({"first_task_date": "2020-01-01"}, "-R-02a"),
    ({"enterprise": {"agent": "王五"}}, "P-09 block parties[0].agent_authorization_sha256"),
    ({"enterprise": {"agent": "王五", "agent_authorization_sha256": "a" * 64}}, "-P-09"),
    ({"enterprise": {"agent": "王五", "agent_authorization_sha256": "a" * 64,
                     "agent_authorization_valid_to": "2026-11-25"}}, "-P-09"),
    ({"enterprise": {"agent": "王五", "agent_authorization_sha256": "a" * 64,
                     "agent_authorization_valid_to": "2026-11-24"}},
     "P-09 block parties[0].agent_authorization_valid_to"),
    ({"enterprise": {"agent_authorization_valid_to": "next year"}},
     "! parties[0].agent_authorization_valid_to DATE_INVALID"),
]  # fmt: skip
THREE = [
    ({}, "-R-03a", "-R-03b", "-R-03d", "-R-04a", "-R-02c", "-!"),
    ({"partner_qualification": [{"type": "business_licence", "number": "1",
                                 "valid_to": "2026-11-24"}]},
     "R-03a block values.partner_qualification[0].valid_to"),
    ({"partner_qualification": [{"type": "business_licence", "number": "1",
                                 "valid_to": "2026-11-25"}]}, "-R-03a"),
    ({"partner_qualification": None}, "R-03a block values.partner_qualification"),
    ({"main_contract_ref": {"number": "1", "start_date": "2026-12-01", "end_date": "2027-11-30"}},
     "-R-03b"),
    ({"main_contract_ref": {"number": "1", "start_date": "2026-12-01", "end_date": "2027-11-29"}},
     "R-03b block values.main_contract_ref"),
    ({"main_contract_ref": {"number": "1", "start_date": "2026-12-02", "end_date": "2028-12-31"}},
     "R-03b block values.main_contract_ref"),
    ({"main_contract_ref": None}, "R-03b block values.main_contract_ref"),
    ({"subcontract_depth": 1}, "-R-02c"),
    ({"subcontract_depth": 2}, "R-02c block values.subcontract_depth"),
    ({"worker_relation_with": "labour_relation"}, "R-03d block values.labour_contract_number"),
    ({"worker_relation_with": "labour_relation", "labour_contract_number": "L-1"}, "-R-03d"),
    ({"cooperation_mode": "dispatch"}, "R-03d block values.worker_relation_with"),
    ({"cooperation_mode": "dispatch", "worker_relation_with": "labour_relation",
      "labour_contract_number": "L-1", "dispatch_term_months": 24,
      "partner_qualification": [{"type": "dispatch_licence", "number": "1"}]}, "-R-03d"),
    ({"cooperation_mode": "dispatch", "worker_relation_with": "labour_relation",
      "labour_contract_number": "L-1", "dispatch_term_months": 23,
      "partner_qualification": [{"type": "dispatch_licence", "number": "1"}]},
     "R-03d block values.dispatch_term_months"),
    ({"duty_matrix": None}, "R-04a block values.duty_matrix"),
    ({"duty_matrix": {"dispatch": "both"}}, "R-04a block values.duty_matrix.appeals"),
    ({"dispute_route": "arbitration"}, "R-23c warn values.dispute_route"),
    ({"dispute_route": "court"}, "-R-23c"),
    ({"worker_relation_with": "labour_relation", "labour_contract_number": "L-1",
      "dispute_route": "court"}, "R-23c warn values.dispute_route"),
    ({"answers": BOUND, "first_task_date": "2026-01-01",
      "worker_relation_with": "labour_relation", "labour_contract_number": "L-1"}, "-R-02a"),
    ({"answers": BOUND, "first_task_date": "2026-01-01"}, "R-02a block values.first_task_date"),
]  # fmt: skip


def born(day: str, wanted: str, sequence: str = "001", **values: Any) -> tuple:
    """A worker born that day."""
    return ({"worker": {"id_number": numbered(day, sequence)}, **values}, wanted)


DRIVER = {"service_type": "mobility", "occupation": "ride_hailing_driver"}
AGES = [
    born("20101126", "P-10 block parties[1].id_number"),
    born("20101125", "P-10 warn parties[1].id_number"),
    born("20081126", "P-10 warn parties[1].id_number"),
    born("20081125", "-P-10"),
    born("20081126", "P-10 warn parties[1].id_number", vehicle_type="electric_bicycle"),
    born("20081126", "P-10 block parties[1].id_number", vehicle_type="van"),
    born("20081125", "-P-10", vehicle_type="van"),
    born("20051126", "P-10 warn parties[1].id_number", **DRIVER),
    born("20051125", "-P-10", **DRIVER),
    born("20080229", "-P-10", today="2027-01-01"),
    born("19660625", "P-10 info parties[1].id_number"),
    born("19660626", "-P-10"),
    born("19641231", "P-10 info parties[1].id_number"),
    born("19760301", "P-10 info parties[1].id_number", sequence="002"),
    born("19761126", "-P-10", sequence="002"),
    ({"worker": {"uscc": "92430104MA4L16JQ97"}}, "R-02e block parties[1].uscc"),
]


def document(id_type: str, number: str, *, good: bool) -> tuple:
    """A worker with another document."""
    wanted = "-!" if good else "! parties[1].id_number ID_NUMBER_INVALID"
    return ({"worker": {"id_type": id_type, "id_number": number}}, wanted)


def worker_phone(number: str, *, good: bool) -> tuple:
    """A worker with another phone."""
    return ({"worker": {"phone": number}}, "-!" if good else "! parties[1].phone PHONE_INVALID")


def firm(member: str, value: str, *, code: str = "") -> tuple:
    """An enterprise with another number; `code` is the mistake, "" where it is good."""
    wanted = f"! parties[0].{member} {code}" if code else "-!"
    return ({"enterprise": {member: value}}, wanted)


NUMBERS = [
    document("resident_id", "430104199003070015", good=True),
    document("resident_id", "430104 19900307 0015", good=True),
    document("resident_id", "430104199003070016", good=False),
    document("resident_id", "43010419900307001", good=False),
    document("resident_id", numbered("19900230"), good=False),
    document("resident_id", "430104900307001", good=False),
    document("resident_id", numbered("20040229"), good=True),
    document("resident_id", numbered("19900307", area="990104"), good=False),
    document("hk_macao_permit", "H12345678", good=True),
    document("hk_macao_permit", "M1234567801", good=True),
    document("hk_macao_permit", "H1234567", good=False),
    document("hk_macao_permit", "H123456789", good=False),
    document("hk_macao_permit", "C12345678", good=False),
    document("taiwan_permit", "12345678", good=True),
    document("taiwan_permit", "1234567801", good=True),
    document("taiwan_permit", "1234567", good=False),
    document("taiwan_permit", "123456789", good=False),
    document("residence_permit", numbered("19900307", area="830000"), good=True),
    document("residence_permit", numbered("19900307", area="810000"), good=True),
    document("residence_permit", numbered("19900307"), good=False),
    document("passport", "E12345678", good=True),
    document("passport", "1234", good=False),
    document("passport", "E1234-5678", good=True),
    document("passport", "ABCDEFGH12345678", good=False),
    document("foreigner_permanent_residence", "CAN110080012345", good=True),
    document("foreigner_permanent_residence", "CAN11008001234", good=False),
    document("foreigner_permanent_residence", numbered("19900307", area="911124"), good=True),
    document("foreigner_permanent_residence", "911124199003070010", good=False),
    worker_phone("13900000000", good=True),
    worker_phone("+86 139 0000 0000", good=True),
    worker_phone("19912345678", good=True),
    worker_phone("12900000000", good=False),
    worker_phone("1390000000", good=False),
    worker_phone("0731-88880000", good=False),
    firm("uscc", "91430100MA4L16JQ9D"),
    firm("uscc", "91430100ma4l16jq9d"),
    firm("uscc", "91430100MA4L16JQ9E", code="USCC_INVALID"),
    firm("uscc", "91430100MA4L16JQ9", code="USCC_INVALID"),
    firm("uscc", "91430100MA4L16JQOD", code="USCC_INVALID"),
    firm("phone", "0731-88880000"),
    firm("phone", "400-800-1234"),
    firm("phone", "95588"),
    firm("phone", "88880000", code="PHONE_INVALID"),
]  # fmt: skip

PART_TIME_PAY = [
    ({"pay_within_days": 3}, "R-06b warn values.pay_within_days"),
    ({"settlement_cycle": "week", "pay_within_days": 8}, "-R-06b"),
    ({"settlement_cycle": "week", "pay_within_days": 9}, "R-06b warn values.pay_within_days"),
    ({"settlement_cycle": "day", "pay_within_days": 14}, "-R-06b"),
    ({"settlement_cycle": "day", "pay_within_days": 15}, "R-06b warn values.pay_within_days"),
]  # fmt: skip
AGAINST_EACH_OTHER = [
    ({"deduction_rules": ["income_tax", "compensation"], "deduction_cap_pct": 0},
     "R-06d warn values.deduction_cap_pct"),
    ({"deduction_rules": ["income_tax"], "deduction_cap_pct": 20},
     "R-06d warn values.deduction_cap_pct"),
    ({"deduction_rules": ["income_tax", "compensation"], "deduction_cap_pct": 20}, "-R-06d"),
    ({"deduction_rules": ["income_tax"], "deduction_cap_pct": 0}, "-R-06d"),
    ({"deduction_rules": ["income_tax"]}, "-R-06d"),
]  # fmt: skip
DRIVING = {"type": "driving_licence", "number": "430104199003070015"}
HAILING = {"type": "ride_hailing_licence", "number": "43010020260001"}
HEALTH = {"type": "health_certificate", "number": "湘健 1"}
LICENCES = [
    ({"occupation": "ride_hailing_driver", "qualifications": [DRIVING, HAILING]}, "-P-10"),
    ({"occupation": "ride_hailing_driver", "qualifications": [DRIVING]},
     "P-10 warn values.qualifications"),
    ({"occupation": "freight_driver", "qualifications": [HAILING]},
     "P-10 warn values.qualifications"),
    ({"occupation": "freight_driver", "qualifications": [DRIVING]}, "-P-10"),
    ({"vehicle_type": "electric_motorcycle", "qualifications": [HEALTH]},
     "P-10 warn values.qualifications"),
    ({"vehicle_type": "electric_bicycle", "qualifications": [HEALTH]}, "-P-10"),
    ({"vehicle_type": "truck"}, "-P-10"),
]  # fmt: skip
PAYERS = [
    ({"pay_agent": "service_provider", "duty_matrix": dict.fromkeys(DUTIES, "platform")},
     "R-04a warn values.duty_matrix.pay_payment"),
    ({"pay_agent": "platform", "duty_matrix": dict.fromkeys(DUTIES, "platform")}, "-R-04a"),
    ({"pay_agent": "platform", "duty_matrix": dict.fromkeys(DUTIES, "both")}, "-R-04a"),
]  # fmt: skip
COVER = [
    ({"occupational_injury_scheme": "enrolled", "service_type": "domestic"},
     "R-11b warn values.occupational_injury_scheme"),
    ({"occupational_injury_scheme": "enrolled", "service_type": "courier"},
     "R-11b warn values.occupational_injury_scheme"),
    ({"occupational_injury_scheme": "enrolled", "service_type": "ride_hailing"}, "-R-11b"),
]  # fmt: skip
WITHIN_THE_TERM = [
    ({"dispatch_end_date": "2028-11-30", "dispatch_position_kind": "auxiliary"}, "-R-03d"),
    ({"dispatch_end_date": "2028-12-01", "dispatch_position_kind": "auxiliary"},
     "R-03d block values.dispatch_end_date"),
    ({"dispatch_start_date": "2026-11-30"}, "R-03d block values.dispatch_end_date"),
]  # fmt: skip
PIECEWORK = {"pay_method": "piece", "piece_unit": "order", "monthly_wage_fen": None}
TABLE = (
    (LC, {}, PROBATION),
    (LC, {"start_date": "2026-12-31", "end_date": "2027-12-30"}, SHORT_MONTHS),
    (LC, {"probation_end_date": "2026-12-31"}, PROBATION_WAGE),
    (LC, {}, SIGNING),
    (LC, {}, MONTHLY),
    (LC, PIECEWORK, PIECE),
    (LC, {"pay_method": "base_performance", "performance_rule": "按单计发",
          "monthly_wage_fen": None}, BASE),
    (LC, {"pay_method": "hourly", "monthly_wage_fen": None}, FULL_TIME_HOURLY),
    (LC, PART_TIME, PARTIAL),
    (LC, {}, HOURS),
    (LC, SECRETS, RESTRAINT),
    (LC, DISPATCH, POSTING),
    (LC, DISPATCH, WITHIN_THE_TERM),
    (LC, PART_TIME, PART_TIME_PAY),
    (LC, {}, AGAINST_EACH_OTHER),
    (WA, {}, AGAINST_EACH_OTHER),
    (LC, {}, LICENCES),
    (TA, {}, PAYERS),
    (WA, {}, COVER),
    (WA, {}, SERVICE_PAY),
    (WA, {"guaranteed_hourly_fen": None}, BY_ORDERS),
    (WA, {}, SERVICE_REST),
    (TA, {}, THREE),
    (WA, {}, AGES),
    (WA, {}, NUMBERS),
)  # fmt: skip
