"""Walk (c) in a browser: files in, verdicts out; nothing is kept (web.md §6, A1, A2, A4)."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import FileStorage

from signing.domain.verdict import Verdict
from signing.errors import FieldError
from signing.web import context
from signing.web.portal import report

FILE_LIMIT_BYTES = 20 * 1024 * 1024
MOST_FILES = 5
UNPROCESSABLE = 422
_ZIP = b"PK\x03\x04"

blueprint = Blueprint("portal", __name__)


@dataclass(frozen=True)
class Upload:
    """One file of the form; `name` is only shown, never used as a path."""

    name: str
    content: bytes

    @property
    def is_zip(self) -> bool:
        """Whether it is an evidence package rather than a PDF."""
        return self.content.startswith(_ZIP)


@dataclass(frozen=True)
class Judged:
    """A file and its verdict."""

    name: str
    verdict: Verdict


@blueprint.get("/verify")
def ask() -> Response:
    """The form."""
    return _form()


@blueprint.post("/verify")
def verify() -> Response:
    """The verdicts on what was uploaded."""
    uploads = _uploads("file")
    evidence = next(iter(_uploads("evidence")), None)
    if evidence is None and len(uploads) > 1:
        evidence = next((upload for upload in uploads if upload.is_zip), None)
    files = [upload for upload in uploads if upload is not evidence]
    if mistakes := _mistakes(files, evidence):
        return _form(mistakes)
    verifying = context.services().verifying
    package = evidence.content if evidence else None
    judged = [Judged(file.name, verifying.verify_upload(file.content, package)) for file in files]
    return make_response(render_template("portal/result.html", judged=judged, report=report))


def _form(errors: list[FieldError] | None = None) -> Response:
    body = render_template("portal/verify.html", errors=errors or [], most_files=MOST_FILES)
    return make_response(body, UNPROCESSABLE if errors else 200)


def _uploads(name: str) -> list[Upload]:
    """What was chosen in that field; one byte beyond the limit is enough to know."""
    return [_read(part) for part in request.files.getlist(name) if part.filename]


def _read(part: FileStorage) -> Upload:
    return Upload(report.shown(part.filename or ""), part.stream.read(FILE_LIMIT_BYTES + 1))


def _mistakes(files: list[Upload], evidence: Upload | None) -> list[FieldError]:
    if not files:
        return [FieldError("file", "MISSING", "Choose a file", "请先选一个 PDF 文件")]
    if len(files) > MOST_FILES:
        text = f"一次最多 {MOST_FILES} 个文件"
        return [FieldError("file", "TOO_MANY", "Too many files", text)]
    if len(files) > 1 and evidence is not None:
        text = "签署证据一次只能配一份 PDF，请分开核对"
        return [FieldError("evidence", "ONE_FILE", "Evidence goes with one file", text)]
    large = [upload for upload in (*files, evidence) if upload and _is_too_large(upload)]
    return [
        FieldError("file", "TOO_LARGE", "Larger than 20 MiB", f"“{upload.name}”超过 20 MB")
        for upload in large
    ]


def _is_too_large(upload: Upload) -> bool:
    return len(upload.content) > FILE_LIMIT_BYTES
