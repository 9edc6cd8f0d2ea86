import base64

import pytest

from printing_house import PrintingHouse
from signing.errors import Broken

CSS = "@page { font-family: Song } html { font-family: Song; font-size: 12pt; line-height: 1.5 }"
SECRET = "file:///etc/passwd"
HTTP = "http://127.0.0.1:9/x"
SVG = base64.b64encode(
    f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{SECRET}"/></svg>'.encode()
).decode()


@pytest.fixture(scope="module")
def house():
    return PrintingHouse()


def lay_out(house, body, css=CSS, allowed=frozenset()):
    html = f"<html><head></head><body>{body}</body></html>"
    return house.layouter.lay_out(html, css, allowed=allowed, ids=frozenset())


@pytest.mark.parametrize(
    "body",
    [
        f'<img src="{SECRET}">',
        f'<img src="{HTTP}">',
        '<img src="//127.0.0.1/x">',
        f'<img src="data:image/svg+xml;base64,{SVG}">',
        f'<link rel="stylesheet" href="{HTTP}">',
        f'<link rel="attachment" href="{SECRET}">',
        f'<a rel="attachment" href="{SECRET}">甲</a>',
        f'<object data="{SECRET}">甲</object>',
        f'<embed src="{SECRET}">',
        f'<svg width="9" height="9"><image width="9" height="9" href="{SECRET}"/></svg>',
        f'<p style="background: url({HTTP})">甲</p>',
        f'<p style="list-style: url({SECRET}); display: list-item">甲</p>',
        f'<style>@import "{HTTP}";</style><p>甲</p>',
        f"<style>@font-face {{ font-family: F; src: url({SECRET}) }}</style><p>甲</p>",
        f"<style>p::before {{ content: url({HTTP}) }}</style><p>甲</p>",
        f'<base href="{HTTP}"><img src="x.png">',
    ],
)
def test_nothing_is_fetched_and_a_page_that_asks_is_not_made(house, body):
    with pytest.raises(Broken) as caught:
        lay_out(house, body)

    assert caught.value.code == "RENDER_INCOMPLETE"


def test_a_reference_into_another_document_is_not_followed(house):
    """A request would be refused and would stop it (as above): so there was none."""
    sheet = lay_out(house, f'<p>甲<svg width="9" height="9"><use href="{HTTP}#x"/></svg></p>')

    assert len(sheet.pages) == 1


def test_an_svg_of_ours_may_not_reach_out_either(house):
    uri = f"data:image/svg+xml;base64,{SVG}"

    with pytest.raises(Broken):
        lay_out(house, f'<img src="{uri}">', allowed=frozenset({uri}))


@pytest.mark.parametrize(
    "css", ["p { colour: red }", "p { color: nonsense }", "p { line-break: x }"]
)
def test_a_style_that_is_not_understood_stops_it(house, css):
    with pytest.raises(Broken):
        lay_out(house, "<p>甲</p>", css=CSS + css)


def test_a_missing_signature_box_stops_it(house):
    with pytest.raises(Broken, match="sig-worker"):
        house.layouter.lay_out(
            "<html><body><p>甲</p></body></html>",
            CSS,
            allowed=frozenset(),
            ids=frozenset({"sig-worker"}),
        )
