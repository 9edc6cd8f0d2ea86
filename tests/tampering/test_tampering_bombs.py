"""Baits of four megabytes that make careless readers slow: each is answered at once (T53)."""

import time

import pytest
import workshop
from attack import standard_trust

from signing.domain.verdict import Indication
from signing.verification.verify import verify_document

SIZE = 4 * 1024 * 1024
SECONDS = 2
TRAILER = b"trailer\n<</Size 2/Root 1 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n"


def filled(piece: bytes) -> bytes:
    return piece * (SIZE // len(piece))


def catalog(inside: bytes) -> bytes:
    """A file of one object: a catalog with our mark and whatever is `inside`."""
    data = b"%PDF-1.7\n"
    start = len(data)
    data += b"1 0 obj\n<</Type/Catalog/T(archive)" + inside + b">>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n%010d 00000 n \n" % start
    return data + table + TRAILER % len(data)


def tables(sections: bytes) -> bytes:
    head = b"%PDF-1.7\n/T(archive)\n"
    return head + b"xref\n" + sections + TRAILER % len(head)


def good() -> bytes:
    return workshop.standard_states()[4][0]


BAITS = {
    "end marks": lambda: good() + filled(b"%%EOF\n"),
    "startxref": lambda: good() + filled(b"startxref\n1\n%%EOF\n"),
    "marks of ours": lambda: b"%PDF-1.7\n/T(archive)" + filled(b"/T (archiv") + TRAILER % 9,
    "many entries": lambda: catalog(filled(b"/A 1")),
    "escapes in a string": lambda: catalog(b"/A(" + filled(b"\\1") + b")"),
    "a string that never ends": lambda: catalog(b"/A(" + filled(b"a")),
    "opened strings": lambda: catalog(b"/A" + filled(b"(")),
    "escapes in a name": lambda: catalog(b"/A/" + filled(b"#41")),
    "hex": lambda: catalog(b"/A<" + filled(b"0") + b">"),
    "white space": lambda: catalog(b"/A" + filled(b" ")),
    "opened dictionaries": lambda: catalog(b"/A" + filled(b"<<")),
    "opened arrays": lambda: catalog(b"/A" + filled(b"[")),
    "empty subsections": lambda: tables(filled(b"0 0\n")),
    "small subsections": lambda: tables(filled(b"7 1\n0000000009 00000 n \n")),
    "one large table": lambda: tables(b"0 200000\n" + filled(b"0000000009 00000 n \n")),
    "a trailer": lambda: b"%PDF-1.7\n/T(archive)xref\n0 0\ntrailer\n<<" + filled(b"/A 1") + b">>",
    "zeros": lambda: b"%PDF-1.7\n/T(archive)" + b"\0" * SIZE,
}


@pytest.mark.parametrize("name", sorted(BAITS))
def test_a_bait_is_refused_before_it_costs_anything(name):
    data = BAITS[name]()
    trust = standard_trust()
    started = time.perf_counter()

    verdict = verify_document(data, trust=trust, at=workshop.START)

    assert time.perf_counter() - started < SECONDS
    assert verdict.indication is Indication.TOTAL_FAILED
