"""What a stream holds, with a bound on how large it may become.

Rules kept here:
* raw, or one /FlateDecode without parameters: nothing else is of our grammar;
* inflating stops at the bound (`Refused`), so a few bytes never become gigabytes;
* nothing may follow the compressed data.
"""

import zlib

from signing.verification.grammar import PdfObject
from signing.verification.reasons import Refused

_PLAIN = ((b"/FlateDecode",), (b"[", b"/FlateDecode", b"]"))


def content(item: PdfObject, *, limit: int, code: str) -> bytes:
    """The decoded stream of `item`, at most `limit` bytes; Refused(`code`) if it is another one."""
    if item.stream is None:
        raise Refused(code, f"object {item.number} is no stream")
    filters = item.entries.get(b"/Filter")
    if filters is None:
        data = item.stream
    elif filters in _PLAIN and b"/DecodeParms" not in item.entries:
        data = _inflated(item.stream, limit, code)
    else:
        raise Refused(code, f"stream {item.number} has an unknown filter")
    if len(data) > limit:
        raise Refused(code, f"stream {item.number} is larger than {limit} bytes")
    return data


def _inflated(data: bytes, limit: int, code: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, limit + 1)
    except zlib.error as e:
        raise Refused(code, "a compressed stream is broken") from e
    if len(inflated) <= limit and (not inflater.eof or inflater.unused_data.strip(b"\r\n")):
        raise Refused(code, "a compressed stream is cut short or has a tail")
    return inflated
