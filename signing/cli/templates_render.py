"""`signing templates render`: one agreement, or as many as there are, without a server.

Rules kept here:
* a stored agreement.json gives its unsigned bytes again (D14); a body that was never issued gets
  placeholders, always the same;
* in a batch a row that fails is a line of its own and stops nothing; a row whose process was killed
  is made in another one; rows are read as they are needed, so that memory stays flat;
* a file is there under its name when it is whole, not before.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from signing.app import make_renderer
from signing.audit.canonical import load_json
from signing.config import Config
from signing.domain.draft import AgreementDraft
from signing.errors import Invalid, Malformed, SigningError
from signing.services.ports.neighbours import Catalogue
from signing.web.api.bodies import read_draft
from signing.web.problems import field_error_view

LINES = ".ndjson"
"""Files with one agreement a line."""

_SECONDS_BETWEEN_LINES = 10.0


def render(config: Config, shelf: Catalogue, files: Sequence[Path], output: Path) -> int:
    """One file to the file `output`; several, or lines of one, into the folder `output`."""
    if len(files) == 1 and files[0].suffix != LINES and not output.is_dir():
        return _render_one(config, _complete(shelf, read_body(files[0])), output)
    return _render_all(config, shelf, files, output)


def read_body(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises Malformed naming the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}", f"打不开 {path}") from error
    return _object(data, str(path))


def _object(data: bytes, place: str) -> dict[str, Any]:
    document = load_json(data)
    if not isinstance(document, dict):
        raise Malformed(f"{place} is not a JSON object", f"{place} 不是 JSON 对象")
    return document


def _render_one(config: Config, document: Mapping[str, Any], output: Path) -> int:
    renderer = make_renderer(config)
    try:
        rendered = renderer.render(document)
    finally:
        renderer.close()
    output.write_bytes(rendered.pdf)
    print(f"{rendered.plan.sha256}  {output}", file=sys.stderr)
    return 0


def _complete(shelf: Catalogue, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document as it is rendered. Raises Invalid, Malformed or NotFound for a bad body."""
    if "issued" in document:
        return document
    draft = read_draft(document)
    version = shelf.resolve(draft.text_kind, draft.template_version)
    return {**draft.to_body(), "template_version": version, **_unissued(draft)}


def _unissued(draft: AgreementDraft) -> dict[str, Any]:
    """Placeholders for an agreement that nobody has made: a preview, always the same bytes."""
    issued = {
        "id": f"agr_{'0' * 32}",
        "number": "HN20260101-PREVIEW0",
        "created_at": "2026-01-01T00:00:00Z",
        "party_ids": [f"pty_{index:032x}" for index, _ in enumerate(draft.parties)],
        "verify_url": "http://127.0.0.1:8000/verify#HN20260101-PREVIEW0",
    }
    return {"issued": issued, "test_certificates": True}


def _render_all(config: Config, shelf: Catalogue, files: Sequence[Path], folder: Path) -> int:
    """Every row into `folder`, a line about each to standard output; 1 if some failed."""
    stems = [path.stem for path in files]
    if len(set(stems)) < len(stems):
        raise Malformed("two files have one name", "有两个文件同名，请分开生成")
    if missing := next((path for path in files if not path.is_file()), None):
        raise Malformed(f"{missing}: no such file", f"打不开 {missing}")
    folder.mkdir(parents=True, exist_ok=True)
    rows, progress = _Rows(shelf, files), _Progress(sys.stderr)
    renderer = make_renderer(config)
    try:
        for outcome in renderer.render_all(rows):
            progress.tell_all(rows.take_refused())
            name = rows.take_name(outcome.index)
            if outcome.rendered is None:
                progress.tell(name, _mistake(outcome.error))
                continue
            target = folder / f"{name}.pdf"
            part = target.with_suffix(".part")
            part.write_bytes(outcome.rendered.pdf)
            part.replace(target)
            progress.tell(name, {"file": target.name, "sha256": outcome.rendered.plan.sha256})
    finally:
        renderer.close()
    progress.tell_all(rows.take_refused())
    return progress.finish()


@dataclass
class _Rows:
    """The documents of all files as they are asked for; bad ones are kept aside."""

    shelf: Catalogue
    files: Sequence[Path]
    names: dict[int, str] = field(default_factory=dict)
    refused: list[tuple[str, SigningError]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        index = 0
        for name, data in self._read():
            try:
                document = _complete(self.shelf, _object(data, name))
            except SigningError as error:
                self.refused.append((name, error))
                continue
            self.names[index] = name
            index += 1
            yield document

    def _read(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of every row: that of the file, and the line's number."""
        for path in self.files:
            if path.suffix != LINES:
                yield path.stem, path.read_bytes()
                continue
            with path.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield f"{path.stem}-{number:06d}", line

    def take_name(self, index: int) -> str:
        """Name of the `index`-th document handed out, once."""
        return self.names.pop(index)

    def take_refused(self) -> list[tuple[str, SigningError]]:
        """Rows that were not handed out since the last time."""
        refused, self.refused = self.refused, []
        return refused


@dataclass
class _Progress:
    """A line about each row as JSON, and how far it is, for who looks on."""

    watcher: TextIO
    done: int = 0
    failed: int = 0
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def tell_all(self, refused: Sequence[tuple[str, SigningError]]) -> None:
        """About rows that were refused before they were drawn."""
        for name, error in refused:
            self.tell(name, _mistake(error))

    def tell(self, name: str, facts: Mapping[str, Any]) -> None:
        """About one row: its file and hash, or its error."""
        print(json.dumps({"row": name, **facts}, ensure_ascii=False), flush=True)
        self.failed += "error" in facts
        self.done += "error" not in facts
        if time.monotonic() - self.told >= _SECONDS_BETWEEN_LINES:
            self.told = time.monotonic()
            self._say("……")

    def finish(self) -> int:
        """The last word, and the command's exit code."""
        self._say("")
        return 1 if self.failed else 0

    def _say(self, rest: str) -> None:
        speed = (self.done + self.failed) / max(time.monotonic() - self.started, 1e-9)
        print(
            f"已生成 {self.done} 份，失败 {self.failed} 份，每秒 {speed:.1f} 份{rest}"
            f" · {self.done} made, {self.failed} failed, {speed:.1f} a second",
            file=self.watcher,
            flush=True,
        )


def _mistake(error: SigningError | None) -> dict[str, Any]:
    """An error as a row says it."""
    if error is None:
        return {"error": "RENDER_FAILED"}
    told = {"error": error.code, "message": error.message, "message_zh": error.message_zh}
    if isinstance(error, Invalid):
        return {**told, "errors": [field_error_view(mistake) for mistake in error.errors]}
    return told
