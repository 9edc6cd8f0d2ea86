"""Frames made by hand: which bytes are a file of our grammar, and where each object stands."""

import pytest

from signing.pades import vocabulary
from signing.verification import grammar
from signing.verification.reasons import Refused

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
FREE = b"0000000000 65535 f \n"


def base(objects=None, *, header=HEADER, trailer=b"/ID[<00><01>]/Info 2 0 R"):
    """A file of one revision; `objects` maps numbers from 1 to bodies."""
    objects = objects or {1: b"<</Type/Catalog>>", 2: b"<</Title(x)>>"}
    out, offsets = bytearray(header), {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n" % (len(objects) + 1) + FREE
    out += b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(objects))
    size = len(objects) + 1
    out += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, table)
    return bytes(out), table


def updated(data, table, *, number=3, body=b"<<>>", rows=None, entries=b"", size=4, between=b""):
    """The file with one object more."""
    start = len(data)
    item = between + b"%d 0 obj\n%b\nendobj\n" % (number, body)
    xref = start + len(item)
    rows = rows or b"%d 1\n%010d 00000 n \n" % (number, start + len(between))
    entries = entries or b"/Root 1 0 R/Info 2 0 R/ID[<00><02>]"
    trailer = b"trailer\n<</Size %d/Prev %d%b>>\n" % (size, table, entries)
    return data + item + b"xref\n" + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % xref


def code_of(data):
    with pytest.raises(Refused) as refusal:
        grammar.read_file(data)
    return refusal.value.code


def test_a_file_of_two_revisions_is_read_with_its_objects():
    data, table = base()

    pdf = grammar.read_file(updated(data, table))

    assert [revision.end for revision in pdf.revisions] == [len(data), len(pdf.data)]
    assert pdf.base.start == len(HEADER)
    assert pdf.object_of(pdf.base, 2).entries == {b"/Title": (b"(x",)}
    assert pdf.object_of(pdf.revisions[1], 3).entries == {}
    with pytest.raises(Refused):
        pdf.object_of(pdf.revisions[1], 1)


def test_a_stream_is_read_by_its_length():
    data, _ = base({1: b"<<>>", 2: b"<</Length 3>>\nstream\nabc\nendstream"})

    pdf = grammar.read_file(data)

    assert pdf.object_of(pdf.base, 2).stream == b"abc"


@pytest.mark.parametrize(
    "body",
    [
        b"<</Length 2>>\nstream\nabc\nendstream",
        b"<</Length 9>>\nstream\nabc\nendstream",
        b"<</Length -1>>\nstream\nabc\nendstream",
        b"<</Length 3>>\nstream\nabc\nendstream (hidden)",
        b"<<>>\nstream\nabc\nendstream",
        b"<<>> (hidden)",
        b"<<",
    ],
)
def test_an_object_that_holds_more_or_less_than_it_says_is_refused(body):
    data, _ = base({1: b"<<>>", 2: body})
    pdf = grammar.read_file(data)

    with pytest.raises(Refused):
        pdf.object_of(pdf.base, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: b"x" + d, "HEADER"),
        (lambda d: d.replace(b"%PDF-1.7", b"%PDF-x.7"), "HEADER"),
        (lambda d: d + b"x", "TRAILING_BYTES"),
        (lambda d: d + b"\n", "TRAILING_BYTES"),
        (lambda d: d[:-7], "TRAILING_BYTES"),
        (lambda d: d.replace(b"xref\n0", b"xref \n0", 1), "XREF_BROKEN"),
        (lambda d: d.replace(b"00000 n \n", b"00000 n\n ", 1), "XREF_BROKEN"),
        (lambda d: d.replace(b"00000 n", b"00001 n", 1), "XREF_BROKEN"),
        (lambda d: d.replace(b"trailer\n", b"tr4iler\n"), "XREF_BROKEN"),
        (lambda d: d.replace(b"65535 f", b"65534 f"), "XREF_FREED"),
        (lambda d: d.replace(b"/Size 3", b"/Size 2"), "TRAILER_CHANGED"),
        (lambda d: d.replace(b"2 0 obj", b"2 0 0bj"), "OBJECT_BROKEN"),
        (lambda d: d.replace(b"endobj\n2 0", b"endobx\n2 0"), "HIDDEN_BYTES"),
        (lambda d: d.replace(b"/Info 2 0 R", b"/Encrypt 2 "), "ENCRYPTED"),
        (lambda d: d.replace(b"/Info 2 0 R", b"/XRefStm 9 "), "XREF_HYBRID"),
    ],
)
def test_a_base_that_is_bent_is_refused_by_name(change, code):
    assert code_of(change(base()[0])) == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"between": b"% hidden\n"}, "HIDDEN_BYTES"),
        ({"rows": b"3 1\n0000000009 00000 n \n"}, "HIDDEN_BYTES"),
        ({"rows": b"3 1\n0000000000 00001 f \n"}, "XREF_FREED"),
        ({"rows": b"0 1\n0000000009 00000 n \n"}, "XREF_DOUBLE"),
        ({"rows": b"3 2\n0000000000 00000 n \n"}, "XREF_BROKEN"),
        ({"size": 2}, "TRAILER_CHANGED"),
        ({"size": 3}, "TRAILER_CHANGED"),
        ({"entries": b"/Root 2 0 R/Info 2 0 R/ID[<00><02>]"}, "TRAILER_CHANGED"),
        ({"entries": b"/Root 1 0 R/Info 1 0 R/ID[<00><02>]"}, "TRAILER_CHANGED"),
        ({"entries": b"/Root 1 0 R/Info 2 0 R/ID[<01><02>]"}, "TRAILER_CHANGED"),
        ({"entries": b"/Root 1 0 R/Info 2 0 R/ID[<00><02>]/X 1"}, "TRAILER_CHANGED"),
        ({"entries": b"/Root 1 0 R/Info 2 0 R"}, "SYNTAX"),
    ],
)
def test_an_update_that_is_bent_is_refused_by_name(options, code):
    data, table = base()

    assert code_of(updated(data, table, **options)) == code


def test_a_second_entry_for_one_object_is_refused():
    data, table = base()
    row = b"3 1\n%010d 00000 n \n" % len(data)

    assert code_of(updated(data, table, rows=row + row)) == "XREF_DOUBLE"


@pytest.mark.parametrize("previous", [10**6, 10**9])
def test_prev_leads_strictly_back(previous):
    data, _ = base()

    assert code_of(updated(data, previous)) == "XREF_LOOP"


def test_too_many_revisions_are_refused():
    data, table = base()
    for _ in range(vocabulary.MAX_REVISIONS):
        data, table = updated(data, table), len(data) + len(b"3 0 obj\n<<>>\nendobj\n")

    assert code_of(data) == "TOO_MANY_REVISIONS"


def test_reading_ends_when_all_that_may_be_read_is_spent():
    data, _ = base({1: b"<<>>", 2: b"[" + b"1 " * 15_000 + b"]"})
    pdf = grammar.read_file(data)

    for _ in range(13):
        pdf.object_of(pdf.base, 2)

    with pytest.raises(Refused) as refusal:
        pdf.object_of(pdf.base, 2)
    assert refusal.value.code == "TOO_MANY_OBJECTS"
