"""The file's frame: tables, trailers, hidden bytes. What one reader sees, another must see too."""

import re

import workshop
from attack import Attack
from forge import append, bent, page_contents, stream, table, trailer

WHITE_BOX = stream(b"1 1 1 rg 50 700 500 100 re f")


def _signed(number=3):
    return workshop.standard_states()[number]


def _hybrid():
    data, plan = _signed()
    return append((data, plan), entries={"XRefStm": b"%d" % plan.startxref})[0]


def _loop():
    """/Prev of the oldest table leads to the newest, so readers go round."""
    data, plan = _signed()
    old = re.search(rb"trailer\n<</Size (\d+)", data)
    return data[: old.end()] + b"/Prev %d" % plan.startxref + data[old.end() :]


def _prev(value):
    def make():
        data, plan = _signed()
        xref = len(data)
        target = xref if value == "self" else xref + 50 if value == "forward" else value
        tail = table({}) + trailer(plan, plan.size, xref, Prev=b"%d" % target)
        return data + tail

    return make


def _double_entry():
    data, plan = _signed()
    number = page_contents((data, plan))[0]
    row = b"%d 1\n%010d 00000 n \n" % (number, 17)
    return append((data, plan), {number: WHITE_BOX}, rows=row)[0]


def _freed():
    data, plan = _signed()
    number = page_contents((data, plan))[0]
    return append((data, plan), rows=b"%d 1\n0000000000 00001 f \n" % number)[0]


def _generation():
    data, plan = _signed()
    xref = len(data)
    row = b"xref\n%d 1\n%010d 00001 n \n" % (page_contents((data, plan))[0], 17)
    return data + row + trailer(plan, plan.size, xref)


def _xref_stream():
    data, plan = _signed()
    head = b"/Type/XRef/W[1 4 1]/Index[0 1]/Size %d/Root 1 0 R/Prev %d" % (
        plan.size,
        plan.startxref,
    )
    xref = len(data)
    item = b"%d 0 obj\n%b\nendobj\n" % (plan.size, stream(b"\0" * 6, head))
    return data + item + b"startxref\n%d\n%%%%EOF\n" % xref


def _hidden_between():
    return bent(before_table=b"(hidden words)\n")[0]


def _hidden_comment():
    return bent(before_table=b"% 5 0 obj <<>> endobj\n")[0]


def _hidden_in_object():
    return bent(dress=lambda text: text + b"\n(hidden)")[0]


def _stream_longer():
    look = b"<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 3>>\nstream\n0 0 m 9 9 l\nendstream"
    number = _signed(2)[1].size
    return bent(
        new=[look], widget=lambda old: re.sub(rb"/AP<<[^>]*>>", b"/AP<</N %d 0 R>>" % number, old)
    )[0]


def _beyond_size():
    return append(_signed(), new=[WHITE_BOX], entries={"Size": b"5"})[0]


def _two_keys():
    return bent(entries=b"/Name(A)/Name(B)")[0]


def _trailer_entry(**entries):
    return lambda: append(_signed(), entries=entries)[0]


def _offset_into_stream():
    """The table says that the catalog is inside a content stream."""
    data, plan = _signed()
    evil = b"1 0 obj\n<</Type/Catalog>>\nendobj\n"
    number = plan.size
    item = b"%d 0 obj\n%b\nendobj\n" % (number, stream(evil))
    start = len(data)
    inner = start + item.index(evil)
    offsets = {number: start, 1: inner}
    xref = start + len(item)
    return data + item + table(offsets) + trailer(plan, number + 1, xref)


def _off_by_one():
    data, plan = _signed(4)
    old = b"startxref\n%d\n" % plan.startxref
    place = data.rindex(old)
    return data[:place] + b"startxref\n%d\n" % (plan.startxref + 1) + data[place + len(old) :]


ATTACKS = [
    Attack("hybrid", "a second table in a stream (/XRefStm)", _hybrid, "XREF_HYBRID"),
    Attack("prev_loop", "/Prev of the oldest leads to the newest", _loop, "XREF_BROKEN"),
    Attack("prev_self", "/Prev leads to its own table", _prev("self"), "XREF_LOOP"),
    Attack("prev_forward", "/Prev leads forward", _prev("forward"), "XREF_LOOP"),
    Attack("prev_nowhere", "/Prev leads into the first object", _prev(15), "XREF_BROKEN"),
    Attack("prev_huge", "/Prev has forty digits", _prev(10**39), "SYNTAX"),
    Attack("double_entry", "an object twice in one table", _double_entry, "XREF_DOUBLE"),
    Attack("freed_object", "a page's content freed", _freed, "XREF_FREED"),
    Attack("generation", "an object of generation 1", _generation, "XREF_BROKEN"),
    Attack("xref_stream", "a cross-reference stream takes over", _xref_stream, "XREF_BROKEN"),
    Attack(
        "hidden_bytes", "a string between an object and the table", _hidden_between, "HIDDEN_BYTES"
    ),
    Attack(
        "hidden_comment",
        "a comment between an object and the table",
        _hidden_comment,
        "HIDDEN_BYTES",
    ),
    Attack(
        "hidden_in_object",
        "words behind a dictionary, before endobj",
        _hidden_in_object,
        "HIDDEN_BYTES",
    ),
    Attack(
        "stream_longer_than_it_says",
        "a stream longer than its /Length",
        _stream_longer,
        "OBJECT_BROKEN",
    ),
    Attack("beyond_size", "an object number beyond /Size", _beyond_size, "TRAILER_CHANGED"),
    Attack("key_twice", "a key twice in the signature dictionary", _two_keys, "DUPLICATE_KEY"),
    Attack(
        "root_replaced",
        "the trailer leads to another catalog",
        _trailer_entry(Root=b"2 0 R"),
        "TRAILER_CHANGED",
    ),
    Attack(
        "info_replaced",
        "the trailer leads to another /Info",
        _trailer_entry(Info=b"3 0 R"),
        "TRAILER_CHANGED",
    ),
    Attack(
        "id_replaced",
        "another file identifier",
        _trailer_entry(ID=b"[<00><00>]"),
        "TRAILER_CHANGED",
    ),
    Attack("id_removed", "no file identifier", _trailer_entry(ID=b""), "SYNTAX"),
    Attack("size_falls", "/Size smaller than before", _trailer_entry(Size=b"3"), "TRAILER_CHANGED"),
    Attack(
        "offset_into_stream", "the table points into a stream", _offset_into_stream, "HIDDEN_BYTES"
    ),
    Attack(
        "junk_before_header", "bytes before %PDF-", lambda: b"GIF89a\n" + _signed(4)[0], "HEADER"
    ),
    Attack(
        "other_header",
        "a header with further bytes",
        lambda: _signed(4)[0].replace(b"%PDF-1.7\n", b"%PDF-1.7 \n", 1),
        "XREF_BROKEN",
    ),
    Attack("startxref_off_by_one", "startxref one byte too far", _off_by_one, "XREF_BROKEN"),
]
