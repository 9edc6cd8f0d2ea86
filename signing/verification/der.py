"""A strict reader of DER (X.690 §10): one way to write each value, everything else is refused.

Rules kept here:
* one-byte tags, definite lengths in their shortest form, nothing behind the last element;
* no recursion: callers walk down by name, so a deep nesting costs nothing;
* `Refused("CMS")` for whatever does not fit; callers that read something else say so themselves.
"""

import re
from datetime import MAXYEAR, UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from signing.verification.reasons import Refused

INTEGER, OCTET_STRING, NULL, OID, UTF8_STRING = 0x02, 0x04, 0x05, 0x06, 0x0C
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1  # constructed

_LONG_FORM = 0x80
_MULTI_BYTE_TAG = 0x1F
_MAX_LENGTH_BYTES = 4
_MAX_OID = 64
_GENERALIZED = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,5}[1-9]))?Z")


class Node(NamedTuple):
    """One element: `content` is the value, `raw` the whole of it."""

    tag: int
    content: bytes
    raw: bytes

    def children(self) -> "list[Node]":
        """The elements that fill a constructed one exactly."""
        nodes, at = [], 0
        while at < len(self.content):
            node, at = read(self.content, at)
            nodes.append(node)
        return nodes

    def expect(self, tag: int) -> "Node":
        """Itself, if it has that tag."""
        if self.tag != tag:
            raise Refused("CMS", f"expected tag {tag:#04x}, found {self.tag:#04x}")
        return self

    def only_child(self, tag: int) -> "Node":
        """The single element inside, with that tag."""
        nodes = self.children()
        if len(nodes) != 1:
            raise Refused("CMS", f"expected one element, found {len(nodes)}")
        return nodes[0].expect(tag)


def read(data: bytes, at: int = 0) -> tuple[Node, int]:
    """The element at `at` and the offset behind it."""
    head = data[at : at + 2]
    if len(head) < 2 or head[0] & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:  # noqa: PLR2004
        raise Refused("CMS", "an element is cut short")
    size, start = head[1], at + 2
    if size & _LONG_FORM:
        count = size ^ _LONG_FORM
        size = int.from_bytes(data[start : start + count], "big")
        if not 0 < count <= _MAX_LENGTH_BYTES or size < max(_LONG_FORM, 1 << 8 * (count - 1)):
            raise Refused("CMS", "a length is not in its shortest form")
        start += count
    end = start + size
    if end > len(data):
        raise Refused("CMS", "an element is cut short")
    return Node(head[0], data[start:end], data[at:end]), end


def read_whole(data: bytes, tag: int = SEQUENCE) -> Node:
    """The one element that is all of `data`."""
    node, end = read(data)
    if end != len(data):
        raise Refused("CMS", "bytes follow the last element")
    return node.expect(tag)


def natural(node: Node) -> int:
    """Value of an INTEGER ≥ 0 in its shortest form."""
    content = node.expect(INTEGER).content
    value = int.from_bytes(content, "big", signed=True)
    if value < 0 or len(content) != value.bit_length() // 8 + 1:
        raise Refused("CMS", "not a natural number in its shortest form")
    return value


def dotted(node: Node) -> str:
    """Dotted decimals of an OBJECT IDENTIFIER."""
    content = node.expect(OID).content
    if len(content) > _MAX_OID:
        raise Refused("CMS", "an OID is too long")
    return _arcs(content)


@lru_cache(maxsize=256)  # a file names the same few dozen again and again
def _arcs(content: bytes) -> str:
    arcs, value = [], 0
    for index, byte in enumerate(content):
        if value == 0 and byte == 0x80 and (index == 0 or not content[index - 1] & 0x80):  # noqa: PLR2004
            raise Refused("CMS", "an OID arc is not in its shortest form")
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not content or content[-1] & 0x80:
        raise Refused("CMS", "an OID is cut short")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def generalized_time(node: Node) -> datetime:
    """A GeneralizedTime in UTC, as DER writes it: no offset, no trailing zeros (X.690 §11.7)."""
    match = _GENERALIZED.fullmatch(node.expect(GENERALIZED_TIME).content)
    if match is None:
        raise Refused("CMS", "not a GeneralizedTime of DER")
    try:
        whole = datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as e:
        raise Refused("CMS", "no such time") from e
    if whole.year == MAXYEAR:
        raise Refused("CMS", "a time at the end of the calendar")  # in no zone east of Greenwich
    return whole + timedelta(microseconds=int((match[2] or b"0").ljust(6, b"0")))
