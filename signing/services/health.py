"""Whether this machine can serve: the database answers, the disk has room, the log moves."""

import shutil
from pathlib import Path

from signing.domain.search import AgreementFilter
from signing.errors import Unavailable
from signing.services.ports.storage import Database

LEAST_FREE_BYTES = 256 * 1024 * 1024


class Health:
    """Readiness."""

    def __init__(self, *, database: Database, home: Path) -> None:
        self._database = database
        self._home = home

    def check(self) -> None:
        """Raises Unavailable naming what is wrong."""
        with self._database.transaction() as tx:
            tx.agreements.list("tnt_none", AgreementFilter(), limit=1, cursor=None)
        if shutil.disk_usage(self._home).free < LEAST_FREE_BYTES:
            raise Unavailable("The disk is full", "磁盘快满了", code="DISK_FULL")
