"""What the agreements say, option by option, and that nothing is left blank."""

import re
from itertools import pairwise

import pytest

from contract_texts import (
    KINDS,
    all_composed,
    articles,
    blocks,
    companions,
    composed,
    document,
    issued,
    template,
)
from signing.domain.canonical_text import canonical_text
from signing.domain.chinese import article_number

ALL = (*KINDS, *companions.kinds())
TEST_NOTICE = "测试证书，仅供测试，不具有法律效力"
SLIPS = re.compile(r"[，。；：、][，。；：、]|。）。|（）|《》|“”|None|_{2,}|＿|…{1}$|\{|\}")
BLOCK = re.compile(r"<(p|li|h1|h2|td|th|div)\b[^>]*>.*?</\1>", re.DOTALL)
LONGEST_SENTENCE = 20
LATIN_SPACE = re.compile(r"(?<=[A-Za-z]) (?=[A-Za-z])")


@pytest.mark.parametrize("kind", ALL)
def test_no_blank_no_stray_mark_and_no_missing_value_is_printed(kind):
    for name, made in all_composed(kind):
        for text in blocks(made.fragment):
            assert not SLIPS.search(text), (name, text)


@pytest.mark.parametrize("kind", ALL)
def test_white_space_stands_only_behind_the_number_of_an_article(kind):
    for name, made in all_composed(kind):
        for text in blocks(made.fragment):
            inside = LATIN_SPACE.sub("", text)
            inside = re.sub(
                r"^(第[一二三四五六七八九十百]+[条章]|附件[一二三四五六七八九十]+)　", "", inside
            )

            assert not re.search(r"\s", inside), (name, text)


@pytest.mark.parametrize("kind", ALL)
def test_all_text_stands_in_a_paragraph_an_item_a_heading_or_a_cell(kind):
    for name, made in all_composed(kind):
        loose = BLOCK.sub("", made.fragment)

        assert re.sub(r"<[^>]+>", "", loose).strip() == "", name


@pytest.mark.parametrize("kind", ALL)
def test_every_paragraph_of_an_article_ends_like_one(kind):
    for name, made in all_composed(kind):
        paragraphs = re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", made.fragment, re.DOTALL)
        for text in paragraphs:
            shown = re.sub(r"<[^>]+>", "", text)
            if "签署时间以" in shown or shown.startswith(
                ("甲方（", "乙方（", "丙方（", "出具单位（")
            ):
                continue
            if re.match(r"(统一社会信用代码|证件号码|法定代表人|委托代理人)", shown):
                continue

            assert shown[-1] in "。；：", (name, shown)


@pytest.mark.parametrize("kind", ALL)
def test_articles_are_numbered_without_a_gap_whatever_is_left_out(kind):
    for name, made in all_composed(kind):
        numbers = re.findall(r"<b>(第[一二三四五六七八九十百]+条)</b>", made.fragment)

        assert numbers == [article_number(n) for n in range(1, len(numbers) + 1)], name


@pytest.mark.parametrize("kind", ALL)
def test_annexes_are_numbered_without_a_gap(kind):
    for name, made in all_composed(kind):
        numbers = re.findall(r"附件([一二三四五六七八九十]+)　", made.fragment)
        words = "一二三四五六七八九十"

        assert numbers == list(words[: len(numbers)]) or len(numbers) > len(words), name


