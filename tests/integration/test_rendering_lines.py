import pytest

from paragraph_variety import CSS, marked_page
from printing_house import PrintingHouse
from signing.rendering import compiling, slots
from signing.rendering.typesetting import Setter

PAGES, PARAGRAPHS = 12, 60


@pytest.fixture(scope="module")
def house():
    return PrintingHouse()


@pytest.mark.parametrize("page", range(PAGES))
def test_random_paragraphs_break_and_stand_where_weasyprint_puts_them(house, page):
    marked = marked_page(f"page {page}", PARAGRAPHS)
    filled = slots.take_apart(marked, "qr:none")
    skeleton = slots.read_skeleton(house.layouter.elements(slots.numbered(filled)))
    nothing = frozenset()

    sheet = house.layouter.lay_out(slots.unmarked(marked), CSS, allowed=nothing, ids=nothing)
    reading = compiling.Reading(sheet, skeleton, filled.values).read()
    setter = Setter(skeleton, compiling.learn_geometry(reading), house.faces, "zh-CN")

    units = compiling.prove(reading, setter)  # raises NotExact at the first box that differs
    assert sum(len(lines) for lines in units.values()) > PARAGRAPHS
