"""Numbers as the rules compare them: 30日, 三十日, 20％, 百分之二十, 1.5倍, 500元, 半年.

Money becomes 元, percentages and 倍 become `pct`, spans of time their own unit.
"""

import re
from dataclasses import dataclass

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "俩": 2,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_HAN = "".join(_DIGITS) + "".join(_TENS) + "".join(_MYRIADS)

_UNITS = {
    "pct": ("%", "％", "个百分点"),
    "fold": ("倍",),
    "discount": ("折", "成"),
    "yuan": ("元", "块", "圆"),
    "minutes": ("分钟", "min"),
    "hours": ("个小时", "小时", "钟头", "h"),
    "days": ("个自然日", "个工作日", "工作日", "自然日", "日内", "日", "天", "号"),
    "weeks": ("个星期", "星期", "周"),
    "months": ("个月", "月"),
    "years": ("周岁", "年"),
    "orders": ("单", "件", "票"),
    "times": ("次",),
    "copies": ("份",),
}
_BY_WORD = {word: unit for unit, words in _UNITS.items() for word in words}
_UNIT_PATTERN = "|".join(sorted(map(re.escape, _BY_WORD), key=len, reverse=True))
_FACTORS = {"fold": ("pct", 100), "discount": ("pct", 10), "weeks": ("days", 7)}
_TWO_DIGITS = 10
_ARABIC = rf"\d{{1,15}}(?:,\d{{3}}){{0,5}}(?:\.\d{{1,9}})?[{''.join(_MYRIADS)}千百]?"
_CHINESE = rf"[{_HAN}]{{1,15}}(?:点[{_HAN}]{{1,9}})?"
_NUMBER = rf"(?:{_ARABIC}|{_CHINESE})"  # bounded: endless digits must not cost their square
_PATTERN = re.compile(
    rf"百分之(?P<share>{_NUMBER})"
    rf"|(?P<mixed>{_NUMBER})个半(?P<mixed_unit>月|小时)"
    rf"|(?P<half>半)(?P<half_unit>个月|个小时|小时|年|天|日|月)"
    rf"|[¥￥](?P<money>{_NUMBER})元?"
    rf"|(?P<value>{_NUMBER})(?P<more>余|多)?(?P<unit>{_UNIT_PATTERN})(?P<half_more>半)?"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit and its place in the normalised text."""

    start: int
    end: int
    value: float
    unit: str


def find_numbers(text: str) -> list[Number]:
    """All numbers with a unit, in order. Article numbers (第三条) are none."""
    found = []
    for match in _PATTERN.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] == "第":
            continue
        value, unit = _value(match)
        if value is not None:
            found.append(Number(match.start(), match.end(), value, unit))
    return found


def _value(match: re.Match[str]) -> tuple[float | None, str]:
    if match["share"] or match["money"]:
        return parse(match["share"] or match["money"]), "pct" if match["share"] else "yuan"
    if match["mixed"]:
        whole = parse(match["mixed"])
        return (None if whole is None else whole + 0.5), _BY_WORD[match["mixed_unit"]]
    if match["half"]:
        return 0.5, _BY_WORD[match["half_unit"]]
    value, unit = parse(match["value"]), _BY_WORD[match["unit"]]
    if value is not None and match["half_more"]:
        value += 0.5
    return _in_base_unit(value, unit)


def _in_base_unit(value: float | None, unit: str) -> tuple[float | None, str]:
    """倍 and 折 as percentages, weeks as days."""
    if value is None or unit not in _FACTORS:
        return value, unit
    if unit == "discount" and value >= _TWO_DIGITS:  # 八五折 is 85 %, 八折 80 %
        return value, "pct"
    base, factor = _FACTORS[unit]
    return value * factor, base


def parse(text: str) -> float | None:
    """A number in Arabic or Chinese digits; None where the characters make none."""
    plain = text.replace(",", "")
    if plain and plain[-1] in "万亿千百" and plain[:-1].replace(".", "", 1).isdigit():
        return float(plain[:-1]) * (_MYRIADS | _TENS)[plain[-1]]
    if plain.replace(".", "", 1).isdigit():
        return float(plain)
    whole, _, fraction = plain.partition("点")
    value = _integer(whole)
    if value is None:
        return None
    if fraction and all(c in _DIGITS for c in fraction):
        value += float("0." + "".join(str(_DIGITS[c]) for c in fraction))
    return value


def _integer(text: str) -> float | None:
    if all(c in _DIGITS for c in text):
        return float("".join(str(_DIGITS[c]) for c in text)) if text else None
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        elif char in _MYRIADS:
            total += (section + digit) * _MYRIADS[char]
            section = digit = 0
        else:
            return None
    return float(total + section + digit)
