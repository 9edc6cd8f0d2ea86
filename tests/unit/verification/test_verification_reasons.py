"""The tables of codes: complete, in both languages, and told apart."""

import re
from pathlib import Path

import pytest

from signing.domain.verdict import Indication, Weight
from signing.verification.findings import HEADLINES, NOTES, finding
from signing.verification.reasons import REASONS, Refused

SOURCE = "\n".join(
    path.read_text("utf-8")
    for path in (Path(__file__).parents[3] / "signing" / "verification").glob("*.py")
)
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")
ALL = {**REASONS, **NOTES, **HEADLINES}


def test_no_code_stands_in_two_tables():
    assert len(ALL) == len(REASONS) + len(NOTES) + len(HEADLINES)


def test_every_code_that_is_raised_has_a_reason():
    raised = set(re.findall(r'Refused\(\s*"([A-Z_]+)"', SOURCE))

    assert raised - set(REASONS) == set()
    assert len(raised) > 40


def test_every_reason_is_used_somewhere():
    used = set(
        re.findall(r'"([A-Z][A-Z_0-9]+)"', re.sub(r'"[A-Z_0-9]+": (Reason|Note)\(', "", SOURCE))
    )

    assert set(ALL) - used == set()


@pytest.mark.parametrize("code", sorted(ALL))
def test_every_code_has_a_sentence_in_each_language(code):
    found = finding(code, "detail", who="劳动者")

    assert CHINESE.search(found.message_zh)
    assert found.message_zh.startswith("劳动者：")
    assert found.message.endswith("(detail)")
    assert found.message.isascii() or code == "HEADER"


def test_the_four_sentences_that_people_must_not_mix_up_differ_and_say_what_to_do():
    four = [HEADLINES[c].zh for c in ("UNTOUCHED", "ADDITIONS_ALLOWED", "CHANGED", "CANNOT_JUDGE")]

    assert len(set(four)) == 4
    assert all("请" in sentence for sentence in four)
    assert "另存过" in HEADLINES["CHANGED"].zh
    assert "原件" in HEADLINES["CHANGED"].zh


def test_every_headline_says_the_next_step():
    assert all("请" in headline.zh for headline in HEADLINES.values())


def test_weights_follow_the_indication():
    assert finding("HASH_FAILURE").severity is Weight.ERROR
    assert finding("UNKNOWN_ISSUER").severity is Weight.WARNING
    assert REASONS["HASH_FAILURE"].indication is Indication.TOTAL_FAILED
    assert REASONS["UNKNOWN_ISSUER"].indication is Indication.INDETERMINATE


def test_a_refusal_names_its_code_and_detail():
    assert str(Refused("CMS", "cut short")) == "CMS: cut short"
    assert str(Refused("CMS")) == "CMS"


def test_the_arbitrators_document_explains_every_code_in_the_same_words():
    document = (Path(__file__).parents[3] / "docs" / "verifying.md").read_text("utf-8")

    rows = dict(re.findall(r"^\| `([A-Z_0-9]+)` \| ([^|]+) \|", document, re.MULTILINE))

    assert set(rows) == set(ALL)
    assert {code: text.strip() for code, text in rows.items()} == {c: ALL[c].zh for c in ALL}
