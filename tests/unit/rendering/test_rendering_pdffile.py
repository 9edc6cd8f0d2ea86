import pytest

from signing.errors import Broken
from signing.pades import dictionary
from signing.rendering.fields import Box, empty_form
from signing.rendering.pdffile import Trailer, complete, prefix

TRAILER = Trailer(root=1, info=2, file_id=bytes(16))


def test_every_row_of_the_table_leads_to_its_object():
    start = prefix([(3, b"<</A 1>>"), (1, b"<</Type/Catalog>>")], size=4)

    pdf, startxref = complete(start, [(2, b"<<>>")], TRAILER)

    lines = pdf[startxref:].split(b"\n")
    assert lines[:2] == [b"xref", b"0 4"]
    for number in (1, 2, 3):
        offset = int(lines[2 + number][:10])
        assert pdf[offset:].startswith(b"%d 0 obj\n" % number)
    assert pdf.endswith(b"startxref\n%d\n%%%%EOF\n" % startxref)


def test_what_comes_first_does_not_depend_on_what_comes_after():
    start = prefix([(1, b"<</Type/Catalog>>")], size=3)

    one, _ = complete(start, [(2, b"<</A 1>>")], TRAILER)
    other, _ = complete(start, [(2, b"<</A 22>>")], TRAILER)

    assert one.startswith(start.blob)
    assert other.startswith(start.blob)


def test_a_missing_and_a_doubled_object_are_refused():
    start = prefix([(1, b"<<>>")], size=3)

    with pytest.raises(Broken):
        complete(start, [], TRAILER)
    with pytest.raises(Broken):
        complete(start, [(2, b"<<>>"), (2, b"<<>>")], TRAILER)


BOXES = {"enterprise": Box(7, (10, 20, 110.5, 70)), "worker": Box(8, (300, 20, 400, 70))}


def test_every_party_has_a_field_and_only_the_last_one_locks():
    form = empty_form(20, BOXES, ["enterprise", "worker"])

    fields = {name: dictionary.entries(f.dictionary) for name, f in form.fields.items()}
    assert list(fields) == ["enterprise", "worker", "archive"]
    assert fields["enterprise"][b"/Rect"] == b"[10 20 110.5 70]"
    assert [name for name, entries in fields.items() if b"/Lock" in entries] == ["worker"]
    assert b"(archive)" in fields["worker"][b"/Lock"]


def test_the_archive_field_is_invisible_and_stands_on_the_last_signers_page():
    form = empty_form(20, BOXES, ["enterprise", "worker"])

    archive = dictionary.entries(form.fields["archive"].dictionary)
    assert archive[b"/Rect"] == b"[0 0 0 0]"
    assert archive[b"/P"] == b"8 0 R"
    assert b"/AP" not in archive
    assert form.fields["archive"].number in form.widgets[8]


def test_the_form_numbers_its_objects_without_gap():
    form = empty_form(20, BOXES, ["enterprise", "worker"])

    assert [number for number, _ in form.objects] == list(range(20, form.size))
