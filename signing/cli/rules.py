"""`signing rules`: packs in force and not, a check against one, a new minimum-wage notice."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from signing.cli.main import parser
from signing.cli.templates import read_body, read_draft
from signing.config import Config
from signing.errors import Malformed
from signing.language.lawbook import Lawbook
from signing.language.packs import list_packs, parse_notice
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
    folder = Config.from_env().home / "rules"
    if options.action == "list":
        return _list(folder)
    if options.action == "check":
        return _check(folder, options.file, options.pack)
    return _load(folder, options.file)


def _list(folder: Path) -> int:
    for pack in list_packs(extra_dir=folder if folder.is_dir() else None):
        until = pack.valid_to.isoformat() if pack.valid_to else "…"
        force = "生效" if pack.in_force else "未生效"
        print(
            f"{pack.id:<20} {pack.version:<10} {pack.valid_from} – {until}  {force}  {pack.title}"
        )
    return 0


def _check(folder: Path, path: Path, pack_id: str | None) -> int:
    draft = read_draft(read_body(path))
    rules = Lawbook(extra_dir=folder if folder.is_dir() else None, pack_id=pack_id)
    version, findings = rules.check(draft, at=datetime.now(UTC))
    view = {"rule_pack_version": version, "findings": [finding_view(f) for f in findings]}
    print(json.dumps(view, ensure_ascii=False, indent=2))
    return 0


def _load(folder: Path, path: Path) -> int:
    """Keep a notice for good, whole or not at all."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{path}: {error}", f"打不开 {path}") from error
    rows = parse_notice(text)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{path.name}.new"
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / path.name)
    print(f"{len(rows)} 行最低工资标准已载入 · rows loaded: {folder / path.name}")
    return 0
