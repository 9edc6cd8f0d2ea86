"""What the trained judgement sees of a sentence: its characters by twos and threes, and signs.

Rules kept here:

* Parties are one letter each (E for the enterprise, W for the worker) and digits one zero: what
  is learned about riders holds for couriers.
* After the first word that denies, permits or obliges, pairs of characters are marked with it;
  what stands close behind a denial is marked a second time, whichever word denies.
* The list is sorted and free of repeats, so that a sum over it is the same on every machine.
"""

import re

_ROLES = (
    ("E", "甲方 公司 平台 站点 网点 企业 站长 单位 车队 我司"),
    ("W", "乙方 丙方 骑手 员工 司机 快递员 阿姨 劳动者 驾驶员 家政员 本人 配送员 派遣工 派件员"),
)
_ROLE_OF = {word: letter for letter, words in _ROLES for word in words.split()}
_ROLE_PATTERN = re.compile("|".join(_ROLE_OF))
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_MARKS = re.compile("[，。；、,;:：!！?？\n]+")
_OPERATORS = re.compile(
    "不得|禁止|严禁|无需|无须|不要求|不|未|没|免|可以|依法|随时|必须|须|应当|自愿|不准|不许"
)
_DENIALS = re.compile("禁止|严禁|不|未|没|无|别|非|免|勿")
_REACH = 6
"""Characters behind a denial that it touches most."""
_LONGEST = 3


def features(spelled: str, signs: frozenset[str]) -> list[str]:
    """Features of a sentence as the lexicon spells it and of its reading, sorted, each once."""
    plain = _plain(spelled)
    found = {plain[i : i + n] for n in range(1, _LONGEST + 1) for i in range(len(plain) - n + 1)}
    for clause in plain.split("，"):
        operator = _OPERATORS.search(clause)
        if operator:
            tail = clause[operator.end() :]
            found |= {f"{operator[0]}~{tail[i : i + 2]}" for i in range(len(tail) - 1)}
        for denial in _DENIALS.finditer(clause):
            tail = clause[denial.end() : denial.end() + _REACH]
            found |= {f"~{tail[i : i + n]}" for n in (1, 2) for i in range(len(tail) - n + 1)}
    return sorted(found | signs)


def _plain(spelled: str) -> str:
    roles = _ROLE_PATTERN.sub(lambda m: _ROLE_OF[m[0]], spelled)
    return _MARKS.sub("，", _DIGITS.sub("0", roles)).strip("，")
