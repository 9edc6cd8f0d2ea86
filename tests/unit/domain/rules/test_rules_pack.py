from datetime import date

import pytest

from rule_drafts import TODAY, make_draft
from signing.domain.draft import Kind
from signing.domain.finding import Severity
from signing.domain.rules import engine
from signing.domain.rules.disputes import Route, route
from signing.domain.rules.term import add_months, lasts_months, longest_probation
from signing.errors import Invalid, NotFound
from signing.language import list_packs, load_pack, load_regions, make_reader, parse_notice

NOTICE = """
[[minimum_wage]]
region_code = "4301"
tier = 1
valid_from = 2026-12-01
monthly_fen = 230000
hourly_fen = 2300
document = "湘人社发〔2026〕1号"
source = "湖南省人力资源和社会保障厅"
verified = true
"""


def test_the_pack_in_force_is_the_one_of_the_day():
    assert load_pack(on=TODAY).version_id == "hunan-2021-24@2026.1"


def test_an_expired_pack_is_still_loaded_because_its_expiry_is_a_finding():
    assert load_pack(on=date(2030, 1, 1)).id == "hunan-2021-24"


def test_an_unknown_pack_is_not_found():
    with pytest.raises(NotFound):
        load_pack("nowhere", on=TODAY)


def test_a_draft_is_listed_as_not_in_force():
    packs = {p.id: p.in_force for p in list_packs()}

    assert packs == {"hunan-2021-24": True, "draft-2026": False}


def test_a_draft_can_be_previewed_and_says_so():
    pack = load_pack("draft-2026", on=TODAY)
    draft = make_draft(Kind.WRITTEN_AGREEMENT, values={"max_continuous_order_hours": 6})

    found = engine.check(draft, pack=pack, today=TODAY, reader=make_reader())

    assert {"R-99", "D-rest", "D-review"} <= {f.rule for f in found}


def test_a_notice_that_an_operator_loads_decides(tmp_path):
    (tmp_path / "notice.toml").write_text(NOTICE, "utf-8")
    draft = make_draft(Kind.WRITTEN_AGREEMENT, values={"guaranteed_hourly_fen": 2_299})

    pack = load_pack(on=TODAY, extra_dir=tmp_path)
    before = engine.check(draft, pack=pack, today=date(2026, 11, 30), reader=make_reader())
    after = engine.check(draft, pack=pack, today=date(2026, 12, 1), reader=make_reader())

    assert "MIN_WAGE_UNKNOWN" in {f.rule for f in before}
    assert [(f.rule, f.severity) for f in after] == [("R-06a", Severity.BLOCK)]


def test_a_notice_with_mistakes_is_refused_with_all_of_them():
    text = (
        NOTICE.replace('"4301"', '"x"').replace("230000", "-1").replace("湘人社发〔2026〕1号", "")
    )

    with pytest.raises(Invalid) as refused:
        parse_notice(text)

    assert {e.path for e in refused.value.errors} == {
        "minimum_wage[0].region_code",
        "minimum_wage[0].monthly_fen",
        "minimum_wage[0].document",
    }


@pytest.mark.parametrize("text", ["", "[pack]\nid = 'x'", "not toml ="])
def test_what_is_no_notice_is_refused(text):
    with pytest.raises(Invalid):
        parse_notice(text)


def test_a_good_notice_is_read():
    (row,) = parse_notice(NOTICE)

    assert (row.region_code, row.hourly_fen, row.verified) == ("4301", 2_300, True)


def test_hunan_has_fourteen_prefectures_and_122_counties():
    regions = load_regions()

    assert len(regions.by_code) == 122
    assert len({r.prefecture_code for r in regions.by_code.values()}) == 14
    assert regions.by_code["430104"].full_name == "长沙市岳麓区"


@pytest.mark.parametrize(
    ("kind", "relation", "expected"),
    [
        (Kind.LABOUR_CONTRACT, "", Route.ARBITRATION),
        (Kind.WRITTEN_AGREEMENT, "", Route.COURT),
        (Kind.TRIPARTITE_AGREEMENT, "labour_relation", Route.ARBITRATION),
        (Kind.TRIPARTITE_AGREEMENT, "managed", Route.COURT),
    ],
)
def test_a_dispute_goes_where_the_relation_sends_it(kind, relation, expected):
    chosen = route(kind, relation)

    assert chosen.route is expected
    assert chosen.basis
    assert chosen.venue_zh


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 7, 1), 36, date(2029, 7, 1)),
    ],
)
def test_months_are_added_to_the_day_of_the_same_number_or_the_last(day, months, expected):
    assert add_months(day, months) == expected


def test_a_term_is_inclusive():
    assert lasts_months(date(2026, 7, 1), date(2029, 6, 30), 36)
    assert not lasts_months(date(2026, 7, 1), date(2029, 6, 29), 36)


@pytest.mark.parametrize(
    ("end", "months"),
    [
        (date(2027, 2, 27), 0),
        (date(2027, 2, 28), 1),
        (date(2027, 11, 29), 1),
        (date(2027, 11, 30), 2),
        (date(2029, 11, 29), 2),
        (date(2029, 11, 30), 6),
    ],
)
def test_probation_grows_with_the_term(end, months):
    assert longest_probation("fixed", date(2026, 12, 1), end) == months
