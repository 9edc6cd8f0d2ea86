import pytest

from signing.language.numbers import find_numbers, parse


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("30日", 30, "days"),
        ("三十日", 30, "days"),
        ("二十一天", 21, "days"),
        ("两周", 14, "days"),
        ("20%", 20, "pct"),
        ("百分之二十", 20, "pct"),
        ("1.5倍", 150, "pct"),
        ("三倍", 300, "pct"),
        ("八折", 80, "pct"),
        ("八五折", 85, "pct"),
        ("500元", 500, "yuan"),
        ("壹仟贰佰元", 1200, "yuan"),
        ("2万元", 20_000, "yuan"),
        ("十二万元", 120_000, "yuan"),
        ("¥1,200", 1200, "yuan"),
        ("半年", 0.5, "years"),
        ("一个半月", 1.5, "months"),
        ("六个月", 6, "months"),
        ("二十四小时", 24, "hours"),
        ("1小时半", 1.5, "hours"),
    ],
)
def test_a_number_with_its_unit_is_read(text, value, unit):
    found = find_numbers(text)

    assert [(n.value, n.unit) for n in found] == [(value, unit)]


def test_the_number_of_an_article_is_no_number():
    assert find_numbers("第三条日常管理") == []


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("一百零五", 105), ("三点五", 3.5), ("一万二千", 12_000)]
)
def test_chinese_digits_are_summed(text, value):
    assert parse(text) == value


def test_what_is_no_number_is_none():
    assert parse("若干") is None
