"""Whether this machine can serve: the database answers, the disk has room, the log moves.

Rules kept here:
* what stops the service is an error; what an operator must look at while it goes on is an alarm;
* an alarm stays until the process ends: somebody has to see it.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from signing.domain.search import AgreementFilter
from signing.errors import Unavailable
from signing.services.ports.storage import Database

LEAST_FREE_BYTES = 256 * 1024 * 1024


class Health:
    """Readiness, and alarms; `alarms` tells those of the renderer."""

    def __init__(
        self, *, database: Database, home: Path, alarms: Callable[[], Sequence[str]]
    ) -> None:
        self._database = database
        self._home = home
        self._alarms = alarms

    def alarms(self) -> Sequence[str]:
        """What the renderer's standing proof found wrong, each once, oldest first."""
        return self._alarms()

    def check(self) -> None:
        """Raises Unavailable naming what is wrong."""
        with self._database.transaction() as tx:
            tx.agreements.list("tnt_none", AgreementFilter(), limit=1, cursor=None)
        if shutil.disk_usage(self._home).free < LEAST_FREE_BYTES:
            raise Unavailable("The disk is full", "磁盘快满了", code="DISK_FULL")
