"""The contract inside a page: one h1 on the page, the same text."""

from signing.domain.canonical_text import canonical_text
from signing.web.signer.fragment import as_part_of_page

FRAGMENT = (
    '<main id="contract"><h1>书面协议</h1><header class="x">头</header><hr>'
    '<h2 class="annex" id="a">附件一</h2><p>&lt;h1&gt;不是标题</p></main>'
)


def test_headings_go_one_level_down_and_nothing_else_changes():
    shown = as_part_of_page(FRAGMENT)

    assert "<h2>书面协议</h2>" in shown
    assert '<h3 class="annex" id="a">附件一</h3>' in shown
    assert '<header class="x">头</header><hr>' in shown
    assert "<h1" not in shown


def test_the_text_that_is_hashed_stays_the_same():
    assert canonical_text(str(as_part_of_page(FRAGMENT))) == canonical_text(FRAGMENT)
