"""Anybody may have a file judged: no key, a rate limit, nothing stored."""

from typing import Any

from flask import request

from signing.errors import FieldError, Invalid, TooLarge
from signing.web import context
from signing.web.api.parsing import ApiBlueprint
from signing.web.api.schemas import BYTES, VerdictOut
from signing.web.security import public

FILE_LIMIT_BYTES = 20 * 1024 * 1024

UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": BYTES, "evidence": BYTES},
                "required": ["file"],
            }
        }
    },
}
"""The request, as the document of the API names it."""

blueprint = ApiBlueprint(
    "verifications", __name__, url_prefix="/api/v1/verifications", description="Verification"
)


@blueprint.post("")
@public
@blueprint.doc(requestBody=UPLOAD)
@blueprint.response(200, VerdictOut)
def verify() -> dict[str, Any]:
    """The verdict on `file`, whatever it is; `evidence` may be our evidence.zip."""
    pdf = read_upload("file")
    if pdf is None:
        raise Invalid(
            [
                FieldError(
                    "file",
                    "MISSING",
                    "Send the file as multipart/form-data",
                    "请用 multipart/form-data 上传文件",
                )
            ]
        )
    verdict = context.services().verifying.verify_upload(pdf, read_upload("evidence"))
    return verdict.to_dict()


def read_upload(name: str) -> bytes | None:
    """An uploaded part, None if it was not sent. Raises TooLarge beyond 20 MiB."""
    part = request.files.get(name)
    if part is None or not part.filename:
        return None
    content = part.stream.read(FILE_LIMIT_BYTES + 1)
    if len(content) > FILE_LIMIT_BYTES:
        raise TooLarge("The file is larger than 20 MiB", "文件超过 20 MB")
    return content
