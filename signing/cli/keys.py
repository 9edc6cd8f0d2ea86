"""`signing keys`: make, list and export; `signing seal add` registers an enterprise's seal."""

from collections.abc import Sequence
from pathlib import Path

from signing.app import open_keys
from signing.cli.main import parser
from signing.config import Config


def main(argv: Sequence[str]) -> int:
    """Init · list · export-trust DIR."""
    root = parser(argv[0], "密钥与信任锚 · keys and trust anchors")
    actions = root.add_subparsers(dest="action", required=True)
    actions.add_parser("init", help="make what is missing")
    actions.add_parser("list", help="what there is")
    actions.add_parser("export-trust", help="the folder that verify --trust takes").add_argument(
        "folder", type=Path
    )
    options = root.parse_args(argv[1:])
    with open_keys(Config.from_env()) as keystore:
        if options.action == "export-trust":
            keystore.export_trust(options.folder)
            print(options.folder)
        else:
            for line in keystore.inventory():
                print(line)
    return 0
