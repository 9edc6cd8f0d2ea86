import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import Malformed
from signing.pades import der

arcs = st.tuples(
    st.sampled_from(["0", "1", "2"]),
    st.integers(0, 39),
    st.lists(st.integers(0, 2**70), max_size=8),
).map(lambda parts: ".".join([parts[0], str(parts[1]), *map(str, parts[2])]))


@given(st.integers(min_value=0, max_value=2**600))
def test_a_number_is_written_as_asn1crypto_writes_it_and_read_back(number):
    written = der.integer(number)

    assert written == core.Integer(number).dump()
    assert der.natural(der.read_one(written, der.INTEGER)) == number


@given(arcs)
def test_an_object_identifier_is_written_as_asn1crypto_writes_it_and_read_back(dotted):
    written = der.oid(dotted)

    assert written == core.ObjectIdentifier(dotted).dump()
    assert der.dotted(der.read_one(written, der.OID)) == dotted


@given(st.binary(max_size=70_000))
def test_any_content_survives_in_its_shortest_length(content):
    written = der.octet_string(content)

    assert written == core.OctetString(content).dump()
    assert der.read_one(written, der.OCTET_STRING).content == content


@given(st.lists(st.binary(max_size=12).map(der.octet_string), max_size=8))
def test_a_set_does_not_depend_on_the_order_of_its_elements(elements):
    forward, backward = der.set_of(*elements), der.set_of(*reversed(elements))

    assert forward == backward
    assert [e.raw for e in der.children(der.read_one(forward, der.SET), der.SET)] == sorted(
        elements
    )


@given(st.binary(max_size=40))
def test_reading_arbitrary_bytes_gives_elements_that_are_those_bytes_or_malformed(data):
    try:
        elements = der.read_all(data)
    except Malformed:
        return

    assert b"".join(element.raw for element in elements) == data
    assert all(der.tlv(e.tag, e.content) == e.raw for e in elements)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("cut short", "30"),
        ("content cut short", "040501"),
        ("length of a length cut short", "0482"),
        ("long form where short would do", "04810101"),
        ("leading zero in the length", "0482000101"),
        ("indefinite length", "30800000"),
        ("length beyond four bytes", "04850000000001"),
        ("tag of several bytes", "1f8101"),
    ],
)
def test_what_can_be_written_in_two_ways_is_refused(what, data):
    with pytest.raises(Malformed):
        der.read_all(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["0200", "020180", "02020001", "0401 01".replace(" ", "")])
def test_a_number_that_is_empty_negative_padded_or_none_is_refused(data):
    element, _ = der.read(bytes.fromhex(data))

    with pytest.raises(Malformed):
        der.natural(element)
