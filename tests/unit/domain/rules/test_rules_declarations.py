"""Notices, certificates and terminations: what is said of their days and their money."""

from datetime import date

import pytest

from rule_drafts import TODAY, make_draft
from signing.domain.draft import Companion, Kind
from signing.domain.rules import engine
from signing.domain.rules.calendar import add_months, lasts_months, shift
from signing.domain.rules.retirement import retires_on

NOTICE = {
    "employment_start_date": "2026-11-01",
    "sign_by_date": "2026-12-01",
    "sign_channel": "短信中的链接",
    "contact": "人力资源部",
}
CERTIFICATE = {
    "term_type": "fixed",
    "start_date": "2026-01-01",
    "end_date": "2026-11-20",
    "position": "快递员",
    "service_months": 10,
    "termination_date": "2026-11-20",
    "termination_basis": "expiry",
}
TERMINATION = {
    "termination_reason": "employer_proposed",
    "termination_date": "2026-11-30",
    "settlement_date": "2026-11-30",
    "compensation_fen": 100_000,
}
BASE = {
    Companion.NOTICE: NOTICE,
    Companion.CERTIFICATE: CERTIFICATE,
    Companion.TERMINATION: TERMINATION,
}
FIRES = [
    (Companion.NOTICE, {"sign_by_date": "2026-12-02"}, "P-13 warn values.sign_by_date"),
    (Companion.NOTICE, {"sign_by_date": "2026-11-24"}, "P-13 warn values.sign_by_date"),
    (Companion.CERTIFICATE, {"transfer_done_date": "2026-12-06"},
     "L-termination warn values.transfer_done_date"),
    (Companion.CERTIFICATE, {"termination_date": "2026-11-09"},
     "L-termination warn values.termination_date"),
    (Companion.CERTIFICATE, {"start_date": "2026-11-21"},
     "L-termination block values.termination_date"),
    (Companion.TERMINATION, {"compensation_fen": None},
     "L-termination warn values.compensation_fen"),
    (Companion.TERMINATION, {"termination_reason": "task_completed", "compensation_fen": 0},
     "L-termination warn values.compensation_fen"),
    (Companion.CERTIFICATE, {"end_date": "2028-12-31"},
     "L-termination warn values.termination_date"),
    (Companion.TERMINATION, {"settlement_date": "2026-12-01"},
     "R-06b warn values.settlement_date"),
    (Companion.TERMINATION, {}, "R-09c info values.termination_date"),
]  # fmt: skip
SILENT = [
    (Companion.NOTICE, {}, "P-13"),
    (Companion.NOTICE, {"sign_by_date": "2026-11-25"}, "P-13"),
    (Companion.CERTIFICATE, {}, "L-termination"),
    (Companion.CERTIFICATE, {"transfer_done_date": "2026-12-05"}, "L-termination"),
    (Companion.CERTIFICATE, {"termination_date": "2026-11-10", "end_date": "2026-11-10"},
     "L-termination"),
    (Companion.CERTIFICATE, {"end_date": "2028-12-31", "termination_basis": "mutual"},
     "L-termination"),
    (Companion.TERMINATION, {"settlement_date": "2026-11-29"}, "R-06b"),
    (Companion.TERMINATION, {}, "L-termination"),
    (Companion.TERMINATION, {"termination_reason": "worker_proposed", "compensation_fen": None},
     "L-termination"),
    (Companion.CERTIFICATE, {}, "R-09c"),
]  # fmt: skip


def found(pack, reader, companion, changes):
    draft = make_draft(
        Kind.LABOUR_CONTRACT,
        companion=companion,
        values=dict.fromkeys(make_draft(Kind.LABOUR_CONTRACT).values) | BASE[companion] | changes,
    )
    return engine.check(draft, pack=pack, today=TODAY, reader=reader)


@pytest.mark.parametrize(("companion", "changes", "wanted"), FIRES)
def test_a_day_on_the_wrong_side_is_found(pack, reader, companion, changes, wanted):
    findings = found(pack, reader, companion, changes)

    assert wanted in {f"{f.rule} {f.severity.value} {f.path}" for f in findings}


@pytest.mark.parametrize(("companion", "changes", "rule"), SILENT)
def test_a_day_on_the_right_side_is_not(pack, reader, companion, changes, rule):
    findings = found(pack, reader, companion, changes)

    assert rule not in {f.rule for f in findings}


@pytest.mark.parametrize(
    ("born", "woman", "day"),
    [
        ((1964, 12, 31), False, (2024, 12, 31)),
        ((1965, 1, 15), False, (2025, 2, 15)),
        ((1965, 4, 30), False, (2025, 5, 30)),
        ((1965, 5, 1), False, (2025, 7, 1)),
        ((1976, 8, 31), False, (2039, 7, 31)),
        ((1976, 9, 1), False, (2039, 9, 1)),
        ((1990, 1, 1), False, (2053, 1, 1)),
        ((1974, 12, 31), True, (2024, 12, 31)),
        ((1975, 1, 1), True, (2025, 2, 1)),
        ((1975, 3, 1), True, (2025, 5, 1)),
        ((1984, 11, 1), True, (2039, 11, 1)),
        ((2000, 1, 1), True, (2055, 1, 1)),
    ],
)
def test_the_age_of_retirement_moves_month_by_month(born, woman, day):
    assert retires_on(date(*born), is_woman=woman) == date(*day)


def test_the_calendar_ends_where_dates_end():
    first, last = date(1, 1, 1), date(9999, 12, 31)

    assert (shift(first, -1), shift(last, 1)) == (first, last)
    assert (add_months(first, -1), add_months(last, 1)) == (first, last)
    assert lasts_months(date(2026, 7, 1), date(2029, 6, 30), 36)
    assert not lasts_months(date(2026, 7, 1), date(2029, 6, 29), 36)
