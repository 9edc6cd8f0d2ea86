"""PDF values of our own grammar as tokens (ISO 32000-1 §7.3): read once, compared as equal or not.

Rules kept here:
* a value is a tuple of tokens in one spelling: names without `#xx`, strings as `(` + bytes
  whether they were literal or hex; so two values mean the same exactly if they are equal;
* comments, nested parentheses, odd white space and names beyond ASCII are not of our grammar;
* a dictionary with a key twice is refused: readers differ on which one counts.
"""

import re
from collections.abc import Mapping
from itertools import islice

from signing.verification.reasons import Refused

Value = tuple[bytes, ...]
Dictionary = Mapping[bytes, Value]

_SPACE = rb"[\x00\t\n\x0c\r ]*"
_TOKEN = re.compile(
    _SPACE + rb"(<<|>>|[\[\]]|/[!-$&'*-.0-;=?-Z\\^-z|~]*|\((?:[^()\\]++|\\[\s\S])*+\)"
    rb"|<[0-9A-Fa-f\x00\t\n\x0c\r ]*>|[!-$&'*-.0-;=?-Z\\^-z|~]+)"
    rb"|([\s\S])"  # anything else: so that a search never runs on, which would be quadratic
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])|\r\n?")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NUMBER = re.compile(rb"[0-9]{1,10}")
_MAX_DEPTH = 32
_MAX_VALUE = 256 * 1024
MAX_TOKENS = 20_000
OPENING = {b"<<": b">>", b"[": b"]"}
_BRACKETS = frozenset((b"<<", b">>", b"[", b"]"))
_SPELLED = frozenset(b"/(<")  # what has several spellings begins with one of these


def _one_spelling(token: bytes) -> bytes:
    """A token as every writer would have to write it, were there only one way."""
    first = token[:1]
    if first == b"/":
        hashed = b"#" in token
        return _HASHED.sub(lambda m: bytes.fromhex(m[1].decode()), token) if hashed else token
    if first == b"(":
        return b"(" + _ESCAPE.sub(_unescape, token[1:-1])
    if first == b"<" and token != b"<<":
        digits = token[1:-1].translate(None, b"\x00\t\n\x0c\r ")
        return b"(" + bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return token


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if escaped is None:
        return b"\n"
    if escaped in (b"\n", b"\r", b"\r\n"):
        return b""
    if escaped[:1].isdigit() and escaped[:1] < b"8":
        return bytes((int(escaped, 8) & 0xFF,))
    return _ESCAPED.get(escaped, escaped)


def read_value(data: bytes, at: int, end: int) -> tuple[Value, int]:
    """The container or single token at `at` of `data[:end]`, and the offset behind it.

    Raises Refused(SYNTAX), also for a value of more than 256 KiB, or TOO_MANY_OBJECTS beyond
    `MAX_TOKENS`.
    """
    end = min(end, at + _MAX_VALUE)
    tokens: list[bytes] = []
    closers: list[bytes] = []
    for match in islice(_TOKEN.finditer(data, at, end), MAX_TOKENS + 1):
        token, at = match[1], match.end()
        if token is None:
            break
        if token[0] in _SPELLED:
            token = _one_spelling(token)
        if token in _BRACKETS:
            _nest(token, closers)
        tokens.append(token)
        if not closers:
            return tuple(tokens), at
    if len(tokens) > MAX_TOKENS:
        raise Refused("TOO_MANY_OBJECTS", "tokens in one value")
    raise Refused("SYNTAX", f"no token at {at}")


def _nest(token: bytes, closers: list[bytes]) -> None:
    """Keep account of what is open; Refused if brackets do not match or nest too deeply."""
    if token in OPENING:
        closers.append(OPENING[token])
        if len(closers) > _MAX_DEPTH:
            raise Refused("SYNTAX", "containers are nested too deeply")
    elif not closers or closers.pop() != token:
        raise Refused("SYNTAX", "brackets do not match")


def tokens_before(data: bytes, at: int, end: int) -> list[bytes]:
    """The tokens that fill `data[at:end]`; Refused if `end` is not the edge of a token."""
    found = []
    while at < end:
        match = _TOKEN.match(data, at, end)
        if match is None or match[1] is None:
            if not data[at:end].strip(b"\x00\t\n\x0c\r "):
                break
            raise Refused("SYNTAX", f"no token at {at}")
        found.append(match[1])
        at = match.end()
    return found


def split(tokens: Value) -> list[Value]:
    """The values that stand one after the other in `tokens`: containers, `n g R`, or one token."""
    values, at = [], 0
    while at < len(tokens):
        stop = _value_end(tokens, at)
        values.append(tokens[at:stop])
        at = stop
    return values


def _value_end(tokens: Value, at: int) -> int:
    if tokens[at] in OPENING:
        depth = 0
        for index in range(at, len(tokens)):
            token = tokens[index]
            if token in _BRACKETS:
                depth += 1 if token in OPENING else -1
                if depth == 0:
                    return index + 1
        raise Refused("SYNTAX", "a container is not closed")
    if tokens[at + 2 : at + 3] == (b"R",):
        return at + 3
    return at + 1


def dictionary(value: Value | None) -> Dictionary:
    """Entries of a dictionary, one level deep."""
    if not value or value[0] != b"<<":
        raise Refused("SYNTAX", "expected a dictionary")
    parts = split(value[1:-1])
    keys, values = parts[::2], parts[1::2]
    entries = {}
    for key, item in zip(keys, values, strict=False):
        if len(key) != 1 or key[0][:1] != b"/":
            raise _no_dictionary()
        entries[key[0]] = item
    if len(keys) != len(values):
        raise _no_dictionary()
    if len(entries) != len(keys):
        raise Refused("DUPLICATE_KEY")
    return entries


def _no_dictionary() -> Refused:
    return Refused("SYNTAX", "a dictionary is not made of keys and values")


def array(value: Value | None) -> list[Value]:
    """Items of an array."""
    if not value or value[0] != b"[":
        raise Refused("SYNTAX", "expected an array")
    return split(value[1:-1])


def reference(value: Value | None) -> int:
    """Object number of `n 0 R`."""
    if value is None or len(value) != 3 or value[1:] != (b"0", b"R"):  # noqa: PLR2004  (n 0 R)
        raise Refused("SYNTAX", "expected a reference")
    return natural(value[:1])


def natural(value: Value | None) -> int:
    """A number of digits only."""
    if value is None or len(value) != 1 or _NUMBER.fullmatch(value[0]) is None:
        raise Refused("SYNTAX", "expected a natural number")
    return int(value[0])


def string(value: Value | None) -> bytes:
    """Bytes of a string."""
    if value is None or len(value) != 1 or value[0][:1] != b"(":
        raise Refused("SYNTAX", "expected a string")
    return value[0][1:]


def text(value: Value | None) -> str:
    """A text string: UTF-16 with a byte order mark, else what PDF and ASCII have in common."""
    raw = string(value)
    try:
        return raw[2:].decode("utf-16-be") if raw[:2] == b"\xfe\xff" else raw.decode("ascii")
    except UnicodeDecodeError as e:
        raise Refused("SYNTAX", "a text string cannot be read") from e


def references(value: Value) -> list[int]:
    """Every object that a value points to, at any depth; generations other than 0 are refused."""
    found = [reference(value[i - 2 : i + 1]) for i, token in enumerate(value) if token == b"R"]
    return list(dict.fromkeys(found))
