"""`signing worker` and `signing scheduler`: the keeper on a machine of its own."""

import signal
from collections.abc import Sequence
from types import FrameType

from signing.app import create_application
from signing.cli.main import parser
from signing.config import Config
from signing.web.logs import configure


def main(argv: Sequence[str]) -> int:
    """Run until stopped: `worker` does jobs, `scheduler` what is due now and then."""
    parser(argv[0], "后台任务 · background work").parse_args(argv[1:])
    configure()
    application = create_application(Config.from_env())

    def stop(_signal: int, _frame: FrameType | None) -> None:
        application.keeper.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        application.keeper.run(jobs=argv[0] == "worker", periodic=argv[0] == "scheduler")
    finally:
        application.close()
    return 0
