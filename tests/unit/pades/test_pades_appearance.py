import math
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdf_bases import make_base
from signing.errors import Rejected
from signing.pades.appearance import ink_appearance, seal_appearance, typed_appearance
from signing.pades.strokes import MAX_INK_POINTS

PLAN = make_base(("enterprise", "worker"))[1]
NAME = "长沙某某网络科技有限公司"
PAD = (320.0, 160.0)
LINE = [(10.0, 20.0), (50.0, 60.0), (90.0, 30.0)]


def content_of(form: bytes) -> str:
    """The operators of a Form XObject, after checking what a reader would check first."""
    head, _, rest = form.partition(b"\nstream\n")
    data = rest.removesuffix(b"\nendstream")
    assert head.startswith(b"<</Type/XObject/Subtype/Form/BBox[0 0 ")
    assert b"/Length %d>>" % len(data) in head
    return zlib.decompress(data).decode("ascii")


def shown(content: str) -> str:
    """The text that the glyph codes stand for."""
    characters = {code: c for c, code in PLAN.faces["song"].glyphs.items()}
    codes = "".join(re.findall(r"<([0-9a-f]+)> Tj", content))
    return "".join(characters[codes[i : i + 4]] for i in range(0, len(codes), 4))


def seal(noon, **changed):
    arguments = {"name": NAME, "signing_time": noon, "is_test": True} | changed
    return seal_appearance(PLAN, "enterprise", **arguments)


def ink(noon, strokes, **changed):
    arguments = {"pad": PAD, "signing_time": noon, "is_test": True} | changed
    return ink_appearance(PLAN, "worker", strokes=strokes, **arguments)


def points_of(content: str) -> list[tuple[float, float]]:
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml]\b", content)
    return [(float(x), float(y)) for x, y in found]


def test_a_seal_shows_name_time_in_changsha_and_that_it_is_a_test(noon):
    text = shown(content_of(seal(noon)))

    assert text.startswith(NAME)
    assert "2026-12-01 12:00:00" in text
    assert "测试证书" in text


def test_a_seal_by_a_real_certificate_does_not_call_itself_a_test(noon):
    assert "测试" not in shown(content_of(seal(noon, is_test=False)))


def test_a_seal_has_less_than_a_kilobyte_even_with_a_long_name(noon):
    long = "湖南某某人力资源服务有限公司长沙测试配送网络科技有限公司"

    assert len(seal(noon)) < 800
    assert len(seal(noon, name=long)) < 1_100
    assert shown(content_of(seal(noon, name=long))).startswith(long)


def test_the_same_seal_has_the_same_bytes(noon):
    assert seal(noon) == seal(noon)


def typed(noon, name):
    return typed_appearance(PLAN, "worker", name=name, signing_time=noon, is_test=True)


@pytest.mark.parametrize("draw", [lambda noon, name: seal(noon, name=name), typed])
def test_a_character_without_a_glyph_is_named_never_left_out(noon, draw):
    with pytest.raises(Rejected) as refused:
        draw(noon, "长沙𠮷囧公司")

    assert refused.value.code == "GLYPH_MISSING"
    assert refused.value.facts["characters"] == "𠮷囧"


def test_a_typed_name_is_as_large_as_fits(noon):
    content = content_of(typed(noon, "张三"))

    assert "/F1 36 Tf" in content
    assert shown(content) == "张三2026-12-01 12:00:00 测试证书"


def test_ink_is_drawn_upright_undistorted_and_inside_its_box(noon):
    content = content_of(ink(noon, [LINE]))

    (x0, y0), (x1, y1), (x2, y2) = points_of(content)
    assert y1 < y2 < y0  # down on the pad is down on the page
    assert math.isclose((x1 - x0) / (x2 - x1), 1, rel_tol=0.02)
    assert math.isclose((y0 - y1) / (x1 - x0), 1, rel_tol=0.02)
    assert all(0 <= x <= 200 and 0 <= y <= 120 for x, y in points_of(content))


def test_a_small_mark_on_a_large_pad_stays_small(noon):
    tick = [(x / 10, y / 10) for x, y in LINE]

    xs = [x for x, _ in points_of(content_of(ink(noon, [tick])))]

    assert max(xs) - min(xs) < 200 / 10


strokes = st.lists(
    st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=600),
    min_size=1,
    max_size=20,
)


@given(strokes)
def test_whatever_is_drawn_stays_in_the_box_and_below_the_limit(strokes):
    from datetime import UTC, datetime  # noqa: PLC0415  (hypothesis and function fixtures do not mix)

    if sum(map(len, strokes)) < 2:
        return

    form = ink(datetime(2026, 12, 1, 4, tzinfo=UTC), strokes)

    points = points_of(content_of(form))
    assert all(0 <= x <= 200 and 0 <= y <= 120 for x, y in points)
    assert len(points) <= 2 * MAX_INK_POINTS  # a dot is drawn as a line to itself
    assert len(form) < 4_000


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [[]],
        [[(1.0, 1.0)]],
        [[(math.nan, 1.0), (2.0, 2.0)]],
        [[(math.inf, 1.0), (2.0, 2.0)]],
        [[(float(i), 1.0) for i in range(20_001)]],
    ],
)
def test_what_is_no_drawing_is_refused(noon, strokes):
    with pytest.raises(Rejected) as refused:
        ink(noon, strokes)

    assert refused.value.code == "INK_EMPTY"
