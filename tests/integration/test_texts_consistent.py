"""The agreements agree with the law and with themselves where a labour lawyer saw them at odds."""

import pytest

from contract_texts import all_composed, articles, composed, document, issued, plain, template


def read(kind, start, **changes):
    return articles(composed(issued(document(kind, start), **changes)).fragment)


def cards(kind, start, **changes):
    made = composed(issued(document(kind, start), **changes)).cards
    return {card.id: card.text for card in made}


def labour(start="02", **changes):
    return read("labour_contract", start, **changes)


def written(start="02", **changes):
    return read("written_agreement", start, **changes)


def tripartite(start="01", **changes):
    return read("tripartite_agreement", start, **changes)


def companion(kind, number):
    return articles(dict(all_composed(kind))[number].fragment)


# --- pay


def test_part_time_pay_comes_within_fifteen_days_and_by_the_hourly_standard():
    made = labour("06")

    assert "结算支付周期合计不超过十五日" in made["payday"]
    assert "小时工资不低于履行地小时最低工资标准" in made["pay"]


def test_a_monthly_base_paid_by_the_day_says_how_it_is_divided():
    assert "月基本工资按照月计薪天数折算" in labour("10")["pay"]
    assert "折算" not in labour("15")["pay"]


@pytest.mark.parametrize("start", ["02", "04", "08"])
def test_wages_of_a_labour_relation_keep_the_monthly_minimum(start):
    made = tripartite(start, deduction_cap_pct=20)

    assert (
        "每月不超过丙方当月工资的百分之二十，扣减后的余额不低于履行地月最低" in made["deductions"]
    )
    assert "不低于最低工资" in cards("tripartite_agreement", start)["pay"]


@pytest.mark.parametrize("texts", [labour, written, tripartite])
def test_damages_are_deducted_where_they_are_listed_and_a_share_is_agreed(texts):
    unlisted = texts(deduction_rules=["income_tax"], deduction_cap_pct=20)
    without_share = texts(deduction_rules=["income_tax", "compensation"], deduction_cap_pct=0)

    for made in (unlisted, without_share):
        assert "扣减后的余额" not in made["deductions"]
        assert "依法应当赔偿的款项" not in made["deductions"]
    assert "扣减后的余额" in texts(deduction_rules=None, deduction_cap_pct=None)["deductions"]


def test_an_employee_answers_for_intent_and_gross_negligence_only():
    made = labour("03")

    assert "一般过失造成的损失和正常经营风险由甲方承担" in made["deductions"]
    assert "本人故意或者重大过失" in made["deductions"]


def test_what_is_made_in_an_hour_is_counted_in_its_own_unit():
    assert "每小时完成18件测算" in written("03")["pay"]
    assert "每小时完成4.5单测算" in written("02")["pay"]


# --- work


def test_labour_conditions_and_tools_are_the_employers():
    assert "免费提供必要的劳动条件、劳动工具和设备，包括" in labour("01")["safety"]
    assert "必要的劳动条件、劳动工具和设备。" in labour("10")["safety"]


def test_the_longest_day_holds_overtime_too():
    made = labour("02", max_daily_hours=9)

    assert "每日工作时间（包括延长的工作时间）最长不超过9小时" in made["limits"]
    assert "不得超过本合同第" in made["overtime"]


def test_a_foreigner_with_a_work_permit_works_within_it():
    assert "不超过外国人工作许可和居留证件的有效期限" in labour("20")["qualification"]
    assert "外国人工作许可" not in labour("02")["qualification"]


def test_a_service_is_not_called_a_service_twice():
    for kind in ("written_agreement", "tripartite_agreement"):
        for name, made in all_composed(kind):
            assert "服务服务" not in plain(made.fragment), name


# --- leaving


@pytest.mark.parametrize("start", ["13", "14"])
def test_leaving_without_penalty_excepts_the_penalties_that_the_law_allows(start):
    made = labour(start)
    (article,) = [
        text[: text.index("条") + 1]
        for anchor, text in made.items()
        if anchor in ("training", "noncompete")
    ]

    assert f"除本合同{article}（" in made["termination"]
    assert article in cards("labour_contract", start)["leaving"]


def test_leaving_without_penalty_excepts_nothing_where_no_penalty_is_agreed():
    assert "均无须甲方批准，不支付违约金" in labour("01")["termination"]


def test_the_end_of_the_three_party_text_does_not_end_the_labour_contract():
    assert "劳动合同继续履行的，不受本协议终止的影响" in tripartite("04")["exit"]


