import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.audit.canonical import (
    MAX_DEPTH,
    canonical_json,
    decode_base64,
    encode_base64,
    load_json,
)
from signing.errors import Malformed

TEXT = st.text(st.characters(codec="utf-8"))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)


@given(value=VALUES)
def test_canonical_bytes_read_back_as_the_same_value(value):
    assert load_json(canonical_json(value)) == value


@given(value=st.dictionaries(TEXT, st.integers(0, 9), min_size=2))
def test_the_order_of_members_does_not_change_the_bytes(value):
    turned = dict(reversed(value.items()))

    assert canonical_json(turned) == canonical_json(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, {"a": b""}])
def test_what_json_cannot_carry_is_not_written(value):
    with pytest.raises(Malformed) as refusal:
        canonical_json(value)

    assert refusal.value.code == "NOT_CANONICAL"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"b":2,"a":1}', "DUPLICATE_MEMBER"),
        (b'{"a":{"b":1,"\\u0062":2}}', "DUPLICATE_MEMBER"),
        (b"[NaN]", "NOT_A_NUMBER"),
        (b"[Infinity]", "NOT_A_NUMBER"),
        (b"[-Infinity]", "NOT_A_NUMBER"),
        (b"[1e309]", "NOT_A_NUMBER"),
        (b"\xef\xbb\xbf{}", "BOM"),
        ('"a"'.encode("utf-16"), "BOM"),
        (b'"\xff"', "NOT_UTF8"),
        (b'"\xed\xa0\x80"', "NOT_UTF8"),
        (b'"\\ud800"', "LONE_SURROGATE"),
        (b'{"\\udfff":1}', "LONE_SURROGATE"),
        (b"{'a':1}", "NOT_JSON"),
        (b"[1,]", "NOT_JSON"),
        (b"", "NOT_JSON"),
        (b"1" * 5000, "NOT_JSON"),
        (b"[" * 100_000, "TOO_DEEP"),
        (b"[" * 33 + b"]" * 33, "TOO_DEEP"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "TOO_DEEP"),
    ],
)
def test_json_with_two_meanings_or_none_is_refused_by_name(data, code):
    with pytest.raises(Malformed) as refusal:
        load_json(data)

    assert refusal.value.code == code
    assert refusal.value.message_zh != refusal.value.message


def test_the_deepest_nesting_allowed_is_read():
    data = b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH

    assert json.dumps(load_json(data)).encode() == data


@given(data=st.binary())
def test_base64_reads_back(data):
    assert decode_base64(encode_base64(data)) == data


@pytest.mark.parametrize("text", ["AA", "AB==", "AA==\n", "A A=", "AA-_", "Ａ===", "AAAA===="])
def test_a_second_spelling_of_base64_is_refused(text):
    with pytest.raises(Malformed):
        decode_base64(text)
