"""Each occupation has its own annex, and it says the same in all three agreements."""

import re

import pytest

from contract_texts import KINDS, composed, document, issued, plain, template

OCCUPATIONS = {
    "delivery_rider": ("网约配送员", ["健康证明", "安全头盔", "闯红灯", "救助伤员", "转出"]),
    "courier": ("快递员", ["收寄验视", "罚款", "智能快件箱", "故意或者重大过失", "用户信息"]),
    "ride_hailing_driver": (
        "网约车驾驶员",
        ["三年以上驾驶经历", "承运人责任险", "抽成比例", "二十分钟"],
    ),
    "freight_driver": ("货车司机", ["从业资格证", "超限超载", "装卸等候费", "挂靠", "二十分钟"]),
    "domestic_worker": ("家政服务员", ["另计报酬", "高空擦窗", "体检费用", "人格尊严", "摄像设备"]),
}
PARTIES = {
    "labour_contract": ("甲方", "乙方", "本合同"),
    "written_agreement": ("甲方", "乙方", "本协议"),
    "tripartite_agreement": ("甲方和乙方", "丙方", "本协议"),
}
# Passengers are carried by the platform alone: among three parties the partner stands in besides.
PARTNER = "乙方有过错的，依法承担相应责任；"
ANNEX = re.compile(r'id="annex-occupation">(.*?)</h2>\s*<ol class="items">(.*?)</ol>', re.DOTALL)


def annex(kind, occupation):
    """Heading and items of the occupational annex, with the parties called E and W."""
    made = composed(issued(document(kind, "02"), occupation=occupation, occupation_name="代驾司机"))
    found = ANNEX.search(made.fragment)
    if found is None:
        return None
    heading, items = found.groups()
    enterprise, worker, paper = PARTIES[kind]
    text = plain(items).replace(PARTNER, "").replace(enterprise, "E").replace("甲方", "E")
    text = text.replace(worker, "W").replace(paper, "本文本")
    return plain(heading), text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("occupation", OCCUPATIONS)
def test_an_occupation_has_an_annex_with_its_own_matters(kind, occupation):
    name, matters = OCCUPATIONS[occupation]

    heading, text = annex(kind, occupation)

    assert heading == f"附件一　{name}专项约定"
    assert [matter for matter in matters if matter not in text] == []


@pytest.mark.parametrize("occupation", OCCUPATIONS)
def test_an_occupation_is_treated_alike_in_every_agreement(occupation):
    assert len({annex(kind, occupation)[1] for kind in KINDS}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_occupation_without_annex_prints_none(kind):
    assert annex(kind, "other") is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_occupation_of_the_schema_is_covered_here(kind):
    choices = set(template(kind).schema["properties"]["occupation"]["enum"])

    assert choices == {*OCCUPATIONS, "other"}