def test_what_weighs_on_the_worker_in_damages_is_bold():
    for kind, worker in (("written_agreement", "乙方"), ("tripartite_agreement", "丙方")):
        fragment = composed(document(kind, "01")).fragment

        assert f"<strong>{worker}仅对本人故意或者重大过失" in fragment
        assert f"可以向有故意或者重大过失的{worker}追偿。</strong>" in fragment


# --- injury and insurance


@pytest.mark.parametrize("scheme", ["enrolled", "commercial_insurance", "unknown"])
def test_the_platform_alone_pays_for_occupational_injury(scheme):
    injury = tripartite("03", occupational_injury_scheme=scheme)["injury"]

    assert "费用由甲方承担，不向乙方、丙方收取" in injury
    assert "由甲方和乙方承担" not in injury


def test_insurance_in_place_of_the_scheme_is_the_one_in_the_list():
    made = written("05")

    (article,) = [text[: text.index("条") + 1] for a, text in made.items() if a == "commercial"]
    assert f"投保本协议{article}所列的商业保险" in made["injury"]


def test_insurance_that_a_worker_pays_is_his_own_choice():
    row = {"type": "accident", "insurer": "湘安保险", "sum_fen": 100, "payer": "worker"}

    made = written(commercial_insurance=[row])

    assert "由乙方自愿投保并承担保险费，不作为录用、派单的条件" in made["commercial"]


# --- three parties


def test_work_that_is_not_described_is_the_task_of_the_agreement_itself():
    made = tripartite("13")

    assert "为本协议第" in made["cooperation"]
    assert "以合作合同的约定为准" not in made["cooperation"]


def test_dispatch_names_the_kind_of_post_and_the_period_and_no_layer_of_outsourcing():
    made = tripartite("04")

    assert "派遣岗位为辅助性岗位，派遣期限自2026年12月1日起至2028年11月30日止" in made["dispatch"]
    assert "外包层级" not in made["subcontract"]


def test_a_dispute_about_dispatch_has_both_enterprises_in_it():
    assert "甲方和用工单位为共同当事人" in labour("07")["dispute"]
    assert "用工单位" not in labour("01")["dispute"]


# --- companions


def test_wages_are_settled_when_the_labour_contract_ends():
    made = companion("labour_contract_termination", "01")

    assert "解除（终止）劳动合同时（2027年6月30日）一次付清" in made["settlement"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("01", "支付经济补偿4,520.00元"),
        ("02", "由乙方提出、双方协商一致，甲方依法不支付"),
        ("03", "乙方不同意续订，甲方依法不支付"),
        ("05", "支付经济补偿13,800.00元"),
    ],
)
def test_a_settlement_says_whether_severance_is_paid_and_why_not(number, words):
    assert words in companion("labour_contract_termination", number)["compensation"]


def test_what_one_side_declares_takes_effect_when_it_arrives():
    for kind in ("labour_contract_notice", "labour_contract_certificate"):
        assert "自到达乙方时生效" in companion(kind, "01")["effect"]
    assert "2026年12月31日前（含当日）" in companion("labour_contract_notice", "01")["notice"]


@pytest.mark.parametrize(
    ("number", "term", "served"),
    [
        ("01", "2026年12月1日至2029年11月30日", "7个月"),
        ("02", "自2026年12月1日起，无固定期限", "2年"),
        ("03", "自2026年12月1日起，至工作任务完成时止", "3个月"),
    ],
)
def test_a_certificate_reads_term_and_service_as_one_says_them(number, term, served):
    facts = companion("labour_contract_certificate", number)["facts"]

    assert term in facts
    assert f"在本单位工作年限\n{served}\n" in facts or f"在本单位工作年限{served}" in facts


def test_certificates_name_the_law_of_every_ground():
    labels = template("labour_contract_certificate").schema["properties"]["termination_basis"]

    assert all("（劳动合同法第" in label for label in labels["x-labels"].values())


@pytest.mark.parametrize("kind", ["written_agreement_renewal", "tripartite_agreement_renewal"])
def test_an_agreement_without_end_does_not_speak_of_its_end(kind):
    assert "不自动延长" in companion(kind, "01")["term"]
    assert "不自动延长" not in companion(kind, "02")["term"]
    assert "未约定变更，原协议的内容继续有效" in companion(kind, "02")["change"]


def test_an_amendment_without_a_table_does_not_announce_one():
    assert "变更内容见以下各条。" in companion("labour_contract_amendment", "02")["change"]
    assert companion("labour_contract_amendment", "01")["change"].startswith("第二条")
    assert (
        "下列内容（变更原因：季度协商调整报酬标准）："
        in (companion("labour_contract_amendment", "01")["change"])
    )
