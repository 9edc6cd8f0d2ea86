"""Rules over numbers, dates and absences: each fires and does not fire."""

from datetime import date

import pytest

from signing.domain.draft import Kind
from signing.domain.finding import Severity
from signing.domain.identity_numbers import resident_id_check_character

LC, WA, TA = Kind.LABOUR_CONTRACT, Kind.WRITTEN_AGREEMENT, Kind.TRIPARTITE_AGREEMENT
B, W = Severity.BLOCK, Severity.WARN

FIRES = [
    # kind, changed values, rule, severity, path
    (LC, {"probation_end_date": "2027-02-01"}, "L-probation", B, "values.probation_end_date"),
    (LC, {"probation_end_date": "2028-01-31"}, "L-probation", B, "values.probation_end_date"),
    (LC, {"probation_end_date": "2026-12-31", "employment_form": "part_time"}, "L-probation", B,
     "values.probation_end_date"),
    (LC, {"probation_wage_fen": 399_999}, "L-probation", B, "values.probation_wage_fen"),
    (LC, {"probation_end_date": "2026-12-31", "prior_probation": True}, "P-14", B,
     "values.probation_end_date"),
    (LC, {"employment_start_date": "2026-10-01"}, "P-13", W, "values.employment_start_date"),
    (LC, {"prior_fixed_terms": 2}, "P-15", W, "values.term_type"),
    (LC, {"monthly_wage_fen": 169_999}, "R-06a", B, "values.monthly_wage_fen"),
    (LC, {"monthly_wage_fen": 200_000}, "R-06a", W, "values.monthly_wage_fen"),
    (LC, {"monthly_wage_fen": None}, "R-06a", B, "values.monthly_wage_fen"),
    (LC, {"pay_method": "piece", "unit_price_fen": 100, "quota_for_normal_hours": 1_000}, "R-06a",
     B, "values.unit_price_fen"),
    (LC, {"pay_method": "base_performance", "base_wage_fen": 100_000}, "R-06a", B,
     "values.base_wage_fen"),
    (LC, {"employment_form": "part_time", "pay_method": "hourly", "guaranteed_hourly_fen": 1_600},
     "R-06a", B, "values.guaranteed_hourly_fen"),
    (LC, {"pay_day": None}, "R-06b", B, "values.pay_day"),
    (LC, {"employment_form": "part_time"}, "R-06b", B, "values.settlement_cycle"),
    (LC, {"overtime_rate_pct": 149}, "R-07a", B, "values.overtime_rate_pct"),
    (LC, {"rest_day_rate_pct": 150}, "R-07a", B, "values.rest_day_rate_pct"),
    (LC, {"holiday_rate_pct": 200}, "R-07a", B, "values.holiday_rate_pct"),
    (LC, {"daily_hours": 9}, "R-07c", B, "values.daily_hours"),
    (LC, {"weekly_hours": 48}, "R-07c", B, "values.weekly_hours"),
    (LC, {"weekly_hours": 44}, "R-07c", W, "values.weekly_hours"),
    (LC, {"hours_system": "flexible"}, "R-07d", B, "values.hours_approval_number"),
    (LC, {"ppe_list": []}, "R-08a", B, "values.ppe_list"),
    (LC, {"ppe_list": None}, "R-08a", W, "values.ppe_list"),
    (LC, {"noncompete_months": 6}, "L-noncompete", B, "values.noncompete_months"),
    (LC, {"service_period_months": 12}, "L-damages", W, "values.service_period_months"),
    (LC, {"end_date": None}, "L-mandatory", B, "values.end_date"),
    (LC, {"employment_form": "dispatch", "dispatch_license_number": "1"}, "R-03d", B,
     "values.end_date"),
    (LC, {"annexes": [{"kind": "rulebook", "title": "手册"}]}, "R-12b", W,
     "values.annexes[0].published_on"),
    (WA, {"guaranteed_hourly_fen": 1_699}, "R-06a", B, "values.guaranteed_hourly_fen"),
    (WA, {"guaranteed_hourly_fen": 2_000}, "R-06a", W, "values.guaranteed_hourly_fen"),
    (WA, {"guaranteed_hourly_fen": None, "expected_orders_per_hour": 3}, "R-06a", B,
     "values.unit_price_fen"),
    (WA, {"guaranteed_hourly_fen": None, "expected_orders_per_hour": None}, "R-06a", B,
     "values.guaranteed_hourly_fen"),
    (WA, {"settlement_cycle": None}, "R-06b", B, "values.settlement_cycle"),
    (WA, {"pay_adjustment": None}, "R-06e", W, "values.pay_adjustment"),
    (WA, {"algorithm_principle": "strictest"}, "R-06c", B, "values.algorithm_principle"),
    (WA, {"human_review_days": 0}, "R-06c", W, "values.human_review_days"),
    (WA, {"deduction_cap_pct": 21}, "R-06d", W, "values.deduction_cap_pct"),
    (WA, {"wage_special_account": None}, "R-20b", W, "values.wage_special_account"),
    (WA, {"rule_change_notice_days": 0}, "R-20d", W, "values.rule_change_notice_days"),
    (WA, {"holiday_rate_pct": 100}, "R-07b", B, "values.holiday_rate_pct"),
    (WA, {"max_continuous_order_hours": None}, "R-07c", B, "values.max_continuous_order_hours"),
    (WA, {"max_daily_hours": 16}, "R-07c", W, "values.max_daily_hours"),
    (WA, {"pension_option": None}, "R-09b", W, "values.pension_option"),
    (WA, {"occupational_injury_scheme": None}, "R-11b", B, "values.occupational_injury_scheme"),
    (WA, {"occupational_injury_scheme": "unknown"}, "R-11b", B,
     "values.occupational_injury_scheme"),
    (WA, {"occupational_injury_scheme": "commercial_insurance"}, "R-11b", B,
     "values.commercial_insurance"),
    (WA, {"occupational_injury_payer": "worker"}, "R-11c", B, "values.occupational_injury_payer"),
    (WA, {"commercial_insurance": [{"payer": "worker"}]}, "L-insurance", W,
     "values.commercial_insurance[0].payer"),
    (WA, {"appeal_result_days": 0}, "R-13a", B, "values.appeal_result_days"),
    (WA, {"appeal_result_days": 30}, "R-13a", W, "values.appeal_result_days"),
    (WA, {"appeal_channel": " "}, "R-13a", B, "values.appeal_channel"),
    (TA, {"dispute_route": "arbitration"}, "R-23c", W, "values.dispute_route"),
    (LC, {"collective_contract": "某集体合同", "collective_minimum_fen": 500_001}, "R-12a", W,
     "values.monthly_wage_fen"),
    (WA, {"collective_minimum_fen": 2_600}, "R-12a", W, "values.guaranteed_hourly_fen"),
    (TA, {"partner_qualification": []}, "R-03a", B, "values.partner_qualification"),
    (TA, {"partner_qualification": [{"type": "business_licence", "valid_to": "2026-11-24"}]},
     "R-03a", B, "values.partner_qualification[0].valid_to"),
    (TA, {"main_contract_ref": None}, "R-03b", B, "values.main_contract_ref"),
    (TA, {"main_contract_ref": {"number": "1", "end_date": "2027-06-30"}}, "R-03b", B,
     "values.main_contract_ref"),
    (TA, {"cooperation_mode": "dispatch"}, "R-03d", B, "values.worker_relation_with"),
    (TA, {"worker_relation_with": "labour_relation"}, "R-03d", B, "values.labour_contract_number"),
    (TA, {"duty_matrix": {"dispatch": "both"}}, "R-04a", B, "values.duty_matrix.appeals"),
    (TA, {"subcontract_depth": 2}, "R-02c", B, "values.subcontract_depth"),
]  # fmt: skip

