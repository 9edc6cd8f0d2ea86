from xml.etree.ElementTree import fromstring

import pytest

from signing.domain.canonical_text import canonical_text
from signing.rendering.lines import NotExact, set_lines
from signing.rendering.slots import numbered, read_skeleton, take_apart, unmarked

OPEN, CLOSE = "\ue000", "\ue001"


def marked(*parts):
    """Parts in turn literal and value, in the page's frame."""
    body = "".join(
        f"{OPEN}{part}{CLOSE}" if place % 2 else part for place, part in enumerate(parts)
    )
    return f'<html><head></head><body><main id="contract">{body}</main></body></html>'


def skeleton_of(page):
    filled = take_apart(page, "data:qr")
    return read_skeleton(fromstring(numbered(filled))), filled  # noqa: S314 - made above


def test_pages_that_differ_in_values_alone_have_one_skeleton():
    one = take_apart(marked("<p>", "张三", "</p>"), "data:qr")
    other = take_apart(marked("<p>", "李四光", "</p>"), "data:qr")
    third = take_apart(marked("<h1>", "张三", "</h1>"), "data:qr")

    assert one.key == other.key
    assert one.key != third.key
    assert (one.values, other.values) == (("张三",), ("李四光",))


def test_values_are_plain_text_again():
    assert take_apart(marked("<p>", "&lt;b&gt; &amp;", "</p>"), "data:qr").values == ("<b> &",)


def test_values_in_attributes_belong_to_the_skeleton_and_the_qr_code_does_not():
    one = take_apart(marked('<p id="', "a", '">x</p><img src="', "data:one", '">'), "data:one")
    other = take_apart(marked('<p id="', "a", '">x</p><img src="', "data:two", '">'), "data:two")
    third = take_apart(marked('<p id="', "b", '">x</p><img src="', "data:one", '">'), "data:one")

    assert one.key == other.key
    assert one.key != third.key
    assert one.values == ()


def test_units_end_where_blocks_end_and_know_their_values():
    page = marked("<p>甲<b>", "张", "</b>乙</p><div>丙<p>", "丁", "</p></div>戊")

    skeleton, filled = skeleton_of(page)

    texts = [unit.text(filled.values) for unit in skeleton.units]
    assert texts == ["甲张乙", "丙", "丁", "戊"]
    assert skeleton.slot_units == (0, 2)
    assert [run.text(filled.values) for run in skeleton.units[0].runs] == ["甲", "张", "乙"]


def test_white_space_collapses_as_in_css():
    skeleton, filled = skeleton_of(marked("<p>\n  甲 <b> 乙</b>  丙\n</p>"))

    assert [unit.text(filled.values) for unit in skeleton.units] == ["甲 乙 丙"]


def test_the_canonical_text_needs_no_second_reading():
    page = marked(
        '<div class="rh" aria-hidden="true">号', "7", "</div><p>甲　", " 张 三 ", "，乙</p>"
    )

    skeleton, filled = skeleton_of(page)

    assert skeleton.canonical_text(filled.values) == canonical_text(unmarked(page))


def lines(text, advances, breaks, width, first=None):
    found = set_lines(text, advances, lambda: breaks, first_width=first or width, width=width)
    return [text[start:end] for start, end in found]


def test_a_line_takes_what_fits_and_the_first_has_its_own_room():
    text, advances = "甲乙丙丁戊己", [10] * 6

    assert lines(text, advances, [1, 2, 3, 4, 5, 6], 30) == ["甲乙丙", "丁戊己"]
    assert lines(text, advances, [1, 2, 3, 4, 5, 6], 30, first=10) == ["甲", "乙丙丁", "戊己"]


def test_a_line_ends_only_where_it_may():
    assert lines("甲乙，丙丁", [10] * 5, [1, 3, 4, 5], 20) == ["甲", "乙，", "丙丁"]


def test_text_of_one_line_is_never_asked_for_its_breaks():
    found = set_lines("A B", [10, 10, 10], lambda: pytest.fail("asked"), first_width=30, width=30)

    assert found == [(0, 3)]


@pytest.mark.parametrize(
    ("text", "breaks"),
    [("AB CD", [3, 5]), ("甲乙丙\u3000丁", [1, 2, 4, 5]), ("ABCDE", [5])],
)
def test_what_the_setter_cannot_promise_is_not_set(text, breaks):
    with pytest.raises(NotExact):
        lines(text, [10] * 5, breaks, 40)


def test_a_stretch_that_runs_over_two_elements_is_not_broken_off():
    text, advances, breaks = "甲乙丙（丁）￥戊", [10] * 8, [1, 2, 3, 8]

    def set_with(joints):
        return set_lines(text, advances, lambda: breaks, first_width=60, width=60, joints=joints)

    assert set_with([3]) == [(0, 3), (3, 8)]
    with pytest.raises(NotExact):
        set_with([6])
