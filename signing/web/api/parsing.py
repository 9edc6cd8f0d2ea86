"""From request to values: strict JSON, strict shapes, every mistake with its path.

Rules kept here:
* what is not JSON in UTF-8, has a member twice, NaN, or nests too deep is refused syntax (400);
* a wrong shape is 422 with one error per mistake, paths written as `parties[1].id_number`.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NoReturn

from flask import Flask, Request, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Blueprint
from marshmallow import RAISE, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from signing.audit.canonical import load_json
from signing.errors import FieldError, Invalid, TooLarge
from signing.web.security import JSON_LIMIT_BYTES

_CODES: tuple[tuple[str, str, str], ...] = (
    ("Missing data", "MISSING", "缺少这一项"),
    ("Unknown field", "UNKNOWN_FIELD", "没有这个字段，请检查拼写"),
    ("Field may not be null", "NULL", "不能为空"),
    ("Must be one of", "NOT_ALLOWED", "不在允许的取值里"),
    ("Not a valid", "WRONG_TYPE", "类型或格式不对"),
    ("Longer than", "TOO_LONG", "太长了"),
    ("Shorter than", "TOO_SHORT", "太短了"),
    ("Length must be", "WRONG_LENGTH", "数量或长度不对"),
    ("Must be greater", "OUT_OF_RANGE", "超出范围"),
    ("Invalid input type", "WRONG_TYPE", "类型不对，要一个 JSON 对象"),
)


class StrictJson(DefaultJSONProvider):
    """Flask's JSON, reading strictly."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Raises Malformed for what RFC 8259 leaves open: members twice, NaN, endless depth."""
        return load_json(s if isinstance(s, bytes) else s.encode())


class StrictParser(FlaskParser):
    """webargs, refusing unknown members everywhere and answering in our words."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": RAISE,
        "query": RAISE,
    }

    def _raw_load_json(self, req: Any) -> Any:
        """The body, read strictly; webargs would take a member twice and NaN."""
        if not req.is_json:
            raise UnsupportedMediaType("Send Content-Type: application/json")
        return load_json(read_body(req))

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """All mistakes at once."""
        raise Invalid(list(flatten(error.messages)))


def read_body(req: Request) -> bytes:
    """The body, up to 1 MiB whatever length was declared or not. Raises TooLarge."""
    req.max_content_length = JSON_LIMIT_BYTES + 1  # of a longer one in chunks only so much is read
    try:
        body = req.get_data(cache=True)
    except RequestEntityTooLarge:
        body = bytes(JSON_LIMIT_BYTES + 1)
    if len(body) > JSON_LIMIT_BYTES:
        raise TooLarge("The body is larger than 1 MiB", "请求内容超过 1 MiB")
    return body


class ApiBlueprint(Blueprint):
    """A blueprint whose arguments are parsed strictly."""

    ARGUMENTS_PARSER = StrictParser()


def install(app: Flask) -> None:
    """Read JSON strictly in the whole application."""
    app.json = StrictJson(app)


def decode_base64(text: str, path: str) -> bytes:
    """Standard base64. Raises Invalid naming `path`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid([FieldError(path, "NOT_BASE64", "Not base64", "不是 base64")]) from None


def idempotency_key() -> str | None:
    """The request's Idempotency-Key, if it sent one."""
    return request.headers.get("Idempotency-Key")


def flatten(messages: Any, path: str = "") -> Iterator[FieldError]:
    """The nested messages of marshmallow as one error per mistake."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flatten(inner, _join(path, key))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, Mapping):
            yield from flatten(message, path)
        else:
            yield _field_error(path, str(message))


def _join(path: str, key: Any) -> str:
    if key in ("_schema", "json", "query", "files", "form") or (path and key in ("key", "value")):
        return path  # marshmallow's own names, not the request's
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _field_error(path: str, message: str) -> FieldError:
    for start, code, message_zh in _CODES:
        if message.startswith(start):
            return FieldError(path, code, message, message_zh)
    return FieldError(path, "NOT_VALID", message, "填写不对")
