"""The vectors are shared with the phone's JavaScript: tests/vectors/canonical_text.json."""

import hashlib
import json
from pathlib import Path

import pytest

from signing.domain.canonical_text import WHITE_SPACE, canonical_text, text_sha256
from signing.errors import Malformed

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "canonical_text.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_text_of_a_vector_is_the_same_here_and_on_the_phone(case):
    assert canonical_text(case["html"]) == case["text"]
    assert text_sha256(case["html"]) == case["sha256"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_markup_with_two_readings_is_refused(case):
    with pytest.raises(Malformed) as refusal:
        canonical_text(case["html"])

    assert refusal.value.code == "CONTRACT_TEXT"


def test_exactly_the_listed_white_space_is_dropped():
    everything = "".join(
        chr(c) for c in range(1, 0x3100) if chr(c) not in "<&" and not 0xD800 <= c < 0xE000
    )

    kept = canonical_text(f'<div id="contract">{everything}</div>')

    assert {ord(c) for c in everything} - {ord(c) for c in kept} == set(WHITE_SPACE)
    assert len(WHITE_SPACE) == 24


def test_one_changed_character_changes_the_digest():
    first = text_sha256('<div id="contract">每单 5 元</div>')

    second = text_sha256('<div id="contract">每单 6 元</div>')

    assert first == hashlib.sha256("每单5元".encode()).hexdigest()
    assert first != second
