import pytest

from signing.language.reader import make_segmenter
from signing.language.segment import Segmenter
from signing.language.sounds import SoundTable

WORDS = {
    "押金": frozenset({"deposit"}),
    "负担": frozenset({"bear"}),
    "担保": frozenset({"guarantor"}),
    "保费": frozenset({"premium"}),
    "不": frozenset({"NOT"}),
    "不限": frozenset({"equal"}),
    "限制": frozenset({"TURN"}),
    "不得": frozenset({"BAN"}),
    "得以": frozenset({"MAY"}),
}
SEGMENTER = Segmenter(WORDS, SoundTable(["押金"], ["压紧"], {"yj2": "押金"}))


def words(text):
    return [t.word for t in SEGMENTER.tokens(text)]


def test_a_word_across_two_others_is_not_seen():
    assert words("负担保费") == ["负担", "保费"]


def test_a_negator_stands_alone_where_that_frees_a_longer_word():
    assert words("不限制") == ["不", "限制"]


def test_a_ban_is_not_torn_apart():
    assert words("不得以") == ["不得"]


@pytest.mark.parametrize("text", ["压金", "鸭金", "yajin", "YAJIN", "押jin", "ya金", "押 jin"])
def test_a_word_by_its_sound_is_the_word(text):
    assert words(f"交{text}五百") == ["押金"]


@pytest.mark.parametrize("text", ["压紧", "雅尽", "majin", "yajing"])
def test_another_word_of_like_sound_is_not(text):
    assert words(text) == []


def test_a_disguised_word_points_at_what_stands_in_the_source():
    text = "先交 ya jin 五百元"

    token = next(t for t in SEGMENTER.tokens(text) if "deposit" in t.tags)

    assert text[token.start : token.end] == "ya jin"


def test_a_text_is_spelled_as_the_lexicon_spells_it():
    assert SEGMENTER.spelled("交压金") == "交押金"
    assert SEGMENTER.spelled("交yajin") == "交押金"


def test_the_shipped_lexicon_reads_a_whole_sentence():
    tags = [t.tags for t in make_segmenter().tokens("甲方不得收取押金。")]

    assert [bool(tags[i] & {want}) for i, want in enumerate(("PARTY_A", "BAN", "collect"))] == [
        True,
        True,
        True,
    ]


def test_an_endless_clause_is_read_in_reasonable_time():
    text = "甲方不得收取押金" * 2_000

    tokens = SEGMENTER.tokens(text)

    assert len(tokens) == 4_000
