import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import Broken
from signing.rendering.textlock import Expected, check, to_unicode, walk

CODES = to_unicode(b"<0001> <4e2d>\n<0002> <6587>\n<0003> <d83dde00>")
BLACK = b"0 0 0 rg\nBT\n1 0 0 -1 100 200 Tm\n/F1 16 Tf\n[<00010002>12<0001>] TJ\nET"


def walked(content):
    return walk(content, {"F1": CODES}, width=595, height=842)


def refused(pages, expected):
    with pytest.raises(Broken) as caught:
        check(pages, expected)
    return caught.value


def test_a_stream_is_read_by_the_map_that_is_embedded():
    assert walked(BLACK) == "中文中"
    assert CODES[3] == "\U0001f600"


@pytest.mark.parametrize(
    "content",
    [
        BLACK.replace(b"0 0 0 rg", b"0.9 0.9 0.9 rg"),
        BLACK.replace(b"0 0 0 rg", b"1 0 0 rg"),
        BLACK.replace(b"/F1 16 Tf", b"/F1 9 Tf"),
        BLACK.replace(b"100 200 Tm", b"900 200 Tm"),
        BLACK.replace(b"100 200 Tm", b"100 -5 Tm"),
        BLACK.replace(b"BT\n", b"BT\n3 Tr\n"),
    ],
)
def test_text_that_a_reader_could_miss_is_refused(content):
    with pytest.raises(Broken) as caught:
        walked(content)

    assert caught.value.code == "TEXT_LOCK"


def test_headers_and_footers_are_cut_and_a_table_head_may_stand_again():
    expected = Expected("甲乙项目丙丁戊", ["第1页", "编号第2页"], ["项目"])

    check(["甲 乙项目丙第1页", "项目丁戊\n编号 第2页"], expected)


def test_a_repeated_head_is_forgiven_at_the_top_of_a_page_only():
    expected = Expected("甲项目乙丙", ["1", "2"], ["项目"])

    error = refused(["甲项目乙项目1", "丙2"], expected)

    assert "page 1 at 4" in error.message


def test_text_that_is_missing_at_the_end_is_named():
    error = refused(["甲乙1"], Expected("甲乙丙", ["1"], []))

    assert "'丙'" in error.message


def test_a_page_without_its_footer_is_refused():
    assert refused(["甲乙"], Expected("甲乙", ["1"], [])).code == "TEXT_LOCK"


@given(
    text=st.text(alphabet="甲乙丙丁戊己", min_size=2, max_size=40),
    cut=st.integers(min_value=0, max_value=40),
    place=st.integers(min_value=0, max_value=39),
)
def test_any_single_changed_character_is_found(text, cut, place):
    cut, place = min(cut, len(text)), min(place, len(text) - 1)
    expected = Expected(text, ["①", "②"], [])
    check([text[:cut] + "①", text[cut:] + "②"], expected)

    changed = text[:place] + "癸" + text[place + 1 :]

    assert refused([changed[:cut] + "①", changed[cut:] + "②"], expected).code == "TEXT_LOCK"