SILENT = [
    (LC, {"probation_end_date": "2027-01-31"}, "L-probation"),
    (LC, {"probation_end_date": "2027-01-31", "probation_wage_fen": 400_000}, "L-probation"),
    (LC, {"term_type": "open_ended", "end_date": None, "probation_end_date": "2027-05-31"},
     "L-probation"),
    (LC, {"end_date": "2029-11-30", "probation_end_date": "2027-05-31"}, "L-probation"),
    (LC, {"prior_fixed_terms": 1}, "P-15"),
    (LC, {"employment_start_date": "2026-10-25"}, "P-13"),
    (LC, {"monthly_wage_fen": 210_000}, "R-06a"),
    (LC, {"overtime_rate_pct": 150, "rest_day_rate_pct": 200, "holiday_rate_pct": 300}, "R-07a"),
    (LC, {"hours_system": "flexible", "hours_approval_number": "湘人社批 1 号"}, "R-07d"),
    (WA, {"guaranteed_hourly_fen": 2_100}, "R-06a"),
    (WA, {"holiday_rate_pct": 100, "holiday_compensation_fen": 200}, "R-07b"),
    (WA, {"occupational_injury_scheme": "commercial_insurance",
          "commercial_insurance": [{"payer": "enterprise"}]}, "R-11b"),
    (WA, {"deduction_cap_pct": 20}, "R-06d"),
    (TA, {"dispute_route": "court"}, "R-23c"),
    (LC, {"collective_contract": "某集体合同", "collective_minimum_fen": 500_000}, "R-12a"),
    (WA, {"collective_minimum_fen": 2_500}, "R-12a"),
    (TA, {"main_contract_ref": {"number": "1", "end_date": "2027-11-30"}}, "R-03b"),
    (TA, {"subcontract_depth": 1}, "R-02c"),
    (TA, {"worker_relation_with": "labour_relation", "labour_contract_number": "1"}, "R-03d"),
]  # fmt: skip


