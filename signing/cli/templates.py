"""`signing templates`: look at contract texts, check and render bodies, without a server."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from signing.app import make_renderer, make_shelf, make_vetting
from signing.cli.main import parser
from signing.cli.templates_render import read_body, render
from signing.config import Config
from signing.services.ports.neighbours import Catalogue
from signing.web.api.bodies import read_asked
from signing.web.problems import field_error_view, finding_view

_FILES = "agreement.json 或请求正文；.ndjson 每行一份 · an agreement or a body; .ndjson: many"
_OUTPUT = "PDF 文件；多份时为目录 · the PDF, or a folder for several"


def main(argv: Sequence[str]) -> int:
    """List · show KIND · example KIND [--variant N] · check FILE · render FILE… -o OUT."""
    root = parser("templates", "合同文本 · contract texts")
    actions = root.add_subparsers(dest="action", required=True)
    actions.add_parser("list")
    actions.add_parser("show").add_argument("kind")
    example = actions.add_parser("example")
    example.add_argument("kind")
    example.add_argument("--variant", type=int, default=1)
    actions.add_parser("check").add_argument("file", type=Path)
    rendering = actions.add_parser("render")
    rendering.add_argument("files", type=Path, nargs="+", metavar="FILE", help=_FILES)
    rendering.add_argument("-o", "--output", type=Path, required=True, help=_OUTPUT)
    options = root.parse_args(argv[1:])
    config = Config.from_env()
    shelf = make_shelf(config)
    if options.action == "list":
        return _list(shelf)
    if options.action == "show":
        return _print_json(_one(shelf, options.kind))
    if options.action == "example":
        return _print_json(shelf.example(options.kind, options.variant))
    if options.action == "check":
        return _check(config, read_body(options.file))
    return render(config, shelf, options.files, options.output)


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


def _print_json(value: Any) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0
