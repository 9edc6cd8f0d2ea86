"""One way to write a value, and one way to read it.

Rules kept here:

1. What is hashed or signed is written by RFC 8785 (JCS), never by a plain JSON writer.
2. What is read has one meaning: duplicate members, NaN, infinities (also by overflow, `1e309`),
   a byte order mark, lone surrogates, and nesting deeper than 32 are refused by name.
3. Base64 is RFC 4648 §4 with padding and zero trailing bits: two spellings of one value would
   give one proof two forms.
"""

import base64
import binascii
import json
import math
from typing import Any, NoReturn

import rfc8785

from signing.errors import Malformed

MAX_DEPTH = 32
"""Deepest nesting of arrays and objects that is read; a scalar has depth 0."""


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 bytes of `value`: dicts with text keys, lists, text, numbers, booleans, None.

    Raises Malformed for what JSON numbers or text cannot carry: NaN, integers beyond 2^53 - 1,
    lone surrogates, other types, and nesting that exhausts the stack.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as e:
        raise _refusal("NOT_CANONICAL", str(e)) from e


def load_json(data: bytes) -> Any:
    """Read JSON strictly; see rule 2. Numbers with a fraction or exponent become float.

    Raises Malformed with code BOM, NOT_UTF8, DUPLICATE_MEMBER, NOT_A_NUMBER, LONE_SURROGATE,
    TOO_DEEP or NOT_JSON.
    """
    if data.startswith((b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")):
        raise _refusal("BOM", "the text starts with a byte order mark")
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as e:
        raise _refusal("NOT_UTF8", "the text is not UTF-8") from e
    except RecursionError as e:
        raise _too_deep() from e
    except ValueError as e:  # JSONDecodeError, and integers of more digits than Python converts
        raise _refusal("NOT_JSON", str(e)) from e
    _check_tree(value)
    return value


def encode_base64(data: bytes) -> str:
    """RFC 4648 §4 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of the one accepted spelling (rule 3). Raises Malformed otherwise."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as e:
        raise _refusal("NOT_BASE64", f"not base64: {text[:40]!r}") from e
    if encode_base64(data) != text:
        raise _refusal("NOT_BASE64", f"base64 with stray trailing bits: {text[:40]!r}")
    return data


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise _refusal("DUPLICATE_MEMBER", f"the member {twice!r} stands twice in one object")
    return members


def _constant(word: str) -> NoReturn:
    raise _refusal("NOT_A_NUMBER", f"{word} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refusal("NOT_A_NUMBER", f"{digits[:40]} is beyond what a number can hold")
    return number


def _check_tree(value: Any) -> None:
    """Depth and text of every node, without recursion: the input chooses the depth."""
    nodes: list[tuple[Any, int]] = [(value, 0)]
    while nodes:
        node, above = nodes.pop()
        if isinstance(node, dict):
            nodes += [(member, above + 1) for pair in node.items() for member in pair]
        elif isinstance(node, list):
            nodes += [(member, above + 1) for member in node]
        elif isinstance(node, str):
            _check_text(node)
            continue
        else:
            continue
        if above >= MAX_DEPTH:
            raise _too_deep()


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as e:
        raise _refusal("LONE_SURROGATE", "half a surrogate pair is not a character") from e


def _too_deep() -> Malformed:
    return _refusal("TOO_DEEP", f"arrays and objects are nested deeper than {MAX_DEPTH}")


def _refusal(code: str, message: str) -> Malformed:
    return Malformed(message, "数据格式不对，请检查 JSON 或编码", code=code)
