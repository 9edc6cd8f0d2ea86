"""`signing templates`: look at contract texts, check and render bodies, without a server."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from signing.app import make_renderer, make_shelf, make_vetting
from signing.audit.canonical import load_json
from signing.cli.main import parser
from signing.config import Config
from signing.domain.draft import AgreementDraft
from signing.errors import Malformed
from signing.services.ports.neighbours import Catalogue
from signing.web.api.bodies import read_asked, read_draft
from signing.web.problems import field_error_view, finding_view


def main(argv: Sequence[str]) -> int:
    """List · show KIND · example KIND [--variant N] · check FILE · render FILE -o OUT."""
    root = parser("templates", "合同文本 · contract texts")
    actions = root.add_subparsers(dest="action", required=True)
    actions.add_parser("list")
    actions.add_parser("show").add_argument("kind")
    example = actions.add_parser("example")
    example.add_argument("kind")
    example.add_argument("--variant", type=int, default=1)
    actions.add_parser("check").add_argument("file", type=Path)
    render = actions.add_parser("render")
    render.add_argument("file", type=Path)
    render.add_argument("-o", "--output", type=Path, required=True)
    options = root.parse_args(argv[1:])
    config = Config.from_env()
    shelf = make_shelf(config)
    if options.action == "list":
        return _list(shelf)
    if options.action == "show":
        return _print_json(_one(shelf, options.kind))
    if options.action == "example":
        return _print_json(shelf.example(options.kind, options.variant))
    document = read_body(options.file)
    if options.action == "check":
        return _check(config, document)
    return _render(config, shelf, document, options.output)


def read_body(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises Malformed naming the file."""
    try:
        document = load_json(path.read_bytes())
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}", f"打不开 {path}") from error
    if not isinstance(document, dict):
        raise Malformed(f"{path} is not a JSON object", f"{path} 不是 JSON 对象")
    return document


def _list(shelf: Catalogue) -> int:
    for text in shelf.describe():
        print(f"{text['kind']:<24} {text['latest']:<8} {text['title']}")
    return 0


def _one(shelf: Catalogue, kind: str) -> Mapping[str, Any]:
    shelf.resolve(kind, "latest")
    return shelf.describe(kind)[0]


def _check(config: Config, document: Mapping[str, Any]) -> int:
    """What create would say: mistakes of shape and findings of the law, all at once."""
    asked = read_asked(document)
    renderer = make_renderer(config)
    try:
        vetted = make_vetting(config, renderer).vet(asked.draft, misshapen=asked.misshapen)
    finally:
        renderer.close()
    view: dict[str, Any] = {
        "findings": [finding_view(finding) for finding in vetted.findings],
        "would_create": vetted.would_create,
    }
    if vetted.errors:
        view["errors"] = [field_error_view(mistake) for mistake in vetted.errors]
    return _print_json(view)


def _render(config: Config, shelf: Catalogue, document: Mapping[str, Any], output: Path) -> int:
    """The stored unsigned bytes again (D14), or those of a body that was never issued."""
    if "issued" not in document:
        draft = read_draft(document)
        version = shelf.resolve(draft.text_kind, draft.template_version)
        document = {**draft.to_body(), "template_version": version, **_unissued(draft)}
    renderer = make_renderer(config)
    try:
        rendered = renderer.render(document)
    finally:
        renderer.close()
    output.write_bytes(rendered.pdf)
    print(f"{rendered.plan.sha256}  {output}", file=sys.stderr)
    return 0


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


def _print_json(value: Any) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0
