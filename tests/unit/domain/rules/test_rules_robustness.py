"""Whatever JSON a platform sends: findings, never an error."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rule_drafts import LABOUR, SERVICE, TODAY, TRIPARTITE, make_draft
from signing.domain.draft import Kind
from signing.domain.rules import engine
from signing.domain.rules.shape import check_parties
from signing.language import load_pack, load_regions, make_reader

PACK, READER, REGIONS = load_pack("draft-2026", on=TODAY), make_reader(), load_regions()
KEYS = sorted(LABOUR | SERVICE | TRIPARTITE | {"other_terms": "", "annexes": []})
WORDS = (
    "甲方 乙方 丙方 不得 未 押金 缴纳 的 者 ， 。 《 》 ( ） 放弃 社保 试用期 三年 1.5倍 ¥ "
    "百分之 半 ya jin 第"
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=40),
    st.lists(st.sampled_from(WORDS.split()), max_size=25).map("".join),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    values=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6),
    answers=JSON,
)
def test_any_values_give_findings_and_no_error(kind, values, answers):
    draft = make_draft(kind, values=values, classification={"answers": answers})

    findings = engine.check(draft, pack=PACK, today=TODAY, reader=READER)

    assert all(f.rule and f.message_zh for f in findings)
    assert all(e.path for e in check_parties(draft, regions=REGIONS, today=TODAY))


@pytest.mark.parametrize("piece", ["甲方不得收取乙方未缴纳的押金", "不", "未的", "一", "1", "（押"])
def test_an_endless_sentence_is_judged_in_work_that_grows_with_its_length(piece):
    short, long = (piece * (n // len(piece)) for n in (1_000, 8_000))

    assert calls(long) < 12 * calls(short)


def calls(text):
    """How often one check of a text calls anything: work, without a clock."""
    draft = make_draft(Kind.WRITTEN_AGREEMENT, values={"other_terms": text})
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        engine.check(draft, pack=PACK, today=TODAY, reader=READER)
    finally:
        sys.setprofile(before)
    return counted


@settings(max_examples=80, deadline=None)
@given(worker=st.dictionaries(st.sampled_from(["id_number", "id_type", "phone", "name"]), LEAVES))
def test_any_worker_gives_errors_and_no_exception(worker):
    draft = make_draft(Kind.WRITTEN_AGREEMENT, worker=worker)

    engine.check(draft, pack=PACK, today=TODAY, reader=READER)

    assert all(e.code for e in check_parties(draft, regions=REGIONS, today=TODAY))
