"""Universal signature forgery (Mladenov 2019): the signature's own frame says nothing."""

import re

from attack import Attack
from forge import bent


def _range(text: bytes):
    """The byte range replaced by other text of any length."""
    return lambda found: re.sub(rb"/ByteRange\[ +\]", text, found)


def _file(**options):
    return lambda: bent(**options)[0]


ATTACKS = [
    Attack(
        "contents_missing",
        "the dictionary has no /Contents",
        _file(
            dress=lambda text: text[: text.index(b"/Contents<")] + text[text.index(b">/M(") + 1 :]
        ),
        "BYTE_RANGE",
    ),
    Attack(
        "contents_empty",
        "/Contents<>",
        _file(
            dress=lambda text: text[: text.index(b"/Contents<") + 10] + text[text.index(b">/M(") :]
        ),
        "BYTE_RANGE",
    ),
    Attack(
        "contents_zero",
        "/Contents is all zeros, the byte range is right",
        _file(container=lambda _covered: b""),
        "CMS",
    ),
    Attack(
        "contents_null",
        "/Contents null",
        _file(
            dress=lambda text: (
                text[: text.index(b"/Contents<")]
                + b"/Contents null"
                + text[text.index(b">/M(") + 1 :]
            )
        ),
        "BYTE_RANGE",
    ),
    Attack(
        "contents_indirect",
        "/Contents is a reference to a string elsewhere",
        _file(
            new=[b"<" + b"0" * 256 + b">"],
            dress=lambda text: (
                text[: text.index(b"/Contents<")]
                + b"/Contents 999 0 R"
                + text[text.index(b">/M(") + 1 :]
            ),
        ),
        "OBJECT_UNEXPLAINED",
    ),
    Attack("range_missing", "no /ByteRange", _file(dress=_range(b"")), "SYNTAX"),
    Attack("range_null", "/ByteRange null", _file(dress=_range(b"/ByteRange null")), "SYNTAX"),
    Attack(
        "range_negative",
        "the first length is negative",
        _file(spoil=lambda n: [n[0], -n[1], *n[2:]]),
        "SYNTAX",
    ),
    Attack(
        "range_zero",
        "[0 0 0 0]: nothing is covered",
        _file(spoil=lambda _n: [0, 0, 0, 0]),
        "BYTE_RANGE",
    ),
    Attack(
        "range_from_10",
        "the first ten bytes of the file are left out",
        _file(spoil=lambda n: [10, n[1] - 10, *n[2:]]),
        "BYTE_RANGE",
    ),
    Attack(
        "range_six_numbers",
        "a third range over nothing",
        _file(spoil=lambda n: [*n, n[2] + n[3], 0]),
        "BYTE_RANGE",
    ),
    Attack(
        "range_short",
        "the last bytes of the revision are not covered",
        _file(spoil=lambda n: [*n[:3], n[3] - 7]),
        "BYTE_RANGE",
    ),
    Attack(
        "range_beyond_the_end",
        "the range reaches behind the end of the file",
        _file(spoil=lambda n: [*n[:3], n[3] + 7]),
        "BYTE_RANGE",
    ),
    Attack(
        "range_overlaps",
        "the second range begins before the first one ends",
        _file(spoil=lambda n: [0, n[1], n[1] - 20, n[3] + n[2] - n[1] + 20]),
        "BYTE_RANGE_GAP",
    ),
    Attack(
        "range_floats",
        "numbers with a decimal point",
        _file(dress=_range(b"/ByteRange[0.0 1.0 2.0 3.0]")),
        "SYNTAX",
    ),
]