@pytest.mark.parametrize("kind", ALL)
def test_the_page_has_one_reading_and_one_box_for_every_signature(kind):
    boxes = template(kind).signature_boxes

    for name, made in all_composed(kind):
        assert canonical_text(made.html), name
        assert [made.fragment.count(f'class="box" id="{box}"') for box in boxes.values()] == [
            1 for _ in boxes
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_six_cards_speak_of_clauses_that_exist_in_short_sentences(kind):
    for name, made in all_composed(kind):
        titles = [card.title for card in made.cards]
        assert titles == [
            "钱怎么算",
            "干多久",
            "受伤谁管",
            "什么时候扣钱",
            "怎么不干了",
            "有事找谁",
        ]
        for card in made.cards:
            assert f'id="{card.clause}"' in made.fragment, (name, card.clause)
            for sentence in re.split(r"[。！？]", card.text):
                assert len(sentence) <= LONGEST_SENTENCE, (name, sentence)


@pytest.mark.parametrize("kind", companions.kinds())
def test_companion_cards_are_short_and_point_into_the_text(kind):
    for name, made in all_composed(kind):
        for card in made.cards:
            assert f'id="{card.clause}"' in made.fragment, (name, card.clause)
            for sentence in re.split(r"[。！？]", card.text):
                assert len(sentence) <= LONGEST_SENTENCE, (name, sentence)


@pytest.mark.parametrize("kind", ALL)
def test_test_certificates_are_called_what_they_are_at_the_top_and_at_the_signatures(kind):
    _, made = all_composed(kind)[0]
    head = made.fragment.partition("<section")[0]

    assert TEST_NOTICE in head
    assert made.fragment.count("仅供测试，不具有法律效力") == 2


def test_without_test_certificates_nothing_says_test():
    made = {**document("labour_contract", "01"), "test_certificates": False}

    text = canonical_text(composed(made).html)

    assert "测试" not in text
    assert "依法设立的电子认证服务机构颁发的数字证书" in text


def test_an_agent_is_named_with_the_digest_of_his_authority():
    fragment = composed(document("labour_contract", "07")).fragment

    assert "委托代理人：贺敏" in fragment
    assert re.search(r"<td>[0-9a-f]{32}<br>[0-9a-f]{32}</td>", fragment)


def test_the_workers_own_answers_stand_beside_the_enterprises():
    made = document("written_agreement", "02")
    answers = {**made["classification"], "worker_answers": {"q1": "no"}}

    annex = composed({**made, "classification": answers}).fragment

    assert annex.count("未填写") == 6
    assert "劳动者填写" in annex


# --- options of the labour contract


def labour(start="02", **changes):
    return articles(composed(issued(document("labour_contract", start), **changes)).fragment)


def test_each_kind_of_term_says_when_the_contract_ends():
    fixed = labour(
        term_type="fixed", end_date="2027-11-30", probation_end_date=None, probation_wage_fen=None
    )
    open_ended = labour(term_type="open_ended", end_date=None)
    task = labour(
        term_type="task",
        end_date=None,
        task_description="完成春运保障",
        probation_end_date=None,
        probation_wage_fen=None,
    )

    assert "自2026年12月1日起至2027年11月30日止" in fixed["term"]
    assert "无固定期限劳动合同" in open_ended["term"]
    assert "完成时止：完成春运保障。" in task["term"]


def test_special_hours_name_their_approval():
    comprehensive = labour(
        hours_system="comprehensive",
        hours_cycle="quarter",
        hours_approval_number="湘人社工时〔2026〕第1号",
    )
    flexible = labour(hours_system="flexible", hours_approval_number="湘人社工时〔2026〕第2号")

    assert "批准文号：湘人社工时〔2026〕第1号" in comprehensive["hours"]
    assert "以季为周期" in comprehensive["hours"]
    assert "批准文号：湘人社工时〔2026〕第2号" in flexible["hours"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"pay_method": "monthly", "monthly_wage_fen": 520000},
            "月工资为5,200.00元（大写：人民币伍仟贰佰元整）",
        ),
        (
            {
                "pay_method": "piece",
                "unit_price_fen": 150,
                "piece_unit": "parcel",
                "quota_for_normal_hours": 3000,
                "monthly_wage_fen": None,
            },
            "每件单价为1.50元",
        ),
        (
            {
                "pay_method": "base_performance",
                "base_wage_fen": 300000,
                "monthly_wage_fen": None,
                "performance_rule": "按单计算",
            },
            "基本工资为每月3,000.00元",
        ),
        (
            {"pay_method": "hourly", "guaranteed_hourly_fen": 2600, "monthly_wage_fen": None},
            "小时工资为26.00元",
        ),
        (
            {"pay_method": "other", "other_pay_rule": "按车费的七成", "monthly_wage_fen": 320000},
            "按车费的七成。乙方当月提供正常劳动的，月工资不低于3,200.00元",
        ),
    ],
)
def test_each_form_of_pay_says_how_much(changes, words):
    assert words in labour(**changes)["pay"]


