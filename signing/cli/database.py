"""`signing db upgrade`: bring the database to this version's tables."""

from collections.abc import Sequence

from signing.app import upgrade_database
from signing.cli.main import parser
from signing.config import Config


def main(argv: Sequence[str]) -> int:
    """Upgrade."""
    root = parser("db", "数据库 · the database")
    root.add_subparsers(dest="action", required=True).add_parser("upgrade")
    root.parse_args(argv[1:])
    print(upgrade_database(Config.from_env()))
    return 0
