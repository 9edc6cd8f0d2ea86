"""`signing log`: publish a checkpoint now."""

from collections.abc import Sequence

from signing.app import create_application
from signing.cli.main import parser
from signing.config import Config


def main(argv: Sequence[str]) -> int:
    """Publish."""
    root = parser("log", "存证日志 · the log")
    root.add_subparsers(dest="action", required=True).add_parser(
        "publish", help="sequence what waits and sign a checkpoint"
    )
    root.parse_args(argv[1:])
    application = create_application(Config.from_env())
    try:
        print(application.log.publish().note.decode(), end="")
    finally:
        application.close()
    return 0
