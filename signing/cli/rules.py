"""`signing rules`: packs in force and not, a check against one, a new minimum-wage notice."""

import json
from collections.abc import Sequence
from pathlib import Path

from signing.app import make_rules, now
from signing.cli.main import parser
from signing.cli.templates_render import read_body
from signing.config import Config
from signing.errors import Malformed
from signing.web.api.bodies import read_draft
from signing.web.problems import finding_view


def main(argv: Sequence[str]) -> int:
    """List · check FILE [--pack ID] · load FILE."""
    root = parser("rules", "规则包和最低工资 · rule packs and minimum wages")
    actions = root.add_subparsers(dest="action", required=True)
    actions.add_parser("list")
    check = actions.add_parser("check")
    check.add_argument("file", type=Path)
    check.add_argument("--pack")
    actions.add_parser("load").add_argument("file", type=Path)
    options = root.parse_args(argv[1:])
    config = Config.from_env()
    if options.action == "list":
        return _list(config)
    if options.action == "check":
        return _check(config, options.file, options.pack)
    return _load(config, options.file)


def _list(config: Config) -> int:
    for pack in make_rules(config).packs():
        until = pack.valid_to.isoformat() if pack.valid_to else "…"
        force = "生效" if pack.in_force else "未生效"
        days = f"{pack.valid_from} – {until}"
        print(f"{pack.id:<20} {pack.version:<10} {days}  {force}  {pack.title}")
    return 0


def _check(config: Config, path: Path, pack_id: str | None) -> int:
    draft = read_draft(read_body(path))
    version, findings = make_rules(config, pack_id=pack_id).check(draft, at=now())
    view = {"rule_pack_version": version, "findings": [finding_view(f) for f in findings]}
    print(json.dumps(view, ensure_ascii=False, indent=2))
    return 0


def _load(config: Config, path: Path) -> int:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{path}: {error}", f"打不开 {path}") from error
    rows = make_rules(config).load_notice(path.name, text)
    print(f"{rows} 行最低工资标准已载入 · rows loaded: {config.rules_dir / path.name}")
    return 0
