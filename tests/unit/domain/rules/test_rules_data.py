"""The rule table itself: complete, consistent, and readable."""

from datetime import date

import pytest

from signing.domain.rules.frames import parse_frame, parse_item, parse_limit
from signing.language import load_pack
from signing.language.lexicon_files import read_folder

PACK = load_pack("draft-2026", on=date(2026, 11, 25))
LEXICON = {tag for _, data in read_folder("lexicon") for tag in data["words"]}
NO_WORDS = {"NUMBER"}


@pytest.mark.parametrize("case_id", sorted(PACK.cases.by_id))
def test_a_case_says_what_it_refuses_by_which_article_and_what_to_write(case_id):
    case = PACK.cases[case_id]

    assert case.article
    assert case.zh
    assert case.en
    assert case.instead
    assert case.refuses
    assert case.neighbour
    assert case.severity


@pytest.mark.parametrize("number", range(len(PACK.frames)))
def test_a_frame_names_tags_that_the_lexicon_has(number):
    frame = PACK.frames[number]
    tags = {t for item in (*frame.see, *frame.unless, *frame.unless_here) for t in item.tags}

    assert tags - LEXICON - NO_WORDS == set()


def test_no_lexicon_word_stands_twice_under_one_tag_of_a_file():
    for name, data in read_folder("lexicon"):
        for tag, words in data["words"].items():
            assert words.strip(), f"{name}: {tag} is empty"


def test_an_item_is_read_from_its_short_form():
    item = parse_item("pay@worker|!return|?deposit|bear@!enterprise")

    assert [(c.tag, c.polarity.value, c.actor, c.not_actor) for c in item.choices] == [
        ("pay", "said", "worker", ""),
        ("return", "denied", "", ""),
        ("deposit", "either", "", ""),
        ("bear", "said", "", "enterprise"),
    ]


@pytest.mark.parametrize("row", [{}, {"see": []}, {"see": ["pay"], "sea": 1}])
def test_a_frame_with_an_unknown_or_missing_key_is_refused(row):
    with pytest.raises(ValueError, match="x"):
        parse_frame("x", row)


def test_a_limit_without_comparison_is_refused():
    with pytest.raises(ValueError, match="no comparison"):
        parse_limit("pct 150")


@pytest.mark.parametrize(
    ("text", "number", "holds"),
    [
        ("pct<150", 149, True),
        ("pct<150", 150, False),
        ("days>30", 31, True),
        ("months>=6", 6, True),
    ],
)
def test_a_limit_holds_on_the_wrong_side_only(text, number, holds):
    assert parse_limit(text).holds(number) is holds
