"""A PDF dictionary of our own base file, one level deep: entries in, entries out.

Rules kept here:
* values stay the bytes that they were; nothing is normalised, so what we do not change is equal;
* a key twice, or anything this small reader does not follow, is Broken: the base is ours.
"""

import re
from collections.abc import Mapping

from signing.errors import Broken

_TOKEN = re.compile(
    rb"\s*(<<|>>|\[|\]|/[^\s<>\[\]()/%]*|\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>|[^\s<>\[\]()/%]+)",
    re.DOTALL,
)
_OPENING, _CLOSING = (b"<<", b"["), (b">>", b"]")


def tokens(data: bytes) -> list[bytes]:
    """All tokens of `data`; Broken if some bytes are none."""
    found, at = [], 0
    for match in _TOKEN.finditer(data):
        if match.start() != at:
            break
        found.append(match.group(1))
        at = match.end()
    if data[at:].strip():
        raise Broken(f"PDF object is not of our grammar: {data[at : at + 40]!r}")
    return found


def entries(dictionary: bytes) -> dict[bytes, bytes]:
    """`{b"/Key": value}` of a dictionary, `<<` to `>>`, in its order.

    Values are their tokens, with a single space where two would run together.
    """
    items = tokens(dictionary)
    if len(items) < 2 or items[0] != b"<<" or items[-1] != b">>":  # noqa: PLR2004  (<< and >>)
        raise Broken("PDF object is not a dictionary")
    found: dict[bytes, bytes] = {}
    at, end = 1, len(items) - 1
    while at < end:
        key, at = items[at], at + 1
        if not key.startswith(b"/") or key in found:
            raise Broken(f"PDF dictionary: bad or repeated key {key!r}")
        stop = _value_end(items, at, end)
        found[key] = join(items[at:stop])
        at = stop
    return found


def _value_end(items: list[bytes], at: int, end: int) -> int:
    """Index behind the value that starts at `at`: a container, `n g R`, or one token."""
    if at >= end:
        raise Broken("PDF dictionary: a key without a value")
    if items[at] in _OPENING:
        depth = 0
        for index in range(at, end):
            depth += (items[index] in _OPENING) - (items[index] in _CLOSING)
            if depth == 0:
                return index + 1
        raise Broken("PDF dictionary: a container is not closed")
    if items[at + 2 : at + 3] == [b"R"]:
        return at + 3
    return at + 1


def join(items: list[bytes]) -> bytes:
    """Tokens as bytes again, with a space only between two that would become one."""
    joined = bytearray()
    for item in items:
        starts_plain = item[:1] not in b"/<[(>]"
        if starts_plain and joined and joined[-1:] not in b"<>[]()":
            joined += b" "
        joined += item
    return bytes(joined)


def dictionary(items: Mapping[bytes, bytes]) -> bytes:
    """`<<…>>` of entries, in their order."""
    parts = [token for key, value in items.items() for token in (key, value)]
    return b"<<" + join(parts) + b">>"


def text(value: str) -> bytes:
    """A text string (ISO 32000-2 §7.9.2.2): literal if ASCII, else UTF-16BE in hex."""
    if value.isascii() and value.isprintable():
        escaped = value.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return b"(" + escaped.encode("ascii") + b")"
    return b"<" + (b"\xfe\xff" + value.encode("utf-16-be")).hex().encode() + b">"
