"""A thread that does what is due: jobs at once, expiry within a second, a checkpoint every minute.

Rules kept here (D12): the thread outlives any single failure; it sleeps between looks, so an idle
service is idle.
"""

import logging
import threading
import time
from collections.abc import Callable

from signing.errors import SigningError
from signing.services.housekeeping import Housekeeping

IDLE_SECONDS = 0.25
EXPIRY_SECONDS = 1.0
"""Nobody signs long after the last moment that the platform set."""

PUBLISH_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Keeper:
    """Starts and stops the thread. `running` says whether it is to go on."""

    def __init__(self, housekeeping: Housekeeping) -> None:
        self._housekeeping = housekeeping
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, *, jobs: bool = True, periodic: bool = True) -> None:
        """Begin, in a daemon thread."""
        self._thread = threading.Thread(
            target=self.run, kwargs={"jobs": jobs, "periodic": periodic}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End after the job at hand; what was not begun stays for the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=20)

    def run(self, *, jobs: bool = True, periodic: bool = True) -> None:
        """Work until `stop` is called from another thread."""
        expire = _Periodic(EXPIRY_SECONDS)
        publish = _Periodic(PUBLISH_SECONDS)
        while not self._stop.is_set():
            if periodic and expire.is_due(time.monotonic()):
                self._attempt("expire", self._housekeeping.expire_due)
            if periodic and publish.is_due(time.monotonic()):
                self._attempt("publish", self._housekeeping.publish_log)
            ran = self._attempt("jobs", self._housekeeping.run_one) if jobs else None
            if not ran:
                self._stop.wait(IDLE_SECONDS)

    def _attempt(self, what: str, work: Callable[[], object]) -> object:
        try:
            return work()
        except SigningError as error:
            _log.warning("housekeeping waits", extra={"what": what, "code": error.code})
        except Exception:  # noqa: BLE001 - the thread must outlive one bad day; it is logged
            _log.exception("housekeeping failed", extra={"what": what})
        return None


class _Periodic:
    """Due at once, and then every `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = float("-inf")

    def is_due(self, now: float) -> bool:
        """Whether it is time; if so, the next time is set."""
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True
