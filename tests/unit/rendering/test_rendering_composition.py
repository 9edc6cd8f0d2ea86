import dataclasses
from types import MappingProxyType

import pytest

from signing.errors import Broken
from signing.rendering.catalogue import CardSource, ContractTemplate, check_values
from signing.rendering.composition import compose

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["wage_fen"],
    "properties": {
        "wage_fen": {"type": "integer", "minimum": 1},
        "method": {"enum": ["piece", "hourly"], "x-labels": {"piece": "计件", "hourly": "计时"}},
        "start": {"type": "string", "format": "date"},
        "note": {"type": "string", "x-free-text": True},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"a": {}, "b": {}}}},
    },
}
DOCUMENT = {
    "kind": "written_agreement",
    "template_version": "2026.1",
    "performance_place": "430104",
    "parties": [
        {"role": "enterprise", "name": "甲"},
        {"role": "worker", "name": "张三"},
    ],
    "values": {"wage_fen": 193000},
    "issued": {
        "id": "agr_1",
        "number": "N-1",
        "created_at": "2026-11-24T17:00:00Z",
        "verify_url": "http://127.0.0.1/v",
    },
}


def template(body, **changes):
    made = ContractTemplate(
        kind="written_agreement",
        version="2026.1",
        title="协议 {{ agreement.number }}",
        manifest=MappingProxyType({"roles": ["enterprise", "worker"]}),
        schema=SCHEMA,
        template_sha256="0" * 64,
        html=f'<html><head></head><body><main id="contract">{body}</main></body></html>',
        css="p { margin: 0 }",
        cards=(),
        examples=(),
    )
    return dataclasses.replace(made, **changes)


def text(body, **values):
    document = DOCUMENT | {"values": DOCUMENT["values"] | values}
    return compose(template(body), document).fragment


def test_articles_are_named_before_and_after_they_stand():
    body = "{{ ref('pay') }}{{ article('term') }}{{ article('pay') }}{{ ref('term') }}"

    assert "第二条第一条第二条第一条" in text(body)


def test_a_reference_to_no_article_is_refused():
    with pytest.raises(Broken):
        text("{{ ref('nowhere') }}")


def test_the_day_is_that_of_hunan_not_of_utc():
    assert "2026年11月25日" in text("{{ agreement.created_on | cn_date }}")


def test_a_place_is_printed_with_province_and_prefecture():
    assert "湖南省长沙市岳麓区" in text("{{ agreement.place_name }}")


def test_a_value_that_was_not_given_is_none_and_never_printed():
    assert "无" in text("{% if v.start is none %}无{% endif %}")
    with pytest.raises(Broken):
        text("{{ v.start }}")


def test_members_of_rows_that_were_not_given_are_none_too():
    assert ">1-<" in text("<p>{{ v.rows[0].a }}-{{ v.rows[0].b or '' }}</p>", rows=[{"a": 1}])


def test_an_unknown_name_stops_the_template():
    with pytest.raises(Broken):
        text("{{ v.wages }}")


@pytest.mark.parametrize(
    "body",
    [
        "{{ v.note | safe }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ v.__init__.__globals__ }}",
        "{% set _ = v.update(wage_fen=1) %}",
        "{{ range(3) }}",
        "{{ cycler('a') }}",
    ],
)
def test_the_sandbox_holds(body):
    with pytest.raises(Broken):
        text(body, note="x")


def test_values_are_escaped():
    assert "&lt;b&gt;" in text("{{ v.note }}", note="<b>")


def test_enums_are_printed_by_their_chinese_names():
    assert "计件" in text("{{ v.method | label('method') }}", method="piece")


def test_cards_and_title_are_plain_text():
    card = CardSource("pay", "{{ ref('pay') }}", "pay", "{{ v.note }}")
    made = template("{{ article('pay') }}", cards=(card,))
    document = DOCUMENT | {"values": {"wage_fen": 1, "note": "A&B"}}

    composition = compose(made, document)

    assert composition.title == "协议 N-1"
    assert (composition.cards[0].title, composition.cards[0].text) == ("第一条", "A&B")


def test_the_attached_page_carries_its_style():
    page = compose(template(""), DOCUMENT).page

    assert "<style>\np { margin: 0 }</style></head>" in page


def test_a_style_cannot_leave_its_element():
    with pytest.raises(Broken):
        compose(template("", css="</style><script>"), DOCUMENT)


def errors(**values):
    found = check_values(template(""), values)
    return [(error.path, error.code) for error in found]


def test_every_mistake_in_the_values_is_listed():
    found = errors(wage_fen=0, start="2026-02-30", salary=1, note="甲\u200b")

    assert found == [
        ("values.note", "INVISIBLE_CHARACTER"),
        ("values.salary", "UNKNOWN_FIELD"),
        ("values.start", "WRONG_FORMAT"),
        ("values.wage_fen", "TOO_SMALL"),
    ]


def test_a_missing_value_is_named_by_its_own_path():
    assert errors() == [("values.wage_fen", "REQUIRED")]


def test_free_text_may_have_lines_and_other_text_may_not():
    assert errors(wage_fen=1, note="一\n二") == []


def test_a_flood_of_rows_or_of_text_is_refused_before_anything_is_laid_out():
    assert ("values.rows", "TOO_MANY") in errors(wage_fen=1, rows=[{"a": 1}] * 201)
    flood = errors(wage_fen=1, rows=[{"a": "长" * 2_000}] * 31)

    assert ("values", "TOO_LONG") in flood