@pytest.mark.parametrize("row", FIRES)
def test_a_value_that_the_law_refuses_is_found_at_its_place(check, row):
    kind, values, rule, severity, path = row

    findings = check(kind, values=values)

    assert (rule, severity, path) in {(f.rule, f.severity, f.path) for f in findings}


@pytest.mark.parametrize(("kind", "values", "rule"), SILENT)
def test_a_value_on_the_right_side_of_the_limit_is_not_found(check, kind, values, rule):
    findings = check(kind, values=values)

    assert rule not in {f.rule for f in findings}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_lawful_draft_has_only_the_warning_about_unverified_wages(check, kind):
    findings = check(kind)

    assert [(f.rule, f.severity) for f in findings] == [("MIN_WAGE_UNKNOWN", W)]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_place_without_any_minimum_wage_blocks(check, kind):
    findings = check(kind, performance_place="110101")

    assert ("MIN_WAGE_UNKNOWN", B) in {(f.rule, f.severity) for f in findings}


def test_three_years_inclusive_allow_six_months_of_probation(check):
    values = {"start_date": "2026-07-01", "end_date": "2029-06-30"}

    allowed = check(LC, values=values | {"probation_end_date": "2026-12-31"})
    refused = check(LC, values=values | {"probation_end_date": "2027-01-01"})

    assert "L-probation" not in {f.rule for f in allowed}
    assert "L-probation" in {f.rule for f in refused}


def test_a_day_that_turns_on_short_months_only_warns(check):
    values = {"start_date": "2026-12-31", "end_date": "2027-12-30"}

    findings = check(LC, values=values | {"probation_end_date": "2027-02-28"})

    assert ("L-probation", W) in {(f.rule, f.severity) for f in findings}


def test_answers_that_point_to_a_labour_relation_conflict_with_another_kind(check):
    bound = {"q1": "no", "q2": "no", "q3": "yes", "q4": "yes", "q5": "yes", "q6": "no", "q7": "yes"}

    findings = check(WA, classification={"answers": bound})

    conflict = next(f for f in findings if f.rule == "CLASSIFICATION_CONFLICT")
    assert conflict.severity is W
    assert "R-02b" in conflict.article


def test_the_same_answers_fit_a_labour_contract(check):
    bound = {"q1": "no", "q2": "no", "q3": "yes", "q4": "yes", "q5": "yes", "q6": "no", "q7": "yes"}

    findings = check(LC, classification={"answers": bound})

    assert "CLASSIFICATION_CONFLICT" not in {f.rule for f in findings}


@pytest.mark.parametrize(
    ("born", "values", "severity"),
    [
        ("20101126", {}, B),
        ("20101125", {}, W),
        ("20081126", {"vehicle_type": "van"}, B),
        ("20081125", {"vehicle_type": "van"}, None),
        ("19661125", {}, None),
        ("19660625", {}, Severity.INFO),
        ("19660626", {}, None),
    ],
)
def test_age_is_judged_on_the_day_of_the_check(check, born, values, severity):
    head = f"430104{born}001"
    number = head + resident_id_check_character(head)

    findings = check(WA, worker={"id_number": number}, values=values)

    assert next((f.severity for f in findings if f.rule == "P-10"), None) == severity


def test_a_worker_registered_as_a_business_is_refused(check):
    findings = check(WA, worker={"uscc": "92430104MA4L16JQ97"})

    assert ("R-02e", "parties[1].uscc") in {(f.rule, f.path) for f in findings}


def test_a_pack_after_its_last_day_warns(check):
    findings = check(WA, today=date(2027, 1, 15))

    assert ("R-99", W) in {(f.rule, f.severity) for f in findings}


def test_a_pack_on_its_last_day_is_still_good(check):
    findings = check(WA, today=date(2027, 1, 14))

    assert "R-99" not in {f.rule for f in findings}


@pytest.mark.parametrize("row", FIRES)
def test_every_finding_says_what_in_two_languages_and_what_to_write(check, row):
    kind, values, *_ = row

    for finding in check(kind, values=values):
        assert finding.message
        assert finding.message_zh
        assert finding.article
        assert finding.instead_zh
        assert "{" not in finding.message + finding.message_zh + finding.instead_zh
