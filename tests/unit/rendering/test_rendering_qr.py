import zlib

import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.rendering import deflate
from signing.rendering.qr import data_uri, matrix, runs


def by_segno(text):
    code = segno.make(text.encode(), version=5, error="m", mask=3, mode="byte", boost_error=False)
    return tuple(bytes(row) for row in code.matrix)


@settings(deadline=None)  # the first text of a length is learned from the encoder
@given(text=st.text(alphabet="abcdef0123456789-/:?=", min_size=30, max_size=30))
def test_the_code_by_algebra_is_the_encoders_own(text):
    assert matrix(text).rows == by_segno(text)


def test_dark_modules_are_drawn_run_by_run():
    assert runs(bytes([1, 1, 0, 1, 0, 0, 1])) == [(0, 2), (3, 4), (6, 7)]
    assert data_uri(matrix("http://127.0.0.1/v")).startswith("data:image/svg+xml;base64,")


@given(parts=st.lists(st.binary(max_size=200), min_size=1, max_size=6))
def test_segments_join_to_one_zlib_stream(parts):
    joined = deflate.join((part, deflate.segment(part)) for part in parts)

    assert zlib.decompress(joined) == b"".join(parts)


def test_a_segment_deflates_alike_whatever_was_deflated_before():
    alone = deflate.segment("甲方".encode() * 50)
    deflate.segment("甲方乙方".encode() * 500)

    assert deflate.segment("甲方".encode() * 50) == alone
