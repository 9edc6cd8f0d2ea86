from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.verification import der
from signing.verification.reasons import Refused


def tlv(tag, content):
    """DER for contents of any length, written for these tests alone."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_what_is_written_in_der_is_read_back(contents):
    data = tlv(der.SEQUENCE, b"".join(tlv(der.OCTET_STRING, content) for content in contents))

    children = der.read_whole(data).children()

    assert [child.content for child in children] == contents
    assert b"".join(child.raw for child in children) == der.read_whole(data).content


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("nothing", ""),
        ("a tag alone", "30"),
        ("content cut short", "3003020101"[:-2]),
        ("indefinite length", "30800000"),
        ("long form for a short length", "308103020101"),
        ("a length with a leading zero", "30820003020101"),
        ("a length of five bytes", "308500000000030201"),
        ("a tag of several bytes", "1f8101"),
        ("bytes behind the last element", "300302010100"),
    ],
)
def test_a_second_way_to_write_it_is_refused(name, data):
    with pytest.raises(Refused):
        der.read_whole(bytes.fromhex(data))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    try:
        node, end = der.read(data)
        node.children()
    except Refused:
        return
    assert node.raw == data[:end]


@given(st.integers(0, 2**200))
def test_natural_numbers_are_read(value):
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")

    assert der.natural(der.read_whole(tlv(der.INTEGER, content), der.INTEGER)) == value


@pytest.mark.parametrize("content", ["", "ff", "80", "0001", "007f"])
def test_negative_and_padded_numbers_are_refused(content):
    node = der.Node(der.INTEGER, bytes.fromhex(content), b"")

    with pytest.raises(Refused):
        der.natural(node)


@pytest.mark.parametrize(
    ("content", "dotted"),
    [("2a864886f70d010702", "1.2.840.113549.1.7.2"), ("0400", "0.4.0"), ("883703", "2.999.3")],
)
def test_object_identifiers_are_read(content, dotted):
    assert der.dotted(der.Node(der.OID, bytes.fromhex(content), b"")) == dotted


@pytest.mark.parametrize("content", ["", "2a86", "2a8001", "80"])
def test_object_identifiers_in_other_spellings_are_refused(content):
    with pytest.raises(Refused):
        der.dotted(der.Node(der.OID, bytes.fromhex(content), b""))


def test_times_are_read_with_and_without_a_fraction():
    def read(text):
        return der.generalized_time(der.Node(der.GENERALIZED_TIME, text, b""))

    assert read(b"20261125080000Z") == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert read(b"20261125080000.5Z") == datetime(2026, 11, 25, 8, 0, 0, 500_000, tzinfo=UTC)
    for other in (b"20261125080000", b"20261125080000.50Z", b"20261325080000Z", b"261125080000Z"):
        with pytest.raises(Refused):
            read(other)


def test_an_object_identifier_of_many_digits_is_refused():
    content = b"\x2a" + b"\x81" * 5_000 + b"\x01"

    with pytest.raises(Refused):
        der.dotted(der.Node(der.OID, content, b""))