def test_overtime_is_paid_as_the_law_says_where_the_platform_says_nothing():
    overtime = labour(overtime_rate_pct=None, rest_day_rate_pct=None, holiday_rate_pct=None)

    for share in ("百分之一百五十", "百分之二百", "百分之三百"):
        assert share in overtime["overtime"]


def test_a_dispatched_worker_reads_who_uses_him_and_what_idle_time_pays():
    dispatch = labour("07")

    assert "用工单位" in dispatch["dispatch"]
    assert "无工作期间，甲方按照履行地最低工资标准按月支付报酬" in dispatch["dispatch"]
    assert "同工同酬" in dispatch["dispatch"]
    assert "连带赔偿责任" in dispatch["dispatch"]


def test_part_time_work_has_no_probation_no_severance_and_four_hours_a_day():
    part_time = labour("06")

    assert "双方不约定试用期" in part_time["probation"]
    assert "不超过四小时" in part_time["form"]
    assert "经济补偿" not in "".join(part_time.values())


def test_what_is_not_agreed_is_not_printed():
    bare = labour("02", special_training=None, noncompete_months=None, other_terms=None)

    assert not {"training", "noncompete", "confidentiality", "other"} & set(bare)


@pytest.mark.parametrize(
    "words",
    [
        "法定代表人",
        "证件号码",
        "工作地点",
        "工作时间",
        "休息",
        "工伤保险",
        "失业保险",
        "生育保险",
        "职业危害",
        "劳动防护用品",
        "劳动人事争议仲裁委员会",
        "12333",
        "十五日内为乙方办理",
        "三十日以书面形式通知",
        "提前三日",
        "如实告知",
        "纸质文本",
        "不少于二年",
    ],
)
def test_a_full_time_contract_holds_what_the_labour_contract_law_asks_for(words):
    text = canonical_text(composed(document("labour_contract", "01")).html)

    assert words in text


# --- types 2 and 3


def written(start="02", **changes):
    return articles(composed(issued(document("written_agreement", start), **changes)).fragment)


def tripartite(start="01", **changes):
    return articles(composed(issued(document("tripartite_agreement", start), **changes)).fragment)


@pytest.mark.parametrize("texts", [written, tripartite])
def test_the_label_does_not_decide_the_relation(texts):
    nature = texts()["nature"]

    assert "不影响对用工事实的认定" in nature
    assert "实际履行符合确立劳动关系情形的，适用劳动法律法规" in nature


@pytest.mark.parametrize("texts", [written, tripartite])
def test_algorithms_take_the_middle_and_decide_nothing_grave_alone(texts):
    made = texts()

    assert "算法取中" in made["assessment"]
    assert "不将“最严算法”作为考核要求" in made["assessment"]
    assert "不仅由算法自动作出" in made["decisions"]


@pytest.mark.parametrize("texts", [written, tripartite])
def test_a_worker_may_leave_and_work_elsewhere_without_paying(texts):
    made = texts()

    assert "不支付违约金" in made["leave"]
    assert "不限制" in made["freedom"]
    assert "不得" not in made["freedom"]


def test_appeals_have_a_channel_two_limits_and_a_way_of_answer():
    appeal = written(
        appeal_channel="电话0731-1",
        appeal_accept_days=2,
        appeal_result_days=7,
        reply_method="letter",
    )["appeal"]

    assert "申诉渠道：电话0731-1。" in appeal
    assert "2日内受理" in appeal
    assert "7日内处理完毕" in appeal
    assert "以书面的方式答复" in appeal


