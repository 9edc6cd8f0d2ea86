"""`signing check`: every invariant of what is stored (interfaces.md §2).

Exit 0 and one line if all is well; 1 and a line per violation; 2 if it cannot be opened. It makes
and changes nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict

from signing.app import inspect_keys, open_checking
from signing.cli.main import parser
from signing.config import Config
from signing.domain.stock import Violation
from signing.services.checking import check_keys


def main(argv: Sequence[str]) -> int:
    """Check all."""
    root = parser("check", "检查存储是否完好 · every invariant of what is stored")
    root.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = root.parse_args(argv[1:])
    config = Config.from_env()
    found = list(check_keys(inspect_keys(config)))
    if found:
        return _report(found, agreements=None, as_json=options.json)
    with open_checking(config) as checking:
        found = list(checking.violations())
    return _report(found, agreements=checking.agreements, as_json=options.json)


def _report(found: Sequence[Violation], *, agreements: int | None, as_json: bool) -> int:
    """`agreements` is None where unsafe keys kept everything else from being looked at."""
    if as_json:
        view = {"violations": [asdict(violation) for violation in found], "agreements": agreements}
        print(json.dumps(view, ensure_ascii=False, indent=2))
        return 1 if found else 0
    for violation in found:
        print(f"{violation.code} {violation.where}: {violation.message_zh} · {violation.message}")
    if agreements is None:
        print("密钥不安全，其余没有检查 · the keys are unsafe; nothing else was looked at")
    elif not found:
        print(f"全部完好：{agreements} 份协议 · nothing is violated in {agreements} agreement(s)")
    return 1 if found else 0
