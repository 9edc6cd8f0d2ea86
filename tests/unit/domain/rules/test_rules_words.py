"""Each case over words: fires on what it refuses, is silent on its lawful neighbour."""

from datetime import date

import pytest

from signing.domain.draft import Kind
from signing.domain.finding import Severity
from signing.language import load_pack

PACK = load_pack(on=date(2026, 11, 25))
WORDED = sorted({frame.case for frame in PACK.frames})
ROWS = [(case_id, kind) for case_id in WORDED for kind in PACK.cases[case_id].severity]
HIDDEN_DEPOSITS = [
    "骑手上岗前須繳納押金五百元。",
    "骑手上岗前须缴纳压金五百元。",
    "骑手上岗前须缴纳yajin五百元。",
    "骑手上岗前须缴纳ya金五百元。",
    "骑手上岗前须缴纳押*金五百元。",
    "骑手上岗前须缴纳押 金 五 百 元。",
    "骑手上岗前须缴纳押（金）五百元。",
    "骑手上岗前须缴纳押\u200b金５００元。",
]


def serious(findings):
    """What blocks or warns in the free text."""
    return [f for f in findings if f.path == "values.other_terms" and f.severity != Severity.INFO]


@pytest.mark.parametrize(("case_id", "kind"), ROWS)
def test_a_case_fires_on_what_it_refuses(check, case_id, kind):
    case = PACK.cases[case_id]

    found = serious(check(kind, values={"other_terms": case.refuses}))

    assert case.rule in {f.rule for f in found}
    assert all(f.excerpt in case.refuses for f in found)


@pytest.mark.parametrize(("case_id", "kind"), ROWS)
def test_a_case_is_silent_on_its_lawful_neighbour(check, case_id, kind):
    case = PACK.cases[case_id]

    found = serious(check(kind, values={"other_terms": case.neighbour}))

    assert found == []


@pytest.mark.parametrize("text", HIDDEN_DEPOSITS)
def test_a_disguised_deposit_is_still_a_deposit(check, text):
    found = serious(check(Kind.WRITTEN_AGREEMENT, values={"other_terms": text}))

    assert ("R-05a", Severity.BLOCK) in {(f.rule, f.severity) for f in found}


@pytest.mark.parametrize(
    "text",
    [
        "甲方不得以任何名义向乙方收取押金。",
        "乙方无需缴纳押金。",
        "甲方违反规定收取押金的，应当退还并赔偿乙方损失。",
        "凡要求乙方缴纳押金的约定一律无效。",
        "根据《保证金管理办法》，甲方不收取押金。",
    ],
)
def test_a_ban_a_release_a_remedy_and_a_title_are_no_demand(check, text):
    found = serious(check(Kind.WRITTEN_AGREEMENT, values={"other_terms": text}))

    assert found == []


@pytest.mark.parametrize(
    "text",
    ["未缴纳押金的，不得上岗。", "不交押金不派单。", "未交清押金者不予开通账号。"],
)
def test_a_denied_condition_with_a_harsh_consequence_is_a_demand(check, text):
    found = serious(check(Kind.WRITTEN_AGREEMENT, values={"other_terms": text}))

    assert "R-05a" in {f.rule for f in found}


@pytest.mark.parametrize(
    "text",
    [
        "平日延长工作时间按百分之一百五十、法定节假日按百分之三百支付加班工资。",
        "法定休假日加班按百分之三百支付，平日延长工作时间按百分之一百五十支付加班工资。",
    ],
)
def test_a_rate_is_compared_with_what_it_follows(check, text):
    found = serious(check(Kind.LABOUR_CONTRACT, values={"other_terms": text}))

    assert "R-07a" not in {f.rule for f in found}


def test_a_rate_of_holidays_that_is_too_low_is_seen_among_others(check):
    text = "平日延长工作时间按百分之一百五十，法定节假日按百分之二百支付加班工资。"

    found = serious(check(Kind.LABOUR_CONTRACT, values={"other_terms": text}))

    assert "R-07a" in {f.rule for f in found}


def test_words_are_found_wherever_free_text_stands(check):
    annex = {"kind": "other", "title": "补充", "text": "乙方须缴纳押金 500 元。"}

    findings = check(Kind.WRITTEN_AGREEMENT, values={"annexes": [annex]})

    assert ("R-05a", "values.annexes[0].text") in {(f.rule, f.path) for f in findings}


def test_all_unlawful_sentences_are_listed_not_the_first_only(check):
    text = "乙方须缴纳押金 500 元。乙方不得在其他平台接单。最终解释权归甲方所有。"

    found = serious(check(Kind.WRITTEN_AGREEMENT, values={"other_terms": text}))

    assert {"R-05a", "R-05c", "L-exemption"} <= {f.rule for f in found}


def test_the_same_draft_gives_the_same_findings_in_the_same_order(check):
    values = {"other_terms": "乙方须缴纳押金 500 元。乙方不得在其他平台接单。"}

    first = check(Kind.WRITTEN_AGREEMENT, values=values)
    second = check(Kind.WRITTEN_AGREEMENT, values=values)

    assert first == second


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("合同期限为两年，试用期六个月。", True),
        ("合同期限为三年，试用期六个月。", False),
        ("劳动合同期限三个月，试用期一个半月。", True),
        ("合同期限一年，不约定试用期。", False),
    ],
)
def test_a_probation_in_words_is_held_against_the_term_in_words(check, text, fires):
    found = serious(check(Kind.LABOUR_CONTRACT, values={"other_terms": text}))

    assert ("L-probation" in {f.rule for f in found}) is fires