@pytest.mark.parametrize(
    ("relation", "road", "other_road"),
    [
        ("managed", "依法向合同履行地或者被告住所地有管辖权的人民法院提起诉讼", "申请劳动仲裁；"),
        ("labour_relation", "劳动人事争议仲裁委员会申请劳动仲裁", "被告住所地"),
    ],
)
def test_a_dispute_takes_the_road_of_the_relation(relation, road, other_road):
    dispute = tripartite(worker_relation_with=relation)["dispute"]

    assert road in dispute
    assert other_road not in dispute


def test_outside_a_labour_relation_the_road_to_confirm_one_stays_open():
    for made in (written(), tripartite(worker_relation_with="managed")):
        assert "请求确认劳动关系的，可以依法申请劳动仲裁" in made["dispute"]


def test_platform_and_provider_are_jointly_liable_and_cannot_agree_otherwise():
    made = tripartite()

    assert "甲方与乙方依法承担连带责任" in made["liability"]
    assert "任何约定不得免除、限制该责任" in made["liability"]
    assert "不得将承担的合作事项再转包、分包" in made["subcontract"]
    assert "先行垫付" in made["payer"]


@pytest.mark.parametrize(
    ("form", "anchor", "name"),
    [
        ("contracting", "contracting", "承揽协议"),
        ("labour_cooperation", "labour-cooperation", "用工合作协议"),
    ],
)
def test_the_variants_of_the_three_party_text_bear_their_name_and_their_article(form, anchor, name):
    made = composed(issued(document("tripartite_agreement", "01"), agreement_form=form))

    assert f"（{name}）" in made.fragment
    assert anchor in articles(made.fragment)


@pytest.mark.parametrize(("mode", "anchor"), [("dispatch", "dispatch"), ("franchise", "franchise")])
def test_dispatch_and_franchise_have_an_article_of_their_own(mode, anchor):
    assert anchor in tripartite(cooperation_mode=mode)
    assert anchor not in tripartite(cooperation_mode="outsourcing")


def test_leaving_out_an_article_moves_those_behind_it_up_by_one():
    with_terms = list(tripartite(other_terms="三方每季度会商一次。"))
    without = list(tripartite(other_terms=None))

    assert [anchor for anchor in with_terms if anchor != "other"] == without


# --- companions


@pytest.mark.parametrize("kind", [k for k in companions.kinds() if k != "labour_contract_notice"])
def test_every_companion_names_its_parent_and_the_hash_of_it(kind):
    _, made = all_composed(kind)[0]
    parent = template(kind).examples[0]["parent"]

    assert parent["number"] in made.fragment
    assert f'<p class="hash">{parent["sha256"]}</p>' in made.fragment


def test_a_notice_to_sign_says_the_month_and_what_follows():
    made = articles(all_composed("labour_contract_notice")[0][1].fragment)

    assert "一个月内订立书面劳动合同" in made["notice"]
    assert "书面通知乙方终止劳动关系" in made["consequence"]
    assert "每月支付二倍的工资" in made["consequence"]
    assert "不表示乙方同意劳动合同的内容" in made["effect"]


def test_receiving_a_certificate_concedes_nothing():
    made = articles(all_composed("labour_contract_certificate")[0][1].fragment)

    assert "不表示乙方对解除（终止）原因没有异议" in made["effect"]
    assert "十五日内" in made["transfer"]


@pytest.mark.parametrize("kind", [k for k in companions.kinds() if k.endswith("_termination")])
def test_a_settlement_takes_no_right_away(kind):
    for _, made in all_composed(kind):
        assert "不因签署本协议而丧失" in articles(made.fragment)["rights"]


@pytest.mark.parametrize("kind", [k for k in companions.kinds() if k.endswith("_amendment")])
def test_a_worker_may_refuse_a_change(kind):
    for _, made in all_composed(kind):
        assert "可以不同意变更" in articles(made.fragment)["rest"]


def test_a_longer_text_keeps_every_article_of_a_shorter_one_in_order():
    orders = [list(articles(made.fragment)) for _, made in all_composed("labour_contract")]
    longest = max(orders, key=len)

    for order in orders:
        places = [longest.index(anchor) for anchor in order if anchor in longest]
        assert all(earlier < later for earlier, later in pairwise(places))
