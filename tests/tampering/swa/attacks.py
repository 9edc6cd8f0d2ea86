"""Signature wrapping (Mladenov 2019): the signed bytes move, something else takes their place."""

import workshop
from attack import Attack
from forge import append, bent, page_contents, stream, table, trailer

WHITE_BOX = stream(b"1 1 1 rg 50 700 500 100 re f")


def _wide_gap():
    """The signer's own range leaves 200 bytes more uncovered than /Contents takes."""

    def dress(text):
        return text.replace(b"/M(", b"/Name(" + b"x" * 180 + b")/M(")

    return bent(dress=dress, spoil=lambda n: [0, n[1], n[2] + 190, n[3] - 190])[0]


def _gap_before():
    return bent(spoil=lambda n: [0, n[1] - 30, n[2], n[3]])[0]


def _second_table():
    """A second table hides in the gap of the last signature; the end of the file leads to it."""
    data, plan = bent(digits=16_384)
    stop = data.rindex(b">/M(")
    content = page_contents((data, plan))[0]
    item = b"%d 0 obj\n%b\nendobj\n" % (content, WHITE_BOX)
    start = stop - 2_000
    hidden = item + table({content: start})
    hidden += trailer(plan, plan.size, start + len(item))[: -len(b"\n%%EOF\n")]
    room = data[:start] + hidden + b"0" * (stop - start - len(hidden)) + data[stop:]
    end = b"startxref\n%d\n%%%%EOF\n"
    return room[: room.rindex(b"startxref")] + end % (start + len(item))


def _text_in_place_of_contents():
    """The gap is inside a string that looks like /Contents; the real one is elsewhere."""

    def dress(text):
        return text.replace(b"/M(", b"/Name(/Contents<00>)/M(")

    return bent(dress=dress, spoil=lambda n: [0, n[1], n[2] + 1, n[3] - 1])[0]


def _moved():
    """The whole old file is kept behind a new beginning."""
    data, _ = workshop.standard_states()[4]
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n" + data


def _contents_in_next_update():
    file = workshop.standard_states()[3]
    number = max(file[1].size - 1, 1)
    return append(file, {number: b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>"})[0]


ATTACKS = [
    Attack("wide_gap", "the gap is wider than /Contents", _wide_gap, "BYTE_RANGE_GAP"),
    Attack("gap_begins_early", "the gap begins before /Contents", _gap_before, "BYTE_RANGE_GAP"),
    Attack(
        "second_table_in_gap",
        "a table hidden in /Contents takes over",
        _second_table,
        "XREF_BROKEN",
    ),
    Attack(
        "string_like_contents",
        "the gap ends inside another entry",
        _text_in_place_of_contents,
        "BYTE_RANGE_GAP",
    ),
    Attack("moved", "the signed file stands behind a new beginning", _moved, "XREF_BROKEN"),
    Attack(
        "signature_object_replaced",
        "an update replaces the worker's signature object",
        _contents_in_next_update,
        "NOT_ONE_SIGNATURE",
    ),
]
