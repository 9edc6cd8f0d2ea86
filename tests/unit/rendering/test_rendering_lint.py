import dataclasses
from pathlib import Path
from types import MappingProxyType

import pytest

from signing.rendering.catalogue import Catalogue, ContractTemplate
from signing.rendering.lint import lint

CONTRACTS = Path(__file__).resolve().parents[3] / "templates" / "contracts"
GOOD = ContractTemplate(
    kind="written_agreement",
    version="2026.1",
    title="协议",
    manifest=MappingProxyType({"roles": []}),
    schema={},
    template_sha256="",
    html='<main id="contract"><p>{{ v.x }}</p></main>',
    css="table { table-layout: fixed } p { margin: 0; font-size: 9pt; color: #444 }",
    cards=(),
    examples=(),
)


def of_css(rule):
    return lint(dataclasses.replace(GOOD, css=GOOD.css + rule))


def of_html(html):
    return lint(dataclasses.replace(GOOD, html=html))


def test_a_plain_template_has_nothing_to_be_said_of():
    assert lint(GOOD) == ()


@pytest.mark.parametrize("kind", Catalogue(CONTRACTS).kinds())
def test_the_published_texts_are_clean(kind):
    assert lint(Catalogue(CONTRACTS).load(kind)) == ()


@pytest.mark.parametrize(
    "rule",
    [
        "p { color: #fff }",
        "p { color: rgba(0, 0, 0, .1) }",
        "p { color: transparent }",
        "p { font-size: 4pt }",
        "p { font-size: .5em }",
        "p { font: 3pt/1.5 Song }",
        "p { font-family: serif }",
        "p { line-height: .1 }",
        "p { line-height: normal }",
        "p { opacity: .1 }",
        "p { display: none }",
        "p { visibility: hidden }",
        "p { position: absolute }",
        "p { position: relative; left: -900px }",
        "p { text-indent: -9999px }",
        "p { margin-left: -200mm }",
        "p { height: 0 }",
        "p { overflow: hidden }",
        "p { transform: scale(0) }",
        "p { clip-path: inset(50%) }",
        "p { background: #000 }",
        "p { letter-spacing: -1em }",
        "p { order: 2 }",
        "p { float: right }",
        "p::before { content: '不' }",
        "p { content: '不' }",
        "p { text-transform: uppercase }",
        "p { border: 1pt solid #fff }",
        "@media print { p { color: #fff } }",
        "@font-face { font-family: Song; src: url(x) }",
        "@import 'x.css';",
    ],
)
def test_what_could_hide_or_move_text_is_refused(rule):
    assert of_css(rule)


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: #fff">x</p>',
        "<script>x</script>",
        "{{ v.x | safe }}",
        "{% macro m() %}{% endmacro %}",
        '<p aria-hidden="true">不</p>',
        "<p hidden>不</p>",
        '<p onclick="x">x</p>',
    ],
)
def test_markup_that_could_hide_or_move_text_is_refused(html):
    assert of_html(html)


def test_tables_must_be_fixed():
    assert lint(dataclasses.replace(GOOD, css="p { margin: 0 }"))
