"""Numbers, money, dates and article numbers as a Chinese contract writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.chinese import article_number, cn_date, cn_number, yuan, yuan_upper

# The examples of 正确填写票据和结算凭证的基本规定, items 3.1 to 3.4; where it allows two forms,
# the one without the optional 零.
OFFICIAL = [
    (140950, "人民币壹仟肆佰零玖元伍角整"),
    (600714, "人民币陆仟零柒元壹角肆分"),
    (168032, "人民币壹仟陆佰捌拾元叁角贰分"),
    (10700053, "人民币壹拾万柒仟元伍角叁分"),
    (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
    (32504, "人民币叁佰贰拾伍元零肆分"),
]


@pytest.mark.parametrize(("fen", "capitals"), OFFICIAL)
def test_capitals_are_those_of_the_official_examples(fen, capitals):
    assert yuan_upper(fen) == capitals


@pytest.mark.parametrize(
    ("fen", "capitals"),
    [
        (0, "人民币零元整"),
        (5, "人民币伍分"),
        (50, "人民币伍角整"),
        (193000, "人民币壹仟玖佰叁拾元整"),
        (1000000, "人民币壹万元整"),
        (1000700, "人民币壹万零柒元整"),
        (60000000, "人民币陆拾万元整"),
        (100050000, "人民币壹佰万零伍佰元整"),
        (10000000100, "人民币壹亿零壹元整"),
        (10000000000000, "人民币壹仟亿元整"),
    ],
)
def test_capitals_say_every_gap_once_and_end_in_zheng_unless_there_are_fen(fen, capitals):
    assert yuan_upper(fen) == capitals


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"),
        (1, "一"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (150, "一百五十"),
        (1005, "一千零五"),
        (10010, "一万零一十"),
        (100000, "十万"),
    ],
)
def test_counts_are_written_as_they_are_spoken(number, words):
    assert cn_number(number) == words


@pytest.mark.parametrize(
    ("position", "name"), [(1, "第一条"), (10, "第十条"), (26, "第二十六条"), (103, "第一百零三条")]
)
def test_articles_are_numbered_in_words(position, name):
    assert article_number(position) == name


def test_a_date_loses_its_padding():
    assert cn_date("2026-03-01") == "2026年3月1日"


@pytest.mark.parametrize("day", ["2026-02-29", "20260301", "2026-W10-1", "2026-3-1", ""])
def test_what_is_no_calendar_date_is_refused(day):
    with pytest.raises(ValueError, match=r".+"):
        cn_date(day)


@pytest.mark.parametrize("write", [yuan, yuan_upper, cn_number])
def test_nothing_negative_is_written(write):
    with pytest.raises(ValueError, match="-1"):
        write(-1)


@pytest.mark.parametrize("write", [yuan_upper, cn_number])
def test_numbers_beyond_the_largest_unit_are_refused(write):
    with pytest.raises(ValueError, match="too large"):
        write(10**18)


@given(fen=st.integers(min_value=0, max_value=10**13))
def test_an_amount_in_figures_reads_back_as_the_same_amount(fen):
    assert Decimal(yuan(fen).replace(",", "")) * 100 == fen


@given(
    one=st.integers(min_value=0, max_value=10**13), other=st.integers(min_value=0, max_value=10**13)
)
def test_different_amounts_never_share_their_capitals(one, other):
    assert (yuan_upper(one) == yuan_upper(other)) == (one == other)
