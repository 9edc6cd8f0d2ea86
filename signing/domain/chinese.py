"""Numbers, money, dates and article numbers as a Chinese contract writes them.

Rules kept here:

* amounts come as integers of 分; nothing is rounded;
* capitals follow 正确填写票据和结算凭证的基本规定 (支付结算办法, annex 1), items 1 to 3: 人民币 in
  front, 整 after 元 and 角 but never after 分, one 零 for a gap inside the number and none where
  that text leaves it open;
* dates are the calendar dates of the input, without padding: 2026年3月1日;
* articles are numbered in words: 第一条, 第二十六条, 第一百零三条.
"""

from datetime import date, datetime, timedelta, timezone

_SHANGHAI = timezone(timedelta(hours=8))
_DIGITS = "〇一二三四五六七八九"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_UNITS = ("", "拾", "佰", "仟")
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿")
_LIMIT = 10**12
_THOUSAND = 1_000


def yuan(fen: int) -> str:
    """An amount in 元 with two decimals and thousands separators: 193000 → `1,930.00`.

    Raises ValueError for a negative amount: a contract has none.
    """
    if fen < 0:
        raise ValueError(f"an amount cannot be negative: {fen}")
    whole, cents = divmod(fen, 100)
    return f"{whole:,}.{cents:02d}"


def yuan_upper(fen: int) -> str:
    """The amount in capitals: 193000 → `人民币壹仟玖佰叁拾元整`.

    Raises ValueError for a negative amount or one of 10^12 元 and more.
    """
    if fen < 0:
        raise ValueError(f"an amount cannot be negative: {fen}")
    whole, cents = divmod(fen, 100)
    jiao, last = divmod(cents, 10)
    text = f"{_in_words(whole, _CAPITALS, _CAPITAL_UNITS)}元" if whole or not cents else ""
    if jiao:
        text += f"{_CAPITALS[jiao]}角"
    elif last and whole:
        text += "零"
    return f"人民币{text}{_CAPITALS[last]}分" if last else f"人民币{text}整"


def cn_number(number: int) -> str:
    """A whole number in words: 0 → `零`, 15 → `十五`, 150 → `一百五十`, 1005 → `一千零五`.

    Raises ValueError for a negative number or one of 10^12 and more.
    """
    if number < 0:
        raise ValueError(f"only counts and shares are written in words: {number}")
    words = _in_words(number, "零" + _DIGITS[1:], _UNITS)
    return words.removeprefix("一") if words.startswith("一十") else words


def beijing_day(at: datetime) -> str:
    """The calendar day in China of an aware time, as `2026-03-01`."""
    return at.astimezone(_SHANGHAI).date().isoformat()


def cn_date(day: str) -> str:
    """An ISO 8601 calendar date as it stands in a contract: `2026-03-01` → `2026年3月1日`.

    Raises ValueError for anything that is not a date in the form YYYY-MM-DD.
    """
    parsed = date.fromisoformat(day)
    if parsed.isoformat() != day:
        raise ValueError(f"not in the form YYYY-MM-DD: {day}")
    return f"{parsed.year}年{parsed.month}月{parsed.day}日"


def article_number(position: int) -> str:
    """The name of the n-th article, counted from 1: 26 → `第二十六条`."""
    return f"第{cn_number(position)}条"


def _in_words(number: int, digits: str, units: tuple[str, ...]) -> str:
    """Read `number` in groups of four digits, one zero for every gap that must be heard."""
    if number >= _LIMIT:
        raise ValueError(f"too large to be written in words: {number}")
    if number == 0:
        return digits[0]
    text = ""
    for power in range(2, -1, -1):
        group = number // 10_000**power % 10_000
        if group == 0:
            continue
        # A gap before the group is heard only where its thousands are empty: 壹拾万柒仟, 壹万零柒.
        if text and group < _THOUSAND:
            text += digits[0]
        text += _group_in_words(group, digits, units) + _GROUPS[power]
    return text


def _group_in_words(group: int, digits: str, units: tuple[str, ...]) -> str:
    """Up to four digits; trailing zeros are silent, inner ones sound once."""
    text = ""
    for power in range(3, -1, -1):
        digit = group // 10**power % 10
        if digit:
            text += digits[digit] + units[power]
        elif text and group % 10**power and not text.endswith(digits[0]):
            text += digits[0]
    return text
