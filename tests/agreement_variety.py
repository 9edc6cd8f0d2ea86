"""Agreements in any number: the examples of a text with other people, places, amounts and words.

What is varied is what platforms vary: names, addresses, numbers, dates, money, free text of any
length. What chooses the wording (enums, optional parts, rows) stays that of the example, or is
taken out by `fewer`.
"""

import copy
import hashlib
from collections.abc import Sequence

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建国文辉力鹏飞宇浩然子轩梓涵欣怡䶮㛃"
STREETS = [
    "麓谷大道",
    "金星中路",
    "人民东路",
    "湘府中路",
    "芙蓉南路",
    "三一大道",
    "潇湘中路",
    "韶山北路",
]
HOMES = [
    "梅溪家园",
    "阳光花城",
    "湘江一号",
    "城市之光小区",
    "幸福里",
    "北辰三角洲",
    "德思勤城市广场",
]
COMPANIES = [
    "骑行者网络科技",
    "蓝天供应链管理",
    "湘味到家服务",
    "云途人力资源",
    "楚运货运",
    "橙光同城物流",
]
COUNTIES = [
    "430102",
    "430103",
    "430104",
    "430105",
    "430111",
    "430181",
    "430203",
    "430702",
    "431281",
]
WORDS = (
    "企业应当及时足额支付报酬。劳动者可以随时查询订单与结算明细；对结果有异议的，七日内提出申诉，"
    "企业应当在三日内书面答复（节假日顺延）。遇暴雨、冰雪、高温等恶劣天气，应当延长时限或者停止派单，"
    "并按每单2.50元加发补贴——不得以超时、差评为由扣减。双方同意：“先告知、后处理”，以事实为准！"
)


class Dice:
    """Numbers that look random and are the same everywhere: SHA-256 of a seed and a count."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def below(self, limit: int) -> int:
        self._count += 1
        digest = hashlib.sha256(f"{self._seed}/{self._count}".encode()).digest()
        return int.from_bytes(digest[:8]) % limit

    def pick(self, choices: Sequence) -> str:
        return choices[self.below(len(choices))]


def vary(example: dict, seed: str) -> dict:
    """Another agreement of the same wording."""
    dice, made = Dice(seed), copy.deepcopy(example)
    made["performance_place"] = dice.pick(COUNTIES)
    for party in made["parties"]:
        _vary_party(party, dice)
    made["values"] = {key: _vary(key, value, dice) for key, value in made["values"].items()}
    return made


def vary_person(example: dict, seed: str) -> dict:
    """Another worker under the same terms: what a platform varies within a batch."""
    dice, made = Dice(seed), copy.deepcopy(example)
    for party in made["parties"]:
        if party["role"] == "worker":
            _vary_party(party, dice)
            party["id_number"] = f"4301{dice.below(10**13):013d}{dice.pick('0123456789X')}"
    made["values"] = {
        key: _vary(key, value, dice) if key.endswith(("_fen", "_date")) else value
        for key, value in made["values"].items()
    }
    return made


def issued(body: dict, number: int) -> dict:
    """The document that a renderer takes: body and what was given out."""
    name = f"HN-WA-20261125-{number:08d}"
    given = {
        "id": f"agr_{number:032x}",
        "number": name,
        "created_at": "2026-11-25T08:00:00Z",
        "party_ids": [f"pty_{number:032x}"],
        "verify_url": f"https://sign.example.cn/verify?n={name}",
    }
    return body | {"template_version": "2026.1", "test_certificates": True, "issued": given}


def words(dice: Dice, length: int) -> str:
    """Chinese prose of that many characters."""
    start = dice.below(len(WORDS))
    text = (WORDS[start:] + WORDS * (length // len(WORDS) + 1))[:length]
    return text.strip("。；，：、！”）— ") or "约定"


def address(dice: Dice) -> str:
    home = (
        f"{dice.pick(HOMES)}{dice.below(30) + 1}栋{dice.below(4) + 1}单元{101 + dice.below(3200)}室"
    )
    return f"湖南省长沙市岳麓区{dice.pick(STREETS)}{dice.below(999) + 1}号{home}"


def _vary_party(party: dict, dice: Dice) -> None:
    if party["role"] == "worker":
        given = "".join(dice.pick(GIVEN) for _ in range(dice.below(3) + 1))
        party["name"] = dice.pick(SURNAMES) + given
    else:
        party["name"] = f"{dice.pick(['长沙', '湖南', '株洲'])}{dice.pick(COMPANIES)}有限公司"
    party["phone"] = f"1{dice.pick('3578')}{dice.below(10**9):09d}"
    if "address" in party:
        party["address"] = address(dice)


def _vary(key: str, value: object, dice: Dice) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return max(1, value // 2 + dice.below(value + 2)) if key.endswith("_fen") else value
    if isinstance(value, dict):
        return {name: _vary(name, item, dice) for name, item in value.items()}
    if isinstance(value, list):
        return [_vary(key, item, dice) for item in value]
    return _vary_text(key, str(value), dice)


def _vary_text(key: str, value: str, dice: Dice) -> str:
    """Prose becomes other prose, dates other days; codes and short tokens stay."""
    if value.isascii():
        is_date = len(value) == 10 and value[4] == "-"
        return f"{value[:8]}{dice.below(28) + 1:02d}" if is_date else value
    if key.endswith("address"):
        return address(dice)
    if "\n" in value:
        return "\n".join(words(dice, dice.below(90) + 4) for _ in value.split("\n"))
    return words(dice, dice.below(2 * len(value)) + 2)
