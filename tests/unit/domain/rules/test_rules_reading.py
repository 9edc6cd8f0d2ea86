"""Who does what, said or denied: one sentence each."""

import pytest

from signing.domain.draft import Kind
from signing.domain.rules.reading import read

WA, TA = Kind.WRITTEN_AGREEMENT, Kind.TRIPARTITE_AGREEMENT


@pytest.fixture
def word(reader):
    """The first word of a tag in a text."""

    def first(text, tag, kind=WA):
        sentences = read(text, reader=reader, kind=kind)
        return next(w for s in sentences for w in s.words if tag in w.tags)

    return first


@pytest.mark.parametrize(
    ("text", "tag", "denied"),
    [
        ("乙方应缴纳押金", "deposit", False),
        ("甲方不得收取押金", "deposit", True),
        ("乙方无需缴纳押金", "deposit", True),
        ("甲方不收取押金", "deposit", True),
        ("甲方不得限制乙方在其他平台接单", "workplace_elsewhere", False),
        ("乙方不得在其他平台接单", "workplace_elsewhere", True),
        ("乙方不得放弃社会保险", "social", False),
        ("乙方放弃社会保险", "social", True),
        ("甲方不得收取保证金，扣押证件", "keep_hold", True),
        ("甲方不收取押金，但乙方应购买装备", "kit", False),
        ("客户未付的餐费由骑手垫付", "customer_debt", False),
        ("乙方可以拒绝违章指挥并向工会投诉", "complain", False),
        ("乙方不同意的可以解除协议", "resign", False),
        ("对裁决不服的依法起诉", "sue", False),
        ("甲方不得收取押金，由甲方补足最低工资", "top_up", False),
        ("甲方互不代替工伤保险", "wi", True),
        ("平台不提供其他验证方式", "alt_method", True),
    ],
)
def test_a_word_is_said_or_denied_by_what_governs_it(word, text, tag, denied):
    assert word(text, tag).denied is denied


@pytest.mark.parametrize(
    ("text", "tag", "actor"),
    [
        ("乙方承担损失", "bear", "worker"),
        ("损失由乙方承担", "bear", "worker"),
        ("损失由甲方承担", "bear", "enterprise"),
        ("甲方向乙方收取费用", "collect", "enterprise"),
        ("甲方要求乙方缴纳押金", "pay", "worker"),
        ("餐费由顾客支付", "pay", "other"),
        ("双方承担责任", "bear", "both"),
        ("甲方概不过问，全部赔偿由乙方负担", "bear", "worker"),
        ("家政员经本平台介绍后承担损失", "bear", "worker"),
    ],
)
def test_a_word_belongs_to_who_acts(word, text, tag, actor):
    assert word(text, tag).actor == actor


def test_the_second_party_of_a_tripartite_text_is_an_enterprise(word):
    assert word("乙方不得向丙方收取押金", "collect", TA).actor == "enterprise"
    assert word("丙方应缴纳押金", "pay", TA).actor == "worker"


def test_a_tripartite_text_that_knows_no_third_party_means_the_worker(word):
    assert word("乙方应缴纳押金", "pay", TA).actor == "worker"


@pytest.mark.parametrize(
    "text",
    [
        "未缴纳押金的，不得上岗",
        "未缴纳押金者不得上岗",
        "不交押金，不派单",
        "凡未缴齐押金的人员，不得上线",
        "没有交齐押金的骑手，站点不得为其排班",
        "未缴纳押金的合作司机，一律不得上线",
    ],
)
def test_a_denied_condition_with_a_harsh_consequence_is_said(word, text):
    assert not word(text, "deposit").denied


def test_a_denied_condition_with_a_mild_consequence_stays_denied(word):
    assert word("乙方未缴纳押金的，甲方照常派单", "deposit").denied


@pytest.mark.parametrize(
    "text",
    [
        "甲方收取押金的，应当退还",
        "甲方收取押金的，乙方有权举报",
        "甲方不得因乙方未缴纳押金而减少派单",
        "收取押金的约定无效",
        "收取押金的约定不发生法律效力",
        "谁让你交押金都别交",
        "任何人收取押金的，请拨打电话举报",
        "乙方不因未缴纳押金影响接单",
    ],
)
def test_a_protected_word_is_shielded(word, text):
    assert word(text, "deposit").shielded


def test_a_release_of_the_worker_is_known_as_one(word):
    assert word("乙方无需缴纳押金", "deposit").released
    assert not word("乙方不得缴纳押金", "deposit").released


def test_what_stands_in_a_title_is_no_word(reader):
    (sentence,) = read("根据《押金管理办法》办理", reader=reader, kind=WA)

    assert "deposit" not in sentence.tags


def test_an_unclosed_title_hides_nothing(reader):
    (sentence,) = read("根据《乙方缴纳押金", reader=reader, kind=WA)

    assert "deposit" in sentence.tags


def test_a_text_falls_into_sentences_that_know_their_place(reader):
    text = "乙方缴纳押金。甲方退还押金；双方无争议"

    sentences = read(text, reader=reader, kind=WA)

    assert [text[s.start : s.end] for s in sentences] == [
        "乙方缴纳押金",
        "甲方退还押金",
        "双方无争议",
    ]


@pytest.mark.parametrize("text", ["", "   ", "。。。", "《", "》", "，，，", "\n\n", "x" * 10_000])
def test_a_text_without_words_has_no_sentence_and_no_error(reader, text):
    assert all(s.words for s in read(text, reader=reader, kind=WA))
