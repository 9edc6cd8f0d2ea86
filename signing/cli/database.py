"""`signing db upgrade`: bring the database to this version's tables."""

from collections.abc import Sequence

from signing.cli.main import parser
from signing.config import Config
from signing.storage.migrations import upgrade


def main(argv: Sequence[str]) -> int:
    """Upgrade."""
    root = parser("db", "数据库 · the database")
    root.add_subparsers(dest="action", required=True).add_parser("upgrade")
    root.parse_args(argv[1:])
    config = Config.from_env()
    config.instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    print(f"{upgrade(config.database_url)}")
    return 0
