"""Messages between the service and its rendering process: a JSON header and a blob, by length.

Rules kept here:
* nothing is unpickled: what a hostile document could make of the child must stay data here;
* an error crosses as its class's name, code and messages, and only classes of ours come back.
"""

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from signing import errors

_LENGTHS = struct.Struct(">LL")
_LIMIT = 64 * 1024 * 1024


def write(file: BinaryIO, header: Mapping[str, Any], blob: bytes = b"") -> None:
    """Send one message."""
    data = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    file.write(_LENGTHS.pack(len(data), len(blob)) + data + blob)
    file.flush()


def read(take: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes] | None:
    """One message, or None where the other side is gone; `take(n)` gives n bytes or fewer."""
    start = take(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    header_length, blob_length = _LENGTHS.unpack(start)
    if max(header_length, blob_length) > _LIMIT:
        return None
    data, blob = take(header_length), take(blob_length)
    if len(data) < header_length or len(blob) < blob_length:
        return None
    header: dict[str, Any] = json.loads(data)
    return header, blob


def error_header(error: Exception) -> dict[str, Any]:
    """An exception as a header; one that is not ours becomes Broken."""
    if isinstance(error, errors.Invalid):
        members = [[e.path, e.code, e.message, e.message_zh] for e in error.errors]
        return {"error": "Invalid", "errors": members}
    if isinstance(error, errors.SigningError):
        name = type(error).__name__
        return {
            "error": name,
            "code": error.code,
            "message": error.message,
            "message_zh": error.message_zh,
        }
    return {
        "error": "Broken",
        "code": "RENDER_FAILED",
        "message": f"rendering failed: {type(error).__name__}: {error}"[:500],
        "message_zh": "合同文件生成失败，请联系服务方",
    }


def error_of(header: Mapping[str, Any]) -> errors.SigningError:
    """The exception that a header tells of."""
    if header["error"] == "Invalid":
        return errors.Invalid([errors.FieldError(*member) for member in header["errors"]])
    found = {"NotFound": errors.NotFound, "Malformed": errors.Malformed}
    kind = found.get(header["error"], errors.Broken)
    return kind(header["message"], header["message_zh"], code=header["code"])
