"""DER by concatenation, and a strict reader of it (X.690 §10, §11).

Rules kept here:
* the writer makes the shortest definite length and sorts every SET OF;
* the reader takes definite, shortest lengths and one-byte tags only: whatever has a second way to
  be written (BER) is refused as Malformed, never guessed at.
"""

from functools import lru_cache
from typing import NamedTuple

from signing.errors import Malformed

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL_TAG, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, PRINTABLE_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = (
    0x0C,
    0x13,
    0x16,
    0x17,
    0x18,
)
SEQUENCE, SET = 0x30, 0x31
NULL = b"\x05\x00"

_SHORT_LENGTH = 0x80
_MULTI_BYTE_TAG = 0x1F
_MAX_LENGTH_BYTES = 4
_ARC_BASE = 40
_MAX_FIRST_ARC = 2


class Element(NamedTuple):
    """One tag-length-value: `raw` is all of it, `content` the value."""

    tag: int
    content: bytes
    raw: bytes


def tlv(tag: int, *parts: bytes) -> bytes:
    """`parts` one after the other under `tag`."""
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT_LENGTH:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_LENGTH | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of already encoded elements."""
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """SET OF, its elements in the ascending order that DER asks for (X.690 §11.6)."""
    return tlv(SET, *sorted(parts))


def explicit(number: int, *parts: bytes) -> bytes:
    """Context tag [number], constructed: EXPLICIT tagging, or IMPLICIT over a SEQUENCE or SET."""
    return tlv(0xA0 | number, *parts)


def integer(value: int) -> bytes:
    """INTEGER; serial numbers and nonces are never negative here."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octet_string(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(OCTET_STRING, value)


def bit_string(value: bytes) -> bytes:
    """BIT STRING of whole bytes."""
    return tlv(BIT_STRING, b"\x00", value)


def utf8(text: str) -> bytes:
    """UTF8String."""
    return tlv(UTF8_STRING, text.encode())


@lru_cache(maxsize=256)
def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from dotted decimals."""
    arcs = [int(part) for part in dotted.split(".")]
    content = bytearray()
    for arc in (arcs[0] * _ARC_BASE + arcs[1], *arcs[2:]):
        group = [arc & 0x7F]
        while arc := arc >> 7:
            group.append(arc & 0x7F | 0x80)
        content += bytes(reversed(group))
    return tlv(OID, bytes(content))


def read(data: bytes, at: int = 0) -> tuple[Element, int]:
    """The element at `at` and the offset behind it; Malformed if it is not strict DER."""
    if at + 2 > len(data) or data[at] & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
        raise Malformed("DER: cut short, or a tag of several bytes", code="DER")
    length, start = data[at + 1], at + 2
    if length & _SHORT_LENGTH:
        count = length & 0x7F
        digits = data[start : start + count]
        start += count
        length = int.from_bytes(digits, "big")
        shortest = 0 < count <= _MAX_LENGTH_BYTES and len(digits) == count and digits[0] != 0
        if not shortest or length < _SHORT_LENGTH:
            raise Malformed("DER: length is not in its shortest form", code="DER")
    if start + length > len(data):
        raise Malformed("DER: content is cut short", code="DER")
    end = start + length
    return Element(data[at], data[start:end], data[at:end]), end


def read_all(content: bytes) -> list[Element]:
    """The elements that fill `content` exactly."""
    elements, at = [], 0
    while at < len(content):
        element, at = read(content, at)
        elements.append(element)
    return elements


def read_one(data: bytes, tag: int = SEQUENCE) -> Element:
    """The single element that is all of `data`, with that tag."""
    element, end = read(data)
    if end != len(data) or element.tag != tag:
        raise Malformed(f"DER: expected one element of tag {tag:#04x}", code="DER")
    return element


def children(element: Element, tag: int = SEQUENCE, *, at_least: int = 0) -> list[Element]:
    """What a constructed element of that tag holds; Malformed with fewer than `at_least`."""
    if element.tag != tag:
        raise Malformed(f"DER: expected tag {tag:#04x}, not {element.tag:#04x}", code="DER")
    inside = read_all(element.content)
    if len(inside) < at_least:
        raise Malformed("DER: elements are missing", code="DER")
    return inside


def dotted(element: Element) -> str:
    """Dotted decimals of an OBJECT IDENTIFIER."""
    content = element.content
    if element.tag != OID or not content or content[-1] & 0x80:
        raise Malformed("DER: not an object identifier", code="DER")
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // _ARC_BASE, _MAX_FIRST_ARC)
    return ".".join(str(arc) for arc in (first, arcs[0] - first * _ARC_BASE, *arcs[1:]))


def natural(element: Element) -> int:
    """Value of an INTEGER that is not negative and in its shortest form."""
    content = element.content
    if element.tag != INTEGER or not content or content[0] & 0x80:
        raise Malformed("DER: not a natural number", code="DER")
    if len(content) > 1 and content[0] == 0 and not content[1] & 0x80:
        raise Malformed("DER: number is not in its shortest form", code="DER")
    return int.from_bytes(content, "big")
