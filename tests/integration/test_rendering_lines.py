import pytest

from paragraph_variety import CSS, differing, marked_page
from printing_house import PrintingHouse
from signing.rendering import compiling, slots
from signing.rendering.lines import NotExact
from signing.rendering.reading import Reading
from signing.rendering.typesetting import Setter

PAGES, PARAGRAPHS = 12, 60  # the benchmark tries 3,000


@pytest.fixture(scope="module")
def house():
    return PrintingHouse()


def read(house, marked):
    """The page as WeasyPrint drew it, with a setter that has learned its geometry."""
    filled = slots.take_apart(marked, "qr:none")
    skeleton = slots.read_skeleton(house.layouter.elements(slots.numbered(filled)))
    nothing = frozenset()
    sheet = house.layouter.lay_out(slots.unmarked(marked), CSS, allowed=nothing, ids=nothing)
    reading = Reading(sheet, skeleton, filled.values).read()
    return reading, Setter(skeleton, compiling.learn_geometry(reading), house.faces, "zh-CN")


@pytest.mark.parametrize("page", range(PAGES))
def test_random_paragraphs_break_and_stand_where_weasyprint_puts_them(house, page):
    reading, setter = read(house, marked_page(f"page {page}", PARAGRAPHS))

    wrong, lines, refused = differing(reading, setter)

    assert wrong == []
    assert lines > 2 * PARAGRAPHS
    assert refused <= 2


def test_an_element_left_empty_in_long_text_is_not_for_the_setter(house):
    """WeasyPrint breaks a word too early before it, if it stands at the end of a line."""
    value, frame = (
        "甲乙双方约定" * 12,
        '<html><head></head><body><main id="contract">{}</main></body></html>',
    )
    paragraph = f"<p>\ue000{value}\ue001<b>\ue000\ue001</b>\ue000{value}\ue001</p>"

    reading, setter = read(house, frame.format(paragraph))

    with pytest.raises(NotExact):
        setter.set_all(reading.values)
